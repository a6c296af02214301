//! The token endpoint's refusals, in a table: one change to a good request per
//! row, and the status, error and number that it must give.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::assertion::{Assertion, Identity, identity};
use crate::refusal_shape::told;
use crate::world::{CLIENT_ID, JWT_BEARER, RESOURCE, SECRET, START, World, registration};

/// A request that would be granted, until a row changes it.
struct Draft {
    path: String,
    form: Vec<(String, String)>,
    assertion: Assertion,
    /// Replaces the signed assertion.
    signed: Option<String>,
    headers: Vec<(&'static str, &'static str)>,
}

impl Draft {
    fn new(world: &World) -> Self {
        let (path, form) = world.app_only(world.tenants[0].tenant_id);
        Self {
            assertion: world.assertion(&path),
            path,
            form,
            signed: None,
            headers: Vec::new(),
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        self.drop(name);
        self.form.push((name.to_owned(), value.to_owned()));
    }

    fn drop(&mut self, name: &str) {
        self.form.retain(|(known, _)| known != name);
    }

    fn move_to(&mut self, world: &World, path: String) {
        self.assertion = world.assertion(&path);
        self.path = path;
    }

    async fn send(self, world: &World) -> (StatusCode, Value) {
        let response = self.answer(world).await;
        (response.status(), response.json().await.unwrap())
    }

    async fn answer(mut self, world: &World) -> Response {
        if self.form.iter().any(|(name, _)| name == "client_assertion") {
            let signed = self.signed.take().unwrap_or_else(|| self.assertion.sign());
            self.set("client_assertion", &signed);
        }
        let mut request = world.http.post(world.url(&self.path)).form(&self.form);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap()
    }
}

type Row = (&'static str, fn(&mut Draft, &World), u16, &'static str, u64);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // The form
    ("no grant_type", |draft, _| draft.drop("grant_type"), 400, "invalid_request", 900_144),
    ("no client_id", |draft, _| draft.drop("client_id"), 400, "invalid_request", 900_144),
    ("empty client_id", |draft, _| draft.set("client_id", ""), 400, "invalid_request", 900_144),
    ("no scope", |draft, _| draft.drop("scope"), 400, "invalid_request", 900_144),
    ("no assertion type", |draft, _| draft.drop("client_assertion_type"), 400, "invalid_request", 900_144),
    ("another assertion type", |draft, _| draft.set("client_assertion_type", "saml"), 400, "invalid_request", 9_002_313),
    ("scope twice", |draft, _| draft.form.push(("scope".into(), "x".into())), 400, "invalid_request", 9_002_313),
    ("unknown grant", |draft, _| draft.set("grant_type", "password"), 400, "unsupported_grant_type", 70003),
    ("from a browser", |draft, _| draft.headers.push(("origin", "https://evil.example")), 400, "invalid_request", 9_002_326),
    // The tenant
    ("unknown tenant", |draft, world| draft.move_to(world, format!("/{CLIENT_ID}/oauth2/v2.0/token")), 400, "invalid_request", 90002),
    ("unknown domain", |draft, world| draft.move_to(world, "/nobody.example/oauth2/v2.0/token".into()), 400, "invalid_request", 90002),
    ("no tenant name", |draft, world| draft.move_to(world, "/nobody/oauth2/v2.0/token".into()), 400, "invalid_request", 900_023),
    ("common", |draft, world| draft.move_to(world, "/common/oauth2/v2.0/token".into()), 400, "invalid_request", 50059),
    ("organizations", |draft, world| draft.move_to(world, "/organizations/oauth2/v2.0/token".into()), 400, "invalid_request", 50059),
    ("consumers", |draft, world| draft.move_to(world, "/consumers/oauth2/v2.0/token".into()), 400, "invalid_request", 50059),
    ("consumers by its GUID", |draft, world| draft.move_to(world, "/9188040d-6c67-4c5b-b112-36a304b66dad/oauth2/v2.0/token".into()), 400, "invalid_request", 50059),
    ("common on v1", |draft, world| draft.move_to(world, "/common/oauth2/token".into()), 400, "invalid_request", 50059),
    ("organizations on v1", |draft, world| draft.move_to(world, "/organizations/oauth2/token".into()), 400, "invalid_request", 50059),
    // The application
    ("unknown application", |draft, _| draft.set("client_id", &Uuid::max().to_string()), 400, "unauthorized_client", 700_016),
    ("client_id is no GUID", |draft, _| draft.set("client_id", "me"), 400, "unauthorized_client", 700_016),
    ("not consented", |draft, world| draft.move_to(world, format!("/{}/oauth2/v2.0/token", world.tenants[1].tenant_id)), 401, "invalid_client", 7_000_229),
    ("not consented, by a secret", |draft, world| { draft.move_to(world, format!("/{}/oauth2/token", world.tenants[1].tenant_id)); draft.drop("client_assertion"); draft.set("client_secret", SECRET); draft.set("resource", RESOURCE); }, 401, "invalid_client", 7_000_229),
    // What is asked for
    ("resource on v2.0", |draft, _| draft.set("resource", RESOURCE), 400, "invalid_request", 901_002),
    ("a single scope", |draft, _| draft.set("scope", "https://manage.office.com/ActivityFeed.Read"), 400, "invalid_scope", 70011),
    ("no resource in scope", |draft, _| draft.set("scope", ".default"), 400, "invalid_scope", 70011),
    ("two resources", |draft, _| draft.set("scope", "https://manage.office.com/.default https://graph.microsoft.com/.default"), 400, "invalid_scope", 700_022),
    ("unknown resource", |draft, _| draft.set("scope", "https://api.example/.default"), 400, "invalid_resource", 500_011),
    ("no resource on v1", |draft, world| draft.move_to(world, format!("/{}/oauth2/token", world.tenants[0].tenant_id)), 400, "invalid_request", 900_144),
    ("one resource, two scopes", |draft, _| draft.set("scope", "https://manage.office.com/.default https://manage.office.com/ActivityFeed.Read"), 400, "invalid_scope", 70011),
    ("unknown resource on v1", |draft, world| { draft.move_to(world, format!("/{}/oauth2/token", world.tenants[0].tenant_id)); draft.set("resource", "https://api.example"); }, 400, "invalid_resource", 500_011),
    // The proof
    ("no proof", |draft, _| draft.drop("client_assertion"), 401, "invalid_client", 7_000_218),
    ("both proofs", |draft, _| draft.set("client_secret", "x"), 400, "invalid_request", 9_002_313),
    ("wrong secret", |draft, _| { draft.drop("client_assertion"); draft.set("client_secret", "x"); }, 401, "invalid_client", 7_000_215),
    ("not a JWT", |draft, _| draft.signed = Some("nonsense".into()), 400, "invalid_request", 50027),
    ("no thumbprint", |draft, _| { draft.assertion.header.as_object_mut().unwrap().remove("x5t"); }, 401, "invalid_client", 5_002_723),
    ("no alg", |draft, _| { draft.assertion.header.as_object_mut().unwrap().remove("alg"); }, 400, "invalid_request", 50027),
    ("alg is a number", |draft, _| draft.assertion.header["alg"] = json!(256), 400, "invalid_request", 50027),
    ("unknown thumbprint", |draft, _| draft.assertion.header["x5t"] = json!("YyfshJC3rPQ-kpGo5dUaiY5t3iU"), 401, "invalid_client", 700_027),
    ("SHA-1 as SHA-256", |draft, _| { let x5t = draft.assertion.header["x5t"].take(); draft.assertion.header["x5t#S256"] = x5t; }, 401, "invalid_client", 700_027),
    ("another key's signature", |draft, _| draft.signed = Some(draft.assertion.sign_with(&Identity::make().pair)), 401, "invalid_client", 700_027),
    ("RS256 called PS256", |draft, _| {
        let signed = draft.assertion.sign();
        draft.assertion.header["alg"] = json!("PS256");
        let (head, _) = draft.assertion.sign().split_once('.').map(|(head, tail)| (head.to_owned(), tail.to_owned())).unwrap();
        draft.signed = Some(format!("{head}.{}", signed.split_once('.').unwrap().1));
    }, 401, "invalid_client", 700_027),
    ("another tenant's audience", |draft, world| draft.assertion.claims["aud"] = json!(world.url(&format!("/{}/oauth2/v2.0/token", world.tenants[1].tenant_id))), 401, "invalid_client", 700_023),
    ("the real host's audience", |draft, world| draft.assertion.claims["aud"] = json!(format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", world.tenants[0].tenant_id)), 401, "invalid_client", 700_023),
    ("the audience of /common", |draft, world| draft.assertion.claims["aud"] = json!(world.url("/common/oauth2/v2.0/token")), 401, "invalid_client", 700_023),
    ("no audience", |draft, _| { draft.assertion.claims.as_object_mut().unwrap().remove("aud"); }, 400, "invalid_request", 90014),
    ("the issuer as audience", |draft, world| draft.assertion.claims["aud"] = json!(world.url(&format!("/{}/v2.0", world.tenants[0].tenant_id))), 401, "invalid_client", 700_023),
    ("no issuer", |draft, _| { draft.assertion.claims.as_object_mut().unwrap().remove("iss"); }, 400, "invalid_request", 90014),
    ("iss is not sub", |draft, _| draft.assertion.claims["sub"] = json!("me"), 401, "invalid_client", 50048),
    ("another application's", |draft, _| { draft.assertion.claims["iss"] = json!(Uuid::max()); draft.assertion.claims["sub"] = json!(Uuid::max()); }, 401, "invalid_client", 700_021),
    ("expired", |draft, _| draft.assertion.claims["exp"] = json!(START - 300), 401, "invalid_client", 700_024),
    ("not yet valid", |draft, _| draft.assertion.claims["nbf"] = json!(START + 301), 401, "invalid_client", 700_024),
    ("no exp", |draft, _| { draft.assertion.claims.as_object_mut().unwrap().remove("exp"); }, 401, "invalid_client", 700_024),
    ("exp in words", |draft, _| draft.assertion.claims["exp"] = json!("tomorrow"), 401, "invalid_client", 700_024),
];

#[tokio::test]
async fn the_table_of_refusals() {
    let world = World::start().await;
    world.grant();
    let (status, _) = Draft::new(&world).send(&world).await;
    assert_eq!(status, StatusCode::OK, "the unchanged request");
    for (name, change, status, error, code) in ROWS {
        let mut draft = Draft::new(&world);
        change(&mut draft, &world);
        let got = told(draft.answer(&world).await, name).await;
        assert_eq!(got, (*status, (*error).to_owned(), *code), "{name}");
    }
}

/// The algorithm is looked at before the key: those that sign with another kind of key
/// are refused for themselves.
#[tokio::test]
async fn the_table_of_algorithms_that_are_not_supported() {
    let world = World::start().await;
    world.grant();
    for algorithm in [
        "HS256", "HS512", "ES256", "ES384", "RS384", "RS512", "PS384", "PS512", "EdDSA", "none",
        "rs256", "RS256 ", "",
    ] {
        let mut draft = Draft::new(&world);
        draft.assertion.header = json!({"alg": algorithm, "x5t": "YyfshJC3rPQ-kpGo5dUaiY5t3iU"});
        let (status, body) = draft.send(&world).await;
        assert_eq!(
            (status.as_u16(), &body["error"], &body["error_codes"]),
            (401, &json!("invalid_client"), &json!([5_002_738])),
            "{algorithm}"
        );
        let description = body["error_description"].as_str().unwrap();
        let says = format!("'{algorithm}' is not a supported signature algorithm");
        assert!(description.contains(&says), "{description}");
    }
}

#[tokio::test]
async fn a_refusal_has_the_services_shape() {
    let world = World::start().await;
    let path = format!("/{}/oauth2/token", world.tenants[0].tenant_id);
    let correlation = "b9e8ac4d-5e7c-4d51-9d6a-0d1b2a3c4d5e";
    let request = world
        .http
        .post(world.url(&path))
        .header("client-request-id", correlation)
        .json(&json!({"grant_type": "client_credentials"}));

    let response = request.send().await.unwrap();

    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["correlation_id"], correlation);
    assert_eq!(body["timestamp"], "2026-01-15 00:00:00Z");
    let trace_id = body["trace_id"].as_str().unwrap();
    let description = format!(
        "AADSTS900144: The request body must contain the following parameter: 'grant_type'.\r\n\
         Trace ID: {trace_id}\r\nCorrelation ID: {correlation}\r\nTimestamp: 2026-01-15 00:00:00Z"
    );
    assert_eq!(body["error_description"], description);
    assert!(
        body["error_uri"]
            .as_str()
            .unwrap()
            .ends_with("/error?code=900144")
    );
    assert_eq!(world.stats().await["refused"], json!({"900144": 1}));
}

#[tokio::test]
async fn an_unknown_thumbprint_and_a_missing_nbf_are_named() {
    let world = World::start().await;
    world.grant();
    let mut draft = Draft::new(&world);
    draft.assertion.header["x5t"] = json!("YyfshJC3rPQ-kpGo5dUaiY5t3iU");
    let (_, body) = draft.send(&world).await;
    let description = body["error_description"].as_str().unwrap();
    assert!(
        description.contains("6327EC8490B7ACF43E9291A8E5D51A898E6DDE25"),
        "{description}"
    );

    let mut draft = Draft::new(&world);
    draft
        .assertion
        .claims
        .as_object_mut()
        .unwrap()
        .remove("nbf");
    draft.assertion.claims["exp"] = json!(START - 600);
    let (_, body) = draft.send(&world).await;
    let description = body["error_description"].as_str().unwrap();
    assert!(
        description.contains("valid from 1970-01-01T00:00:00Z"),
        "{description}"
    );
}

#[tokio::test]
async fn an_expired_certificate_proves_nothing() {
    let world = World::start().await;
    world.grant();
    let year = 366 * 86_400;
    world.clock.advance(year);
    let mut draft = Draft::new(&world);
    draft.assertion.claims["exp"] = json!(START + year + 600);
    let (status, body) = draft.send(&world).await;
    assert_eq!(
        (status.as_u16(), &body["error_codes"]),
        (401, &json!([700_027]))
    );
}

#[tokio::test]
async fn another_applications_key_proves_nothing() {
    let world = World::start().await;
    let other = Uuid::from_u128(7);
    let mut second = registration();
    second.client_id = other;
    second.key_credentials.clear();
    world.simulator.register(second).unwrap();
    let tenant = world.tenants[0].tenant_id;
    world
        .simulator
        .grant_admin_consent(other, &[tenant])
        .unwrap();
    let path = format!("/{tenant}/oauth2/v2.0/token");
    let mut assertion = world.assertion(&path);
    assertion.claims["iss"] = json!(other);
    assertion.claims["sub"] = json!(other);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &other.to_string()),
        ("scope", "https://manage.office.com/.default"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &assertion.sign_with(&identity().pair)),
    ];
    let response = world.post(&path, &form).await;
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error_codes"], json!([700_027]));
}
