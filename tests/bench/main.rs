//! The benchmarks: what a token, a vend, a start and a refresh cost, each against the
//! least that could do the same, both measured in this one run. `tests/bench/run`
//! builds what they need and starts them; `tests/bench/RESULTS.md` keeps what came out.
//!
//! What is measured runs in a process of its own. Simulator and table run in another
//! one, so that their time is never counted as ours. Times are CPU time, which a busy
//! machine disturbs less than the clock on the wall.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot go on ends where it stopped"
)]

mod child;
mod clients;
mod collect;
mod cpu;
mod decide;
mod fleet;
mod function;
mod idle;
mod memory;
mod meter;
mod operate;
mod place;
mod policy_text;
mod refresh;
mod report;
mod start;
mod store;
mod trips;
mod vend;
mod warm;
mod webhook;
mod whole;
mod world;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Measures the broker and prints tables in Markdown.
#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// CPU per token: with and without the write, against a signature and a POST
    Refresh {
        /// Tenants in all
        #[arg(long, default_value_t = 3_000)]
        tenants: usize,
    },
    /// Vends from memory per CPU second, against a handler that answers a constant
    Vend {
        /// Requests of each kind in all
        #[arg(long, default_value_t = 20_000)]
        requests: usize,
    },
    /// Decisions over 200 policies, made and remembered
    Decide {
        /// Decisions of each kind in all
        #[arg(long, default_value_t = 20_000)]
        decisions: usize,
    },
    /// Vends with many tenants in the table, against a hundred
    Many {
        /// Tenants in the larger table
        #[arg(long, default_value_t = 100_000)]
        tenants: usize,
        /// Requests of each kind in all
        #[arg(long, default_value_t = 20_000)]
        requests: usize,
    },
    /// Resident memory of the one-machine run (release), idle and with tenants
    Memory {
        /// Tenants in the table and in memory
        #[arg(long, default_value_t = 10_000)]
        tenants: usize,
    },
    /// The operator's program (release) on many tenants: the list, and what a person waits for
    Operate {
        /// Tenants in the table
        #[arg(long, default_value_t = 100_000)]
        tenants: usize,
    },
    /// From exec to the first token (release binaries, ministack)
    Start {
        /// Starts of each kind
        #[arg(long, default_value_t = 25)]
        starts: usize,
    },
    /// Warm invocations through Lambda's runtime loop (release binaries, ministack)
    Warm {
        /// Events of each kind in all
        #[arg(long, default_value_t = 10_000)]
        requests: usize,
    },
    /// Round trips and CPU of a consent, a miss and a vend (release binaries)
    Trips {
        /// How often every path is taken
        #[arg(long, default_value_t = 11)]
        turns: usize,
        /// Tenants that take each warm path
        #[arg(long, default_value_t = 21)]
        tenants: usize,
    },
    /// Request units of the ways to know what is due, on two DynamoDB engines
    Store {
        /// Numbers of tenants
        #[arg(long, value_delimiter = ',', default_values_t = [100, 1_000, 10_000])]
        tenants: Vec<usize>,
    },
    /// A backlog of the audit log: speed against `curl | gzip -1`, CPU, memory
    Collect(collect::Wanted),
    /// Requests and request units of tenants where nothing happens, on two DynamoDB engines
    Idle(idle::Wanted),
    /// CPU of a notification, against a function that only writes to the queue
    Webhook {
        /// Requests of each kind in all
        #[arg(long, default_value_t = 20_000)]
        requests: usize,
    },
    /// A run over many tenants that are all due: tokens a second, memory and units
    Whole(whole::Wanted),
    /// App-only tokens by Microsoft's clients, beside our refresher (Python, Node)
    Clients(clients::Wanted),
    /// Plays simulator, table and issuer in a process of its own
    #[command(hide = true)]
    World {
        data_dir: PathBuf,
        tenants: usize,
        #[arg(long)]
        tls: bool,
    },
    /// Our side of `clients`
    #[command(hide = true)]
    ClientsProcess { data_dir: PathBuf },
    /// The measured side of `refresh`
    #[command(hide = true)]
    RefreshProcess { data_dir: PathBuf, tenants: PathBuf },
    /// The measured side of `whole`
    #[command(hide = true)]
    WholeProcess { data_dir: PathBuf, asked: PathBuf },
    /// The measured side of `vend` and `many`
    #[command(hide = true)]
    VendProcess { data_dir: PathBuf, issuers: String },
    /// The measured side of `collect`
    #[command(hide = true)]
    CollectProcess {
        data_dir: PathBuf,
        format: String,
        at_once: usize,
    },
    /// The measured side of `webhook`
    #[command(hide = true)]
    WebhookProcess { queue_url: String, requests: usize },
}

/// One thread, as the functions have it in Lambda.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    match Arguments::parse().what {
        What::Refresh { tenants } => refresh::run(tenants).await,
        What::Vend { requests } => vend::run(requests).await,
        What::Decide { decisions } => decide::run(decisions),
        What::Many { tenants, requests } => vend::many::run(tenants, requests).await,
        What::Memory { tenants } => memory::run(tenants).await,
        What::Operate { tenants } => operate::run(tenants).await,
        What::Start { starts } => start::run(starts).await,
        What::Warm { requests } => warm::run(requests).await,
        What::Trips { turns, tenants } => trips::run(turns, tenants).await,
        What::Store { tenants } => store::run(&tenants).await,
        What::Collect(wanted) => collect::run(&wanted).await,
        What::Idle(wanted) => idle::run(&wanted).await,
        What::Webhook { requests } => webhook::run(requests).await,
        What::Whole(wanted) => whole::run(&wanted).await,
        What::WholeProcess { data_dir, asked } => whole::serve(&data_dir, &asked).await,
        What::Clients(wanted) => clients::run(&wanted).await,
        What::World {
            data_dir,
            tenants,
            tls,
        } => world::play(&data_dir, tenants, tls).await,
        What::ClientsProcess { data_dir } => clients::ours::serve(&data_dir).await,
        What::RefreshProcess { data_dir, tenants } => refresh::process(&data_dir, &tenants).await,
        What::VendProcess { data_dir, issuers } => vend::process::serve(&data_dir, issuers).await,
        What::CollectProcess {
            data_dir,
            format,
            at_once,
        } => collect::process(&data_dir, &format, at_once).await,
        What::WebhookProcess {
            queue_url,
            requests,
        } => webhook::process::process(&queue_url, requests).await,
    }
}
