//! The bytes of a content: as they were sent, in small pieces, and never ended early.

use std::time::Duration;

use feed::ports::{Failure, FeedApi as _};
use feed::refusal::Refusal;

use super::server::{Part, RawApi, chunked, packed};
use super::{Asker, DATE, DATE_UNIX, impatient};
use crate::fake::raw::http;

fn unavailable(failure: &Failure, what: &str) {
    assert_eq!(
        (failure.refusal, failure.code),
        (Refusal::Unavailable, None),
        "{what}"
    );
}

#[tokio::test]
async fn a_content_arrives_byte_for_byte_or_it_fails() {
    let api = RawApi::start().await;
    let asker = Asker::of(&api);
    let odd: &[u8] = b"[{\"Id\":\"\xff\xfe\",\"N\":18446744073709551616,\0},\r\n]]] no JSON";
    let records = b"[{\"Id\":\"1\",\"UserKey\":\"10037FFE\"}]".repeat(3_000);
    let zipped = packed(&records);
    let gzip = format!("{DATE}Content-Encoding: gzip\r\n");
    let head = |length: usize| {
        format!("HTTP/1.1 200 OK\r\n{DATE}Content-Length: {length}\r\n\r\n").into_bytes()
    };
    let sent = |length: usize, bytes: &[u8]| [&head(length), bytes].concat();
    let half = records.len() / 2;
    type Row<'a> = (&'a str, Vec<u8>, Option<&'a [u8]>);
    let rows: [Row<'_>; 22] = [
        ("plain", http(200, DATE, &records), Some(&records)),
        ("nothing", http(200, DATE, b""), Some(b"")),
        ("an object", http(200, DATE, b"{}"), Some(b"{}")),
        ("any bytes", http(200, DATE, odd), Some(odd)),
        ("no date", http(200, "", &records), Some(&records)),
        ("gzip", http(200, &gzip, &zipped), Some(&records)),
        (
            "gzip that is not named",
            http(200, DATE, &zipped),
            Some(&records),
        ),
        (
            "named, and plain",
            http(200, &gzip, &records),
            Some(&records),
        ),
        (
            "gzip in two members",
            http(200, &gzip, &zipped.repeat(2)),
            Some(&records.repeat(2)),
        ),
        (
            "chunks",
            chunked(&[&records[..1], &records[1..]], true),
            Some(&records),
        ),
        (
            "gzip in chunks",
            chunked(&[&zipped[..9], &zipped[9..]], true),
            Some(&records),
        ),
        ("cut", sent(records.len(), &records[..half]), None),
        (
            "one byte short",
            sent(records.len(), &records[..records.len() - 1]),
            None,
        ),
        ("only a head", sent(5, b""), None),
        (
            "chunks that are cut",
            chunked(&[&records[..half]], false),
            None,
        ),
        (
            "half a chunk",
            chunked(&[&records], true)[..half].to_vec(),
            None,
        ),
        ("gzip that is cut", sent(zipped.len(), &zipped[..100]), None),
        (
            "half a gzip",
            http(200, &gzip, &zipped[..zipped.len() / 2]),
            None,
        ),
        (
            "gzip with another sum",
            http(200, &gzip, &[&zipped[..zipped.len() - 8], &[0; 8]].concat()),
            None,
        ),
        (
            "something after gzip",
            http(200, &gzip, &[&zipped[..], b"]"].concat()),
            None,
        ),
        (
            "another encoding",
            http(200, "Content-Encoding: deflate\r\n", &records),
            None,
        ),
        ("a part", http(206, DATE, &records), None),
    ];
    for (what, answer, expected) in rows {
        api.answer(answer);
        match (asker.fetch().await, expected) {
            (Ok(bytes), Some(expected)) => assert!(bytes == expected, "{what}"),
            (Err(failure), None) => unavailable(&failure, what),
            (found, _) => panic!("{what}: {:?}", found.map(|bytes| bytes.len())),
        }
    }
}

#[tokio::test]
async fn what_failed_once_never_ends_well() {
    let api = RawApi::start().await;
    let asker = Asker::of(&api);
    let bad = [&packed(b"[]")[..15], &[0; 40]].concat();
    for answer in [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[".to_vec(),
        http(200, "", &bad),
    ] {
        api.answer(answer);
        let address = asker.address("audit/1");
        let mut body = asker.client.content(asker.who(), &address).await.unwrap();
        while let Ok(piece) = body.next().await {
            assert!(piece.is_some(), "it ended");
        }
        for _ in 0..3 {
            unavailable(&body.next().await.unwrap_err(), "again");
        }
    }
}

#[tokio::test]
async fn what_grows_a_thousandfold_comes_in_small_pieces() {
    let api = RawApi::start().await;
    let asker = Asker::of(&api);
    let bomb = packed(&vec![b' '; 16 << 20]);
    assert!(bomb.len() < 20_000);
    api.answer(http(200, DATE, &bomb));
    let address = asker.address("audit/1");
    let mut body = asker.client.content(asker.who(), &address).await.unwrap();
    let (mut longest, mut whole) = (0, 0);
    while let Some(piece) = body.next().await.unwrap() {
        (longest, whole) = (longest.max(piece.len()), whole + piece.len());
    }
    assert_eq!(whole, 16 << 20);
    assert!(longest <= 128 * 1024, "{longest}");
}

/// 100 MB in a hundred pieces, 29 s between two: longer than the head of an answer may take,
/// and than a page may. No piece is late.
#[tokio::test]
async fn a_slow_body_that_moves_is_read_to_its_end() {
    const PIECE: usize = 1_000_000;
    let api = RawApi::start().await;
    let asker = Asker::of(&api);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 100 * PIECE);
    let pieces = (0..100).map(|_| Part::Held(PIECE));
    api.answer_parts(
        [Part::Bytes(head.into_bytes())]
            .into_iter()
            .chain(pieces)
            .collect(),
    );
    let address = asker.address("audit/1");
    let mut body = asker.client.content(asker.who(), &address).await.unwrap();
    let clock = MovedClock::pause();
    let mut whole = 0;
    for piece in 1..=100 {
        tokio::time::advance(Duration::from_secs(29)).await;
        api.let_go();
        while whole < piece * PIECE {
            whole += body.next().await.unwrap().unwrap().len();
        }
    }
    assert_eq!(body.next().await, Ok(None));
    drop(clock);
}

/// The runtime's clock, which only the test moves: while a blocking task runs, an idle runtime
/// does not move it.
struct MovedClock(
    #[expect(dead_code, reason = "the task ends with it")] std::sync::mpsc::Sender<()>,
);

impl MovedClock {
    fn pause() -> Self {
        let (end, ended) = std::sync::mpsc::channel();
        tokio::task::spawn_blocking(move || ended.recv());
        tokio::time::pause();
        Self(end)
    }
}

#[tokio::test]
async fn a_body_that_stands_still_is_given_up() {
    let api = RawApi::start().await;
    let asker = Asker::with(&api.base_url, impatient());
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1,".to_vec();
    let chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n".to_vec();
    let zipped = http(200, "", &packed(b"[]"))[..60].to_vec();
    for (what, bytes) in [
        ("nothing", Vec::new()),
        ("half a head", b"HTTP/1.1 200 OK\r\nContent-".to_vec()),
        ("half a body", half.clone()),
        ("a chunk", chunk),
        ("half a gzip", zipped),
    ] {
        api.answer_parts(vec![Part::Bytes(bytes), Part::Silence]);
        unavailable(&asker.fetch().await.unwrap_err(), what);
        unavailable(&asker.list().await.unwrap_err(), what);
    }
    // A request that is waiting is not sent again.
    assert_eq!(api.take_arrived().len(), 10);
    // A refusal whose body stands still is one by its status.
    let refused = format!("HTTP/1.1 401 Said\r\n{DATE}Content-Length: 9\r\n\r\n{{");
    api.answer_parts(vec![Part::Bytes(refused.into_bytes()), Part::Silence]);
    let failure = asker.fetch().await.unwrap_err();
    assert_eq!(failure.refusal, Refusal::TokenRefused);
    assert_eq!(failure.at.map(|at| at.unix()), Some(DATE_UNIX));
}

/// One byte after the other, for ever: a page has a time of its own.
#[tokio::test]
async fn a_page_that_trickles_is_given_up() {
    let api = RawApi::start().await;
    let patience = microsoft::ActivityPatience {
        page: Duration::from_millis(100),
        ..Default::default()
    };
    let asker = Asker::with(&api.base_url, patience);
    let head = format!("HTTP/1.1 200 OK\r\n{DATE}Content-Length: 9\r\n\r\n[");
    api.answer_parts(vec![Part::Bytes(head.into_bytes()), Part::Silence]);
    unavailable(&asker.list().await.unwrap_err(), "a page");
}
