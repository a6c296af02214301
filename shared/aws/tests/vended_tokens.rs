//! The collector's tokens, asked of a vending function that a test plays: what goes over the
//! wire, what is kept and for how long, what becomes of refusals and of no answer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::caller::{IdentityRequest, IdentityRules};
use auth::ports::{Clock as _, HeldClock, Pause};
use auth::{AccessToken, CauseCode, TenantId};
use aws::{
    Endpoint, HttpClient, OwnProof, OwnProofParts, VendedTokens, VendedTokensParts, connect,
};
use feed::ports::{NoToken, Tokens as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const OTHER: &str = "5e9a2a1c-0b4d-4c7e-9a53-2f1f0c8f7f11";

/// What vending does with a request.
enum Act {
    Say(u16, String),
    HangUp,
}

/// A vending function that says what a test lines up, then the same token for ever.
struct World {
    clock: Arc<HeldClock>,
    acts: Arc<Mutex<VecDeque<Act>>>,
    requests: Arc<Mutex<Vec<String>>>,
    pauses: Arc<Pauses>,
    tokens: VendedTokens,
}

#[derive(Default)]
struct Pauses {
    all: Mutex<Vec<Duration>>,
    /// Time passes in them.
    clock: Mutex<Option<Arc<HeldClock>>>,
}

#[async_trait]
impl Pause for Pauses {
    async fn pause(&self, duration: Duration) {
        self.all.lock().unwrap().push(duration);
        if let Some(clock) = &*self.clock.lock().unwrap() {
            clock.pass(duration);
        }
    }
}

fn rules() -> IdentityRules {
    IdentityRules {
        server_id: "broker.example".parse().unwrap(),
        regions: "eu-central-1,us-east-1".parse().unwrap(),
    }
}

fn token(text: &str, life: u64) -> Act {
    Act::Say(
        200,
        format!(r#"{{"token_type":"Bearer","expires_in":{life},"access_token":"{text}"}}"#),
    )
}

fn refusal(status: u16, error: &str, cause: &str) -> Act {
    let retryable = status >= 429;
    Act::Say(
        status,
        format!(
            r#"{{"error":"{error}","cause":"{cause}","retryable":{retryable},"request_id":"r"}}"#
        ),
    )
}

impl World {
    async fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let acts = Arc::new(Mutex::new(acts.into_iter().collect::<VecDeque<_>>()));
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let (line, kept) = (Arc::clone(&acts), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, Arc::clone(&line), Arc::clone(&kept)));
            }
        });
        let clock = Arc::new(HeldClock::at(1_786_066_673));
        let pauses = Arc::new(Pauses::default());
        let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned();
        let connection = connect(&Endpoint::Local("http://127.0.0.1:1".to_owned())).await;
        let builder = HttpClient::builder().redirect(reqwest::redirect::Policy::none());
        let tokens = VendedTokens::new(VendedTokensParts {
            client: builder.no_proxy().build().unwrap(),
            url: url.parse().unwrap(),
            proof: OwnProof::new(OwnProofParts {
                connection: connection.signing_as("AKIAIOSFODNN7EXAMPLE", &key.into()),
                rules: rules(),
            }),
            clock: clock.clone(),
            pause: pauses.clone(),
        });
        Self {
            clock,
            acts,
            requests,
            pauses,
            tokens,
        }
    }

    async fn ask(&self, rejected: Option<&AccessToken>) -> Result<String, NoToken> {
        self.ask_of(TENANT, rejected).await
    }

    async fn ask_of(
        &self,
        tenant: &str,
        rejected: Option<&AccessToken>,
    ) -> Result<String, NoToken> {
        let tenant: TenantId = tenant.parse().unwrap();
        let token = self.tokens.token(tenant, rejected).await?;
        Ok(token.expose().to_owned())
    }

    fn next(&self, act: Act) {
        self.acts.lock().unwrap().push_back(act);
    }

    fn asked(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    fn form(&self, request: usize) -> Vec<(String, String)> {
        let requests = self.requests.lock().unwrap();
        let (_, body) = requests[request].split_once("\r\n\r\n").unwrap();
        let pairs = reqwest::Url::parse(&format!("http://x/?{body}")).unwrap();
        let pairs = pairs.query_pairs();
        pairs
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    fn proof(&self, request: usize) -> String {
        let form = self.form(request);
        let found = form.iter().find(|(name, _)| name == "client_assertion");
        found.unwrap().1.clone()
    }
}

async fn serve(
    mut client: TcpStream,
    acts: Arc<Mutex<VecDeque<Act>>>,
    requests: Arc<Mutex<Vec<String>>>,
) {
    while let Some(request) = message(&mut client).await {
        requests.lock().unwrap().push(request);
        let act = acts.lock().unwrap().pop_front();
        match act.unwrap_or_else(|| token("last", 3_599)) {
            Act::Say(status, body) => {
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nRetry-After: 2\r\nLocation: http://127.0.0.1:9/\r\n\
                     Content-Length: {length}\r\n\r\n{body}"
                );
                client.write_all(answer.as_bytes()).await.unwrap();
            }
            Act::HangUp => return,
        }
    }
}

async fn message(client: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1)?.lines().next()?;
            if body.len() >= length.parse().ok()? {
                return String::from_utf8(bytes).ok();
            }
        }
        if client.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

#[tokio::test]
async fn it_asks_as_any_caller_with_a_proof_that_vending_takes() {
    let world = World::new([token("first", 3_599)]).await;
    assert_eq!(world.ask(None).await.unwrap(), "first");
    let head = world.requests.lock().unwrap()[0].clone();
    let line = format!("POST /{TENANT}/oauth2/v2.0/token HTTP/1.1");
    assert!(head.starts_with(&line), "{head}");
    let form = world.form(0);
    let names: Vec<&str> = form.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "grant_type",
        "scope",
        "client_assertion_type",
        "client_assertion",
    ];
    assert_eq!(names, expected);
    assert_eq!(form[1].1, "c5393580-f805-4401-95e8-94b7a6ef2fc2/.default");
    let read = IdentityRequest::read(&world.proof(0), &rules(), world.clock.now()).unwrap();
    assert_eq!(read.host(), "sts.eu-central-1.amazonaws.com");
    assert_eq!(read.access_key_id(), "AKIAIOSFODNN7EXAMPLE");
}

#[tokio::test]
async fn a_token_is_kept_until_a_quarter_of_an_hour_before_its_end() {
    let world = World::new([token("first", 3_599), token("second", 3_599)]).await;
    for (passed, expected, asked) in [(0, "first", 1), (2_698, "first", 1), (1, "second", 2)] {
        world.clock.advance(passed);
        assert_eq!(world.ask(None).await.unwrap(), expected, "{passed}");
        assert_eq!(world.asked(), asked, "{passed}");
    }
    assert_eq!(world.ask_of(OTHER, None).await.unwrap(), "last");
    assert_eq!(world.ask(None).await.unwrap(), "second");
}

#[tokio::test]
async fn a_proof_serves_all_requests_of_two_minutes() {
    let world = World::new([]).await;
    world.ask(None).await.unwrap();
    world.clock.advance(119);
    world.ask_of(OTHER, None).await.unwrap();
    world.clock.advance(1);
    let third = "7d1f3a52-6c0e-4f5b-8f6a-0a8f8a7f3c21";
    world.ask_of(third, None).await.unwrap();
    assert_eq!(world.proof(0), world.proof(1));
    assert_ne!(world.proof(1), world.proof(2));
}

#[tokio::test]
async fn a_token_that_the_api_rejected_is_named_and_never_given_again() {
    let world = World::new([token("first", 3_599), token("second", 3_599)]).await;
    let first = AccessToken::new(world.ask(None).await.unwrap());
    assert_eq!(world.ask(Some(&first)).await.unwrap(), "second");
    let digest = auth::encoding::hex(&first.fingerprint());
    assert_eq!(world.form(1)[4], ("rejected".to_owned(), digest));
    // Another task has been given another one meanwhile.
    assert_eq!(world.ask(Some(&first)).await.unwrap(), "second");
    assert_eq!(world.asked(), 2);
    let second = AccessToken::new("second".to_owned());
    world.next(token("second", 3_599));
    assert_eq!(world.ask(Some(&second)).await, Err(NoToken::Later));
    world.next(refusal(503, "temporarily_unavailable", "token_rejected"));
    assert_eq!(world.ask(Some(&second)).await, Err(NoToken::Later));
    assert!(world.pauses.all.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_tenant_that_is_not_active_is_held_with_its_cause() {
    let rows = [
        (
            409,
            "invalid_grant",
            "not_consented",
            Some(CauseCode::NotConsented),
        ),
        (409, "invalid_grant", "suspended", "suspended".parse().ok()),
        (409, "invalid_grant", "a_cause_of_tomorrow", None),
        (
            404,
            "invalid_request",
            "tenant_not_found",
            Some(CauseCode::TenantNotFound),
        ),
    ];
    for (status, error, cause, expected) in rows {
        let world = World::new([token("first", 1_000), refusal(status, error, cause)]).await;
        world.ask(None).await.unwrap();
        world.clock.advance(200);
        let held = world.ask(None).await;
        assert_eq!(held, Err(NoToken::Held(expected)), "{status} {cause}");
        assert_eq!(world.asked(), 2);
    }
}

#[tokio::test]
async fn what_passes_is_asked_once_more_after_the_pause_that_vending_names() {
    for status in [429, 500, 502, 503, 504] {
        let busy = || refusal(status, "temporarily_unavailable", "broker_unavailable");
        let world = World::new([busy(), token("first", 3_599)]).await;
        assert_eq!(world.ask(None).await.unwrap(), "first", "{status}");
        assert_eq!(*world.pauses.all.lock().unwrap(), [Duration::from_secs(2)]);
        let world = World::new([busy(), busy(), token("first", 3_599)]).await;
        assert_eq!(world.ask(None).await, Err(NoToken::Later), "{status}");
        assert_eq!(world.asked(), 2);
    }
}

#[tokio::test]
async fn a_proof_that_is_refused_is_made_again_once() {
    let unproven = || refusal(401, "invalid_client", "none");
    let world = World::new([unproven(), token("first", 3_599)]).await;
    assert_eq!(world.ask(None).await.unwrap(), "first");
    let world = World::new([unproven(), unproven()]).await;
    assert_eq!(world.ask(None).await, Err(NoToken::Later));
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn what_only_an_operator_mends_holds_no_tenant() {
    let rows = [
        refusal(403, "access_denied", "none"),
        refusal(400, "invalid_scope", "none"),
        Act::Say(403, r#"{"message":"Forbidden"}"#.to_owned()),
        Act::Say(404, r#"{"message":"Not Found"}"#.to_owned()),
        Act::Say(200, "<html>".to_owned()),
        Act::Say(200, "x".repeat(70_000)),
        Act::Say(307, String::new()),
    ];
    for act in rows {
        let world = World::new([act]).await;
        assert_eq!(world.ask(None).await, Err(NoToken::Later));
        assert_eq!(world.asked(), 1);
    }
}

#[tokio::test]
async fn while_vending_does_not_answer_the_kept_token_serves_and_it_is_left_alone() {
    let world = World::new([token("first", 1_000), Act::HangUp, Act::HangUp]).await;
    assert_eq!(world.ask(None).await.unwrap(), "first");
    world.clock.advance(200);
    assert_eq!(world.ask(None).await.unwrap(), "first");
    let asked = world.asked();
    assert_eq!(world.ask_of(OTHER, None).await, Err(NoToken::Later));
    assert_eq!(world.ask(None).await.unwrap(), "first");
    assert_eq!(world.asked(), asked, "it is left alone for five seconds");
    let waited = [Duration::from_secs(5)];
    assert_eq!(
        *world.pauses.all.lock().unwrap(),
        waited,
        "not for \"first\""
    );
    world.clock.pass(Duration::from_secs(5));
    assert_eq!(world.ask_of(OTHER, None).await.unwrap(), "last");
}

#[tokio::test]
async fn one_request_without_an_answer_costs_no_other_tenant_its_token() {
    // Requests that hang up, seconds until the next tenant comes, whether it has a token.
    let rows = [
        (0, 0, true),
        (2, 0, true),
        (2, 1, true),
        (2, 4, true),
        (2, 5, true),
        (2, 60, true),
        (4, 0, false),
        (4, 3, false),
        (4, 5, false),
        (5, 0, false),
    ];
    for (hang_up, passes, is_given) in rows {
        let world = World::new((0..hang_up).map(|_| Act::HangUp)).await;
        *world.pauses.clock.lock().unwrap() = Some(Arc::clone(&world.clock));
        let first = world.ask(None).await;
        assert_eq!(first.is_ok(), hang_up == 0, "{hang_up}");
        world.clock.pass(Duration::from_secs(passes));
        let other = world.ask_of(OTHER, None).await;
        assert_eq!(other.is_ok(), is_given, "{hang_up} {passes}");
    }
}

#[tokio::test]
async fn a_connection_that_died_meanwhile_costs_no_token() {
    let world = World::new([Act::HangUp, token("first", 3_599)]).await;
    assert_eq!(world.ask(None).await.unwrap(), "first");
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn a_token_in_its_last_minute_is_none() {
    let world = World::new([token("first", 1_000)]).await;
    world.ask(None).await.unwrap();
    for (passed, expected) in [(939, Ok("first".to_owned())), (1, Err(NoToken::Later))] {
        world.clock.advance(passed);
        world.acts.lock().unwrap().clear();
        world.next(refusal(403, "access_denied", "none"));
        assert_eq!(world.ask(None).await, expected, "{passed}");
    }
}
