//! A client secret in the Authorization header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use serde_json::json;

use crate::browser::{Fields, v2_redemption, with};
use crate::refusal_shape::told;
use crate::world::{CLIENT_ID, SECRET, World, registration};

fn basic(client_id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client_id}:{secret}")))
}

/// An app-only request at the first tenant, without any proof of the client.
fn unproven() -> Fields {
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("scope", "https://manage.office.com/.default".to_owned()),
    ]
}

impl World {
    async fn send(&self, form: &Fields, authorization: &str) -> reqwest::Response {
        let path = format!("/{}/oauth2/v2.0/token", self.tenants[0].tenant_id);
        let request = self.http.post(self.url(&path)).form(form);
        let request = request.header("authorization", authorization);
        request.send().await.unwrap()
    }
}

#[tokio::test]
async fn a_secret_is_taken_from_the_header_with_and_without_a_client_id_in_the_form() {
    const AWKWARD: &str = "a+b/c=d&e~f:g %";
    let world = World::start().await;
    world.grant();
    let mut awkward = registration();
    awkward.client_secrets.push(AWKWARD.to_owned());
    world.simulator.register(awkward).unwrap();
    let client_id = CLIENT_ID.to_string();
    let encoded: String = url::form_urlencoded::byte_serialize(AWKWARD.as_bytes()).collect();
    for secret in [SECRET, &encoded] {
        for form in [unproven(), with(unproven(), "client_id", &client_id)] {
            let response = world.send(&form, &basic(&client_id, secret)).await;
            assert_eq!(response.status(), StatusCode::OK, "{secret}");
        }
    }
}

#[tokio::test]
async fn a_secret_in_the_header_redeems_a_code() {
    let world = World::start().await;
    let form = with(v2_redemption(&world.v2_code().await), "client_secret", "");
    let path = "/organizations/oauth2/v2.0/token";
    let request = world.http.post(world.url(path)).form(&form);
    let proof = basic(&CLIENT_ID.to_string(), SECRET);
    let response = request.header("authorization", proof).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[rustfmt::skip]
#[tokio::test]
async fn the_table_of_refused_headers() {
    let world = World::start().await;
    world.grant();
    let ours = CLIENT_ID.to_string();
    let good = basic(&ours, SECRET);
    let bearer = format!("Bearer {SECRET}");
    let rows = [
        ("wrong secret", unproven(), basic(&ours, "another"), (401, "invalid_client", 7_000_215)),
        ("no secret", unproven(), basic(&ours, ""), (401, "invalid_client", 7_000_215)),
        ("unknown client", unproven(), basic("me", SECRET), (400, "unauthorized_client", 700_016)),
        ("two clients", with(unproven(), "client_id", "me"), good.clone(), (400, "invalid_request", 9_002_313)),
        ("two secrets", with(unproven(), "client_secret", SECRET), good.clone(), (400, "invalid_request", 9_002_313)),
        ("secret and assertion", with(unproven(), "client_assertion", "x"), good.clone(), (400, "invalid_request", 9_002_313)),
        ("no colon", unproven(), format!("Basic {}", STANDARD.encode(&ours)), (400, "invalid_request", 9_002_313)),
        ("no base64", unproven(), "Basic ???".to_owned(), (400, "invalid_request", 9_002_313)),
        ("another scheme", with(unproven(), "client_id", &ours), bearer, (401, "invalid_client", 7_000_218)),
    ];
    for (name, form, authorization, (status, error, number)) in rows {
        let got = told(world.send(&form, &authorization).await, name).await;
        assert_eq!(got, (status, error.to_owned(), number), "{name}");
    }
    let refused = world.stats().await["refused"].clone();
    assert_eq!(refused["9002313"], json!(5));
}
