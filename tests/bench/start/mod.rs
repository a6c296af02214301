//! From exec to the first token: release binaries behind an emulated runtime API, with
//! the table and the secrets in ministack, and a caller's issuer over HTTP. What the
//! policies add to a start shows between an event that asks none (`GET /health`, which
//! reads the table) and a token by one policy and by 200 of them.

mod runtime;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use auth::TenantId;
use auth::ports::Clock as _;
use aws::{SystemClock, Table};
use serde_json::{Value, json};
use tests::Ministack;
use tests::gateway_event::{post, request};
use tests::issuer::Issuer;
use tokio::process::Command;
use tokio::time::timeout;

use self::runtime::Runtime;
use crate::child::beside;
use crate::cpu::{memory_of, time_of};
use crate::fleet;
use crate::place::{self, Place};
use crate::policy_text;
use crate::report::{median, note, row, table};
use crate::world::World;

/// A start that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// One file instead of a directory of them, as the template sets it for Lambda.
const CA_BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// One start.
struct Start {
    wall: f64,
    cpu: f64,
    memory: f64,
}

/// An account with a tenant whose token is in its tables, which differ in their policies.
struct Account {
    _world: World,
    _cloud: Ministack,
    _issuer: Issuer,
    variables: BTreeMap<String, String>,
    vend: Value,
    health: Value,
}

/// One kind of start.
struct Kind<'a> {
    name: &'static str,
    binary: &'static str,
    table: &'static str,
    event: &'a Value,
}

/// The table with one policy, which is for the caller, and the one with 200.
const TABLES: [&str; 2] = ["one-policy", "many-policies"];

/// Measures and prints the table.
pub(crate) async fn run(starts: usize) {
    let account = Account::open().await;
    let kinds = account.kinds();
    let mut measured: Vec<Vec<Start>> = kinds.iter().map(|_| Vec::new()).collect();
    // The first round warms the page cache.
    for round in 0..=starts {
        for (kind, starts) in kinds.iter().zip(&mut measured) {
            let start = account.start(kind).await;
            if round > 0 {
                starts.push(start);
            }
        }
    }
    let minimum = measured
        .last()
        .map(|starts| middle(starts, |start| start.cpu));
    let mut rows = vec![row([
        "start",
        "CPU ms",
        "wall ms",
        "resident MiB",
        "× minimum's CPU",
    ])];
    for (kind, starts) in kinds.iter().zip(&measured) {
        let cpu = middle(starts, |start| start.cpu);
        rows.push(row([
            kind.name,
            &format!("{cpu:.1}"),
            &format!("{:.0}", middle(starts, |start| start.wall)),
            &format!("{:.1}", middle(starts, |start| start.memory)),
            &format!("{:.2}", cpu / minimum.unwrap_or(f64::NAN)),
        ]));
    }
    table("Start", &rows);
    note(&format!(
        "Medians of {starts} starts each, in turns, with a warm page cache; the wall time \
         holds what ministack (Python) takes for its answers: two secrets, a row, and the policies."
    ));
}

fn middle(starts: &[Start], value: fn(&Start) -> f64) -> f64 {
    median(&starts.iter().map(value).collect::<Vec<_>>())
}

impl Account {
    async fn open() -> Self {
        let (world, cloud, issuer) =
            tokio::join!(World::start(1), Ministack::start(), Issuer::start());
        let place = Place::of(world.directory.path());
        for secret in ["CERTIFICATE_SECRET_ID", "SEALING_KEYS_SECRET_ID"] {
            let name = &place.variables[secret];
            let text = std::fs::read_to_string(place.secrets_directory.join(name)).unwrap();
            cloud.create_secret(name, &text).await;
        }
        let one = format!(
            "@id(\"bench\") permit(principal is Workload, action, resource) \
             when {{ principal.issuer == \"{}\" }};",
            &issuer.url
        );
        let texts = [one, policy_text::mixed(&issuer.url)];
        let ids = fleet::tenants(1);
        for (name, text) in TABLES.into_iter().zip(texts) {
            let table = place::table(&cloud.endpoint, name).await;
            fill(&place, &table, &ids, text).await;
        }
        let path = format!("/{}/oauth2/v2.0/token", ids[0]);
        Self {
            variables: variables(&place, &cloud, &issuer),
            vend: vend_event(&path, &issuer.token_with(1, &policy_text::WORKLOAD)),
            health: request("GET", "/health"),
            _world: world,
            _cloud: cloud,
            _issuer: issuer,
        }
    }

    fn kinds(&self) -> [Kind<'_>; 4] {
        let kind = |name, binary, table, event| Kind {
            name,
            binary,
            table,
            event,
        };
        let [one, many] = TABLES;
        [
            kind("`vending`, to `GET /health`", "vending", one, &self.health),
            kind(
                "`vending`, to its first token by one policy",
                "vending",
                one,
                &self.vend,
            ),
            kind(
                "`vending`, to its first token by 200 policies",
                "vending",
                many,
                &self.vend,
            ),
            kind(
                "the minimum by hand, to its first token",
                "bench-minimum",
                one,
                &self.vend,
            ),
        ]
    }

    /// Starts the binary, hands it the event, and ends it when it has answered.
    #[expect(
        clippy::disallowed_methods,
        reason = "what is measured is the wall's time"
    )]
    async fn start(&self, kind: &Kind<'_>) -> Start {
        let Kind { binary, event, .. } = kind;
        let mut runtime = Runtime::start(event).await;
        let mut command = Command::new(beside(binary));
        command
            .env_clear()
            .envs(&self.variables)
            .env("TABLE_NAME", kind.table)
            .env("AWS_LAMBDA_RUNTIME_API", &runtime.address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let began = Instant::now();
        let mut child = command.spawn().expect("the binary starts");
        let id = child.id().unwrap();
        let answer = timeout(PATIENCE, runtime.answer()).await;
        let answer = answer.unwrap_or_else(|_| panic!("{binary} does not answer"));
        let start = Start {
            wall: began.elapsed().as_secs_f64() * 1e3,
            cpu: time_of(id).as_secs_f64() * 1e3,
            memory: memory_of(id, "VmRSS") as f64 / 1024.0,
        };
        assert_eq!(answer.body["statusCode"], 200, "{binary}: {}", answer.body);
        child.kill().await.unwrap();
        start
    }
}

/// A table with the policies and with tenants whose tokens live an hour.
async fn fill(place: &Place, table: &Table, ids: &[TenantId], policies: String) {
    table.create().await.unwrap();
    policy_text::put(table, policies).await;
    let now = SystemClock.now();
    fleet::connect_labelled(table, ids, now).await;
    let tokens = place.tokens(table.clone()).await;
    let later = now + Duration::from_secs(1_900);
    fleet::settle(&tokens, ids, now, later).await;
}

fn variables(place: &Place, cloud: &Ministack, issuer: &Issuer) -> BTreeMap<String, String> {
    let mut variables = place.variables.clone();
    let of_lambda = [
        ("AWS_ENDPOINT_URL", cloud.endpoint.as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_LAMBDA_FUNCTION_NAME", "vending"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("SSL_CERT_FILE", CA_BUNDLE),
        ("VENDING_ISSUERS", &issuer.list()),
    ];
    for (name, value) in of_lambda {
        variables.insert(name.to_owned(), value.to_owned());
    }
    variables
}

fn vend_event(path: &str, proof: &str) -> Value {
    let form = format!(
        "grant_type=client_credentials&scope={}",
        tests::broker::SCOPE
    );
    let mut event = post(path, &form);
    event["headers"]["authorization"] = json!(format!("Bearer {proof}"));
    event
}
