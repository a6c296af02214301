//! Texts, places, names and dates for which no request leaves.

use super::{Signed, sealed};

/// What it is, the proof, and words of the refusal.
pub(super) type Row = (&'static str, String, &'static str);

pub(super) fn row(what: &'static str, signed: Signed, says: &'static str) -> Row {
    (what, signed.text(), says)
}

/// Everything but the place and the headers.
pub(super) fn shapes() -> Vec<Row> {
    let sound = Signed::sound();
    let json = sound.json();
    let more = |member: &str| sealed(&json.replacen('{', &format!("{{{member},"), 1));
    let form = "is not aws-sts-v1.";
    vec![
        ("nothing", "aws-sts-v1.".to_owned(), form),
        ("another version", sound.text().replace("v1", "v2"), form),
        ("padding", format!("{}=", sound.text()), form),
        ("standard base64", sound.text() + "+/", form),
        ("a line break", sound.text() + "\n", form),
        ("not JSON", sealed("url"), form),
        ("a list", sealed("[]"), form),
        ("two objects", sealed(&format!("{json}{json}")), form),
        (
            "a url that is no text",
            sealed(
                &json
                    .replace("\"https", "[\"https")
                    .replace("com/\"", "com/\"]"),
            ),
            form,
        ),
        (
            "no headers",
            sealed(r#"{"url":"https://sts.eu-central-1.amazonaws.com/"}"#),
            form,
        ),
        (
            "headers as a list",
            sealed(r#"{"url":"https://sts.eu-central-1.amazonaws.com/","headers":[]}"#),
            form,
        ),
        (
            "two urls",
            more(r#""url":"https://sts.amazonaws.com/""#),
            form,
        ),
        (
            "a method",
            more(r#""method":"GET""#),
            "more than url and headers",
        ),
        (
            "a body",
            more(r#""body":"Action=GetCallerIdentity&Version=2011-06-15&x=1""#),
            "more than url and headers",
        ),
        (
            "too much",
            format!("aws-sts-v1.{}", "A".repeat(16 * 1024)),
            "too long",
        ),
    ]
}

/// A URL is one of a list, to the letter.
pub(super) fn places() -> Vec<Row> {
    let urls = [
        "http://sts.eu-central-1.amazonaws.com/",
        "HTTPS://sts.eu-central-1.amazonaws.com/",
        "https://STS.eu-central-1.amazonaws.com/",
        "https://sts.eu-central-1.amazonaws.com:443/",
        "https://sts.eu-central-1.amazonaws.com./",
        "https://sts.eu-central-1.amazonaws.com.evil.example/",
        "https://sts.eu-central-1.amazonaws.com@evil.example/",
        "https://user@sts.eu-central-1.amazonaws.com/",
        "https://evil.example/sts.eu-central-1.amazonaws.com/",
        "https://evil.example#sts.eu-central-1.amazonaws.com/",
        "https://sts.eu-central-1.amazonaws.com/x",
        "https://sts.eu-central-1.amazonaws.com//",
        "https://sts.eu-central-1.amazonaws.com/?",
        "https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity",
        "https://sts.eu-central-1.amazonaws.com/#",
        "https://sts.eu-central-1.amazonaws.com\\",
        "https://sts.eu\u{2010}central-1.amazonaws.com/",
        "https://\u{ff53}ts.eu-central-1.amazonaws.com/",
        "https://sts.eu-central-1.amazonaws.com/\u{0}",
        "https:///sts.eu-central-1.amazonaws.com/",
        "//sts.eu-central-1.amazonaws.com/",
        " https://sts.eu-central-1.amazonaws.com/",
        "https://sts.eu-west-1.amazonaws.com/",
        "https://sts.cn-north-1.amazonaws.com.cn/",
        "https://sts-fips.us-east-1.amazonaws.com/",
        "https://127.0.0.1/",
        "https://169.254.169.254/",
        "",
    ];
    let rows = urls.map(|url| row(url, Signed::sound().to(url), "the signed request's url is"));
    rows.to_vec()
}

pub(super) fn server_ids() -> Vec<Row> {
    let id = |id: &str| {
        Signed::sound()
            .without("X-M365TB-Server-Id")
            .with("X-M365TB-Server-Id", id)
    };
    let other = "for another service";
    vec![
        row(
            "none",
            Signed::sound().without("X-M365TB-Server-Id"),
            "names no service",
        ),
        row(
            "Vault's",
            Signed::sound().changed("X-M365TB-Server-Id", "X-Vault-AWS-IAM-Server-ID"),
            "taken are",
        ),
        row("another broker", id("other.example"), other),
        row("another case", id("Broker.example"), other),
        row("a beginning", id("broker.exampl"), other),
        row("more behind", id("broker.example.evil.example"), other),
        row("two values", id("broker.example, other.example"), other),
        row("quotes", id("\"broker.example\""), other),
        row(
            "not signed",
            Signed::sound().changed(";x-m365tb-server-id", ""),
            "x-m365tb-server-id is not signed",
        ),
    ]
}

pub(super) fn dates() -> Vec<Row> {
    let at = |date: &str| Signed::sound().changed("20260807T013753Z", date);
    vec![
        row("no date", at("now"), "basic format"),
        row("another format", at("2026-08-07T01:37:53Z"), "basic format"),
        row("a day that is none", at("20260230T013753Z"), "basic format"),
        row(
            "five minutes and a second ago",
            at("20260807T013252Z"),
            "too old",
        ),
        row(
            "a quarter of an hour ago",
            at("20260807T012253Z"),
            "too old",
        ),
        row(
            "five minutes and a second ahead",
            at("20260807T014254Z"),
            "in the future",
        ),
    ]
}
