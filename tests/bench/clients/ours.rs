//! Our side: the refresher with its table, as it is deployed, with one thread.

use std::path::Path;
use std::time::Duration;

use auth::TenantId;
use auth::ports::Clock as _;
use aws::SystemClock;
use lambda::function::{Ahead, AnswersEvents as _, Function as _};
use lambda_runtime::{Context, LambdaEvent};
use refresher::Refresher;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines, Stdin, stdin};
use wiring::Basis;

use crate::child::say;
use crate::fleet;
use crate::place::Place;

/// Reads the settings, then does what each line says, until there is none.
pub(crate) async fn serve(data_dir: &Path) {
    let mut lines = BufReader::new(stdin()).lines();
    let settings = line(&mut lines).await.unwrap();
    let tenants: Vec<TenantId> = serde_json::from_value(settings["tenants"].clone()).unwrap();
    let place = Place::of(data_dir);
    let platform = place.platform().await;
    let basis = Basis::on(&platform, &|name| place.lookup(name)).unwrap();
    let refresher = Refresher::build(basis, Ahead::Secrets).await.unwrap();
    let table = platform.store.table();
    let tokens = place.tokens(table.clone()).await;
    fleet::connect(table, &tenants, SystemClock.now()).await;
    say(&json!({"name": "our refresher, with its table"}).to_string()).await;
    while let Some(wanted) = line(&mut lines).await {
        let renewed = match wanted.as_str() {
            Some("prepare") => {
                fleet::settle_due(&tokens, &tenants, SystemClock.now()).await;
                0
            }
            _ => renew(&refresher).await,
        };
        say(&json!({"tokens": renewed}).to_string()).await;
    }
}

async fn line(lines: &mut Lines<BufReader<Stdin>>) -> Option<Value> {
    let line = lines.next_line().await.unwrap()?;
    Some(serde_json::from_str(&line).unwrap())
}

async fn renew(refresher: &Refresher) -> u32 {
    let mut context = Context::default();
    let deadline = SystemClock.now() + Duration::from_secs(240);
    context.deadline = u64::try_from(deadline.unix()).unwrap() * 1_000;
    let report = refresher.run(&LambdaEvent::new(json!({}), context)).await;
    report.refreshed
}
