//! The refresher's program is killed (SIGKILL) at each step of its run; other processes complete
//! its work: no token is lost, no tenant is stuck, the lease ends by the clock, nothing is asked
//! for twice within it, and no change of state is reported twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use auth::ports::Clock as _;
use auth::schedule::RefreshSchedule;
use auth::tenant::TenantStatus;
use auth::turns::Slot;
use auth::{TenantId, Timestamp};
use aws::SystemClock;
use serde_json::json;
use tests::doomed::{Death, Doomed};
use tests::events::Events;
use tests::gate::Moment::{After, Before};
use tests::gate::{Moment, Stop};
use tests::neighbour::Neighbour;
use tests::{Browser, MovedRun};

const TENANTS: usize = 3;
/// So long ago the tenants were connected: their tokens are due, and live.
const AGO: i64 = 1900;
/// What Lambda leaves the refresher for a run; its leases end by then.
const RUN: Duration = Duration::from_secs(240);

/// What the dead left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// No lease, and nothing done.
    Nothing,
    /// The lease of the tenants at hand.
    Lease,
    /// The same, and a token that Entra ID has given and that is nowhere.
    LeaseAndLostToken,
    /// The same, and the first token written.
    LeaseAndToken,
    /// No lease, and at least the first token written.
    Token,
    /// Everything done.
    All,
}

const fn at(operations: &'static [&'static str], item: &'static str, moment: Moment) -> Death {
    Death::AtTable(Stop {
        operations,
        item,
        moment,
    })
}

const WRITES: &[&str] = &["UpdateItem", "PutItem", "TransactWriteItems"];

/// The steps of a run, in their order, each with what is left by who dies there.
const STEPS: [(&str, Death, Left); 12] = [
    (
        "what is due is asked for",
        at(&["Query"], "", Before),
        Left::Nothing,
    ),
    (
        "what is due is read",
        at(&["Query"], "", After),
        Left::Nothing,
    ),
    (
        "the lease is asked for",
        at(&["UpdateItem"], "LEASE#refresh", Before),
        Left::Nothing,
    ),
    (
        "the lease is taken",
        at(&["UpdateItem"], "LEASE#refresh", After),
        Left::Lease,
    ),
    (
        "the record is asked for",
        at(&["BatchGetItem"], "TOKEN#", Before),
        Left::Lease,
    ),
    (
        "the record is read",
        at(&["BatchGetItem"], "TOKEN#", After),
        Left::Lease,
    ),
    (
        "Entra ID is asked",
        Death::AtEntra("token", After),
        Left::LeaseAndLostToken,
    ),
    (
        "Entra ID has answered",
        at(WRITES, "TOKEN#", Before),
        Left::LeaseAndLostToken,
    ),
    (
        "the token is written",
        at(WRITES, "TOKEN#", After),
        Left::LeaseAndToken,
    ),
    (
        "the lease is to be given back",
        at(&["UpdateItem"], "looked_until", Before),
        Left::LeaseAndToken,
    ),
    (
        "the lease is given back",
        at(&["UpdateItem"], "looked_until", After),
        Left::Token,
    ),
    ("the run has answered", Death::Answered, Left::All),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_refresher_killed_at_any_step_is_completed_by_the_next_runs() {
    let events = Events::listen();
    for (step, death, left) in STEPS {
        let directory = tempfile::tempdir().unwrap();
        let stage = Stage::set(directory.path()).await;
        let (before, began) = (stage.requests().await, stage.run.clock.now());
        events.take();
        let lines = stage.kill(death).await;

        // A signature is in the log before its request is on its way.
        let signed = lines.iter().filter(|line| line["target"] == "audit");
        let signed: Vec<_> = signed.map(|line| &line["event"]).collect();
        assert!(
            signed.iter().all(|event| **event == "assertion_signed"),
            "{step}: {signed:?}"
        );
        let asked: u64 = since(&before, &stage.requests().await).values().sum();
        assert_eq!(signed.len() as u64, asked, "{step}");

        // Within its lease: what is free is renewed, and nothing a second time.
        stage.run.machine.refresh().await;
        let renewed = stage.renewed().await;
        match left {
            Left::Nothing | Left::Token | Left::All => {
                assert_eq!(renewed, TENANTS, "{step}: no lease is held");
            }
            // The tenant at hand is the dead run's.
            Left::Lease | Left::LeaseAndLostToken => assert!(renewed < TENANTS, "{step}"),
            Left::LeaseAndToken => assert!(renewed >= 1, "{step}"),
        }
        let asked = since(&before, &stage.requests().await);
        assert!(asked.values().all(|times| *times <= 1), "{step}: {asked:?}");

        // After it: everything is completed, and only what was lost is asked for again.
        stage.run.clock.pass(RUN);
        stage.run.machine.refresh().await;
        assert_eq!(stage.renewed().await, TENANTS, "{step}");
        let asked: u64 = since(&before, &stage.requests().await).values().sum();
        let least = TENANTS as u64 + u64::from(left == Left::LeaseAndLostToken);
        let most = least + stage.turns_since(began);
        assert!((least..=most).contains(&asked), "{step}: {asked}");
        let idle = stage.run.machine.refresh().await;
        assert_eq!(idle, Default::default(), "{step}: nothing is left to do");

        let theirs = lines
            .iter()
            .filter(|line| line["event"] == "tenant_status_changed");
        let ours = events.take();
        let ours = ours
            .iter()
            .filter(|event| event.name == "tenant_status_changed");
        assert!(theirs.count() + ours.count() <= 1, "{step}: reported twice");
    }
}

/// A run whose tenants are all due: the first waits for its roles, the others have tokens.
struct Stage<'a> {
    run: MovedRun,
    directory: &'a Path,
}

impl<'a> Stage<'a> {
    async fn set(directory: &'a Path) -> Self {
        // What is killed lives by the system's clock.
        let now = SystemClock.now().unix();
        let run = MovedRun::start_at(directory, TENANTS, now - AGO, |_| None).await;
        let first = run.tenant(0);
        run.broker
            .fault("propagation", Some(&first), json!(60))
            .await;
        for (index, heading) in ["Finishing", "Connected", "Connected"].iter().enumerate() {
            let result = run.connect(&mut Browser::default(), index).await;
            assert_eq!(result.heading(), *heading, "{}", result.body);
        }
        let report = run.machine.refresh().await;
        assert_eq!((report.refreshed, report.failed), (2, 1));
        // Not `now`: on a busy machine the consents took longer than a lease has to spare.
        run.clock.set(SystemClock.now().unix());
        Self { run, directory }
    }

    async fn kill(&self, death: Death) -> Vec<serde_json::Value> {
        let refresher = Doomed {
            binary: env!("CARGO_BIN_EXE_refresher_program"),
            data_dir: self.directory,
            // One record after the other: what was done at the step is one record's.
            variables: &[("REFRESH_CONCURRENCY", "1")],
            name: "refresher",
            event: json!({}),
            time: RUN,
        };
        refresher.die(&self.run.broker, death).await
    }

    /// How many tenants were served by a run of today. Every one that had a token has one all
    /// the time; a vend changes none of them: what is not renewed still lives long enough.
    async fn renewed(&self) -> usize {
        let neighbour = Neighbour::of(self.directory, self.run.clock.clone()).await;
        let first: TenantId = self.run.tenant(0).parse().unwrap();
        let first = neighbour.platform.store.tenants.find(first).await.unwrap();
        let mut renewed = usize::from(first.unwrap().status == TenantStatus::Active);
        for index in 1..TENANTS {
            let vended = self.run.broker.vend(&self.run.tenant(index)).await;
            assert_eq!(vended.status, 200, "{}", vended.body);
            let life = vended.body["expires_in"].as_i64().unwrap();
            renewed += usize::from(life > 3600 - AGO);
        }
        renewed
    }

    /// How many tenants had a turn since then. A token that was renewed before a turn so close
    /// could not wait for the next one: all are renewed at a moment that is no turn of theirs.
    fn turns_since(&self, began: Timestamp) -> u64 {
        let schedule = RefreshSchedule {
            outage_to_survive: Duration::from_secs(900),
            period: Duration::from_secs(3600),
            confirm_after: Duration::from_secs(300),
        };
        let (turns, now) = (schedule.turns(), self.run.clock.now());
        let had_one = |index: &usize| {
            let slot = Slot::of(self.run.tenant(*index).parse().unwrap());
            turns.last(slot, now) >= began
        };
        (0..TENANTS).filter(had_one).count() as u64
    }

    /// App-only requests by tenant, as the authority counts them.
    async fn requests(&self) -> BTreeMap<String, u64> {
        let stats = self.run.broker.stats().await;
        serde_json::from_value(stats["app_only_by_tenant"].clone()).unwrap()
    }
}

fn since(before: &BTreeMap<String, u64>, now: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let earlier = |tenant: &String| before.get(tenant).copied().unwrap_or_default();
    now.iter()
        .map(|(tenant, times)| (tenant.clone(), times - earlier(tenant)))
        .collect()
}
