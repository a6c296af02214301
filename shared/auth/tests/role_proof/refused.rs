//! What never leaves for STS, and what leaves.

use super::*;

type Row = (&'static str, String, &'static str);

fn row(what: &'static str, signed: Signed, says: &'static str) -> Row {
    (what, signed.text(), says)
}

/// Everything but the place and the headers.
fn shapes() -> Vec<Row> {
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
fn places() -> Vec<Row> {
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

fn headers() -> Vec<Row> {
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

fn server_ids() -> Vec<Row> {
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

fn signatures() -> Vec<Row> {
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

fn dates() -> Vec<Row> {
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

#[tokio::test]
async fn nothing_that_is_not_fit_to_be_sent_leaves_for_sts() {
    let stage = Stage::new();
    let tables = [
        shapes(),
        places(),
        headers(),
        server_ids(),
        signatures(),
        dates(),
    ];
    for (what, proof, says) in tables.concat() {
        let said = stage.refusal(&proof).await;
        assert!(said.contains(says), "{what}: {said}");
        assert!(!said.contains(['\r', '\n']), "{what}: {said}");
        assert!(
            !said.contains(SIGNATURE) && !said.contains("IQoJb3"),
            "{what}: {said}"
        );
    }
    assert_eq!(stage.asked(), 0);
}

#[tokio::test]
async fn what_is_fit_leaves_as_it_was_signed() {
    let five_minutes = ["20260807T013253Z", "20260807T014253Z"];
    let s = Signed::sound;
    let global = s()
        .to("https://sts.amazonaws.com")
        .changed("/eu-central-1/", "/us-east-1/");
    let with_more = s()
        .with("host", "sts.eu-central-1.amazonaws.com")
        .with("Content-Length", "43")
        .with("ACCEPT", "application/json")
        .with(
            "X-Amz-Content-Sha256",
            "ab821ae955788b0e33ebd34c208442ccfc2d406e2edc5e7a39bd6458fbb4f843",
        )
        .changed("SignedHeaders=", "SignedHeaders=accept;content-length;")
        .changed("host;x-amz-date", "host;x-amz-content-sha256;x-amz-date");
    let least = s()
        .without("Content-Type")
        .without("X-Amz-Security-Token")
        .changed("content-type;", "")
        .changed("x-amz-security-token;", "");
    let rows = [
        ("as SDKs sign it", s(), "sts.eu-central-1.amazonaws.com"),
        (
            "no slash",
            s().to("https://sts.eu-central-1.amazonaws.com"),
            "sts.eu-central-1.amazonaws.com",
        ),
        ("global", global, "sts.amazonaws.com"),
        (
            "early",
            s().changed("20260807T013753Z", five_minutes[0]),
            "sts.eu-central-1.amazonaws.com",
        ),
        (
            "late",
            s().changed("20260807T013753Z", five_minutes[1]),
            "sts.eu-central-1.amazonaws.com",
        ),
        (
            "no blanks",
            s().changed(", S", ",S"),
            "sts.eu-central-1.amazonaws.com",
        ),
        ("every header", with_more, "sts.eu-central-1.amazonaws.com"),
        ("the least", least, "sts.eu-central-1.amazonaws.com"),
    ];
    for (what, signed, host) in rows {
        let stage = Stage::new();
        let signer = stage.verify(&signed.text()).await.unwrap();
        let role = &signer.role;
        assert_eq!(
            (role.account(), role.name(), role.id()),
            ("111122223333", "collector", "AROAEXAMPLE")
        );
        let evidence = (signer.session.as_str(), signer.access_key_id.as_str());
        assert_eq!(evidence, ("i-0abc", "ASIAEXAMPLE000000001"), "{what}");
        let asked = stage.sts.asked.lock().unwrap();
        let (to, headers) = &asked[0];
        assert_eq!(to, host, "{what}");
        let value = |name: &str| {
            let mut values = headers.iter().filter(|(own, _)| own == name);
            let value = values.next().map(|(_, value)| value.as_str());
            assert!(values.next().is_none(), "{what}: {name}");
            value
        };
        // JSON is asked for, and the body is a form, whether or not the caller signed that.
        assert_eq!(value("accept"), Some("application/json"), "{what}");
        assert!(
            value("content-type")
                .unwrap()
                .starts_with("application/x-www-form"),
            "{what}"
        );
        assert_eq!(value("x-m365tb-server-id"), Some(SERVER_ID), "{what}");
        assert!(
            value("authorization").is_some() && value("x-amz-date").is_some(),
            "{what}"
        );
        assert_eq!(
            (value("host"), value("content-length")),
            (None, None),
            "{what}"
        );
    }
}

#[tokio::test]
async fn its_debug_shows_neither_signature_nor_session_token() {
    let stage = Stage::new();
    let rules = IdentityRules {
        server_id: SERVER_ID.parse().unwrap(),
        regions: "eu-central-1".parse().unwrap(),
    };
    let now = auth::Timestamp::from_unix(NOW);
    let request = IdentityRequest::read(&Signed::sound().text(), &rules, now).unwrap();
    let shown = format!("{request:?}");
    assert!(shown.contains("ASIAEXAMPLE000000001"), "{shown}");
    assert!(
        !shown.contains(SIGNATURE) && !shown.contains("IQoJ"),
        "{shown}"
    );
    drop(stage);
}
