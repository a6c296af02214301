//! The entries of a listing, and how its bytes came: all of them count, or none.

use feed::content::ContentKey;

use super::lists::{ENTRY, UNREAD, body, check, with};
use super::server::{RawApi, chunked, packed};
use super::{Asker, DATE, DATE_UNIX};
use crate::fake::raw::http;

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
