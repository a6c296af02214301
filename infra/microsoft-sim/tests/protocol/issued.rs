//! The book of issued tokens, and lives that change while the simulator runs.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{RESOURCE, START, World, claims};

async fn book(world: &World, after: u64) -> Vec<Value> {
    let (status, body) = world.get_json(&format!("/_sim/issued?after={after}")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["issued"].as_array().unwrap().clone()
}

/// The claims of a token that must be issued to the first tenant.
async fn issued(world: &World) -> Value {
    let (status, body) = world.ask_app_only(world.tenants[0].tenant_id).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    claims(body["access_token"].as_str().unwrap())
}

#[tokio::test]
async fn every_token_that_is_issued_is_in_the_book_and_no_refusal_is() {
    let world = World::start().await;
    world.grant();
    assert_eq!(book(&world, 0).await, Vec::<Value>::new());
    let first = issued(&world).await;
    let (refused, _) = world.ask_app_only(world.tenants[1].tenant_id).await;
    assert_eq!(refused, StatusCode::UNAUTHORIZED);
    world.clock.advance(10);
    let one = json!({"kind": "role_removed", "value": "ActivityFeed.Read"});
    world.set_fault(one).await;
    let second = issued(&world).await;

    let entries = book(&world, 0).await;

    let tenant = world.tenants[0].tenant_id;
    let expected = json!([
        {"number": 1, "uti": first["uti"], "tenant": tenant, "resource": RESOURCE,
         "roles": ["ActivityFeed.Read", "ServiceHealth.Read"],
         "issued_at": START, "expires_at": START + 3600},
        {"number": 2, "uti": second["uti"], "tenant": tenant, "resource": RESOURCE,
         "roles": ["ServiceHealth.Read"],
         "issued_at": START + 10, "expires_at": START + 3610},
    ]);
    assert_eq!(Value::from(entries.clone()), expected);
    assert_eq!(first["exp"], entries[0]["expires_at"]);
    assert_eq!(book(&world, 1).await, entries[1..]);
    assert_eq!(book(&world, 2).await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_book_is_not_for_a_page_in_a_browser_and_asks_for_a_number() {
    let world = World::start().await;
    let book = world.url("/_sim/issued");
    let foreign = world
        .http
        .get(&book)
        .header("origin", "https://evil.example");
    let rows = [
        (foreign, StatusCode::FORBIDDEN),
        (
            world.http.get(format!("{book}?after=-1")),
            StatusCode::BAD_REQUEST,
        ),
    ];
    for (request, expected) in rows {
        assert_eq!(request.send().await.unwrap().status(), expected);
    }
}

#[tokio::test]
async fn the_life_of_tokens_changes_while_it_runs_for_all_or_for_one_tenant() {
    let world = World::start().await;
    world.grant();
    let (tenant, other) = (world.tenants[0].tenant_id, world.tenants[1].tenant_id);
    for (fault, life) in [
        (
            json!({"kind": "token_life", "tenant": tenant, "value": 600, "times": 1}),
            600,
        ),
        (
            json!({"kind": "token_life", "tenant": other, "value": 60, "times": 1}),
            3599,
        ),
        (
            json!({"kind": "token_life", "value": 5400, "times": 1}),
            5400,
        ),
    ] {
        world.set_fault(fault.clone()).await;
        let (_, body) = world.ask_app_only(tenant).await;
        assert_eq!(body["expires_in"], life, "{fault}");
        let token = claims(body["access_token"].as_str().unwrap());
        assert_eq!(token["exp"], START + life + 1, "{fault}");
    }
    let (_, body) = world.ask_app_only(tenant).await;
    assert_eq!(body["expires_in"], 3599, "once each");
}
