//! STS, asked by the adapter: what goes over the wire, and what becomes of answers that are
//! odd, late, endless or none. Behind it is a listener that answers what a test says.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth::Timestamp;
use auth::caller::{AwsIdentity, IdentityRequest, IdentityRules};
use auth::encoding::base64url;
use auth::ports::{CallerIdentities as _, IdentityError};
use aws::{HttpClient, Sts};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// 7 August 2026, 01:37:53 UTC.
const NOW: Timestamp = Timestamp::from_unix(1_786_066_673);
const WHOLE: &str = r#"{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"111122223333","Arn":"arn:aws:sts::111122223333:assumed-role/collector/s","UserId":"AROAEXAMPLE:s"},"ResponseMetadata":{"RequestId":"1"}}}"#;

/// What the listener does with a request.
#[derive(Clone)]
enum Act {
    Say(Vec<u8>),
    /// Says it again and again.
    Endlessly(&'static str),
    HangUp,
    /// Says nothing.
    Wait,
}

type Requests = Arc<Mutex<Vec<String>>>;

/// Answers every request with `act`, and keeps what came.
async fn listener(act: Act) -> (String, Requests) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let requests = Requests::default();
    let kept = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (act, kept) = (act.clone(), Arc::clone(&kept));
            tokio::spawn(async move {
                let mut bytes = Vec::new();
                while !bytes.ends_with(b"2011-06-15") {
                    if client.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                kept.lock().unwrap().push(String::from_utf8(bytes).unwrap());
                match act {
                    Act::Say(answer) => client.write_all(&answer).await.unwrap_or_default(),
                    Act::Endlessly(text) => {
                        while client.write_all(text.as_bytes()).await.is_ok() {}
                    }
                    Act::HangUp => {}
                    Act::Wait => std::future::pending().await,
                }
            });
        }
    });
    (url, requests)
}

fn answer(status: &str, body: &str) -> Act {
    let length = body.len();
    Act::Say(format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes())
}

fn signed() -> IdentityRequest {
    let signature = "0".repeat(64);
    let json = format!(
        r#"{{"url":"https://sts.eu-central-1.amazonaws.com/","headers":{{
            "Authorization":"AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE000000001/20260807/eu-central-1/sts/aws4_request, SignedHeaders=host;x-amz-date;x-m365tb-server-id, Signature={signature}",
            "X-Amz-Date":"20260807T013753Z","X-M365TB-Server-Id":"broker.example"}}}}"#
    );
    let rules = IdentityRules {
        server_id: "broker.example".parse().unwrap(),
        regions: "eu-central-1".parse().unwrap(),
    };
    let text = format!("aws-sts-v1.{}", base64url(json.as_bytes()));
    IdentityRequest::read(&text, &rules, NOW).unwrap()
}

/// A client as the functions have one: it follows no redirect.
fn client() -> HttpClient {
    let builder = HttpClient::builder().redirect(reqwest::redirect::Policy::none());
    builder.no_proxy().http1_only().build().unwrap()
}

async fn asked(url: &str) -> Result<AwsIdentity<'static>, IdentityError> {
    Sts::new(client(), Some(url.parse().unwrap()))
        .signer(&signed())
        .await
}

#[tokio::test]
async fn the_request_goes_out_as_it_was_signed() {
    let (url, requests) = listener(answer("200 OK", WHOLE)).await;
    let identity = asked(&url).await.unwrap();
    assert_eq!(identity.account, "111122223333");
    let sent = requests.lock().unwrap().concat();
    let (head, body) = sent.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "Action=GetCallerIdentity&Version=2011-06-15");
    let mut lines: Vec<String> = head.lines().map(str::to_ascii_lowercase).collect();
    assert_eq!(lines.remove(0), "post / http/1.1");
    lines.sort_unstable();
    let names: Vec<&str> = lines
        .iter()
        .map(|line| line.split_once(':').unwrap().0)
        .collect();
    let expected = [
        "accept",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "x-amz-date",
        "x-m365tb-server-id",
    ];
    assert_eq!(names, expected, "{head}");
    for line in [
        "accept: application/json",
        "content-length: 43",
        "content-type: application/x-www-form-urlencoded",
        "host: sts.eu-central-1.amazonaws.com",
        "x-m365tb-server-id: broker.example",
    ] {
        assert!(lines.iter().any(|own| own == line), "{line}: {head}");
    }
}

#[tokio::test]
async fn what_is_not_a_whole_answer_of_sts_names_nobody() {
    let (elsewhere, followed) = listener(answer("200 OK", WHOLE)).await;
    let to_elsewhere = |status: &str| {
        let head =
            format!("HTTP/1.1 {status}\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n");
        Act::Say(head.into_bytes())
    };
    let half = format!("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{WHOLE}");
    let much = format!("{{\"x\":\"{}\"}}", "A".repeat(20_000));
    let rows = [
        ("a redirect", to_elsewhere("301 Moved Permanently")),
        (
            "a redirect that keeps the body",
            to_elsewhere("307 Temporary Redirect"),
        ),
        ("XML", answer("200 OK", "<GetCallerIdentityResponse/>")),
        ("garbage", answer("200 OK", "\u{0}\u{1}")),
        ("no HTTP", Act::Say(b"SSH-2.0-OpenSSH\r\n".to_vec())),
        ("half an answer", Act::Say(half.into_bytes())),
        ("a large answer", answer("200 OK", &much)),
        (
            "a body without an end",
            Act::Endlessly("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":["),
        ),
        (
            "headers without an end",
            Act::Endlessly("HTTP/1.1 200 OK\r\nX: y\r\n"),
        ),
        ("a line that is dead", Act::HangUp),
        (
            "busy",
            answer("400 Bad Request", r#"{"Error":{"Code":"Throttling"}}"#),
        ),
        ("an outage", answer("503 Service Unavailable", "")),
    ];
    for (row, act) in rows {
        let (url, requests) = listener(act).await;
        assert_eq!(asked(&url).await, Err(IdentityError::Unavailable), "{row}");
        let sent = requests.lock().unwrap().len();
        assert_eq!(sent, 1, "{row}: it goes out once");
    }
    assert!(
        followed.lock().unwrap().is_empty(),
        "no redirect is followed"
    );
    assert_eq!(
        asked("http://127.0.0.1:1/").await,
        Err(IdentityError::Unavailable)
    );
    let refused = r#"{"Error":{"Code":"ExpiredToken","Message":"m"}}"#;
    let (url, _) = listener(answer("403 Forbidden", refused)).await;
    let code = IdentityError::Refused("ExpiredToken".to_owned());
    assert_eq!(asked(&url).await, Err(code));
}

/// The runtime's clock goes ahead when nothing else is to be done.
#[tokio::test(start_paused = true)]
async fn an_sts_that_never_answers_is_waited_for_five_seconds() {
    let (url, requests) = listener(Act::Wait).await;
    let within = |seconds| tokio::time::timeout(Duration::from_secs(seconds), asked(&url));
    assert!(within(4).await.is_err(), "it is waited for");
    assert_eq!(within(6).await, Ok(Err(IdentityError::Unavailable)));
    assert!(requests.lock().unwrap().len() <= 2);
}
