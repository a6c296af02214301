//! Listings: every answer of this table, put on the wire to the byte, and what is made of it.

use feed::refusal::Refusal;

use super::server::RawApi;
use super::{Asker, DATE, DATE_UNIX};
use crate::fake::raw::http;

pub(super) const ENTRY: &str = r#"{"contentType":"Audit.Sharepoint","contentId":"a$1","contentUri":"u","contentCreated":"2026-11-22T09:30:00.999Z","contentExpiration":"2026-11-29T09:30:00.000Z"}"#;

/// Entries, and the next page; or the refusal.
pub(super) type Found = Result<(usize, Option<&'static str>), Refusal>;

pub(super) const UNREAD: Found = Err(Refusal::Unavailable);

pub(super) async fn check(rows: Vec<(&str, Vec<u8>, Found)>) {
    let api = RawApi::start().await;
    let asker = Asker::of(&api);
    for (what, answer, expected) in rows {
        api.answer(answer);
        let found = asker.list().await;
        let at = found.as_ref().map(|page| page.at.unix());
        assert!(at.is_err() || at == Ok(DATE_UNIX), "{what}");
        let found = found.map(|page| (page.contents.len(), page.unverified_next));
        let found = found.map_err(|failure| failure.refusal);
        let expected = expected.map(|(count, next)| (count, next.map(str::to_owned)));
        assert_eq!(found, expected, "{what}");
    }
}

pub(super) fn with(headers: &str, body: &str) -> Vec<u8> {
    http(200, &format!("{DATE}{headers}"), body.as_bytes())
}

pub(super) fn body(body: impl AsRef<[u8]>) -> Vec<u8> {
    http(200, DATE, body.as_ref())
}

#[tokio::test]
async fn the_header_alone_says_whether_there_is_more() {
    let two = format!("[{ENTRY},{ENTRY}]");
    let next = |value: &str| format!("NextPageUri: {value}\r\n");
    check(vec![
        ("no header", with("", &two), Ok((2, None))),
        ("a page", with(&next("n"), &two), Ok((2, Some("n")))),
        ("an empty page", with(&next("n"), "[]"), Ok((0, Some("n")))),
        (
            "lower case",
            with("nextpageuri: n\r\n", "[]"),
            Ok((0, Some("n"))),
        ),
        (
            "odd case",
            with("nEXTpAGEURI:n\r\n", "[]"),
            Ok((0, Some("n"))),
        ),
        (
            "the older name",
            with("NextPageUrl: n\r\n", "[]"),
            Ok((0, Some("n"))),
        ),
        (
            "both names, one page",
            with("NextPageUrl: n\r\nNextPageUri: n\r\n", "[]"),
            Ok((0, Some("n"))),
        ),
        (
            "both names, two pages",
            with("NextPageUrl: n\r\nNextPageUri: m\r\n", "[]"),
            UNREAD,
        ),
        (
            "twice",
            with(&next("n").repeat(2), "[]"),
            Ok((0, Some("n"))),
        ),
        (
            "twice, another",
            with(&[next("n"), next("m")].concat(), "[]"),
            UNREAD,
        ),
        ("nothing in it", with(&next(""), &two), Ok((2, None))),
        ("blanks", with(&next("   "), &two), Ok((2, None))),
        // Left out, it would end the listing; so it fails as an address.
        (
            "no text",
            [
                b"HTTP/1.1 200 OK\r\n",
                DATE.as_bytes(),
                b"NextPageUri: n\xff\r\nContent-Length: 2\r\n\r\n[]",
            ]
            .concat(),
            Ok((0, Some("n\u{fffd}"))),
        ),
        (
            "another header",
            with("Link: <n>; rel=next\r\n", "[]"),
            Ok((0, None)),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_page_counts_with_the_date_of_its_answer_alone() {
    let dated = |headers: &str| http(200, headers, b"[]");
    check(vec![
        ("a date", dated(DATE), Ok((0, None))),
        (
            "odd case",
            dated("dATE: Sun, 22 Nov 2026 10:00:00 GMT\r\n"),
            Ok((0, None)),
        ),
        ("twice", dated(&DATE.repeat(2)), Ok((0, None))),
        (
            "RFC 850",
            dated("Date: Sunday, 22-Nov-26 10:00:00 GMT\r\n"),
            Ok((0, None)),
        ),
        ("none", dated(""), UNREAD),
        ("nothing in it", dated("Date: \r\n"), UNREAD),
        ("no date", dated("Date: soon\r\n"), UNREAD),
        ("ISO 8601", dated("Date: 2026-11-22T10:00:00Z\r\n"), UNREAD),
        (
            "before 1970",
            dated("Date: Sun, 22 Nov 1964 10:00:00 GMT\r\n"),
            UNREAD,
        ),
        (
            "two",
            dated(&format!("{DATE}Date: Sun, 22 Nov 2026 10:00:01 GMT\r\n")),
            UNREAD,
        ),
        (
            "no text",
            b"HTTP/1.1 200 OK\r\nDate: \xff\r\nContent-Length: 2\r\n\r\n[]".to_vec(),
            UNREAD,
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_body_that_is_no_list_is_never_an_empty_one() {
    use Refusal as R;
    let error = |code: &str| body(format!(r#"{{"error":{{"code":"{code}","message":""}}}}"#));
    check(vec![
        ("an empty list", body("[]"), Ok((0, None))),
        ("blanks", body(" \r\n[ ]\n"), Ok((0, None))),
        ("a mark of UTF-8", body("\u{feff}[]"), Ok((0, None))),
        ("nothing", body(""), UNREAD),
        ("null", body("null"), UNREAD),
        ("false", body("false"), UNREAD),
        ("a number", body("0"), UNREAD),
        ("a text", body("\"[]\""), UNREAD),
        (
            "an object",
            body(r#"{"Message":"An error has occurred."}"#),
            UNREAD,
        ),
        ("an empty object", body("{}"), UNREAD),
        (
            "a list in an object",
            body(format!(r#"{{"value":[{ENTRY}]}}"#)),
            UNREAD,
        ),
        ("an error", error("AF20055"), Err(R::WindowRefused)),
        ("another error", error("AF20022"), Err(R::NotSubscribed)),
        ("an unknown error", error("AF1"), UNREAD),
        (
            "single quotes",
            body("{'error':{'code':'AF429','message':''}}"),
            Err(R::Throttled),
        ),
        ("a page of a proxy", body("<html>Sign in</html>"), UNREAD),
        ("two lists", body("[][]"), UNREAD),
        ("something after it", body("[]x"), UNREAD),
        ("an open list", body("["), UNREAD),
        ("a comma too many", body(format!("[{ENTRY},]")), UNREAD),
        ("half", body(&format!("[{ENTRY},{ENTRY}]")[..250]), UNREAD),
        ("NUL", body("[]\0"), UNREAD),
        (
            "NUL in a text",
            body(format!("[{}]", ENTRY.replace("a$1", "a\x001"))),
            UNREAD,
        ),
        ("deep", body("[".repeat(200_000)), UNREAD),
        ("invalid UTF-8", body(b"[{\"contentId\":\"\xff\"}]"), UNREAD),
        ("UTF-16", body(b"\xff\xfe[\0]\0"), UNREAD),
    ])
    .await;
}
