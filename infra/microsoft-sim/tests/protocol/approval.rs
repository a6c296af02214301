//! A plain user whom Microsoft stops on its own page, and never sends back.

use reqwest::{Response, StatusCode};
use serde_json::json;

use crate::browser::{Fields, v1_request, v2_request, with};
use crate::world::{CLIENT_ID, REDIRECT_URI, World, redirected, value};

const DEFAULT: &str = "https://manage.office.com/.default";

fn consent_request() -> Fields {
    vec![
        ("client_id", CLIENT_ID.to_string()),
        ("redirect_uri", REDIRECT_URI.to_owned()),
        ("state", "s-1".to_owned()),
        ("scope", DEFAULT.to_owned()),
    ]
}

/// Every page on which an Accept needs an admin.
fn pages(world: &World) -> [(String, Fields); 5] {
    let tenant = world.tenants[0].tenant_id;
    [
        (format!("/{tenant}/v2.0/adminconsent"), consent_request()),
        (
            "/organizations/v2.0/adminconsent".to_owned(),
            consent_request(),
        ),
        ("/common/adminconsent".to_owned(), consent_request()),
        ("/common/oauth2/authorize".to_owned(), v1_request()),
        (
            "/organizations/oauth2/v2.0/authorize".to_owned(),
            with(v2_request(), "scope", DEFAULT),
        ),
    ]
}

async fn is_stopped(response: Response) -> bool {
    if response.status() == StatusCode::FOUND {
        assert!(value(&redirected(&response), "error").is_some());
        return false;
    }
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers().get("location").is_none());
    let page = response.text().await.unwrap();
    assert!(page.contains("<h1>Need admin approval</h1>"), "{page}");
    assert!(page.contains("Broker &lt;of the tests&gt;"), "{page}");
    // Nothing on it leads back.
    assert!(!page.contains("<form") && !page.contains("<a "), "{page}");
    true
}

#[tokio::test]
async fn a_plain_user_who_may_not_consent_is_not_sent_back() {
    let world = World::start().await;
    let (tenant, other) = (&world.tenants[0], &world.tenants[1]);
    for (path, request) in pages(&world) {
        let user = &tenant.user;
        let fault = json!({"kind": "need_admin_approval", "tenant": other.tenant_id});
        world.set_fault(fault).await;
        let before = world.submit(&path, &request, user, "accept").await;
        assert!(!is_stopped(before).await, "{path}: another tenant's fault");

        let fault = json!({
            "kind": "need_admin_approval", "tenant": tenant.tenant_id, "times": 1,
        });
        world.set_fault(fault).await;
        let cancelled = world.submit(&path, &request, user, "cancel").await;
        assert!(!is_stopped(cancelled).await, "{path}: he cancelled");
        let stopped = world.submit(&path, &request, user, "accept").await;
        assert!(is_stopped(stopped).await, "{path}");
        let after = world.submit(&path, &request, user, "accept").await;
        assert!(!is_stopped(after).await, "{path}: once");
    }
    let (status, _) = world.ask_app_only(tenant.tenant_id).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "nothing was granted");
}

#[tokio::test]
async fn who_may_sign_in_or_consent_is_not_stopped() {
    let world = World::start().await;
    let tenant = &world.tenants[0];
    world
        .set_fault(json!({"kind": "need_admin_approval"}))
        .await;
    let sign_in = "/organizations/oauth2/v2.0/authorize";
    for account in [&tenant.user, &tenant.admin] {
        let answer = world.accept(sign_in, &v2_request(), account).await;
        assert!(value(&answer, "code").is_some(), "{account}");
    }
    for (path, request) in pages(&world) {
        let answer = world.accept(&path, &request, &tenant.admin).await;
        assert_eq!(value(&answer, "error"), None, "{path}");
    }
}
