//! What one admin consent grants, and what the pages say of it beforehand.

use microsoft_sim::{Registration, RequiredResource};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::browser::{v2_request, with};
use crate::world::{CLIENT_ID, REDIRECT_URI, RESOURCE, World, claims, redirected};
use crate::world::{registration, value};

const GRAPH: &str = "https://graph.microsoft.com";
const MANAGEMENT_ROLES: [&str; 2] = ["ActivityFeed.Read", "ServiceHealth.Read"];
const GRAPH_ROLES: [&str; 2] = ["AuditLog.Read.All", "Directory.Read.All"];

fn required(resource: &str, roles: &[&str], scopes: &[&str]) -> RequiredResource {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    RequiredResource {
        resource: resource.to_owned(),
        roles: owned(roles),
        scopes: owned(scopes),
    }
}

/// Permissions of two APIs.
fn of_two() -> Registration {
    Registration {
        required_roles: vec![
            required(RESOURCE, &MANAGEMENT_ROLES, &[]),
            required(GRAPH, &GRAPH_ROLES, &[]),
        ],
        ..registration()
    }
}

impl World {
    async fn start_registered(registration: Registration) -> Self {
        let world = Self::start().await;
        world.simulator.register(registration).unwrap();
        world
    }

    fn consent_form<'a>(&'a self, client_id: &'a str, scope: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("client_id", client_id),
            ("redirect_uri", REDIRECT_URI),
            ("scope", scope),
            ("account", self.tenants[0].admin.as_str()),
            ("action", "accept"),
        ]
    }

    /// The roles of the first tenant's token for `resource`.
    async fn roles_for(&self, resource: &str) -> Value {
        let (path, mut form) = self.app_only(self.tenants[0].tenant_id);
        form.retain(|(name, _)| name != "scope");
        form.push(("scope".to_owned(), format!("{resource}/.default")));
        let form: Vec<_> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let answer = self.post(&path, &form).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let body: Value = answer.json().await.unwrap();
        claims(body["access_token"].as_str().unwrap())["roles"].clone()
    }

    async fn page(&self, path: &str, query: &[(&str, String)]) -> String {
        self.get(path, query).await.text().await.unwrap()
    }
}

#[tokio::test]
async fn one_default_grants_every_registered_permission_of_every_api() {
    let client_id = CLIENT_ID.to_string();
    let all = (json!(MANAGEMENT_ROLES), json!(GRAPH_ROLES));
    let none = (Value::Null, Value::Null);
    // The scope of the request, what the tokens for both APIs carry after it.
    let rows = [
        ("https://manage.office.com/.default", &all),
        ("https://manage.office.com//.default", &all),
        ("https://graph.microsoft.com/.default", &all),
        ("https://manage-gcc.office.com/.default", &all),
        ("c5393580-f805-4401-95e8-94b7a6ef2fc2/.default", &all),
        ("openid https://manage.office.com/.default", &all),
        ("https://graph.microsoft.com/.default openid profile", &all),
        (
            "https://manage.office.com/.default https://graph.microsoft.com/User.Read",
            &all,
        ),
        ("https://manage.office.com/ActivityFeed.Read", &none),
        ("https://graph.microsoft.com/AuditLog.Read.All", &none),
        ("openid profile", &none),
    ];
    for (scope, (management, graph)) in rows {
        let world = World::start_registered(of_two()).await;
        let path = format!("/{}/v2.0/adminconsent", world.tenants[0].tenant_id);
        let form = world.consent_form(&client_id, scope);
        let answer = redirected(&world.post(&path, &form).await);
        assert_eq!(value(&answer, "error"), None, "{scope}");
        assert_eq!(&world.roles_for(RESOURCE).await, management, "{scope}");
        assert_eq!(&world.roles_for(GRAPH).await, graph, "{scope}");
    }
}

#[tokio::test]
async fn the_sign_in_with_admin_consent_of_v1_grants_the_same() {
    let world = World::start_registered(of_two()).await;
    let request = with(crate::browser::v1_request(), "prompt", "admin_consent");
    let admin = &world.tenants[0].admin;
    world
        .accept("/common/oauth2/authorize", &request, admin)
        .await;
    assert_eq!(world.roles_for(RESOURCE).await, json!(MANAGEMENT_ROLES));
    assert_eq!(world.roles_for(GRAPH).await, json!(GRAPH_ROLES));
}

/// Undocumented, so that nobody is to rely on it.
#[tokio::test]
async fn several_defaults_in_one_request_are_refused_on_a_page() {
    let world = World::start_registered(of_two()).await;
    let client_id = CLIENT_ID.to_string();
    let path = format!("/{}/v2.0/adminconsent", world.tenants[0].tenant_id);
    for scope in [
        "https://manage.office.com/.default https://graph.microsoft.com/.default",
        "https://manage.office.com/.default https://manage.office.com/.default",
        "openid https://graph.microsoft.com/.default https://manage.office.com/.default",
    ] {
        let answer = world
            .post(&path, &world.consent_form(&client_id, scope))
            .await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{scope}");
        assert!(
            answer.text().await.unwrap().contains("AADSTS700022"),
            "{scope}"
        );
    }
}

#[tokio::test]
async fn the_admin_consent_page_lists_all_that_it_grants() {
    let world = World::start_registered(of_two()).await;
    let query = [
        ("client_id", CLIENT_ID.to_string()),
        ("redirect_uri", REDIRECT_URI.to_owned()),
        ("scope", "https://manage.office.com/.default".to_owned()),
    ];
    let page = world.page("/organizations/v2.0/adminconsent", &query).await;
    for name in MANAGEMENT_ROLES.iter().chain(&GRAPH_ROLES) {
        assert!(page.contains(&format!("/{name}<")), "{name}: {page}");
    }
    assert!(
        page.contains("Read activity data for your organization"),
        "{page}"
    );
    assert!(page.contains("unverified"), "{page}");
}

/// Granted for everybody beforehand, `openid profile` is asked of nobody.
#[tokio::test]
async fn the_sign_in_asks_for_the_profile_unless_an_admin_has_granted_it() {
    let path = "/organizations/oauth2/v2.0/authorize";
    let asks = ["Sign you in", "View your basic profile", "unverified"];
    let world = World::start_registered(of_two()).await;
    let page = world.page(path, &v2_request()).await;
    for line in asks {
        assert!(page.contains(line), "{line}: {page}");
    }
    let alone = with(v2_request(), "scope", "openid");
    let page = world.page(path, &alone).await;
    assert!(!page.contains("basic profile"), "{page}");

    let mut registered = of_two();
    registered.required_roles[1].scopes = vec!["openid".to_owned(), "profile".to_owned()];
    world.simulator.register(registered).unwrap();
    let tenant = world.tenants[0].tenant_id;
    let own = format!("/{tenant}/oauth2/v2.0/authorize");
    assert!(
        world
            .page(&own, &v2_request())
            .await
            .contains("Sign you in")
    );
    world.grant();
    let page = world.page(&own, &v2_request()).await;
    for line in asks {
        assert!(!page.contains(line), "{line}: {page}");
    }
}
