//! The parameters of the callback: each one missing, doubled, too long, not UTF-8. A
//! malformed callback uses nothing up: the proper one still works after all of them.

use tests::{Browser, Flow, wire};
use url::Url;

use super::pages::check_history;
use super::stage::{NOT_STARTED_HERE, Refused, START_AGAIN, Stage, with, without};

/// Every parameter with its longest value in bytes, as the function documents them.
const PARAMETERS: [(&str, usize); 6] = [
    ("state", 512),
    ("code", 8192),
    ("tenant", 256),
    ("admin_consent", 16),
    ("error", 256),
    ("error_description", 8192),
];

/// The ways in which `proper` can be malformed by this parameter, each with its name.
fn malformed(proper: &Url, name: &str, longest: usize) -> Vec<(String, Url)> {
    let again = |value: &str| {
        let mut url = without(proper, name);
        let query = url.query().unwrap_or_default().to_owned();
        url.set_query(Some(&format!("{query}&{value}")));
        url
    };
    let long = "a".repeat(longest + 1);
    vec![
        (
            format!("{name} doubled"),
            again(&format!("{name}=a&{name}=a")),
        ),
        (
            format!("{name} doubled, one empty"),
            again(&format!("{name}=a&{name}=")),
        ),
        (format!("{name} too long"), again(&format!("{name}={long}"))),
        (format!("{name} not UTF-8"), again(&format!("{name}=%ff"))),
        (format!("{name} cut UTF-8"), again(&format!("{name}=a%c3"))),
    ]
}

#[tokio::test]
async fn a_malformed_callback_ends_on_a_page_and_uses_nothing_up() {
    let stage = Stage::start(Flow::V2).await;
    let mut browser = Browser::default();
    let admin = stage.person(0).admin.clone();
    let first = stage.signed_in(&mut browser, &admin).await;
    let before = stage.broker.stats().await;
    for (name, longest) in PARAMETERS {
        for (row, url) in malformed(&first, name, longest) {
            stage.refuses(&row, &mut browser, url, START_AGAIN).await;
        }
    }
    assert_eq!(stage.broker.stats().await, before, "nothing was asked for");

    let confirm = browser.open(first.as_str()).await;
    assert_eq!(confirm.heading(), "Connect this organisation?");
    let authority = browser.submit(&confirm.form(), &[]).await;
    let second = super::stage::press(&mut browser, &authority, &admin, "accept").await;
    for (name, longest) in PARAMETERS {
        for (row, url) in malformed(&second, name, longest) {
            stage.refuses(&row, &mut browser, url, START_AGAIN).await;
        }
    }
    let result = browser.open(second.as_str()).await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
    assert!(check_history(&browser, &first) > 120);
}

#[tokio::test]
async fn bytes_that_no_browser_sends_are_refused_and_the_process_lives_on() {
    let stage = Stage::start(Flow::V2).await;
    let base = &stage.ready().vending_url;
    for (name, _) in PARAMETERS {
        for bytes in [&b"\xff"[..], b"\xc3\x28", b"\0", b"\x7f\xfe<script>"] {
            let target = [b"/consent/callback?", name.as_bytes(), b"=", bytes].concat();
            let (status, answer) = wire::send(base, "GET", &target, b"\r\n").await;
            assert!((400..500).contains(&status), "{name} {bytes:?}: {answer}");
            assert!(!answer.contains("<script"), "{answer}");
            stage.unchanged(name).await;
        }
    }
    // Text that is UTF-8 is read, as a percent-encoded one is.
    let (status, _) =
        wire::send(base, "GET", "/consent/callback?state=ä".as_bytes(), b"\r\n").await;
    assert_eq!(status, 303);
}

#[tokio::test]
async fn a_parameter_that_a_step_needs_is_missed() {
    let stage = Stage::start(Flow::V2).await;
    let admin = stage.person(0).admin.clone();
    let mut browser = Browser::default();
    for (name, why) in [("state", NOT_STARTED_HERE), ("code", START_AGAIN)] {
        let proper = stage.signed_in(&mut browser, &admin).await;
        let url = without(&proper, name);
        stage.refuses(name, &mut browser, url, why).await;
        // Nothing was used up: the answer as it should be still works.
        let page = browser.open(proper.as_str()).await;
        assert_eq!(page.heading(), "Connect this organisation?", "{name}");
    }
    let declined = Refused {
        status: 400,
        cause: "consent_declined",
    };
    let mismatch = Refused {
        status: 400,
        cause: "tenant_mismatch",
    };
    let other = stage.person(1).tenant_id.clone();
    let rows = [
        ("state", None, NOT_STARTED_HERE),
        ("tenant", None, mismatch),
        ("tenant", Some(other.as_str()), mismatch),
        ("tenant", Some("common"), mismatch),
        ("tenant", Some("{}"), mismatch),
        ("admin_consent", None, declined),
        ("admin_consent", Some("False"), declined),
        ("admin_consent", Some("1"), declined),
    ];
    for (name, value, why) in rows {
        let mut browser = Browser::default();
        let proper = stage.consented(&mut browser, &admin).await;
        let url = match value {
            None => without(&proper, name),
            Some(value) => with(&proper, name, value),
        };
        let row = format!("{name} as {value:?}");
        stage.refuses(&row, &mut browser, url, why).await;
        check_history(&browser, &proper);
    }
}

#[tokio::test]
async fn an_error_counts_before_success_and_in_its_own_browser_only() {
    let stage = Stage::start(Flow::V2).await;
    let admin = stage.person(0).admin.clone();
    // The error, its description, the status and the code of the page.
    let rows = [
        (
            "access_denied",
            "AADSTS65004: declined",
            400,
            "consent_declined (AADSTS65004)",
        ),
        (
            "consent_required",
            "AADSTS90094: an admin has to",
            400,
            "not_an_admin (AADSTS90094)",
        ),
        ("server_error", "", 503, "unavailable"),
        ("access_denied", "AADSTS99999999999: x", 503, "unknown"),
        ("no_such_error", "", 503, "unknown"),
    ];
    let mut browser = Browser::default();
    let proper = stage.consented(&mut browser, &admin).await;
    for (error, description, status, cause) in rows {
        let why = Refused { status, cause };
        // Everything that success has comes along: it must not count.
        let url = with(&proper, "error", error);
        let url = with(&url, "error_description", description);
        let row = format!("{error} {description}");
        stage.refuses(&row, &mut browser, url, why).await;
        // Without an attempt a stranger chooses no cause of ours.
        let bare = format!("error={error}&error_description={description}");
        let mut another = Browser::default();
        let url = stage.callback(&bare);
        stage
            .refuses(&row, &mut another, url, NOT_STARTED_HERE)
            .await;
    }
    assert!(check_history(&browser, &proper) > rows.len());
}
