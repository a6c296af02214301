//! Listings: every answer of this table, put on the wire to the byte, and what is made of it.

use std::io::Write as _;

use feed::content::ContentKey;
use feed::refusal::Refusal;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::server::RawApi;
use super::{Asker, DATE, DATE_UNIX};
use crate::fake::raw::http;

const ENTRY: &str = r#"{"contentType":"Audit.Sharepoint","contentId":"a$1","contentUri":"u","contentCreated":"2026-11-22T09:30:00.999Z","contentExpiration":"2026-11-29T09:30:00.000Z"}"#;

/// Entries, and the next page; or the refusal.
type Found = Result<(usize, Option<&'static str>), Refusal>;

const UNREAD: Found = Err(Refusal::Unavailable);

async fn check(rows: Vec<(&str, Vec<u8>, Found)>) {
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

fn with(headers: &str, body: &str) -> Vec<u8> {
    http(200, &format!("{DATE}{headers}"), body.as_bytes())
}

fn body(body: impl AsRef<[u8]>) -> Vec<u8> {
    http(200, DATE, body.as_ref())
}

pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A body in chunks (RFC 9112 §7.1); `last`: whether its end is sent.
pub(super) fn chunked(pieces: &[&[u8]], last: bool) -> Vec<u8> {
    let mut answer =
        format!("HTTP/1.1 200 OK\r\n{DATE}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for piece in pieces {
        answer.extend(format!("{:x}\r\n", piece.len()).bytes());
        answer.extend_from_slice(piece);
        answer.extend(b"\r\n");
    }
    if last {
        answer.extend(b"0\r\n\r\n");
    }
    answer
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
            body(format!("[{}]", ENTRY.replace("a$1", "a\01"))),
            UNREAD,
        ),
        ("deep", body("[".repeat(200_000)), UNREAD),
        ("invalid UTF-8", body(b"[{\"contentId\":\"\xff\"}]"), UNREAD),
        ("UTF-16", body(b"\xff\xfe[\0]\0"), UNREAD),
    ])
    .await;
}

#[tokio::test]
async fn no_entry_is_left_out() {
    let entry = |from: &str, to: &str| body(format!("[{ENTRY},{}]", ENTRY.replace(from, to)));
    let long = format!("\"{}\"", "i$".repeat(2_048));
    check(vec![
        ("the same again", entry("", ""), Ok((2, None))),
        ("an id of 4 KB", entry("\"a$1\"", &long), Ok((2, None))),
        ("an address of 4 KB", entry("\"u\"", &long), Ok((2, None))),
        ("an escaped NUL", entry("a$1", "a\\u0000"), Ok((2, None))),
        (
            "another type",
            entry("Audit.Sharepoint", "DLP.ALL"),
            Ok((2, None)),
        ),
        ("no type", entry("contentType", "x"), Ok((2, None))),
        (
            "an unread member that is deep",
            entry(
                "\"contentType\":\"Audit.Sharepoint\"",
                &format!("\"x\":{}{}", "[".repeat(5_000), "]".repeat(5_000)),
            ),
            Ok((2, None)),
        ),
        // It fails by itself.
        ("no address", entry("contentUri", "x"), Ok((2, None))),
        (
            "an address that is null",
            entry("\"u\"", "null"),
            Ok((2, None)),
        ),
        (
            "an address that is a number",
            entry("\"u\"", "7"),
            Ok((2, None)),
        ),
        // It could not be known again.
        ("no id", entry("contentId", "x"), UNREAD),
        ("an empty id", entry("a$1", ""), UNREAD),
        ("an id that is null", entry("\"a$1\"", "null"), UNREAD),
        ("an id that is a number", entry("\"a$1\"", "1"), UNREAD),
        ("a lone surrogate", entry("a$1", "\\ud800"), UNREAD),
        (
            "two ids",
            entry("\"contentUri\":\"u\"", "\"contentId\":\"b\""),
            UNREAD,
        ),
        ("no time", entry("contentCreated", "x"), UNREAD),
        (
            "a time that is null",
            entry("\"2026-11-22T09:30:00.999Z\"", "null"),
            UNREAD,
        ),
        (
            "a time that is none",
            entry("2026-11-22T09:30:00.999Z", "yesterday"),
            UNREAD,
        ),
        (
            "a time that is a number",
            entry("\"2026-11-22T09:30:00.999Z\"", "1795341600"),
            UNREAD,
        ),
        ("null among them", body(format!("[{ENTRY},null]")), UNREAD),
        ("a list among them", body(format!("[{ENTRY},[]]")), UNREAD),
    ])
    .await;
    let api = RawApi::start().await;
    api.answer(body(format!("[{}]", ENTRY.replace("\"u\"", "null"))));
    let content = Asker::of(&api).list().await.unwrap().contents.remove(0);
    assert_eq!(content.key, ContentKey::of("a$1"));
    assert_eq!(content.created.unix(), DATE_UNIX - 1_800);
    assert_eq!(content.unverified_uri, "");
}

#[tokio::test]
async fn a_body_is_read_as_it_was_sent_or_not_at_all() {
    let text = format!("[{ENTRY},{ENTRY}]");
    let (bytes, zipped) = (text.as_bytes(), packed(text.as_bytes()));
    let gzip = format!("{DATE}Content-Encoding: gzip\r\n");
    let longer = format!("HTTP/1.1 200 OK\r\n{DATE}Content-Length: 9999\r\n\r\n{text}");
    let shorter = format!("HTTP/1.1 200 OK\r\n{DATE}Content-Length: 9\r\n\r\n{text}");
    let open = format!("HTTP/1.1 200 OK\r\n{DATE}Connection: close\r\n\r\n{text}");
    let both = format!("HTTP/1.1 200 OK\r\n{DATE}Content-Length: 1\r\nContent-Length: 2\r\n\r\n[]");
    let huge = packed(&[&b"["[..], &vec![b' '; 17 << 20], b"]"].concat());
    let many = format!("{DATE}{}", "X: y\r\n".repeat(5_000));
    check(vec![
        ("gzip", http(200, &gzip, &zipped), Ok((2, None))),
        ("gzip that is not named", body(&zipped), Ok((2, None))),
        ("named, and plain", http(200, &gzip, bytes), Ok((2, None))),
        (
            "gzip in chunks",
            chunked(&[&zipped[..1], &zipped[1..]], true),
            Ok((2, None)),
        ),
        (
            "half a gzip",
            http(200, &gzip, &zipped[..zipped.len() / 2]),
            UNREAD,
        ),
        (
            "gzip without its end",
            http(200, &gzip, &zipped[..zipped.len() - 4]),
            UNREAD,
        ),
        (
            "another encoding",
            with("Content-Encoding: br\r\n", &text),
            UNREAD,
        ),
        (
            "gzip, twice",
            with("Content-Encoding: gzip, gzip\r\n", &text),
            UNREAD,
        ),
        ("what grows too large", http(200, &gzip, &huge), UNREAD),
        (
            "chunks",
            chunked(&[&bytes[..9], &bytes[9..]], true),
            Ok((2, None)),
        ),
        ("chunks without an end", chunked(&[bytes], false), UNREAD),
        (
            "chunks that are cut",
            chunked(&[&bytes[..9]], false),
            UNREAD,
        ),
        ("a length that is too long", longer.into_bytes(), UNREAD),
        ("a length that is too short", shorter.into_bytes(), UNREAD),
        ("two lengths", both.into_bytes(), UNREAD),
        ("no length", open.into_bytes(), Ok((2, None))),
        ("too many headers", http(200, &many, bytes), UNREAD),
        ("no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(), UNREAD),
        ("no answer", Vec::new(), UNREAD),
        (
            "half a head",
            format!("HTTP/1.1 200 OK\r\n{DATE}").into_bytes(),
            UNREAD,
        ),
        ("204", http(204, DATE, b""), UNREAD),
        ("206", http(206, DATE, bytes), UNREAD),
        ("203", http(203, DATE, bytes), UNREAD),
    ])
    .await;
}
