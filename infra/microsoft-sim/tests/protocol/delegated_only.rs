//! Registrations that require delegated permissions without the application
//! roles: an admin's consent to one looks complete and gives no app-only token
//! a role.

use microsoft_sim::{Registration, RequiredResource};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::browser::{redemption, v1_request, v2_redemption, v2_request, with};
use crate::world::{CLIENT_ID, REDIRECT_URI, RESOURCE, World, claims, redirected};
use crate::world::{registration, value};

const AUTHORIZE: &str = "/common/oauth2/authorize";
const DEFAULT: &str = "https://manage.office.com/.default";
const GRAPH: &str = "https://graph.microsoft.com";

fn requiring(resource: &str, roles: &[&str], scopes: &[&str]) -> Registration {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Registration {
        required_roles: vec![RequiredResource {
            resource: resource.to_owned(),
            roles: owned(roles),
            scopes: owned(scopes),
        }],
        ..registration()
    }
}

impl World {
    async fn start_requiring(roles: &[&str], scopes: &[&str]) -> Self {
        let world = Self::start().await;
        let registration = requiring(RESOURCE, roles, scopes);
        world.simulator.register(registration).unwrap();
        world
    }

    /// The first tenant's admin presses Accept on an admin consent page.
    async fn admin_consents(&self, path: &str, scope: &str) -> Vec<(String, String)> {
        let client_id = CLIENT_ID.to_string();
        let form = [
            ("client_id", client_id.as_str()),
            ("redirect_uri", REDIRECT_URI),
            ("scope", scope),
            ("account", self.tenants[0].admin.as_str()),
            ("action", "accept"),
        ];
        redirected(&self.post(path, &form).await)
    }

    /// The claims of a v1 code's access token, after the person has signed in.
    async fn delegated_v1(&self, account: &str) -> Value {
        let answer = self.accept(AUTHORIZE, &v1_request(), account).await;
        let form = redemption(value(&answer, "code").unwrap());
        let (status, body) = self.redeem("/common/oauth2/token", &form).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        assert_eq!(body["scope"], claims_of(&body)["scp"]);
        claims_of(&body)
    }

    async fn app_only_claims(&self) -> Value {
        let (status, body) = self.ask_app_only(self.tenants[0].tenant_id).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        claims_of(&body)
    }
}

fn claims_of(body: &Value) -> Value {
    claims(body["access_token"].as_str().unwrap())
}

#[tokio::test]
async fn every_way_to_consent_grants_the_scope_and_no_role() {
    for way in ["v1 sign-in", "v1 admin consent", "v2 admin consent"] {
        let world = World::start_requiring(&[], &["ActivityFeed.Read"]).await;
        let tenant = &world.tenants[0];
        let answer = match way {
            "v1 sign-in" => world.accept(AUTHORIZE, &v1_request(), &tenant.admin).await,
            "v1 admin consent" => world.admin_consents("/common/adminconsent", "").await,
            _ => {
                let path = format!("/{}/v2.0/adminconsent", tenant.tenant_id);
                world.admin_consents(&path, DEFAULT).await
            }
        };
        assert_eq!(value(&answer, "error"), None, "{way}");
        assert_eq!(value(&answer, "admin_consent"), Some("True"), "{way}");

        // The tenant has consented: a plain user signs in too.
        let person = world.delegated_v1(&tenant.user).await;
        assert_eq!(person["scp"], "ActivityFeed.Read", "{way}");
        assert!(person.get("roles").is_none(), "{way}");
        let app = world.app_only_claims().await;
        assert_eq!(app["idtyp"], "app", "{way}");
        assert!(app.get("roles").is_none(), "{way}");
        assert!(app.get("scp").is_none(), "{way}");
    }
}

#[tokio::test]
async fn a_v2_sign_in_for_all_of_them_carries_the_scope() {
    let world = World::start_requiring(&[], &["ActivityFeed.Read"]).await;
    let path = "/organizations/oauth2/v2.0/authorize";
    let request = with(v2_request(), "scope", DEFAULT);
    let denied = world.accept(path, &request, &world.tenants[0].user).await;
    assert_eq!(value(&denied, "error"), Some("access_denied"));
    let answer = world.accept(path, &request, &world.tenants[0].admin).await;
    let form = v2_redemption(value(&answer, "code").unwrap());
    let (_, body) = world
        .redeem("/organizations/oauth2/v2.0/token", &form)
        .await;
    assert_eq!(claims_of(&body)["scp"], "ActivityFeed.Read");
    assert!(world.app_only_claims().await.get("roles").is_none());
}

#[tokio::test]
async fn scopes_come_besides_those_of_the_roles_and_each_once() {
    let scopes = ["ActivityFeed.Read", "ActivityFeed.ReadDlp"];
    let world = World::start_requiring(&["ActivityFeed.Read"], &scopes).await;
    let page = world.get(AUTHORIZE, &v1_request()).await;
    let page = page.text().await.unwrap();
    for name in scopes {
        let line = format!("{RESOURCE}/{name}<");
        assert_eq!(page.matches(&line).count(), 1, "{name}: {page}");
    }
    world.grant();
    let person = world.delegated_v1(&world.tenants[0].user).await;
    assert_eq!(person["scp"], "ActivityFeed.Read ActivityFeed.ReadDlp");
    let app = world.app_only_claims().await;
    assert_eq!(app["roles"], json!(["ActivityFeed.Read"]));
}

#[tokio::test]
async fn a_scope_that_was_added_has_to_be_consented_to() {
    let world = World::start_requiring(&[], &["ActivityFeed.Read"]).await;
    world.grant();
    let more = ["ActivityFeed.Read", "ServiceHealth.Read"];
    let registration = requiring(RESOURCE, &[], &more);
    world.simulator.register(registration).unwrap();
    let tenant = &world.tenants[0];
    let answer = world.accept(AUTHORIZE, &v1_request(), &tenant.user).await;
    assert_eq!(value(&answer, "error"), Some("access_denied"));
    let answer = world.accept(AUTHORIZE, &v1_request(), &tenant.admin).await;
    assert_eq!(value(&answer, "admin_consent"), Some("True"));
}

#[tokio::test]
async fn a_scope_that_is_gone_breaks_consent() {
    let world = World::start_requiring(&[], &["ActivityReports.Read"]).await;
    let admin = &world.tenants[0].admin;
    let answer = world.accept(AUTHORIZE, &v1_request(), admin).await;
    let description = value(&answer, "error_description").unwrap();
    assert!(description.starts_with("AADSTS650051:"), "{description}");
}

#[tokio::test]
async fn a_plain_user_consents_to_the_own_profile_only() {
    let rows = [
        (GRAPH, &[][..], &["User.Read"][..], None),
        (
            GRAPH,
            &[],
            &["User.Read", "User.Read.All"],
            Some("access_denied"),
        ),
        (GRAPH, &["User.Read"], &[], Some("access_denied")),
        (RESOURCE, &[], &["ActivityFeed.Read"], Some("access_denied")),
    ];
    for (resource, roles, scopes, error) in rows {
        let world = World::start().await;
        let registration = requiring(resource, roles, scopes);
        world.simulator.register(registration).unwrap();
        let request = with(v1_request(), "resource", resource);
        let user = &world.tenants[0].user;
        let answer = world.accept(AUTHORIZE, &request, user).await;
        let row = format!("{resource} {roles:?} {scopes:?}");
        assert_eq!(value(&answer, "error"), error, "{row}");
        assert_eq!(value(&answer, "admin_consent"), None, "{row}");
    }
}

#[test]
fn a_registration_from_before_has_no_scopes_of_its_own() {
    let stored = json!({"resource": RESOURCE, "roles": ["ActivityFeed.Read"]});
    let required: RequiredResource = serde_json::from_value(stored).unwrap();
    assert_eq!(required.scopes, [""; 0]);
}
