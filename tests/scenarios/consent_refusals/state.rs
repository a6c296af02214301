//! The state, the cookie and the code of an attempt: forged, of another browser, of
//! another attempt, of the other step, or used before.

use tests::{Browser, Flow};

use super::pages::check_history;
use super::stage::{
    ATTEMPT_USED, NOT_STARTED_HERE, OTHER_BROWSER, Refused, START_AGAIN, Stage, parameter,
    tampered, with, without,
};

#[tokio::test]
async fn a_state_that_is_not_ours_is_refused_and_uses_nothing_up() {
    let stage = Stage::start(Flow::V2).await;
    let other_machine = Stage::start(Flow::V2).await;
    let mut browser = Browser::default();
    let admin = stage.person(0).admin.clone();
    let proper = stage.signed_in(&mut browser, &admin).await;
    let state = parameter(&proper, "state");
    let foreign_admin = other_machine.person(0).admin.clone();
    let foreign = other_machine
        .signed_in(&mut Browser::default(), &foreign_admin)
        .await;
    let before = stage.broker.stats().await;
    let rows = [
        ("forged", "A".repeat(state.len())),
        ("changed", tampered(&state)),
        ("cut at its end", state[..state.len() - 1].to_owned()),
        ("cut at its beginning", state[1..].to_owned()),
        ("longer", format!("{state}AAAA")),
        ("padded", format!("{state}=")),
        ("in lower case", state.to_lowercase()),
        ("with a space", format!("{state} ")),
        ("of another machine", parameter(&foreign, "state")),
        ("not base64", "../../etc/passwd".to_owned()),
        ("one character", "A".to_owned()),
    ];
    for (row, state) in rows {
        let url = with(&proper, "state", &state);
        stage.refuses(row, &mut browser, url, START_AGAIN).await;
    }
    let url = with(&proper, "state", "");
    stage
        .refuses("empty", &mut browser, url, NOT_STARTED_HERE)
        .await;
    // The very URL, in a browser that did not start it.
    let mut stranger = Browser::default();
    let row = "another browser";
    stage
        .refuses(row, &mut stranger, proper.clone(), OTHER_BROWSER)
        .await;
    stage.start_form(&mut stranger).await;
    let row = "another browser with a form of its own";
    stage
        .refuses(row, &mut stranger, proper.clone(), OTHER_BROWSER)
        .await;
    assert_eq!(stage.broker.stats().await, before, "nothing was redeemed");

    let confirm = browser.open(proper.as_str()).await;
    assert_eq!(confirm.heading(), "Connect this organisation?");
    check_history(&browser, &proper);
}

#[tokio::test]
async fn another_attempts_cookie_under_the_right_name_does_not_open() {
    let stage = Stage::start(Flow::V2).await;
    let admin = stage.person(0).admin.clone();
    let mut browser = Browser::default();
    let one = stage.signed_in(&mut browser, &admin).await;
    let ours = stage.url("/");
    let cookies = browser.cookies_of(&ours);
    let attempts = |name: &&String| name.starts_with("__Host-consent-") && !name.ends_with("-form");
    let name = cookies.keys().find(attempts).unwrap().clone();
    let mut other = Browser::default();
    stage.signed_in(&mut other, &admin).await;
    let cookies = other.cookies_of(&ours);
    let value = cookies[cookies.keys().find(attempts).unwrap()].clone();
    let own = browser.cookies_of(&ours)[&name].clone();
    let rows = [
        ("of another attempt", value),
        ("changed", tampered(&own)),
        ("cut", own[..own.len() - 4].to_owned()),
        ("empty", String::new()),
        ("over-long", "A".repeat(4096)),
    ];
    for (row, value) in rows {
        let mut thief = Browser::default();
        thief.put_cookie(&ours, &name, &value);
        stage
            .refuses(row, &mut thief, one.clone(), START_AGAIN)
            .await;
    }
    let confirm = browser.open(one.as_str()).await;
    assert_eq!(confirm.heading(), "Connect this organisation?");
}

#[tokio::test]
async fn nothing_is_used_twice() {
    for flow in [Flow::V2, Flow::V1] {
        let mut stage = Stage::start(flow).await;
        let admin = stage.person(0).admin.clone();
        let mut browser = Browser::default();
        stage.connect(&mut browser, &admin, flow).await;
        let before = stage.broker.stats().await;
        let landed: Vec<_> = browser
            .history
            .iter()
            .map(|page| page.url.clone())
            .filter(|url| url.path() == "/consent/callback")
            .collect();
        assert_eq!(landed.len(), if flow == Flow::V2 { 2 } else { 1 });
        for (index, url) in landed.into_iter().enumerate() {
            let row = format!("{flow:?}: callback {index} again");
            stage.refuses(&row, &mut browser, url, ATTEMPT_USED).await;
        }
        assert_eq!(stage.broker.stats().await, before, "nothing was redeemed");
    }
}

#[tokio::test]
async fn nothing_is_used_twice_by_a_browser_that_kept_its_cookies() {
    for flow in [Flow::V2, Flow::V1] {
        let mut stage = Stage::start(flow).await;
        let admin = stage.person(0).admin.clone();
        let mut browser = Browser::default();
        let mut twin = Browser::default();

        let first = stage.signed_in(&mut browser, &admin).await;
        twin.take_cookies_of(&browser);
        let confirm = browser.open(first.as_str()).await;
        let before = stage.broker.stats().await;
        let row = "the sign-in's callback";
        stage.refuses(row, &mut twin, first, ATTEMPT_USED).await;
        assert_eq!(stage.broker.stats().await, before, "nothing was redeemed");
        if flow == Flow::V1 {
            continue;
        }
        let authority = browser.submit(&confirm.form(), &[]).await;
        let second = super::stage::press(&mut browser, &authority, &admin, "accept").await;
        twin.take_cookies_of(&browser);
        let result = browser.open(second.as_str()).await;
        assert_eq!(result.heading(), "Connected", "{}", result.body);
        stage.remember_tenants().await;
        let before = stage.broker.stats().await;
        let row = "the admin consent's callback";
        stage.refuses(row, &mut twin, second, ATTEMPT_USED).await;
        assert_eq!(
            stage.broker.stats().await,
            before,
            "nothing was proven anew"
        );
        check_history(&twin, &stage.url("/"));
    }
}

#[tokio::test]
async fn a_state_answers_its_own_step_and_its_own_code_only() {
    let stage = Stage::start(Flow::V2).await;
    let admin = stage.person(0).admin.clone();
    let tenant = stage.person(0).tenant_id.clone();
    let mut browser = Browser::default();

    // A sign-in's state with the answer of the admin-consent page.
    let sign_in = stage.signed_in(&mut browser, &admin).await;
    let url = with(&without(&sign_in, "code"), "admin_consent", "True");
    let url = with(&url, "tenant", &tenant);
    stage
        .refuses("the second step's answer", &mut browser, url, START_AGAIN)
        .await;

    // An admin-consent state with the answer of a sign-in.
    let consented = stage.consented(&mut browser, &admin).await;
    let sign_in = stage.signed_in(&mut browser, &admin).await;
    let url = with(&sign_in, "state", &parameter(&consented, "state"));
    let mismatch = Refused {
        status: 400,
        cause: "tenant_mismatch",
    };
    stage
        .refuses("the first step's answer", &mut browser, url, mismatch)
        .await;

    // Codes that were made for another attempt, by a victim or by a thief (PKCE).
    let unusable = Refused {
        status: 400,
        cause: "code_unusable (AADSTS501481)",
    };
    let own = stage.signed_in(&mut browser, &admin).await;
    let another = stage.signed_in(&mut browser, &admin).await;
    let url = with(&own, "code", &parameter(&another, "code"));
    stage
        .refuses("a code of this browser's", &mut browser, url, unusable)
        .await;
    let mut victim = Browser::default();
    let theirs = stage.signed_in(&mut victim, &stage.person(1).admin).await;
    let own = stage.signed_in(&mut browser, &admin).await;
    let url = with(&own, "code", &parameter(&theirs, "code"));
    stage
        .refuses("a code of a victim's", &mut browser, url, unusable)
        .await;
    let own = stage.signed_in(&mut browser, &admin).await;
    let url = with(&own, "code", "no-code-at-all");
    stage
        .refuses("what can be no code", &mut browser, url, START_AGAIN)
        .await;
    // It used nothing up: what could be a code is asked for.
    let url = with(&own, "code", "1.nobody-gave-this-code-out");
    let page = browser.open(url.as_str()).await;
    assert_eq!(page.status, 400, "{}", page.body);
    assert!(
        page.cause().starts_with("code_unusable"),
        "{}",
        page.cause()
    );
    stage.unchanged("an invented code").await;
    check_history(&browser, &own);
}
