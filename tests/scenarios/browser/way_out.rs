//! The page between a form of ours and Microsoft, as a browser takes it.

use axum::Router;
use axum::response::{Html, Redirect};
use serde_json::json;
use tests::Broker;
use tokio::net::TcpListener;

use super::expected::{CONFIRM, GO};
use super::stage::Stage;
use super::visitor::{Answer, Visitor};

/// A browser that gets no content stays where it is (RFC 9110 §15.3.5): on the page that
/// leads on, which can be looked at then.
const NO_CONTENT: u64 = 204;

/// From the landing page to the page that leads on, where the browser stays.
pub(super) async fn stays_at_go(broker: &Broker, visitor: &Visitor<'_>) {
    visitor.lands().await;
    let stays = broker.fault_at("authorize", "status", json!(NO_CONTENT));
    stays.await;
    visitor.presses().await;
    visitor.sees(GO).await;
}

#[tokio::test]
async fn a_browser_that_stays_on_the_page_that_leads_on_is_led_on_by_its_button() {
    let stage = Stage::start().await;
    let admin = &stage.person(0).admin;
    let visitor = stage.visitor("way-out").await;
    stays_at_go(&stage.broker, &visitor).await;
    stage.broker.end_faults().await;
    visitor.follows().await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(CONFIRM).await;
}

/// Microsoft hands the sign-in of some organisations on to a server of theirs. No page of
/// ours can know its name, and none stops the way to it.
#[tokio::test]
async fn a_sign_in_that_is_handed_on_to_a_home_realm_arrives_there() {
    let page = Html("<!doctype html><html lang=en><title>Home</title><h1>Home realm</h1>");
    let home = serve(Router::new().fallback(move || async move { page })).await;
    let onward = format!("{home}/adfs/ls");
    let authority = serve(Router::new().fallback(move || async move { Redirect::to(&onward) }));
    let stage = Stage::federated(&authority.await, &home).await;
    let visitor = stage.visitor("home-realm").await;
    visitor.lands().await;
    visitor.presses().await;
    visitor.is_at_microsoft().await;
    assert_eq!(visitor.session.address().await.path(), "/adfs/ls");
    let complaints = visitor.session.complaints().await;
    assert!(complaints.is_empty(), "{complaints:?}");
}

/// On a free port of this machine, which makes it an origin of its own.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://127.0.0.1:{port}")
}
