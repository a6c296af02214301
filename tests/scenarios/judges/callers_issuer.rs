//! npm's `oidc-provider`, a certified OpenID provider, as a customer's own issuer: its
//! tokens prove a caller of the vending endpoint, and its keys change under way. What the
//! broker asks of it is counted at the socket. The run's clock is moved; the provider
//! lives by the machine's.

use auth::ports::Clock as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::broker::SCOPE;
use tests::judge::{Judge, installed};
use tests::jwt::part;
use tests::recorder::Arrived;
use tests::{Microphone, MovedRun, Recorder, Vended, connect_tenant, put_policy};

const AUDIENCE: &str = "https://vending.example";
/// The client whom the policy permits, and one whom it does not.
const PERMITTED: &str = "collector";
const STRANGER: &str = "stranger";
const SECRET: &str = "what-the-two-clients-share-with-it";

/// A run that lists the provider, with a recorder between the two.
struct Listed {
    judge: Judge,
    /// What the broker asks of the provider, and nothing else.
    recorder: Recorder,
    /// The provider itself, for its clients.
    token_url: String,
    run: MovedRun,
    directory: TempDir,
}

impl Listed {
    /// The provider publishes the key `a`; one tenant is connected and has its token.
    async fn start() -> Self {
        let modules = installed("JUDGES_NODE_MODULES");
        let variables = [("NODE_MODULES", modules.as_str())];
        let node = installed("JUDGES_NODE");
        let mut judge = Judge::start(&node, "callers_issuer.mjs", &variables).await;
        let microphone = Microphone::bind().await;
        let settings =
            json!({"origin": microphone.url, "clients": [PERMITTED, STRANGER], "secret": SECRET});
        judge.tell(&settings).await;
        let port = u16::try_from(judge.hear().await["port"].as_u64().unwrap()).unwrap();
        let recorder = microphone.in_front_of(port);
        let directory = tempfile::tempdir().unwrap();
        let list = json!([{"issuer": recorder.url, "audience": AUDIENCE}]).to_string();
        let now = aws::SystemClock.now().unix();
        let run = MovedRun::start_at(directory.path(), 1, now, move |name| {
            (name == "VENDING_ISSUERS").then(|| list.clone())
        })
        .await;
        connect_tenant(&run.broker.ready, 0).await;
        assert_eq!(run.broker.vend(&run.tenant(0)).await.status, 200);
        let mut listed = Self {
            judge,
            recorder,
            token_url: format!("http://127.0.0.1:{port}/token"),
            run,
            directory,
        };
        listed.publish(&["a"]).await;
        listed
    }

    /// The provider publishes these keys from now on, and signs with the first.
    async fn publish(&mut self, names: &[&str]) {
        self.judge.tell(&json!({"publish": names})).await;
        assert_eq!(self.judge.hear().await["published"], json!(names));
    }

    /// The operator permits this client of the provider, beside nobody else.
    async fn permit(&self, client: &str) {
        let text = format!(
            r#"@id("customers-own-issuer")
permit (principal == Workload::"{} {client}", action == Action::"vend", resource in Customer::"{}");"#,
            self.recorder.url,
            self.run.tenant(0),
        );
        put_policy(self.directory.path(), &text, &[]).await;
        // The functions look for a new version once a minute.
        self.run.clock.advance(60);
    }

    /// An access token that the provider issues to one of its clients.
    async fn token(&self, client: &str, audience: &str) -> String {
        let form = [("grant_type", "client_credentials"), ("resource", audience)];
        let http = Client::builder().no_proxy().build().unwrap();
        let request = http.post(&self.token_url).form(&form);
        let answer = request.basic_auth(client, Some(SECRET)).send().await;
        let answer: Value = answer.unwrap().json().await.unwrap();
        let token = answer["access_token"].as_str();
        token
            .unwrap_or_else(|| panic!("no token: {answer}"))
            .to_owned()
    }

    /// The same, with the key that it must be signed with.
    async fn token_under(&self, key: &str) -> String {
        let token = self.token(PERMITTED, AUDIENCE).await;
        assert_eq!(part(&token, 0)["kid"], key);
        token
    }

    async fn vend(&self, token: &str) -> Vended {
        let path = format!("/{}/oauth2/v2.0/token", self.run.tenant(0));
        let form = [("grant_type", "client_credentials"), ("scope", SCOPE)];
        self.run.broker.post(&path, &form, Some(token)).await
    }

    async fn vends(&self, row: &str, token: &str) {
        let vended = self.vend(token).await;
        assert_eq!(vended.status, 200, "{row}: {}", vended.body);
        assert_eq!(vended.claims()["tid"], self.run.tenant(0), "{row}");
    }

    async fn refuses(&self, row: &str, token: &str, status: u16) {
        let refused = self.vend(token).await;
        println!(
            "{row}: {} {}",
            refused.status, refused.body["error_description"]
        );
        assert_eq!(refused.status, status, "{row}: {}", refused.body);
        assert!(refused.body["access_token"].is_null(), "{row}");
    }

    /// How often the broker has fetched the key set; each time it read the discovery
    /// document first, and it asked for nothing else.
    fn fetches(&self) -> usize {
        let asked = self.recorder.requests();
        let at = |end: &str| asked.iter().filter(|one| one.path() == end).count();
        let fetched = at("/jwks");
        assert_eq!(at("/.well-known/openid-configuration"), fetched);
        assert_eq!(asked.len(), 2 * fetched, "{asked:?}");
        let bare = |one: &Arrived| one.method == "GET" && one.header("authorization").is_none();
        assert!(asked.iter().all(bare), "{asked:?}");
        fetched
    }
}

/// A genuine token with another `kid` in its header.
fn renamed(token: &str, kid: &str) -> String {
    let mut header = part(token, 0);
    header["kid"] = json!(kid);
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

#[tokio::test]
async fn a_token_of_the_provider_proves_its_client_to_the_policy() {
    let listed = Listed::start().await;
    let token = listed.token_under("a").await;
    println!("{} {}", part(&token, 0), part(&token, 1));
    listed.refuses("no policy names it yet", &token, 403).await;
    listed.permit(PERMITTED).await;
    listed.vends("permitted", &token).await;
    let stranger = listed.token(STRANGER, AUDIENCE).await;
    listed.refuses("another client of it", &stranger, 403).await;
    let elsewhere = listed.token(PERMITTED, "https://elsewhere.example").await;
    listed.refuses("for somebody else", &elsewhere, 401).await;
    // The provider's clock went on while the run's stood still: well past the hour.
    listed.run.clock.advance(2 * 3600);
    listed.refuses("expired", &token, 401).await;
    assert_eq!(
        listed.fetches(),
        2,
        "one look for all of them, and one hours later"
    );
}

#[tokio::test]
async fn a_rotation_is_followed_with_one_look_a_minute() {
    let mut listed = Listed::start().await;
    listed.permit(PERMITTED).await;
    let under_a = listed.token_under("a").await;
    listed.vends("the first key", &under_a).await;
    assert_eq!(listed.fetches(), 1);

    // Both are published, the new one signs.
    listed.publish(&["b", "a"]).await;
    let under_b = listed.token_under("b").await;
    listed.refuses("within the minute", &under_b, 401).await;
    listed.run.clock.advance(59);
    listed.refuses("in its last second", &under_b, 401).await;
    assert_eq!(listed.fetches(), 1, "once a minute");
    listed.run.clock.advance(1);
    listed.vends("the new key", &under_b).await;
    listed.vends("the first beside it", &under_a).await;
    assert_eq!(listed.fetches(), 2, "on the unknown key");

    // The first is published no more: its token ends with the next look.
    listed.publish(&["b"]).await;
    listed.run.clock.advance(60);
    listed.vends("nobody has looked", &under_a).await;
    assert_eq!(listed.fetches(), 2, "its key was known");
    listed
        .refuses("an unknown key", &renamed(&under_b, "c"), 401)
        .await;
    assert_eq!(listed.fetches(), 3);
    listed.refuses("the removed key", &under_a, 401).await;
    listed.vends("the new key alone", &under_b).await;
    listed.run.clock.advance(60);
    listed
        .refuses("the removed key, once more", &under_a, 401)
        .await;
    assert_eq!(listed.fetches(), 4, "it is unknown now");
}

#[tokio::test]
async fn a_thousand_unknown_keys_cause_one_look_a_minute() {
    let listed = Listed::start().await;
    listed.permit(PERMITTED).await;
    let token = listed.token_under("a").await;
    listed.vends("before", &token).await;
    for (minute, expected) in [(0, 1), (60, 2), (60, 3)] {
        listed.run.clock.advance(minute);
        for number in 0..1000 {
            let refused = listed
                .vend(&renamed(&token, &format!("unknown-{number}")))
                .await;
            assert_eq!(refused.status, 401, "{number}: {}", refused.body);
        }
        assert_eq!(listed.fetches(), expected);
        listed.vends("nobody else suffers", &token).await;
    }
}
