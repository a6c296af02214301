//! Vends per CPU second: from memory with the caller's proof remembered, with a new
//! proof each time, and a handler that answers a constant of the same size, all behind
//! the same front and adapter in one process that does nothing else.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::StreamExt as _;
use lambda::settings::VendingSettings;
use lambda::telemetry::{self, LogFormat};
use lambda_http::{Body, Request, Response};
use local::front::{Routes, Scheme, lambda_function};
use reqwest::Client;
use tokio::net::TcpListener;
use vending::Vending;

use crate::child::{Running, role, say};
use crate::cpu::time_of;
use crate::fleet;
use crate::issuer::{Issuer, front};
use crate::permit::PermitProven;
use crate::place::Place;
use crate::report::{median, note, row, table};
use crate::world::World;

const ROUNDS: usize = 10;
/// Callers at a time, each on a connection of its own.
const AT_A_TIME: usize = 8;
const TENANTS: usize = 100;

/// Starts the other processes, asks, and prints the table.
pub(crate) async fn run(requests: usize) {
    let world = World::start(TENANTS).await;
    let issuer = Issuer::start().await;
    let place = Place::of(world.directory.path());
    let tenants = world.tenants();
    let ids: Vec<_> = tenants.iter().map(|id| id.parse().unwrap()).collect();
    let table = place.platform().await.table;
    fleet::connect(&table, &ids, auth::ports::Clock::now(&aws::SystemClock)).await;
    let mut command = role("vend-process");
    command.arg(world.directory.path()).arg(issuer.list());
    let load = Load {
        process: Running::start(command).await,
        client: Client::builder().no_proxy().build().unwrap(),
        tenants,
        each: requests / ROUNDS,
    };
    measure(&load, &issuer).await;
}

async fn measure(load: &Load, issuer: &Issuer) {
    let kept = vec![issuer.token(0)];
    load.turn("", &kept).await;
    load.turn("/constant", &kept).await;
    let (mut constant, mut remembered, mut fresh) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let numbers = (1 + round * load.each)..=((round + 1) * load.each);
        let new: Vec<String> = numbers.map(|number| issuer.token(number)).collect();
        constant.push(load.turn("/constant", &kept).await);
        remembered.push(load.turn("", &kept).await);
        fresh.push(load.turn("", &new).await);
    }
    let line = |name: &str, times: &[f64], aim: &str| {
        let ratios: Vec<f64> = times.iter().zip(&constant).map(|(a, b)| a / b).collect();
        let micros = median(times);
        row([
            name,
            &format!("{:.0}", 1e6 / micros),
            &format!("{micros:.0}"),
            &format!("{:.2}", median(&ratios)),
            aim,
        ])
    };
    let rows = [
        row([
            "vend",
            "requests per CPU second",
            "CPU µs",
            "× constant",
            "aim",
        ]),
        line("a handler that answers a constant", &constant, ""),
        line("vend from memory, proof remembered", &remembered, "≤ 1.25"),
        line(
            "vend from memory, a new proof each time (RS256)",
            &fresh,
            "",
        ),
    ];
    table_of(&rows, load.each * ROUNDS);
}

fn table_of(rows: &[Vec<String>], requests: usize) {
    table("Vend", rows);
    note(&format!(
        "{requests} requests of each kind in {ROUNDS} turns, {AT_A_TIME} at a time over \
         {TENANTS} tenants; the process serves on one thread, and every vend writes its \
         audit line."
    ));
}

/// Who asks.
struct Load {
    process: Running,
    client: Client,
    tenants: Vec<String>,
    each: usize,
}

impl Load {
    /// Sends `each` requests under `prefix`, with these proofs in turn; CPU
    /// microseconds of the serving process for each of them.
    async fn turn(&self, prefix: &str, proofs: &[String]) -> f64 {
        let id = self.process.id();
        let before = time_of(id);
        futures::stream::iter(0..self.each)
            .for_each_concurrent(AT_A_TIME, async |number| {
                let tenant = &self.tenants[number % self.tenants.len()];
                let path = format!("{prefix}/{tenant}/oauth2/v2.0/token");
                self.request(&path, &proofs[number % proofs.len()]).await;
            })
            .await;
        let spent: Duration = time_of(id) - before;
        spent.as_secs_f64() * 1e6 / self.each as f64
    }

    async fn request(&self, path: &str, proof: &str) {
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", tests::broker::SCOPE),
        ];
        let request = self
            .client
            .post(format!("{}{path}", self.process.line.trim()))
            .form(&form)
            .bearer_auth(proof);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        assert!(
            status.is_success() && body.contains("access_token"),
            "{status}: {body}"
        );
    }
}

/// The measured process: serves until somebody ends it.
pub(crate) async fn process(data_dir: &Path, issuers: String) {
    telemetry::init(LogFormat::Json, None);
    let place = Place::of(data_dir);
    let settings = VendingSettings::read(&|name| match name {
        "VENDING_ISSUERS" => Some(issuers.clone()),
        // No look at the table while it is measured.
        "VEND_STATE_MAX_AGE_SECONDS" => Some("300".to_owned()),
        name => place.lookup(name),
    });
    let platform = place.platform().await;
    let vending = Vending::build(settings.unwrap(), &platform).await.unwrap();
    let routes = routes(Vending {
        authorizer: Arc::new(PermitProven),
        ..vending
    });
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    say(&format!("http://{}", listener.local_addr().unwrap())).await;
    let served = front(routes).serve(listener, Scheme::Http, std::future::pending());
    served.await.unwrap();
}

/// The function under every path, and the constant under one of its own. The constant
/// is the first answer of the function.
fn routes(vending: Vending) -> Routes {
    let (vending, constant) = (Arc::new(vending), Arc::new(OnceLock::<String>::new()));
    let first = Arc::clone(&constant);
    let vend = lambda_function(move |request: Request| {
        let (vending, first) = (Arc::clone(&vending), Arc::clone(&first));
        async move {
            let response = vending.handle(request).await;
            if let (None, Body::Text(text)) = (first.get(), response.body()) {
                let _ = first.set(text.clone());
            }
            Ok(response)
        }
    });
    let answer = lambda_function(move |_: Request| {
        let body = constant.get().cloned().unwrap_or_default();
        async move {
            let response = Response::builder()
                .header("content-type", "application/json")
                .header("cache-control", "no-store");
            Ok(response.body(Body::Text(body))?)
        }
    });
    Routes::new()
        .any("/constant/{proxy+}", answer)
        .default(vend)
}
