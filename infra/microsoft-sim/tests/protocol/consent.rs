//! The admin consent endpoints, and consents across a restart.

use microsoft_sim::{Config, OpenError, Simulator, SystemClock};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::world::{CLIENT_ID, REDIRECT_URI, World, claims, redirected, registration, value};

const DEFAULT: &str = "https://manage.office.com/.default";

impl World {
    async fn consent(
        &self,
        path: &str,
        scope: &str,
        account: &str,
        action: &str,
    ) -> Vec<(String, String)> {
        let client_id = CLIENT_ID.to_string();
        let mut form = vec![
            ("client_id", client_id.as_str()),
            ("redirect_uri", REDIRECT_URI),
            ("state", "s-1"),
            ("account", account),
            ("action", action),
        ];
        if !scope.is_empty() {
            form.push(("scope", scope));
        }
        redirected(&self.post(path, &form).await)
    }

    async fn roles(&self, tenant: uuid::Uuid) -> Value {
        let (status, body) = self.ask_app_only(tenant).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        claims(body["access_token"].as_str().unwrap())["roles"].clone()
    }
}

#[tokio::test]
async fn default_grants_the_roles() {
    let world = World::start().await;
    let tenant = &world.tenants[0];
    let path = format!("/{}/v2.0/adminconsent", tenant.tenant_id);
    let answer = world.consent(&path, DEFAULT, &tenant.admin, "accept").await;
    let id = tenant.tenant_id.to_string();
    for (name, expected) in [
        ("admin_consent", "True"),
        ("tenant", id.as_str()),
        ("state", "s-1"),
        ("scope", DEFAULT),
    ] {
        assert_eq!(value(&answer, name), Some(expected));
    }
    let roles = world.roles(tenant.tenant_id).await;
    assert_eq!(roles, json!(["ActivityFeed.Read", "ServiceHealth.Read"]));
}

#[tokio::test]
async fn single_scopes_succeed_without_granting_a_role() {
    let world = World::start().await;
    let tenant = &world.tenants[0];
    let scope = "https://manage.office.com/ActivityFeed.Read";
    let answer = world
        .consent(
            "/organizations/v2.0/adminconsent",
            scope,
            &tenant.admin,
            "accept",
        )
        .await;
    assert_eq!(value(&answer, "error"), None);
    assert_eq!(value(&answer, "admin_consent"), Some("True"));
    assert_eq!(world.roles(tenant.tenant_id).await, Value::Null);
}

#[tokio::test]
async fn the_v1_form_grants_without_a_scope() {
    let world = World::start().await;
    let tenant = &world.tenants[0];
    let answer = world
        .consent("/common/adminconsent", "", &tenant.admin, "accept")
        .await;
    assert_eq!(value(&answer, "scope"), None);
    assert_eq!(
        value(&answer, "tenant"),
        Some(tenant.tenant_id.to_string().as_str())
    );
    assert!(world.roles(tenant.tenant_id).await.is_array());
}

#[tokio::test]
async fn an_error_of_v2_says_admin_consent_as_well() {
    let world = World::start().await;
    let tenant = &world.tenants[0];
    let v2 = format!("/{}/v2.0/adminconsent", tenant.tenant_id);
    let rows = [
        (DEFAULT, &tenant.user, "accept", "consent_required"),
        (DEFAULT, &tenant.admin, "cancel", "consent_required"),
        (DEFAULT, &tenant.user, "cancel", "consent_required"),
        (
            "https://graph.microsoft.com/.default",
            &tenant.admin,
            "accept",
            "invalid_resource",
        ),
    ];
    for (scope, account, action, error) in rows {
        let answer = world.consent(&v2, scope, account, action).await;
        assert_eq!(value(&answer, "error"), Some(error));
        assert_eq!(value(&answer, "admin_consent"), Some("True"));
        assert_eq!(value(&answer, "state"), Some("s-1"));
        assert_eq!(value(&answer, "error_subcode"), None);
        let description = value(&answer, "error_description").unwrap();
        let declined = description.starts_with("AADSTS65004:");
        assert_eq!(declined, action == "cancel", "{description}");
    }
    let answer = world
        .consent("/common/adminconsent", "", &tenant.user, "accept")
        .await;
    assert_eq!(value(&answer, "error"), Some("permission_denied"));
    assert_eq!(
        world.ask_app_only(tenant.tenant_id).await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn v2_refuses_common_and_wants_a_scope() {
    let world = World::start().await;
    for (path, scope, code) in [
        ("/common/v2.0/adminconsent", DEFAULT, "AADSTS9001023"),
        ("/organizations/v2.0/adminconsent", "", "AADSTS900144"),
    ] {
        let client_id = CLIENT_ID.to_string();
        let query = [
            ("client_id", client_id.as_str()),
            ("redirect_uri", REDIRECT_URI),
            ("scope", scope),
        ];
        let response = world.get(path, &query).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(response.text().await.unwrap().contains(code));
    }
}

#[tokio::test]
async fn a_permission_that_is_gone_breaks_consent() {
    let world = World::start().await;
    let mut outdated = registration();
    outdated.required_roles[0]
        .roles
        .push("ActivityReports.Read".to_owned());
    world.simulator.register(outdated).unwrap();
    let tenant = &world.tenants[0];
    let path = format!("/{}/v2.0/adminconsent", tenant.tenant_id);
    let answer = world.consent(&path, DEFAULT, &tenant.admin, "accept").await;
    assert!(
        value(&answer, "error_description")
            .unwrap()
            .starts_with("AADSTS650051:")
    );
}

#[tokio::test]
async fn a_single_tenant_application_is_for_its_home() {
    let world = World::start().await;
    let home = world.tenants[0].tenant_id;
    let mut single = registration();
    single.multi_tenant = false;
    single.home_tenant = Some(home);
    world.simulator.register(single).unwrap();
    let client_id = CLIENT_ID.to_string();
    let query = [
        ("client_id", client_id.as_str()),
        ("redirect_uri", REDIRECT_URI),
    ];
    for (authority, code) in [
        ("common".to_owned(), Some("AADSTS50194")),
        (world.tenants[1].tenant_id.to_string(), Some("AADSTS700016")),
        (home.to_string(), None),
    ] {
        let page = world
            .get(&format!("/{authority}/adminconsent"), &query)
            .await;
        let page = page.text().await.unwrap();
        assert_eq!(page.contains("AADSTS"), code.is_some());
        assert!(code.is_none_or(|code| page.contains(code)), "{page}");
    }
    // Registered at home: present there, without any role.
    assert_eq!(world.roles(home).await, Value::Null);
}

#[tokio::test]
async fn tenants_consents_and_keys_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let config = || Config {
        data_dir: Some(directory.path().join("sim")),
        ..Config::default()
    };
    let first = World::start_with(config()).await;
    let tenant = first.tenants[0].tenant_id;
    first
        .consent(
            "/common/adminconsent",
            "",
            &first.tenants[0].admin,
            "accept",
        )
        .await;
    let (_, body) = first.ask_app_only(tenant).await;
    let token = body["access_token"].as_str().unwrap().to_owned();

    let second = World::start_with(config()).await;

    assert_eq!(second.tenants, first.tenants);
    let before = second.verified(&token).await;
    let (_, body) = second.ask_app_only(tenant).await;
    let after = second
        .verified(body["access_token"].as_str().unwrap())
        .await;
    assert_eq!(after["oid"], before["oid"]);
    assert_eq!(after["roles"], before["roles"]);
}

#[test]
fn a_damaged_directory_is_named_and_left_untouched() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("directory.json");
    std::fs::write(&path, "{\"format\": 1").unwrap();
    let config = Config {
        data_dir: Some(directory.path().to_owned()),
        ..Config::default()
    };
    let error = Simulator::open(config, Arc::new(SystemClock))
        .err()
        .unwrap();
    assert!(matches!(&error, OpenError::Damaged { path: named, .. } if *named == path));
    assert!(error.to_string().contains("directory.json"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"format\": 1");
}
