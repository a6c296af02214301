//! The first touch of a tenant: a service principal that is still being made, and a permission
//! that is out of date. Both are 650051 as `invalid_client` at the redirect URI.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Fields, v1_request, v2_request, with};
use crate::world::{World, value};

const V1: &str = "/common/oauth2/authorize";
const V2: &str = "/organizations/oauth2/v2.0/authorize";
const CONSENT: &str = "/organizations/v2.0/adminconsent";

fn consent_request() -> Fields {
    with(v2_request(), "scope", "https://manage.office.com/.default")
}

/// What the admin's Accept comes back with: an error's words, or none.
async fn refused(world: &World, path: &str, request: &Fields) -> Option<String> {
    let admin = &world.tenants[0].admin;
    let answer = world.accept(path, request, admin).await;
    assert_eq!(value(&answer, "state"), Some("s-1"), "{path}");
    let error = value(&answer, "error")?;
    assert_eq!(error, "invalid_client", "{path}");
    let description = value(&answer, "error_description").unwrap();
    assert!(description.starts_with("AADSTS650051: "), "{description}");
    Some(description.to_owned())
}

async fn is_known(world: &World) -> bool {
    let (status, _) = world.ask_app_only(world.tenants[0].tenant_id).await;
    status == StatusCode::OK
}

#[tokio::test]
async fn a_race_refuses_what_grants_something_and_clears_by_time_or_by_number() {
    let rows = [
        (V1, v1_request()),
        (V2, v2_request()),
        (CONSENT, consent_request()),
    ];
    for (path, request) in rows {
        for (value, times) in [(json!(20), Value::Null), (Value::Null, json!(2))] {
            let world = World::start().await;
            let fault = json!({"kind": "consent_race", "value": value, "times": times});
            world.set_fault(fault).await;
            for _ in 0..2 {
                let words = refused(&world, path, &request).await.unwrap();
                assert!(words.contains("already present for the tenant"), "{words}");
                assert!(!is_known(&world).await, "{path}: nothing was granted");
            }
            world.clock.advance(20);
            assert_eq!(refused(&world, path, &request).await, None, "{path}");
            assert!(is_known(&world).await, "{path}");
        }
    }
}

#[tokio::test]
async fn a_race_is_another_tenants_own_and_is_over_where_nothing_is_granted() {
    let world = World::start().await;
    let other = world.tenants[1].tenant_id;
    let fault = json!({"kind": "consent_race", "tenant": other});
    world.set_fault(fault).await;
    assert_eq!(refused(&world, V2, &v2_request()).await, None);
    // The service principal is there: a second sign-in makes none.
    world.set_fault(json!({"kind": "consent_race"})).await;
    assert_eq!(refused(&world, V2, &v2_request()).await, None);
}

#[tokio::test]
async fn a_permission_that_is_out_of_date_refuses_every_grant_and_no_sign_in() {
    for (value, named) in [
        (Value::Null, "ActivityReports.Read"),
        (json!("ThreatIntelligence.Read"), "ThreatIntelligence.Read"),
    ] {
        let world = World::start().await;
        world
            .set_fault(json!({"kind": "permission_outdated", "value": value}))
            .await;
        assert_eq!(refused(&world, V2, &v2_request()).await, None);
        for _ in 0..3 {
            for (path, request) in [(V1, v1_request()), (CONSENT, consent_request())] {
                let words = refused(&world, path, &request).await.unwrap();
                assert!(words.contains(named), "{words}");
            }
            world.clock.advance(3600);
        }
    }
}
