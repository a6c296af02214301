//! Requests that were changed on the way, and Authorization headers of another form: no
//! function may hear of them.

use super::{
    attempt::{Attempt, Sent},
    *,
};

/// Sends each request as it was changed after it was signed.
async fn all_refused_when_changed(rows: Vec<Row<Sent>>) {
    let recorder = Recorder::ok();
    let running = start(recorder.clone()).await;
    for (row, change, (kind, words)) in rows {
        let mut sent = Attempt::at(&running.host()).sign();
        change(&mut sent);
        is_denied(row, &running.exchange(sent.bytes()).await, kind, words);
    }
    assert_eq!(recorder.calls(), 0);
}

#[tokio::test]
async fn what_was_changed_after_the_signature_is_refused() {
    all_refused_when_changed(vec![
        (
            "method",
            |s| s.line = s.line.replace("POST", "PUT"),
            MISMATCH,
        ),
        (
            "path",
            |s| s.line = s.line.replace("/tenant/", "/tenanu/"),
            MISMATCH,
        ),
        (
            "spelling of the path",
            |s| s.line = s.line.replace("/tenant/", "/%74enant/"),
            MISMATCH,
        ),
        ("query", |s| s.line = s.line.replace("a=1", "a=2"), MISMATCH),
        ("query, added", |s| s.line.push_str("&c=3"), MISMATCH),
        (
            "query, removed",
            |s| s.line = s.line.replace("?a=1&b=2", ""),
            MISMATCH,
        ),
        ("body", |s| s.body.push(b'x'), MISMATCH),
        ("body, removed", |s| s.body.clear(), MISMATCH),
        (
            "a signed header",
            |s| s.change("x-mark", |_| "two".into()),
            MISMATCH,
        ),
        (
            "a signed header, doubled",
            |s| s.headers.push(("x-mark".into(), "x".into())),
            MISMATCH,
        ),
        (
            "host",
            |s| s.change("host", |host| host.replace("localhost", "127.0.0.1")),
            MISMATCH,
        ),
        (
            "date",
            |s| s.change("x-amz-date", |_| "20260807T013754Z".into()),
            MISMATCH,
        ),
    ])
    .await;
}

/// Changes the Authorization header.
fn rewrite(sent: &mut Sent, from: &str, to: &str) {
    sent.change("authorization", |value| {
        assert!(value.contains(from), "{from} in {value}");
        value.replace(from, to)
    });
}

#[tokio::test]
async fn an_authorization_of_another_form_is_refused() {
    all_refused_when_changed(vec![
        (
            "none",
            |s| s.headers.retain(|(name, _)| name != "authorization"),
            UNSIGNED,
        ),
        (
            "empty",
            |s| s.change("authorization", |_| String::new()),
            UNSIGNED,
        ),
        (
            "a bearer token",
            |s| s.change("authorization", |_| "Bearer x".into()),
            UNSIGNED,
        ),
        (
            "in lower case",
            |s| rewrite(s, "AWS4-HMAC-SHA256", "aws4-hmac-sha256"),
            UNSIGNED,
        ),
        (
            "another algorithm",
            |s| rewrite(s, "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
            incomplete("Unsupported AWS 'algorithm'"),
        ),
        (
            "doubled",
            |s| {
                let (_, own) = s.headers.last().unwrap().clone();
                s.headers.push(("authorization".into(), own));
            },
            incomplete("Authorization must be one header"),
        ),
        (
            "truncated",
            |s| s.change("authorization", |v| v[..v.len() - 1].into()),
            MISMATCH,
        ),
        (
            "one digit longer",
            |s| s.change("authorization", |v| format!("{v}0")),
            MISMATCH,
        ),
        (
            "upper case",
            |s| {
                s.change("authorization", |value| {
                    let (head, signature) = value.split_once("Signature=").unwrap();
                    format!("{head}Signature={}", signature.to_uppercase())
                });
            },
            MISMATCH,
        ),
        (
            "an empty signature",
            |s| {
                s.change("authorization", |v| {
                    v.split_once("Signature=").unwrap().0.to_owned() + "Signature="
                })
            },
            MISMATCH,
        ),
        (
            "no signature",
            |s| {
                s.change("authorization", |v| {
                    v.split_once(", Signature=").unwrap().0.to_owned()
                })
            },
            incomplete("requires 'Signature' parameter"),
        ),
        (
            "no credential",
            |s| rewrite(s, "Credential=", "Credentials="),
            incomplete("unknown parameter"),
        ),
        (
            "a list no more",
            |s| rewrite(s, "SignedHeaders=content-type;host;x-amz-date;x-mark, ", ""),
            incomplete("requires 'SignedHeaders' parameter"),
        ),
        (
            "a second credential",
            |s| rewrite(s, " Credential=", " Credential=x, Credential="),
            incomplete("a parameter twice"),
        ),
        (
            "no parameters",
            |s| s.change("authorization", |_| "AWS4-HMAC-SHA256".into()),
            incomplete("equal-sign"),
        ),
    ])
    .await;
}
