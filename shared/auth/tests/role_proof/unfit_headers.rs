//! Headers and signatures for which no request leaves.

use super::unfit::{Row, row};
use super::{SIGNATURE, Signed, sealed};

pub(super) fn headers() -> Vec<Row> {
    let s = Signed::sound;
    let date = "20260807T013753Z";
    vec![
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
            "a header of X-Forwarded",
            s().with("X-Forwarded-For", "::1"),
            "taken are",
        ),
        row(
            "another operation",
            s().with("X-Amz-Target", "AssumeRole"),
            "taken are",
        ),
        row(
            "an encoding",
            s().with("Transfer-Encoding", "chunked"),
            "taken are",
        ),
        row(
            "a blank behind the name",
            s().with("X-Amz-Date ", date),
            "taken are",
        ),
        row(
            "a name with a line break",
            s().with("Accept\r\nHost", "x"),
            "taken are",
        ),
        row(
            "a name of look-alikes",
            s().with("\u{212a}-amz-date", date),
            "taken are",
        ),
        row("twice in two cases", s().with("x-amz-date", date), "twice"),
        row(
            "another host",
            s().with("Host", "sts.amazonaws.com"),
            "host of the signed",
        ),
        row(
            "a longer body",
            s().with("Content-Length", "44"),
            "content-length of",
        ),
        row(
            "another hash",
            s().with("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
            "not the hash",
        ),
        row("XML", s().with("Accept", "text/xml"), "accept of"),
        row(
            "JSON as the body",
            s().changed(
                "application/x-www-form-urlencoded; charset=utf-8",
                "application/x-amz-json-1.1",
            ),
            "content-type of",
        ),
        row(
            "a line break",
            s().changed("IQoJ", "IQ\\r\\nHost: x"),
            "one line",
        ),
        row("a tab", s().changed("IQoJ", "IQ\\tJ"), "one line"),
        row("a NUL", s().changed("IQoJ", "IQ\\u0000J"), "one line"),
        row("no ASCII", s().changed("IQoJ", "IQäJ"), "one line"),
        row(
            "a blank at the end",
            s().changed("lu+/=", "lu "),
            "one line",
        ),
        row(
            "an empty value",
            s().changed("IQoJb3JpZ2lu+/=", ""),
            "one line",
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
    ]
}

pub(super) fn signatures() -> Vec<Row> {
    let s = Signed::sound;
    let form = "Authorization of the signed request is not";
    vec![
        row(
            "another algorithm",
            s().changed("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
            form,
        ),
        row(
            "a bearer token",
            s().changed("AWS4-HMAC-SHA256 ", "Bearer "),
            form,
        ),
        row(
            "no signature",
            s().changed(&format!(", Signature={SIGNATURE}"), ""),
            form,
        ),
        row(
            "two signatures",
            s().changed(", Signature", ", Signature=0, Signature"),
            form,
        ),
        row(
            "a short signature",
            s().changed("0123456789abcdef0123", "0123"),
            form,
        ),
        row("in capitals", s().changed("abcdef", "ABCDEF"), form),
        row(
            "another order",
            s().changed("Credential=", "SignedHeaders=host, Credential="),
            form,
        ),
        row("no key", s().changed("ASIAEXAMPLE000000001", ""), form),
        row(
            "a key that is none",
            s().changed("ASIAEXAMPLE000000001", "ASIAEXAMPLE00000000 "),
            form,
        ),
        row("a longer scope", s().changed("/sts/", "/sts/x/"), form),
        row(
            "host unsigned",
            s().changed("content-type;host;", "content-type;"),
            "host is not signed",
        ),
        row(
            "the date unsigned",
            s().changed("x-amz-date;", ""),
            "x-amz-date is not signed",
        ),
        row(
            "the token unsigned",
            s().changed("x-amz-security-token;", ""),
            "x-amz-security-token is not",
        ),
        row(
            "what is not there signed",
            s().changed("content-type;host", "content-type;host;x-a"),
            "which the signed request does not have",
        ),
        row(
            "not in order",
            s().changed("content-type;host", "host;content-type"),
            "in order",
        ),
        row(
            "twice",
            s().changed("content-type;host", "content-type;host;host"),
            "in order",
        ),
        row(
            "in capitals",
            s().changed("content-type;host", "Content-Type;host"),
            "is not signed",
        ),
        row(
            "another region",
            s().changed("/eu-central-1/", "/us-east-1/"),
            "the region in",
        ),
        row(
            "another service",
            s().changed("/sts/", "/lambda/"),
            "the service in",
        ),
        row(
            "another end",
            s().changed("aws4_request", "aws5_request"),
            "the end in",
        ),
        row(
            "another day",
            s().changed("/20260807/", "/20260806/"),
            "the day in",
        ),
    ]
}
