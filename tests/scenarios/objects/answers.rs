//! What the adapter makes of a store's answers, by a server that a test writes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws::{Endpoint, ObjectStore, connect};
use feed::ports::{ObjectError, Objects as _, Put};
use futures::future::join_all;
use tests::object_contract::{bytes, put};
use tests::raw_server::{Answers, RawServer};

/// Gives these answers, one after the other, and the last one for ever; keeps the requests' first
/// lines and headers.
struct Script {
    answers: Mutex<VecDeque<Vec<u8>>>,
    heads: Mutex<Vec<String>>,
}

impl Answers for Script {
    async fn answer(&self, request: Vec<u8>) -> Option<Vec<u8>> {
        let end = request.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
        self.heads.lock().unwrap().push(head);
        let mut answers = self.answers.lock().unwrap();
        if answers.len() > 1 {
            answers.pop_front()
        } else {
            answers.front().cloned()
        }
    }
}

async fn scripted(answers: Vec<Vec<u8>>) -> (RawServer, Arc<Script>, ObjectStore) {
    let script = Arc::new(Script {
        answers: Mutex::new(answers.into()),
        heads: Mutex::default(),
    });
    let server = RawServer::start(0, Arc::clone(&script)).await;
    let connection = connect(&Endpoint::Local(server.url())).await;
    (server, script, connection.objects("bucket", ""))
}

fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body.as_bytes()].concat()
}

fn refused(status: u16, code: &str) -> Vec<u8> {
    answer(
        status,
        "",
        &format!("<Error><Code>{code}</Code><Message>m</Message></Error>"),
    )
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Put(Put),
    Unavailable,
    Broken,
}

fn outcome(put: Result<Put, ObjectError>) -> Outcome {
    match put {
        Ok(put) => Outcome::Put(put),
        Err(ObjectError::Unavailable(_)) => Outcome::Unavailable,
        Err(ObjectError::Broken(_)) => Outcome::Broken,
    }
}

#[tokio::test]
async fn a_put_becomes_what_its_answer_means() {
    let rows = [
        (
            answer(200, "ETag: \"a\"\r\n", ""),
            Outcome::Put(Put::Stored),
        ),
        (
            refused(412, "PreconditionFailed"),
            Outcome::Put(Put::Existed),
        ),
        (answer(412, "", ""), Outcome::Put(Put::Existed)),
        (
            refused(409, "ConditionalRequestConflict"),
            Outcome::Unavailable,
        ),
        (refused(409, "OperationAborted"), Outcome::Unavailable),
        (answer(409, "", ""), Outcome::Unavailable),
        (refused(400, "RequestTimeout"), Outcome::Unavailable),
        (refused(400, "BadDigest"), Outcome::Unavailable),
        (refused(400, "ExpiredToken"), Outcome::Unavailable),
        (refused(503, "SlowDown"), Outcome::Unavailable),
        (refused(500, "InternalError"), Outcome::Unavailable),
        (answer(502, "", "<html>"), Outcome::Unavailable),
        (refused(507, "InsufficientStorage"), Outcome::Broken),
        (refused(403, "AccessDenied"), Outcome::Broken),
        (refused(403, "AllAccessDisabled"), Outcome::Broken),
        (answer(403, "", ""), Outcome::Broken),
        (refused(404, "NoSuchBucket"), Outcome::Broken),
        (refused(301, "PermanentRedirect"), Outcome::Broken),
        (refused(400, "KMS.DisabledException"), Outcome::Broken),
    ];
    // At once: the SDK waits before it tries again.
    join_all(rows.map(|(answer, expected)| async move {
        let what = String::from_utf8_lossy(&answer).into_owned();
        let (_server, script, store) = scripted(vec![answer]).await;
        assert_eq!(outcome(put(&store, "a", b"one").await), expected, "{what}");
        let heads = script.heads.lock().unwrap();
        for head in heads.iter() {
            assert!(head.starts_with("put /bucket/a"), "{head}");
            assert!(head.contains("\r\nif-none-match: *"), "{head}");
            assert!(head.contains("\r\nx-amz-checksum-crc32:"), "{head}");
        }
    }))
    .await;
}

/// What is refused at the end is thrown away, and the first condition counts.
#[tokio::test]
async fn the_last_request_of_an_upload_has_the_condition_and_the_others_have_none() {
    let whole = "<CompleteMultipartUploadResult><ETag>\"w\"</ETag></CompleteMultipartUploadResult>";
    let rows = [
        (answer(200, "", whole), Outcome::Put(Put::Stored)),
        (
            refused(412, "PreconditionFailed"),
            Outcome::Put(Put::Existed),
        ),
        (
            refused(409, "ConditionalRequestConflict"),
            Outcome::Unavailable,
        ),
        (refused(404, "NoSuchUpload"), Outcome::Unavailable),
        // Sent while it works, with a 200 (S3 API reference, CompleteMultipartUpload).
        (refused(200, "InternalError"), Outcome::Unavailable),
        (refused(403, "AccessDenied"), Outcome::Broken),
    ];
    for (last, expected) in rows {
        let what = String::from_utf8_lossy(&last).into_owned();
        let begun =
            "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";
        let part = || answer(200, "ETag: \"p\"\r\n", "");
        let (_server, script, store) =
            scripted(vec![answer(200, "", begun), part(), part(), last]).await;
        let put = put(&store, "a", &bytes((8 << 20) + 1, 0)).await;
        let is_stored = expected == Outcome::Put(Put::Stored);
        assert_eq!(outcome(put), expected, "{what}");
        let heads = script.heads.lock().unwrap();
        let first: Vec<_> = heads
            .iter()
            .map(|head| head.lines().next().unwrap())
            .collect();
        assert!(first[0].starts_with("post /bucket/a?uploads"), "{first:?}");
        for (head, number) in heads[1..3].iter().zip(1..) {
            assert!(head.contains(&format!("partnumber={number}")), "{head}");
            assert!(!head.contains("if-none-match"), "{head}");
        }
        assert!(heads[3].contains("\r\nif-none-match: *"), "{}", heads[3]);
        let aborts = first.iter().filter(|line| line.starts_with("delete "));
        assert_eq!(aborts.count() > 0, !is_stored, "{first:?}");
    }
}

#[tokio::test]
async fn a_read_becomes_what_its_answer_means() {
    let nothing = refused(404, "NoSuchKey");
    let (_server, _, store) = scripted(vec![nothing]).await;
    assert_eq!(store.facts("a").await.unwrap(), None);
    let rows = [
        (refused(404, "NoSuchBucket"), Outcome::Broken),
        (refused(403, "AccessDenied"), Outcome::Broken),
        (refused(503, "SlowDown"), Outcome::Unavailable),
        (answer(404, "", ""), Outcome::Broken),
    ];
    for (answer, expected) in rows {
        let what = String::from_utf8_lossy(&answer).into_owned();
        let (_server, _, store) = scripted(vec![answer]).await;
        let error = store.facts("a").await.map(|_| Put::Stored);
        assert_eq!(outcome(error), expected, "{what}");
    }
}
