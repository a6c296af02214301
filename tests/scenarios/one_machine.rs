//! The whole job on one machine, as a newcomer does it: start, connect, paste, and
//! find everything again after a `kill -9`.

use std::path::Path;

use tests::process::Start;
use tests::{Broker, Browser, Flow, connect};

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");

async fn connects_and_survives(flow: Flow) {
    let directory = tempfile::tempdir().unwrap();
    let start = Start::new(MACHINE, directory.path()).variable("CONSENT_FLOW", flow.as_str());
    let process = start.run().await;
    let broker = Broker::of(&process.ready);
    let person = process.ready.simulated_tenants[0].clone();

    let mut browser = Browser::default();
    let result = connect(
        &mut browser,
        &process.ready.consent_url,
        &person.admin,
        flow,
    )
    .await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
    assert!(result.body.contains(&person.tenant_id));

    let vended = broker.vend(&person.tenant_id).await;
    assert_eq!(vended.status, 200, "{}", vended.body);
    assert_eq!(vended.claims()["tid"], person.tenant_id.as_str());
    // Without a slash too many: Entra ID writes the scope's resource into it as it stood.
    assert_eq!(vended.claims()["aud"], "https://manage.office.com");
    let roles = vended.claims()["roles"].to_string();
    assert!(roles.contains("ActivityFeed.Read"), "{roles}");
    let token = vended.token().to_owned();
    let caller_token = process.ready.caller_token.clone();
    process.kill().await;

    let again = start.run().await;
    let broker = Broker::of(&again.ready);
    let before = broker.stats().await["connections"].clone();
    // The very line that was pasted before, on whatever port it is now.
    let path = format!("/{}/oauth2/v2.0/token", person.tenant_id);
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", tests::broker::SCOPE),
    ];
    let vended = broker.post(&path, &form, Some(&caller_token)).await;
    assert_eq!(
        vended.token(),
        token,
        "the kept token is still the one handed out"
    );
    let stats = broker.stats().await;
    assert_eq!(
        stats["connections"], before,
        "no new connection to Entra: {stats}"
    );
    let (code, _) = again.interrupt().await;
    assert_eq!(code, 0, "Ctrl-C ends cleanly");
}

/// The first scheduled refresh is on its way then, and must still find its table.
#[tokio::test]
async fn a_run_that_is_ended_at_once_ends_in_order() {
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        let process = Start::new(MACHINE, directory.path()).run().await;
        let (code, log) = process.interrupt().await;
        assert_eq!(code, 0);
        assert!(!log.contains(" ERROR "), "{log}");
    }
}

#[tokio::test]
async fn a_tenant_is_connected_and_vended_in_the_v2_flow() {
    connects_and_survives(Flow::V2).await;
}

#[tokio::test]
async fn a_tenant_is_connected_and_vended_in_the_v1_flow() {
    connects_and_survives(Flow::V1).await;
}

#[tokio::test]
async fn the_2016_form_works_from_end_to_end() {
    let directory = tempfile::tempdir().unwrap();
    let process = Start::new(MACHINE, directory.path())
        .variable("CONSENT_FLOW", "v1")
        .variable("ENTRA_TOKEN_ENDPOINT", "v1")
        .variable("ENTRA_ASSERTION", "rs256")
        .run()
        .await;
    let broker = Broker::of(&process.ready);
    let person = &process.ready.simulated_tenants[0];
    let mut browser = Browser::default();
    let result = connect(
        &mut browser,
        &process.ready.consent_url,
        &person.admin,
        Flow::V1,
    )
    .await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
    let form = [
        ("grant_type", "client_credentials"),
        ("resource", "https://manage.office.com"),
    ];
    let path = format!("/{}/oauth2/token", person.tenant_id);
    let token = Some(process.ready.caller_token.as_str());
    let vended = broker.post(&path, &form, token).await;
    assert_eq!(vended.claims()["tid"], person.tenant_id.as_str());
    for name in ["expires_in", "expires_on", "not_before", "resource"] {
        assert!(
            vended.body[name].is_string(),
            "{name} is a string in {}",
            vended.body
        );
    }
    // The token's own end, whatever else the answer says of it: 60 s are a slow machine's.
    let told: i64 = vended.body["expires_on"].as_str().unwrap().parse().unwrap();
    let own = vended.claims()["exp"].as_i64().unwrap();
    assert!(own.abs_diff(told) <= 60, "{told} for {own}");
}

#[tokio::test]
async fn nothing_that_is_kept_or_shown_holds_a_secret() {
    let directory = tempfile::tempdir().unwrap();
    let process = Start::new(MACHINE, directory.path()).run().await;
    let broker = Broker::of(&process.ready);
    let person = process.ready.simulated_tenants[1].clone();
    let mut browser = Browser::default();
    let result = connect(
        &mut browser,
        &process.ready.consent_url,
        &person.admin,
        Flow::V2,
    )
    .await;
    assert_eq!(result.heading(), "Connected");
    let vended = broker.vend(&person.tenant_id).await;

    let mut secrets = vec![
        ("the token's signature", last_part(vended.token())),
        ("the caller's token", last_part(&process.ready.caller_token)),
    ];
    secrets.extend(private_keys(directory.path()));
    let codes: Vec<String> = browser
        .history
        .iter()
        .flat_map(|page| page.url.query_pairs().into_owned().collect::<Vec<_>>())
        .filter(|(name, _)| name == "code")
        .map(|(_, value)| value)
        .collect();
    assert!(!codes.is_empty(), "the flow carried a code");
    secrets.extend(codes.into_iter().map(|code| ("a code", code)));

    let log = process.kill().await;
    assert!(log.contains("tenant_connected"), "the log is the real one");
    let pages: String = browser
        .history
        .iter()
        .filter(|page| page.url.port() == result.url.port())
        .map(|page| page.body.as_str())
        .collect();
    let mut places = vec![
        ("the log".to_owned(), log.into_bytes()),
        ("the pages".to_owned(), pages.into_bytes()),
    ];
    places.extend(table_files(directory.path()));
    for (what, secret) in &secrets {
        assert!(secret.len() >= 20, "{what} is long enough to be looked for");
        for (place, content) in &places {
            assert!(!contains(content, secret), "{place} holds {what}");
        }
    }
    // The look itself finds what is there: the tenant's ID stands in the table.
    assert!(places.iter().any(|(place, content)| {
        place.contains("table") && contains(content, &person.tenant_id)
    }));
}

fn last_part(token: &str) -> String {
    token.rsplit('.').next().unwrap().to_owned()
}

/// A line from the middle of each private key, and the symmetric keys.
fn private_keys(directory: &Path) -> Vec<(&'static str, String)> {
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).unwrap();
    let json = |name: &str| serde_json::from_str::<serde_json::Value>(&read(name)).unwrap();
    let middle = |pem: &str| pem.lines().nth(2).unwrap().to_owned();
    let certificate = json("secrets/certificate");
    let issuer = json("issuer.json");
    let ring = json("secrets/sealing-keys");
    let primary = ring["primary"].as_str().unwrap();
    let access_key = json("access-key.json")["secret_access_key"].clone();
    vec![
        (
            "the secret access key",
            access_key.as_str().unwrap().to_owned(),
        ),
        (
            "the certificate's key",
            middle(certificate["private_key"].as_str().unwrap()),
        ),
        (
            "the issuer's key",
            middle(issuer["private_key"].as_str().unwrap()),
        ),
        (
            "the sealing key",
            ring["keys"][primary].as_str().unwrap().to_owned(),
        ),
        (
            "the cookie key",
            json("secrets/consent-keys")["cookie_key"]
                .as_str()
                .unwrap()
                .to_owned(),
        ),
        (
            "the state key",
            json("secrets/consent-keys")["state_key"]
                .as_str()
                .unwrap()
                .to_owned(),
        ),
    ]
}

fn table_files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let names = [
        "table.sqlite",
        "table.sqlite-wal",
        "table.sqlite-shm",
        "run.json",
    ];
    let files: Vec<_> = names
        .iter()
        .filter_map(|name| {
            Some((
                (*name).to_owned(),
                std::fs::read(directory.join(name)).ok()?,
            ))
        })
        .collect();
    assert!(
        files.len() >= 3,
        "the write-ahead log is there after a kill: {}",
        files.len()
    );
    files
}

fn contains(content: &[u8], text: &str) -> bool {
    content
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}
