//! Headers and signatures for which no request leaves.

use super::unfit::{Row, row};
use super::{SIGNATURE, Signed, sealed};

pub(super) fn headers() -> Vec<Row> {
    let s = Signed::sound;
    let mut rows = vec![
        row(
            "no headers at all",
            Signed {
                headers: Vec::new(),
                ..s()
            },
            "has no authorization",
        ),
        row("no date", s().without("X-Amz-Date"), "has no x-amz-date"),
        row(
            "JSON as the body",
            s().changed(
                "application/x-www-form-urlencoded; charset=utf-8",
                "application/x-amz-json-1.1",
            ),
            "content-type of",
        ),
        (
            "a value that is a list",
            sealed(&s().json().replace("\"IQoJb3JpZ2lu+/=\"", "[\"x\"]")),
            "one line",
        ),
        (
            "a name twice",
            sealed(&s().json().replace("\"Content-Type\"", "\"X-Amz-Date\"")),
            "is not aws-sts-v1.",
        ),
    ];
    rows.extend(others().map(|(what, name, value, says)| row(what, s().with(name, value), says)));
    rows.extend(values().map(|(what, from, to)| row(what, s().changed(from, to), "one line")));
    rows
}

/// What it is, the header with its value, and words of the refusal.
fn others() -> [(&'static str, &'static str, &'static str, &'static str); 11] {
    let date = "20260807T013753Z";
    [
        (
            "a header of X-Forwarded",
            "X-Forwarded-For",
            "::1",
            "taken are",
        ),
        (
            "another operation",
            "X-Amz-Target",
            "AssumeRole",
            "taken are",
        ),
        ("an encoding", "Transfer-Encoding", "chunked", "taken are"),
        ("a blank behind the name", "X-Amz-Date ", date, "taken are"),
        (
            "a name with a line break",
            "Accept\r\nHost",
            "x",
            "taken are",
        ),
        (
            "a name of look-alikes",
            "\u{212a}-amz-date",
            date,
            "taken are",
        ),
        ("twice in two cases", "x-amz-date", date, "twice"),
        (
            "another host",
            "Host",
            "sts.amazonaws.com",
            "host of the signed",
        ),
        ("a longer body", "Content-Length", "44", "content-length of"),
        (
            "another hash",
            "X-Amz-Content-Sha256",
            "UNSIGNED-PAYLOAD",
            "not the hash",
        ),
        ("XML", "Accept", "text/xml", "accept of"),
    ]
}

/// What it is, and what is changed to what, of a value that is then not one line.
fn values() -> [(&'static str, &'static str, &'static str); 6] {
    [
        ("a line break", "IQoJ", "IQ\\r\\nHost: x"),
        ("a tab", "IQoJ", "IQ\\tJ"),
        ("a NUL", "IQoJ", "IQ\\u0000J"),
        ("no ASCII", "IQoJ", "IQäJ"),
        ("a blank at the end", "lu+/=", "lu "),
        ("an empty value", "IQoJb3JpZ2lu+/=", ""),
    ]
}

pub(super) fn signatures() -> Vec<Row> {
    let form = "Authorization of the signed request is not";
    let signature = format!(", Signature={SIGNATURE}");
    // What it is, what is changed to what, and words of the refusal.
    let rows = [
        (
            "another algorithm",
            "AWS4-HMAC-SHA256",
            "AWS4-ECDSA-P256-SHA256",
            form,
        ),
        ("a bearer token", "AWS4-HMAC-SHA256 ", "Bearer ", form),
        ("no signature", &signature, "", form),
        (
            "two signatures",
            ", Signature",
            ", Signature=0, Signature",
            form,
        ),
        ("a short signature", "0123456789abcdef0123", "0123", form),
        ("in capitals", "abcdef", "ABCDEF", form),
        (
            "another order",
            "Credential=",
            "SignedHeaders=host, Credential=",
            form,
        ),
        ("no key", "ASIAEXAMPLE000000001", "", form),
        (
            "a key that is none",
            "ASIAEXAMPLE000000001",
            "ASIAEXAMPLE00000000 ",
            form,
        ),
        ("a longer scope", "/sts/", "/sts/x/", form),
        (
            "host unsigned",
            "content-type;host;",
            "content-type;",
            "host is not signed",
        ),
        (
            "the date unsigned",
            "x-amz-date;",
            "",
            "x-amz-date is not signed",
        ),
        (
            "the token unsigned",
            "x-amz-security-token;",
            "",
            "x-amz-security-token is not",
        ),
        (
            "what is not there signed",
            "content-type;host",
            "content-type;host;x-a",
            "which the signed request does not have",
        ),
        (
            "not in order",
            "content-type;host",
            "host;content-type",
            "in order",
        ),
        (
            "twice",
            "content-type;host",
            "content-type;host;host",
            "in order",
        ),
        (
            "in capitals",
            "content-type;host",
            "Content-Type;host",
            "is not signed",
        ),
        (
            "another region",
            "/eu-central-1/",
            "/us-east-1/",
            "the region in",
        ),
        ("another service", "/sts/", "/lambda/", "the service in"),
        ("another end", "aws4_request", "aws5_request", "the end in"),
        ("another day", "/20260807/", "/20260806/", "the day in"),
    ];
    rows.map(|(what, from, to, says)| row(what, Signed::sound().changed(from, to), says))
        .into()
}
