//! The function URL of a whole run: a caller of AWS signs with the data directory's access
//! key and reaches the vending function, and nobody else does. What the gateway refuses in
//! detail stands beside it (`infra/gateway-sim/tests/gateway/function_url`).

#[cfg(feature = "real-parts")]
mod curl;

use auth::ports::Clock as _;
use reqwest::Method;
use serde_json::Value;
use tests::process::Start;
use tests::{Broker, Browser, Flow, Signer};
use url::form_urlencoded;

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");

#[tokio::test]
async fn a_signed_request_reaches_vending_and_no_other_does() {
    let directory = tempfile::tempdir().unwrap();
    let process = Start::new(MACHINE, directory.path()).run().await;
    let (broker, signer) = (Broker::of(&process.ready), Signer::of(&process.ready));
    assert_eq!(process.ready.aws_access_key_id, signer.access_key_id);
    let url = format!("{}/health", process.ready.function_url);

    let response = signer.get(&broker.client, &url).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let ids = ["x-request-id", "x-amzn-requestid"].map(|name| response.headers().get(name));
    assert!(ids[0].is_some() && ids[0] == ids[1], "{ids:?}");

    let bearer = &process.ready.caller_token;
    let mut other = signer.clone();
    other.secret_access_key.push('x');
    let refused = [
        ("unsigned", broker.client.get(&url)),
        (
            "a caller's token",
            broker.client.get(&url).bearer_auth(bearer),
        ),
        ("another secret", other.get(&broker.client, &url)),
        (
            "the signature of another path",
            signer.get(&broker.client, &url.replace("/health", "/tenants")),
        ),
    ];
    for (row, request) in refused {
        let (client, request) = request.build_split();
        let mut request = request.unwrap();
        request.url_mut().set_path("/health");
        let response = client.execute(request).await.unwrap();
        assert_eq!(response.status(), 403, "{row}");
        assert!(response.headers().contains_key("x-amzn-errortype"), "{row}");
        assert!(!response.headers().contains_key("x-request-id"), "{row}");
    }
}

/// The policy of a one-machine run permits the role whose key it hands out.
#[tokio::test]
async fn a_signed_request_is_answered_with_the_tenants_token() {
    let directory = tempfile::tempdir().unwrap();
    let process = Start::new(MACHINE, directory.path()).run().await;
    let (broker, signer) = (Broker::of(&process.ready), Signer::of(&process.ready));
    let person = &process.ready.simulated_tenants[0];
    let consent_url = &process.ready.consent_url;
    tests::connect(
        &mut Browser::default(),
        consent_url,
        &person.admin,
        Flow::V2,
    )
    .await;
    let tenant = &person.tenant_id;
    let url = format!(
        "{}/{tenant}/oauth2/v2.0/token",
        process.ready.function_url.trim_end_matches('/')
    );
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", tests::broker::SCOPE),
    ];
    let signed = signer.post(&broker.client, &url, &form).send().await;
    let body: Value = signed.unwrap().json().await.unwrap();
    let claims = tests::jwt::claims(body["access_token"].as_str().unwrap());
    assert_eq!(claims["tid"].as_str(), Some(tenant.as_str()), "{claims}");

    refuses_what_is_signed_otherwise(&broker, &signer, &url, &form).await;

    // A signature and a token are two proofs, and which of them counts is not guessed.
    let caller_token = process.ready.caller_token.as_str();
    let assertion = [
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", caller_token),
    ];
    let both = [&form[..], &assertion].concat();
    let refused = signer.post(&broker.client, &url, &both).send().await;
    assert_eq!(refused.unwrap().status(), 400);
}

/// The very request that was answered, signed otherwise: the tenant's token is at hand, and
/// neither it nor a word of the function's comes out.
async fn refuses_what_is_signed_otherwise(
    broker: &Broker,
    signer: &Signer,
    url: &str,
    form: &[(&str, &str)],
) {
    let asked = broker.stats().await;
    let changed = |change: fn(&mut Signer)| {
        let mut other = signer.clone();
        change(&mut other);
        other.post(&broker.client, url, form)
    };
    let shifted = |seconds: i64| {
        let now = aws::SystemClock.now().unix() + seconds;
        let (post, now) = ((Method::POST, url), u64::try_from(now).unwrap());
        signer.request_at(&broker.client, post, encoded(form), now)
    };
    let another_body = signer
        .post(&broker.client, url, form)
        .body(format!("{}&min_ttl=0", encoded(form)));
    let another_role = signer
        .post(&broker.client, url, form)
        .header("x-amz-security-token", "x");
    let rows = [
        (
            "another key",
            changed(|signer| signer.access_key_id = "AKIAI44QH8DHBEXAMPLE".into()),
        ),
        (
            "another secret",
            changed(|signer| signer.secret_access_key.push('x')),
        ),
        (
            "another region",
            changed(|signer| signer.region = "eu-west-1".into()),
        ),
        ("six minutes ago", shifted(-360)),
        ("a year ago", shifted(-365 * 24 * 3600)),
        ("in six minutes", shifted(360)),
        ("a changed body", another_body),
        ("a session that is not ours", another_role),
        ("nothing signed", broker.client.post(url).form(form)),
    ];
    for (row, request) in rows {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 403, "{row}");
        assert!(response.headers().contains_key("x-amzn-errortype"), "{row}");
        let body = response.text().await.unwrap();
        assert!(!body.contains("access_token"), "{row}: {body}");
    }
    assert_eq!(broker.stats().await, asked);
}

fn encoded(form: &[(&str, &str)]) -> String {
    let mut fields = form_urlencoded::Serializer::new(String::new());
    fields.extend_pairs(form).finish()
}

#[tokio::test]
async fn consent_has_no_function_url() {
    let directory = tempfile::tempdir().unwrap();
    let process = Start::new(MACHINE, directory.path()).run().await;
    let (broker, signer) = (Broker::of(&process.ready), Signer::of(&process.ready));
    let url = format!("{}/consent", process.ready.function_url);
    let response = signer.get(&broker.client, &url).send().await.unwrap();
    assert_eq!(response.status(), 404);
    assert!(
        response.headers().contains_key("x-request-id"),
        "vending's own"
    );
}

#[tokio::test]
async fn the_key_holds_across_restarts_and_for_its_own_directory_alone() {
    let directory = tempfile::tempdir().unwrap();
    let first = Start::new(MACHINE, directory.path()).run().await;
    let signer = Signer::of(&first.ready);
    first.kill().await;
    let again = Start::new(MACHINE, directory.path()).run().await;
    let other_directory = tempfile::tempdir().unwrap();
    let other = Start::new(MACHINE, other_directory.path()).run().await;
    let client = Broker::of(&again.ready).client;
    for (ready, status) in [(&again.ready, 200), (&other.ready, 403)] {
        let url = format!("{}/health", ready.function_url);
        let response = signer.get(&client, &url).send().await.unwrap();
        assert_eq!(response.status(), status, "{url}");
    }
}

#[tokio::test]
async fn the_url_is_told_and_the_secret_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let process = Start::new(MACHINE, directory.path()).run().await;
    let signer = Signer::of(&process.ready);
    let url = format!("{}/tenants", process.ready.function_url);
    let client = Broker::of(&process.ready).client;
    signer.get(&client, &url).send().await.unwrap();
    let run = std::fs::read_to_string(directory.path().join("run.json")).unwrap();
    assert!(run.contains(&process.ready.function_url), "{run}");
    let ready = format!("{:?}", process.ready);
    let (code, log) = process.interrupt().await;
    assert_eq!(code, 0);
    for (place, text) in [
        ("run.json", run),
        ("the ready line", ready),
        ("the log", log),
    ] {
        assert!(!text.contains(&signer.secret_access_key), "{place}");
    }
}
