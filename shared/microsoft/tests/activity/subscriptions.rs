//! The list of subscriptions, a start and a stop: what counts as one.

use feed::ContentType;
use feed::ports::{FeedApi as _, Subscribe};
use feed::refusal::Refusal;
use feed::subscription::Status;

use super::server::RawApi;
use super::{Asker, DATE, DATE_UNIX};
use crate::fake::raw::http;

const UNREAD: Refusal = Refusal::Unavailable;

#[tokio::test]
async fn a_list_has_each_type_that_we_know_with_its_status() {
    use ContentType::{Dlp, Exchange, SharePoint};
    use Status::{Disabled, Enabled};
    let api = RawApi::start().await;
    let asker = Asker::of(&api);
    type Found = Result<Vec<(ContentType, Status)>, Refusal>;
    let one = |rest: &str| format!(r#"[{{"contentType":"Audit.Exchange"{rest}}}]"#);
    let rows: [(String, Found); 22] = [
        ("[]".into(), Ok(vec![])),
        (
            one(r#","status":"enabled","webhook":null"#),
            Ok(vec![(Exchange, Enabled)]),
        ),
        (one(r#","status":"ENABLED""#), Ok(vec![(Exchange, Enabled)])),
        (
            one(r#","status":"disabled""#),
            Ok(vec![(Exchange, Disabled)]),
        ),
        (
            one(r#","status":"expired""#),
            Ok(vec![(Exchange, Disabled)]),
        ),
        (one(""), Ok(vec![(Exchange, Enabled)])),
        (one(r#","status":null"#), Ok(vec![(Exchange, Enabled)])),
        (one(r#","status":7"#), Ok(vec![(Exchange, Disabled)])),
        (
            one(r#","status":"enabled","webhook":{"status":"disabled"}"#),
            Ok(vec![(Exchange, Enabled)]),
        ),
        (
            r#"[{"contentType":"audit.sharepoint"},{"contentType":"DLP.ALL","status":"disabled"}]"#
                .into(),
            Ok(vec![(SharePoint, Enabled), (Dlp, Disabled)]),
        ),
        (
            r#"[{"contentType":"Audit.Copilot","status":"enabled"}]"#.into(),
            Ok(vec![]),
        ),
        (
            r#"[{"status":"enabled"},{"contentType":null},{"contentType":5}]"#.into(),
            Ok(vec![]),
        ),
        ("\u{feff}[]".into(), Ok(vec![])),
        ("".into(), Err(UNREAD)),
        ("null".into(), Err(UNREAD)),
        ("{}".into(), Err(UNREAD)),
        (
            r#"{"contentType":"Audit.Exchange","status":"enabled"}"#.into(),
            Err(UNREAD),
        ),
        ("[null]".into(), Err(UNREAD)),
        (r#"["Audit.Exchange"]"#.into(), Err(UNREAD)),
        ("[".into(), Err(UNREAD)),
        (one("")[..20].to_owned(), Err(UNREAD)),
        ("<html>[]</html>".into(), Err(UNREAD)),
    ];
    for (body, expected) in rows {
        api.answer(http(200, DATE, body.as_bytes()));
        let found = asker.client.subscriptions(asker.who()).await;
        assert!(
            found
                .as_ref()
                .map_or(true, |list| list.at.unix() == DATE_UNIX)
        );
        let found = found
            .map(|list| list.listed)
            .map_err(|failure| failure.refusal);
        assert_eq!(found, expected, "{body}");
    }
    api.answer(http(200, "", b"[]"));
    let undated = asker.client.subscriptions(asker.who()).await;
    assert_eq!(undated.unwrap_err().refusal, UNREAD);
}

#[tokio::test]
async fn a_start_counts_with_a_subscription_that_runs_and_a_stop_with_nothing() {
    let api = RawApi::start().await;
    let asker = Asker::of(&api);
    let whole = r#"{"contentType":"Audit.Exchange","status":"enabled","webhook":null}"#;
    let off = Err(Refusal::SubscriptionDisabled);
    // Whether it is a start, headers, body.
    let rows = [
        (true, DATE, whole, Ok(())),
        (
            true,
            DATE,
            r#"{"contentType":"Audit.Exchange","webhook":{"expiration":""}}"#,
            Ok(()),
        ),
        (true, DATE, r#"{"status":"Enabled"}"#, Ok(())),
        (true, DATE, r#"{"status":"disabled"}"#, off),
        (true, DATE, r#"{"status":1}"#, off),
        (true, DATE, r#"{"error":"AF20024"}"#, Err(UNREAD)),
        (true, DATE, r#"{"error":null}"#, Err(UNREAD)),
        (true, DATE, "", Err(UNREAD)),
        (true, DATE, "[]", Err(UNREAD)),
        (true, DATE, "<html>Sign in</html>", Err(UNREAD)),
        (true, DATE, "{\"status\":\"enabled\"", Err(UNREAD)),
        (true, "", whole, Err(UNREAD)),
        (false, DATE, "", Ok(())),
        (false, DATE, "\r\n", Ok(())),
        (false, DATE, "<html>Sign in</html>", Err(UNREAD)),
        (false, DATE, whole, Err(UNREAD)),
        (false, "", "", Err(UNREAD)),
    ];
    for (start, headers, body, expected) in rows {
        api.answer(http(200, headers, body.as_bytes()));
        let (client, who) = (&asker.client, asker.who());
        let what = match start {
            true => Subscribe::Start(None),
            false => Subscribe::Stop,
        };
        let found = client.subscribe(who, ContentType::Exchange, what).await;
        let found = found.map(|said| assert_eq!(said.at.unix(), DATE_UNIX));
        assert_eq!(
            found.map_err(|failure| failure.refusal),
            expected,
            "{start} {body}"
        );
    }
}
