//! Signatures by another key, for another place or time, or over less than must be signed:
//! no function may hear of them.

use super::{
    attempt::{Attempt, DATE, sha256},
    *,
};

/// Sends each attempt as it was changed before it was signed.
async fn all_refused(rows: Vec<Row<Attempt>>) {
    let recorder = Recorder::ok();
    let running = start(recorder.clone()).await;
    for (row, change, (kind, words)) in rows {
        let mut attempt = Attempt::at(&running.host());
        change(&mut attempt);
        let answer = running.exchange(attempt.sign().bytes()).await;
        is_denied(row, &answer, kind, words);
    }
    assert_eq!(recorder.calls(), 0);
    let untouched = Attempt::at(&running.host()).sign().bytes();
    assert_eq!(running.exchange(untouched).await.status, 200);
}

#[tokio::test]
async fn another_key_scope_or_time_is_refused() {
    all_refused(vec![
        (
            "another key id",
            |a| a.key_id = "AKIAI44QH8DHBEXAMPLE".into(),
            UNKNOWN_KEY,
        ),
        ("no key id", |a| a.key_id.clear(), UNKNOWN_KEY),
        ("another secret", |a| a.secret.push('x'), MISMATCH),
        ("no secret", |a| a.secret.clear(), MISMATCH),
        (
            "another region",
            |a| a.scope = "20260807/eu-west-1/lambda/aws4_request".into(),
            invalid("scoped to a valid region"),
        ),
        (
            "another service",
            |a| a.scope = "20260807/us-east-1/execute-api/aws4_request".into(),
            invalid("scoped to correct service: 'lambda'"),
        ),
        (
            "another terminator",
            |a| a.scope = "20260807/us-east-1/lambda/aws5_request".into(),
            invalid("valid terminator"),
        ),
        (
            "another day",
            |a| a.scope = "20260806/us-east-1/lambda/aws4_request".into(),
            invalid("Date in Credential scope does not match"),
        ),
        (
            "a scope too short",
            |a| a.scope = "20260807/us-east-1/lambda".into(),
            incomplete("exactly 5 slash-delimited elements"),
        ),
        (
            "a scope too long",
            |a| a.scope.push_str("/x"),
            incomplete("exactly 5 slash-delimited elements"),
        ),
        (
            "too old",
            |a| a.set("x-amz-date", "20260807T013252Z"),
            invalid("20260807T013252Z is now earlier than 20260807T013253Z (20260807T013753Z - 5"),
        ),
        (
            "in the future",
            |a| a.set("x-amz-date", "20260807T014254Z"),
            invalid("20260807T014254Z is still later than 20260807T014253Z (20260807T013753Z + 5"),
        ),
        (
            "a year old",
            |a| a.set("x-amz-date", "20250807T013753Z"),
            invalid("Signature expired"),
        ),
        (
            "a session token",
            |a| {
                a.set("x-amz-security-token", "IQoJb3JpZ2luX2Vj");
                a.signed_headers = "host;x-amz-date;x-amz-security-token".into();
            },
            UNKNOWN_KEY,
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_signature_over_less_than_must_be_signed_is_refused() {
    all_refused(vec![
        (
            "host",
            |a| a.signed_headers = "content-type;x-amz-date".into(),
            invalid("'Host' must be a 'SignedHeader'"),
        ),
        (
            "the date",
            |a| a.signed_headers = "content-type;host".into(),
            invalid("x-amz- headers present in the request which were not signed"),
        ),
        (
            "another x-amz- header",
            |a| a.set("x-amz-target", "x"),
            invalid("x-amz- headers present in the request which were not signed"),
        ),
        (
            "nothing",
            |a| a.signed_headers.clear(),
            incomplete("'SignedHeaders' must be names in lower case"),
        ),
        (
            "out of order",
            |a| a.signed_headers = "x-amz-date;host".into(),
            incomplete("'SignedHeaders' must be names in lower case"),
        ),
        (
            "a name twice",
            |a| a.signed_headers = "host;host;x-amz-date".into(),
            incomplete("'SignedHeaders' must be names in lower case"),
        ),
        (
            "upper case",
            |a| a.signed_headers = "Host;x-amz-date".into(),
            incomplete("'SignedHeaders' must be names in lower case"),
        ),
        (
            "a header that was not sent",
            |a| a.signed_headers = "host;x-absent;x-amz-date".into(),
            MISMATCH,
        ),
        (
            "the signature's own header",
            |a| a.signed_headers = "authorization;host;x-amz-date".into(),
            MISMATCH,
        ),
        (
            "no date at all",
            |a| {
                a.remove("x-amz-date");
                a.signed_headers = "host".into();
            },
            incomplete("existence of one 'X-Amz-Date' header"),
        ),
        (
            "the Date header alone",
            |a| {
                a.remove("x-amz-date");
                a.set("date", "Fri, 07 Aug 2026 01:37:53 GMT");
                a.signed_headers = "date;host".into();
            },
            incomplete("existence of one 'X-Amz-Date' header"),
        ),
        (
            "two dates",
            |a| a.headers.push(("x-amz-date".into(), DATE.into())),
            incomplete("existence of one 'X-Amz-Date' header"),
        ),
        (
            "a date of another form",
            |a| a.set("x-amz-date", "2026-08-07T01:37:53Z"),
            incomplete("ISO-8601 'basic format'"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn the_payload_is_signed_by_its_real_hash_alone() {
    all_refused(vec![
        ("another hash", |a| a.hash = Some(sha256(b"x")), MISMATCH),
        (
            "no hash",
            |a| a.hash = Some("UNSIGNED-PAYLOAD".into()),
            MISMATCH,
        ),
        (
            "a lying header, signed by it",
            |a| {
                a.set("x-amz-content-sha256", &sha256(b"x"));
                a.signed_headers = "host;x-amz-content-sha256;x-amz-date".into();
                a.hash = Some(sha256(b"x"));
            },
            MISMATCH,
        ),
        (
            "a lying header, signed by the real hash",
            |a| {
                a.set("x-amz-content-sha256", &sha256(b"x"));
                a.signed_headers = "host;x-amz-content-sha256;x-amz-date".into();
            },
            MISMATCH,
        ),
        (
            "an unsigned payload that says so",
            |a| {
                a.set("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
                a.signed_headers = "host;x-amz-content-sha256;x-amz-date".into();
                a.hash = Some("UNSIGNED-PAYLOAD".into());
            },
            MISMATCH,
        ),
    ])
    .await;
}
