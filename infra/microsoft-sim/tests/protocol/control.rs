//! The control surface: statistics and every kind of fault.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::assertion::identity;
use crate::world::{World, claims};

/// Roles of a token that must be issued.
async fn roles(world: &World) -> Value {
    let (status, body) = world.ask_app_only(world.tenants[0].tenant_id).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    claims(body["access_token"].as_str().unwrap())["roles"].clone()
}

async fn end_all(world: &World) {
    let response = world
        .http
        .delete(world.url("/_sim/faults"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn statistics_count_what_arrived() {
    let world = World::start().await;
    world.grant();
    let (granted, other) = (world.tenants[0].tenant_id, world.tenants[1].tenant_id);
    world.ask_app_only(granted).await;
    world.ask_app_only(granted).await;
    world.ask_app_only(other).await;

    let stats = world.stats().await;

    assert_eq!(stats["app_only_requests"], 3);
    assert_eq!(stats["app_only_by_tenant"][granted.to_string()], 2);
    assert_eq!(stats["app_only_by_tenant"][other.to_string()], 1);
    assert_eq!(stats["refused"], json!({"7000229": 1}));
    assert_eq!(stats["connections"], 1);
    let mut names: Vec<_> = stats.as_object().unwrap().keys().cloned().collect();
    names.sort();
    let contract = [
        "app_only_by_tenant",
        "app_only_requests",
        "authorize",
        "code_redemptions",
        "connections",
        "discovery",
        "jwks",
        "refused",
    ];
    assert_eq!(names, contract);
}

#[tokio::test]
async fn connections_of_the_control_surface_are_not_counted() {
    let world = World::start().await;
    world.stats().await;
    assert_eq!(world.stats().await["connections"], 0);
}

/// Faults that change what the authority says about a tenant.
#[tokio::test]
async fn the_table_of_refusing_faults() {
    let world = World::start().await;
    world.grant();
    let tenant = world.tenants[0].tenant_id;
    let hex: String = identity()
        .sha1()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let rows = [
        (
            json!({"kind": "consent_revoked", "tenant": tenant}),
            (401, "invalid_client", 7_000_229),
        ),
        (
            json!({"kind": "consent_revoked", "tenant": tenant, "value": 7_000_229}),
            (401, "invalid_client", 7_000_229),
        ),
        (
            json!({"kind": "consent_revoked", "tenant": tenant, "value": 700_016}),
            (400, "unauthorized_client", 700_016),
        ),
        (
            json!({"kind": "consent_revoked", "tenant": tenant, "value": 65_001}),
            (400, "consent_required", 65_001),
        ),
        (
            json!({"kind": "app_disabled"}),
            (400, "unauthorized_client", 7_000_112),
        ),
        (
            json!({"kind": "tenant_deleted", "tenant": tenant}),
            (400, "invalid_request", 90002),
        ),
        (
            json!({"kind": "key_removed", "value": hex}),
            (401, "invalid_client", 700_027),
        ),
        (
            json!({"kind": "key_removed", "value": STANDARD.encode(identity().sha256())}),
            (401, "invalid_client", 700_027),
        ),
    ];
    for (fault, (status, error, code)) in rows {
        world.set_fault(fault.clone()).await;
        let (answered, body) = world.ask_app_only(tenant).await;
        assert_eq!(answered.as_u16(), status, "{fault}");
        assert_eq!(body["error"], error, "{fault}");
        assert_eq!(body["error_codes"], json!([code]), "{fault}");
        end_all(&world).await;
        assert!(roles(&world).await.is_array(), "{fault}");
    }
}

#[tokio::test]
async fn answers_are_replaced_as_often_as_asked() {
    let world = World::start().await;
    world.grant();
    let (path, form) = world.app_only(world.tenants[0].tenant_id);
    let ask = || world.http.post(world.url(&path)).form(&form).send();

    for (value, seconds) in [(json!(7), "7"), (Value::Null, "60")] {
        world
            .set_fault(json!({"kind": "throttle", "value": value, "times": 1}))
            .await;
        let throttled = ask().await.unwrap();
        assert_eq!(throttled.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(throttled.headers()["retry-after"], seconds);
        let media_type = throttled.headers()["content-type"].to_str().unwrap();
        assert!(media_type.starts_with("text/plain"), "{media_type}");
        assert_eq!(throttled.text().await.unwrap(), "Too Many Requests");
    }

    world
        .set_fault(json!({"kind": "status", "value": 503, "times": 2}))
        .await;
    assert_eq!(
        ask().await.unwrap().status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(
        ask().await.unwrap().status(),
        StatusCode::SERVICE_UNAVAILABLE
    );

    world
        .set_fault(json!({"kind": "not_json", "times": 1}))
        .await;
    let page = ask().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().await.unwrap().starts_with("<html>"));

    assert_eq!(ask().await.unwrap().status(), StatusCode::OK);
    assert_eq!(world.stats().await["app_only_requests"], 6);
}

#[tokio::test]
async fn a_fault_is_for_its_tenant_and_its_endpoint() {
    let world = World::start().await;
    world.grant();
    let other = world.tenants[1].tenant_id;
    world
        .set_fault(json!({"kind": "status", "tenant": other, "value": 500}))
        .await;
    world
        .set_fault(json!({"kind": "status", "endpoint": "jwks", "value": 502}))
        .await;
    assert!(roles(&world).await.is_array());
    let url = world.url("/common/discovery/v2.0/keys");
    assert_eq!(
        world.http.get(url).send().await.unwrap().status(),
        StatusCode::BAD_GATEWAY
    );
}

#[tokio::test]
async fn roles_lag_behind_the_consent_and_then_appear() {
    let world = World::start().await;
    world
        .set_fault(json!({"kind": "propagation", "value": 30}))
        .await;
    world.clock.advance(100);
    world.grant();
    assert_eq!(roles(&world).await, Value::Null);
    world.clock.advance(29);
    assert_eq!(roles(&world).await, Value::Null);
    world.clock.advance(1);
    assert!(roles(&world).await.is_array());
}

#[tokio::test]
async fn a_removed_role_is_missing_until_an_admin_consents_again() {
    let world = World::start().await;
    world.grant();
    let tenant = world.tenants[0].tenant_id;
    let one = json!({"kind": "role_removed", "tenant": tenant, "value": "ActivityFeed.Read"});
    let id = world.set_fault(one).await;
    assert_eq!(roles(&world).await, json!(["ServiceHealth.Read"]));
    let url = world.url(&format!("/_sim/faults/{id}"));
    assert_eq!(
        world.http.delete(&url).send().await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        world.http.delete(&url).send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );

    world
        .set_fault(json!({"kind": "role_removed", "tenant": tenant}))
        .await;
    assert_eq!(roles(&world).await, Value::Null);
    world.grant();
    assert_eq!(
        roles(&world).await,
        json!(["ActivityFeed.Read", "ServiceHealth.Read"])
    );
}

#[tokio::test]
async fn faults_that_are_not_understood_are_refused() {
    let world = World::start().await;
    for (fault, says) in [
        (json!({"kind": "earthquake"}), "unsigned_id_token"),
        (json!({"kind": "latency"}), "from 0 to 600000"),
        (json!({"kind": "latency", "value": -1}), "from 0 to 600000"),
        (json!({"kind": "token_life"}), "a number from 1"),
        (json!({"kind": "token_life", "value": 0}), "a number from 1"),
        (json!({"kind": "truncate", "value": -1}), "null or a number"),
        (json!({"kind": "reset", "value": 1}), "null"),
        (
            json!({"kind": "clock_skew", "value": 0.5}),
            "from -3155760000",
        ),
        (json!({"kind": "status"}), "a number from 200 to 599"),
        (json!({"kind": "key_removed", "value": 7}), "a text"),
        (
            json!({"kind": "consent_revoked", "value": 65_002}),
            "one of [7000229, 700016, 65001]",
        ),
        (json!({"kind": "app_disabled", "times": 0}), "at least 1"),
        (json!({"kind": "app_disabled", "tenant": "contoso"}), "UUID"),
        (
            json!({"kind": "app_disabled", "tennant": null}),
            "unknown field",
        ),
        (
            json!({"kind": "status", "value": 500, "endpoint": "moon"}),
            "jwks",
        ),
        (json!({"kind": "reset", "share": 0}), "from 1 to 100"),
        (json!({"kind": "reset", "share": 101}), "from 1 to 100"),
        (json!({"kind": "reset", "share": 0.3}), "invalid type"),
        (
            json!({"kind": "app_disabled", "share": 30}),
            "delays or breaks",
        ),
    ] {
        let request = world.http.post(world.url("/_sim/faults")).json(&fault);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{fault}");
        let body: Value = response.json().await.unwrap();
        assert!(
            body["error"].as_str().unwrap().contains(says),
            "{fault}: {body}"
        );
    }
}

#[tokio::test]
async fn a_page_in_a_browser_cannot_use_the_control_surface() {
    let world = World::start().await;
    let request = world
        .http
        .get(world.url("/_sim/stats"))
        .header("origin", "https://evil.example");
    assert_eq!(
        request.send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
}
