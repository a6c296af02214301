//! Faults in how the authority judges: a clock that is wrong, a client that it
//! takes for a loop.

use reqwest::StatusCode;
use serde_json::json;

use crate::browser::v2_redemption;
use crate::refusal_shape::told;
use crate::world::World;

/// Assertions of these tests are valid from START to START + 600, and the
/// authority forgives 300 seconds.
#[tokio::test]
async fn the_authoritys_clock_runs_ahead_or_behind_as_it_judges_assertions() {
    let world = World::start().await;
    world.grant();
    let tenant = world.tenants[0].tenant_id;
    for (skew, now) in [
        (899, None),
        (-300, None),
        (900, Some("2026-01-15T00:15:00Z")),
        (-301, Some("2026-01-14T23:54:59Z")),
    ] {
        let fault = json!({"kind": "clock_skew", "tenant": tenant, "value": skew, "times": 1});
        world.set_fault(fault).await;
        let (status, body) = world.ask_app_only(tenant).await;
        assert_eq!(status.is_success(), now.is_none(), "{skew}: {body}");
        if let Some(now) = now {
            assert_eq!(
                (status.as_u16(), &body["error"], &body["error_codes"]),
                (401, &json!("invalid_client"), &json!([700_024]))
            );
            let description = body["error_description"].as_str().unwrap();
            assert!(description.contains(&format!("Current time: {now}")));
        }
        let (status, _) = world.ask_app_only(tenant).await;
        assert_eq!(status, StatusCode::OK, "{skew}: once");
    }
}

#[tokio::test]
async fn a_wrong_clock_judges_the_assertion_of_a_code_too() {
    let world = World::start().await;
    world
        .set_fault(json!({"kind": "clock_skew", "value": 86_400}))
        .await;
    let path = "/organizations/oauth2/v2.0/token";
    let by_secret = v2_redemption(&world.v2_code().await);
    let mut by_assertion = by_secret.clone();
    by_assertion.retain(|(name, _)| *name != "client_secret");
    by_assertion.push(("client_assertion_type", crate::world::JWT_BEARER.to_owned()));
    by_assertion.push(("client_assertion", world.assertion(path).sign()));
    let (_, body) = world.redeem(path, &by_assertion).await;
    assert_eq!(body["error_codes"], json!([700_024]));
    let (status, _) = world.redeem(path, &by_secret).await;
    assert_eq!(status, StatusCode::OK, "a secret has no time");
}

/// Flows with a person are throttled by a refusal, not by 429.
#[tokio::test]
async fn a_throttled_redemption_is_a_loop_and_keeps_its_code() {
    let world = World::start().await;
    let path = "/organizations/oauth2/v2.0/token";
    let form = v2_redemption(&world.v2_code().await);
    world
        .set_fault(json!({"kind": "loop_detected", "times": 1}))
        .await;
    world.grant();
    let (status, _) = world.ask_app_only(world.tenants[0].tenant_id).await;
    assert_eq!(status, StatusCode::OK, "no person waits for this one");
    let request = world.http.post(world.url(path)).form(&form);
    let got = told(request.send().await.unwrap(), "throttled").await;
    assert_eq!(got, (400, "invalid_grant".to_owned(), 50196));
    assert_eq!(world.redeem(path, &form).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_odd_answer_hits_one_tenant_as_often_as_was_asked_and_all_is_well_after_it() {
    let world = World::start().await;
    world.grant();
    let (tenant, other) = (world.tenants[0].tenant_id, world.tenants[1].tenant_id);
    // what was asked for, status, error; a number that nobody knows fails the client
    let rows = [
        (json!(700_016), 400, "unauthorized_client"),
        (json!(65001), 400, "consent_required"),
        (json!(7_000_229), 401, "invalid_client"),
        (json!(700_027), 401, "invalid_client"),
        (json!(90002), 400, "invalid_request"),
        (json!(50033), 503, "temporarily_unavailable"),
        (json!(123_456), 401, "invalid_client"),
        (json!(99_999_999), 401, "invalid_client"),
        (json!(1), 401, "invalid_client"),
    ];
    for (value, status, error) in rows {
        let fault = |tenant, times| json!({"kind": "odd_answer", "tenant": tenant, "value": value, "times": times});
        world.set_fault(fault(other, 1)).await;
        assert_eq!(
            world.ask_app_only(tenant).await.0,
            StatusCode::OK,
            "{value}"
        );
        world.set_fault(fault(tenant, 2)).await;
        for _ in 0..2 {
            let (got, body) = world.ask_app_only(tenant).await;
            assert_eq!(got.as_u16(), status, "{body}");
            assert_eq!(
                (&body["error"], &body["error_codes"]),
                (&json!(error), &json!([value]))
            );
        }
        assert_eq!(
            world.ask_app_only(tenant).await.0,
            StatusCode::OK,
            "{value}"
        );
    }
}

#[tokio::test]
async fn an_odd_answer_without_a_number_is_a_token_without_roles() {
    let world = World::start().await;
    world.grant();
    let tenant = world.tenants[0].tenant_id;
    world
        .set_fault(json!({"kind": "odd_answer", "tenant": tenant, "times": 1}))
        .await;
    for has_roles in [false, true] {
        let (status, body) = world.ask_app_only(tenant).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let claims = crate::world::claims(body["access_token"].as_str().unwrap());
        assert_eq!(claims["roles"].is_array(), has_roles, "{claims}");
    }
}
