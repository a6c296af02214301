//! What goes wrong at Microsoft's own pages and behind them.

use serde_json::json;
use tests::admin::{accept, press, sign_in};
use tests::{Browser, Flow};

use super::pages::check_history;
use super::stage::{ATTEMPT_USED, NOT_STARTED_HERE, Refused, START_AGAIN, Stage, without};

const DECLINED: Refused = Refused::by_person("consent_declined (AADSTS65004)");
const NOT_AN_ADMIN: Refused = Refused::by_person("not_an_admin");

#[tokio::test]
async fn cancel_connects_nothing_at_either_page() {
    for flow in [Flow::V2, Flow::V1] {
        let stage = Stage::start(flow).await;
        let admin = stage.person(0).admin.clone();
        let mut browser = Browser::default();
        let form = stage.start_form(&mut browser).await;
        let authority = browser.submit(&form, &[]).await;
        let page = press(&mut browser, &authority, &admin, "cancel").await;
        stage.check("at the sign-in", &page, DECLINED).await;
        if flow == Flow::V2 {
            let confirm = stage.confirm_page(&mut browser, &admin).await;
            let authority = browser.submit(&confirm.form(), &[]).await;
            let page = press(&mut browser, &authority, &admin, "cancel").await;
            stage.check("at the admin consent", &page, DECLINED).await;
        }
        check_history(&browser, &stage.url("/"));
    }
}

#[tokio::test]
async fn a_plain_user_connects_nothing() {
    let stage = Stage::start(Flow::V2).await;
    let user = stage.person(0).user.clone();
    let mut browser = Browser::default();
    let consent_url = &stage.ready().consent_url;
    let page = sign_in(&mut browser, consent_url, &user).await;
    stage.check("v2", &page, NOT_AN_ADMIN).await;

    let stage = Stage::start(Flow::V1).await;
    let user = stage.person(0).user.clone();
    let consent_url = &stage.ready().consent_url;
    let page = sign_in(&mut browser, consent_url, &user).await;
    let why = Refused::by_person("not_an_admin (AADSTS90094)");
    stage.check("v1", &page, why).await;
}

/// Without `prompt` Microsoft asks nobody for consent in a tenant that has consented: any
/// of its people comes back with a code, and an app-only token of the tenant can be had.
#[tokio::test]
async fn a_plain_user_of_a_tenant_that_has_consented_connects_nothing() {
    let mut stage = Stage::start(Flow::V2).await;
    let (admin, user) = (stage.person(0).admin.clone(), stage.person(0).user.clone());
    stage
        .connect(&mut Browser::default(), &admin, Flow::V2)
        .await;
    let mut browser = Browser::default();
    let form = stage.start_form(&mut browser).await;
    let authority = browser.way_out(&form).await;
    let stripped = browser.open(without(&authority, "prompt").as_str()).await;
    let page = accept(&mut browser, &stripped, &user).await;
    stage.check("prompt stripped", &page, NOT_AN_ADMIN).await;
}

#[tokio::test]
async fn an_answer_that_is_forged_makes_no_tenant_active() {
    let stage = Stage::start(Flow::V2).await;
    let person = stage.person(0).clone();
    let mut browser = Browser::default();
    let confirm = stage.confirm_page(&mut browser, &person.admin).await;
    let authority = browser.submit(&confirm.form(), &[]).await;
    let state = super::stage::parameter(&authority.url, "state");
    let tenant = &person.tenant_id;
    let url = stage.callback(&format!("admin_consent=True&tenant={tenant}&state={state}"));
    // The tenant is not active on anybody's word: the proof has not come.
    let page = browser.open(url.as_str()).await;
    assert_eq!(page.heading(), "Finishing", "{}", page.body);
    let vended = stage.broker.vend(tenant).await;
    assert!(vended.status >= 400, "{}", vended.body);
    assert!(vended.body["access_token"].is_null());
}

#[tokio::test]
async fn an_answer_without_an_attempt_of_ours_starts_nothing() {
    let stage = Stage::start(Flow::V2).await;
    let tenant = stage.person(0).tenant_id.clone();
    let before = stage.broker.stats().await;
    // The first one is what Microsoft's portal sends when an admin consents there.
    let rows = [
        (
            format!("admin_consent=True&tenant={tenant}"),
            NOT_STARTED_HERE,
        ),
        (
            format!("admin_consent=True&tenant={tenant}&state="),
            NOT_STARTED_HERE,
        ),
        (
            format!("admin_consent=True&tenant={tenant}&state=12345"),
            START_AGAIN,
        ),
        (format!("tenant={tenant}"), NOT_STARTED_HERE),
        ("code=0.AAAA&session_state=1".to_owned(), NOT_STARTED_HERE),
        (
            "code=0.AAAA&state=xyz&admin_consent=True".to_owned(),
            START_AGAIN,
        ),
        ("state".to_owned(), NOT_STARTED_HERE),
        ("&&&".to_owned(), NOT_STARTED_HERE),
        (String::new(), NOT_STARTED_HERE),
    ];
    for (row, why) in rows {
        let url = stage.callback(&row);
        stage.refuses(&row, &mut Browser::default(), url, why).await;
    }
    assert_eq!(stage.broker.stats().await, before);
}

#[tokio::test]
async fn an_authority_that_misbehaves_connects_nothing() {
    let stage = Stage::start(Flow::V2).await;
    let admin = stage.person(0).admin.clone();
    let rows = [
        ("unsigned_id_token", json!(null), 503, "token_invalid"),
        ("not_json", json!(null), 503, "unavailable"),
        ("status", json!(503), 503, "unavailable"),
        ("throttle", json!(7), 503, "throttled"),
    ];
    for (kind, value, status, cause) in rows {
        let mut browser = Browser::default();
        let url = stage.signed_in(&mut browser, &admin).await;
        stage.broker.fault(kind, None, value).await;
        let why = Refused { status, cause };
        stage.refuses(kind, &mut browser, url.clone(), why).await;
        stage.broker.end_faults().await;
        // The code may be spent: the attempt is over, also when all is well again.
        stage.refuses(kind, &mut browser, url, ATTEMPT_USED).await;
        check_history(&browser, &stage.url("/"));
    }
}

#[tokio::test]
async fn without_an_invite_nobody_starts_where_invites_are_asked_for() {
    let stage = Stage::start_with("CONSENT_MODE", "invite").await;
    let mut browser = Browser::default();
    let before = stage.broker.stats().await;
    let why = Refused {
        status: 403,
        cause: "invite_needed",
    };
    let page = browser.open(&stage.ready().consent_url).await;
    stage.check("landing", &page, why).await;
    assert!(!page.headers.contains_key("location"));
    assert!(!page.headers.contains_key("set-cookie"));
    assert_eq!(stage.broker.stats().await, before);
}
