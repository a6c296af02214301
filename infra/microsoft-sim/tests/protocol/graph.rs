//! An application rolls its own keys at Graph: whose token and whose proof will do, when the
//! token endpoint knows a new key, and what the policies and faults refuse.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use microsoft_sim::{Registration, object_id};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::assertion::{Assertion, Identity, identity};
use crate::world::{CLIENT_ID, JWT_BEARER, START, World, registration};

const GRAPH: &str = "https://graph.microsoft.com";
const PROOF_AUDIENCE: &str = "00000002-0000-0000-c000-000000000000";

/// The key that is to follow the first one.
fn next() -> &'static Identity {
    static NEXT: OnceLock<Identity> = OnceLock::new();
    NEXT.get_or_init(Identity::make)
}

/// A world whose application belongs to its first tenant and may read itself.
async fn world() -> World {
    let world = World::start().await;
    let home = world.tenants[0].tenant_id;
    let registration = Registration {
        home_tenant: Some(home),
        ..registration()
    };
    world.simulator.register(registration).unwrap();
    let role = (GRAPH, "Application.ReadWrite.OwnedBy");
    world.simulator.assign_role(CLIENT_ID, home, role).unwrap();
    world
}

/// A token of the tenant for the resource, asked for with the key of `by`.
async fn ask(world: &World, tenant: Uuid, resource: &str, by: &Identity) -> (StatusCode, Value) {
    let path = format!("/{tenant}/oauth2/v2.0/token");
    let mut assertion = world.assertion(&path);
    assertion.header["x5t"] = json!(URL_SAFE_NO_PAD.encode(by.sha1()));
    let (scope, client_id) = (format!("{resource}/.default"), CLIENT_ID.to_string());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id.as_str()),
        ("scope", scope.as_str()),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &assertion.sign_with(&by.pair)),
    ];
    let response = world.post(&path, &form).await;
    (response.status(), response.json().await.unwrap())
}

async fn token(world: &World) -> String {
    let home = world.tenants[0].tenant_id;
    let (status, body) = ask(world, home, GRAPH, identity()).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["access_token"].as_str().unwrap().to_owned()
}

fn proof() -> Assertion {
    let mut proof = Assertion::new(PROOF_AUDIENCE);
    proof.claims["iss"] = json!(object_id(CLIENT_ID));
    proof.claims.as_object_mut().unwrap().remove("sub");
    proof
}

fn new_key(proof: &str, of: &Identity) -> Value {
    let key = STANDARD.encode(&of.certificate);
    json!({
        "keyCredential": {"type": "AsymmetricX509Cert", "usage": "Verify", "key": key},
        "passwordCredential": null,
        "proof": proof,
    })
}

fn own(operation: &str) -> String {
    format!("/v1.0/applications/{}{operation}", object_id(CLIENT_ID))
}

async fn send(world: &World, token: &str, path: &str, body: Option<&Value>) -> Response {
    let url = world.url(path);
    let request = match body {
        Some(body) => world.http.post(url).json(body),
        None => world.http.get(url),
    };
    request.bearer_auth(token).send().await.unwrap()
}

async fn refused(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["error"]["code"].as_str().unwrap().to_owned())
}

async fn keys(world: &World) -> Vec<Value> {
    let path = format!("/v1.0/applications(appId='{CLIENT_ID}')?$select=id,keyCredentials");
    let response = send(world, &token(world).await, &path, None).await;
    assert_eq!(response.status(), StatusCode::OK);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["id"], json!(object_id(CLIENT_ID)));
    assert!(body.get("displayName").is_none(), "{body}");
    body["keyCredentials"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_key_is_added_used_and_the_old_one_removed() {
    let world = world().await;
    let (token, home) = (token(&world).await, world.tenants[0].tenant_id);
    let before = keys(&world).await;
    assert_eq!(
        before[0]["key"],
        json!(STANDARD.encode(&identity().certificate))
    );

    let body = new_key(&proof().sign(), next());
    let added = send(&world, &token, &own("/addKey"), Some(&body)).await;
    assert_eq!(added.status(), StatusCode::OK);
    let added: Value = added.json().await.unwrap();
    assert_eq!(added["key"], Value::Null);
    assert_eq!(ask(&world, home, GRAPH, next()).await.0, StatusCode::OK);
    assert_eq!(keys(&world).await.len(), 2);
    let again = send(&world, &token, &own("/addKey"), Some(&body)).await;
    assert_eq!(refused(again).await.0, 400);

    let mut by_new = proof();
    by_new.header["x5t"] = json!(URL_SAFE_NO_PAD.encode(next().sha1()));
    let proof = by_new.sign_with(&next().pair);
    let gone = json!({"keyId": before[0]["keyId"], "proof": proof});
    let removed = send(&world, &token, &own("/removeKey"), Some(&gone)).await;
    assert_eq!(removed.status(), StatusCode::NO_CONTENT);
    let (status, body) = ask(&world, home, GRAPH, identity()).await;
    assert_eq!(
        (status.as_u16(), &body["error_codes"]),
        (401, &json!([700_027]))
    );
    let twice = send(&world, &token, &own("/removeKey"), Some(&gone)).await;
    assert_eq!(refused(twice).await.0, 404);
}

/// What is changed of a good proof, by a name for the row.
fn spoiled(how: &str) -> String {
    let mut proof = proof();
    match how {
        "the client ID as issuer" => proof.claims["iss"] = json!(CLIENT_ID),
        "another audience" => proof.claims["aud"] = json!("00000003-0000-0000-c000-000000000000"),
        "eleven minutes" => proof.claims["exp"] = json!(START + 660),
        "over" => proof.claims["exp"] = json!(START - 600),
        "without an end" => proof.claims["exp"] = Value::Null,
        "of a key that is not registered" => {
            proof.header["x5t"] = json!(URL_SAFE_NO_PAD.encode(next().sha1()));
            return proof.sign_with(&next().pair);
        }
        "of another key under our thumbprint" => return proof.sign_with(&next().pair),
        _ => return how.to_owned(),
    }
    proof.sign()
}

#[tokio::test]
async fn a_proof_that_does_not_hold_changes_nothing() {
    let world = world().await;
    let token = token(&world).await;
    let rows = [
        "the client ID as issuer",
        "another audience",
        "eleven minutes",
        "over",
        "without an end",
        "of a key that is not registered",
        "of another key under our thumbprint",
        "",
    ];
    for how in rows {
        let body = new_key(&spoiled(how), next());
        let answer = refused(send(&world, &token, &own("/addKey"), Some(&body)).await).await;
        let expected = (401, "Authentication_MissingOrMalformed".to_owned());
        assert_eq!(answer, expected, "{how}");
    }
    assert_eq!(keys(&world).await.len(), 1);
}

#[tokio::test]
async fn a_token_that_is_not_the_applications_own_for_graph_opens_nothing() {
    let world = world().await;
    world.grant();
    let other = world.tenants[1].tenant_id;
    world
        .simulator
        .grant_admin_consent(CLIENT_ID, &[other])
        .unwrap();
    let of_other = ask(&world, other, GRAPH, identity()).await.1["access_token"].clone();
    let home = world.tenants[0].tenant_id;
    let management = "https://manage.office.com";
    let of_management = ask(&world, home, management, identity()).await.1["access_token"].clone();
    let good = token(&world).await;
    let rows = [
        ("", 401),
        ("a.b.c", 401),
        (of_management.as_str().unwrap(), 401),
        (of_other.as_str().unwrap(), 403),
        (&good[..good.len() - 8], 401),
    ];
    for (token, status) in rows {
        let body = new_key(&proof().sign(), next());
        let answer = refused(send(&world, token, &own("/addKey"), Some(&body)).await).await;
        assert_eq!(answer.0, status, "{token}");
    }
    let nowhere = send(
        &world,
        &good,
        &format!("/v1.0/applications/{CLIENT_ID}"),
        None,
    )
    .await;
    assert_eq!(refused(nowhere).await.0, 404, "a client ID is no object ID");
    world.clock.advance(3600);
    let late = send(&world, &good, &own(""), None).await;
    assert_eq!(
        refused(late).await,
        (401, "InvalidAuthenticationToken".to_owned())
    );
}

#[tokio::test]
async fn without_a_role_an_application_rolls_its_keys_and_does_not_read_itself() {
    let world = World::start().await;
    let home = Some(world.tenants[0].tenant_id);
    let registration = Registration {
        home_tenant: home,
        ..registration()
    };
    world.simulator.register(registration).unwrap();
    let token = token(&world).await;
    let read = send(&world, &token, &own(""), None).await;
    assert_eq!(
        refused(read).await,
        (403, "Authorization_RequestDenied".to_owned())
    );
    let body = new_key(&proof().sign(), next());
    let added = send(&world, &token, &own("/addKey"), Some(&body)).await;
    assert_eq!(added.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_new_key_is_known_to_the_token_endpoint_after_the_lag_and_to_graph_at_once() {
    let world = world().await;
    let (token, home) = (token(&world).await, world.tenants[0].tenant_id);
    world
        .set_fault(json!({"kind": "key_lag", "value": 60}))
        .await;
    let body = new_key(&proof().sign(), next());
    send(&world, &token, &own("/addKey"), Some(&body)).await;
    for (seconds, status) in [(0, 401), (59, 401), (1, 200)] {
        world.clock.advance(seconds);
        let answer = ask(&world, home, GRAPH, next()).await;
        assert_eq!(answer.0.as_u16(), status, "{seconds}: {}", answer.1);
    }
    assert_eq!(keys(&world).await.len(), 2);
}

#[tokio::test]
async fn policies_and_faults_refuse_a_key() {
    let world = world().await;
    let token = token(&world).await;
    let lifetime = "CredentialInvalidLifetimeAsPerAppPolicy";
    let rows = [
        (json!({"kind": "key_policy", "value": 180}), 400, lifetime),
        (
            json!({"kind": "key_policy"}),
            400,
            "CredentialTypeNotAllowedAsPerAppPolicy",
        ),
        (
            json!({"kind": "status", "value": 403, "endpoint": "graph"}),
            403,
            "",
        ),
        (
            json!({"kind": "throttle", "value": 7, "endpoint": "graph"}),
            429,
            "",
        ),
    ];
    for (fault, status, code) in rows {
        let id = world.set_fault(fault.clone()).await;
        let body = new_key(&proof().sign(), next());
        let response = send(&world, &token, &own("/addKey"), Some(&body)).await;
        assert_eq!(response.status().as_u16(), status, "{fault}");
        if !code.is_empty() {
            assert_eq!(refused(response).await.1, code, "{fault}");
        }
        let ended = world.http.delete(world.url(&format!("/_sim/faults/{id}")));
        assert_eq!(ended.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    }
    assert_eq!(keys(&world).await.len(), 1);
}
