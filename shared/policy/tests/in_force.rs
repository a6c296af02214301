//! The policies of a function: read when they are needed, replaced by what is newer and
//! sound, and by nothing else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod told;
mod world;

use std::pin::pin;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::Timestamp;
use auth::caller::{ClaimNames, Outcome};
use auth::ports::{
    Authorizer, ClaimsRead as _, Clock, PolicyMode, PolicySource, StoreError, StoredPolicy,
};
use policy::Policies;
use tokio::sync::Semaphore;
use told::Told;
use world::*;

const NOW: i64 = 1_800_000_000;

struct MovedClock(AtomicI64);

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::SeqCst))
    }
}

/// A table that holds what the test says, counts its reads, and can be slow.
struct Table {
    stored: Mutex<Result<Option<StoredPolicy>, StoreError>>,
    reads: AtomicU32,
    /// A read takes one.
    lets_through: Semaphore,
}

#[async_trait]
impl PolicySource for Table {
    async fn current(&self) -> Result<Option<StoredPolicy>, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.lets_through.acquire().await.unwrap().forget();
        self.stored.lock().unwrap().clone()
    }
}

struct Stage {
    table: Arc<Table>,
    clock: Arc<MovedClock>,
    policies: Arc<Policies>,
}

impl Stage {
    fn with(stored: Result<Option<StoredPolicy>, StoreError>) -> Self {
        told::ready();
        let table = Arc::new(Table {
            stored: Mutex::new(stored),
            reads: AtomicU32::new(0),
            lets_through: Semaphore::new(1_000),
        });
        let clock = Arc::new(MovedClock(AtomicI64::new(NOW)));
        let policies = Policies::new(table.clone(), clock.clone());
        Self {
            table,
            clock,
            policies: Arc::new(policies),
        }
    }

    fn store(&self, stored: Result<Option<StoredPolicy>, StoreError>) {
        *self.table.stored.lock().unwrap() = stored;
    }

    fn after(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn reads(&self) -> u32 {
        self.table.reads.load(Ordering::SeqCst)
    }

    /// Whether the key may be handed Contoso's token.
    async fn permits(&self, name: &str) -> bool {
        self.outcome(name).await == Outcome::Allow
    }

    async fn outcome(&self, name: &str) -> Outcome {
        let asked = Asked::vend(key(name), Tenant::contoso());
        self.policies.decide(asked.question()).await.outcome
    }
}

/// Permits one key.
fn permits(name: &str) -> String {
    format!(
        "@id(\"one\") permit(principal == Key::\"{name}\", action, resource in Customer::\"contoso\");"
    )
}

fn version(version: u64, text: &str) -> StoredPolicy {
    StoredPolicy {
        version,
        digest: StoredPolicy::digest_of(text),
        text: text.to_owned(),
        mode: PolicyMode::Enforce,
        put_at: Timestamp::from_unix(NOW),
    }
}

fn stored(number: u64, name: &str) -> Result<Option<StoredPolicy>, StoreError> {
    Ok(Some(version(number, &permits(name))))
}

fn outage() -> Result<Option<StoredPolicy>, StoreError> {
    Err(StoreError::Unavailable("throttled".to_owned()))
}

#[tokio::test]
async fn a_new_version_is_in_force_within_a_minute() {
    let stage = Stage::with(stored(1, "a"));
    assert!(stage.permits("a").await);
    stage.store(stored(2, "b"));
    stage.after(59);
    assert!(stage.permits("a").await);
    assert_eq!(stage.reads(), 1);
    stage.after(1);
    assert!(stage.permits("b").await);
    assert!(!stage.permits("a").await);
    assert_eq!(stage.reads(), 2);
}

#[tokio::test]
async fn what_was_read_before_anybody_asked_is_not_read_again() {
    let stage = Stage::with(stored(1, "a"));
    stage.policies.prepare().await;
    assert_eq!(stage.reads(), 1);
    assert!(stage.permits("a").await);
    assert_eq!(stage.reads(), 1);
    stage.after(60);
    assert!(stage.permits("a").await);
    assert_eq!(stage.reads(), 2);
}

/// A start has no more than a moment for it, and is over when it is over.
#[tokio::test]
async fn a_text_whose_check_was_given_up_is_taken_by_whoever_asks() {
    let stage = Stage::with(stored(1, "a"));
    {
        let mut prepared = pin!(stage.policies.prepare());
        // The source has answered, and the check is under way.
        tokio::select! {
            biased;
            () = &mut prepared => panic!("checked within one poll"),
            () = std::future::ready(()) => {}
        }
    }
    assert_eq!(stage.reads(), 1);
    assert!(stage.permits("a").await);
    assert_eq!(stage.reads(), 2);
}

/// Whoever asks first reads them, and is told what is wrong then.
#[tokio::test]
async fn what_could_not_be_read_before_anybody_asked_is_neither_told_nor_remembered() {
    let stage = Stage::with(outage());
    let told = Told::listen();
    stage.policies.prepare().await;
    assert_eq!(told.events(), Vec::<String>::new());
    assert_eq!(stage.outcome("a").await, Outcome::Undecided);
    assert_eq!(told.events(), ["policy_not_read"]);
    stage.policies.prepare().await;
    stage.store(stored(1, "a"));
    assert!(stage.permits("a").await);
}

/// `POLICY_MAX_AGE_SECONDS`.
#[tokio::test]
async fn the_settings_say_how_old_a_set_may_be() {
    for age in [0, 5] {
        let table = Stage::with(stored(1, "a"));
        let policies = Policies::new(table.table.clone(), table.clock.clone());
        let max_age = std::time::Duration::from_secs(age);
        let policies = Arc::new(policies.with_max_age(max_age));
        let stage = Stage { policies, ..table };
        assert!(stage.permits("a").await);
        stage.store(stored(2, "b"));
        stage.after(i64::try_from(age).unwrap());
        assert!(stage.permits("b").await, "{age}");
    }
}

#[tokio::test]
async fn an_older_version_that_is_stored_again_is_in_force_again() {
    let stage = Stage::with(stored(5, "a"));
    assert!(stage.permits("a").await);
    stage.store(stored(4, "b"));
    stage.after(60);
    assert!(stage.permits("b").await);
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_no_old_set_in_force() {
    let stage = Stage::with(stored(1, "a"));
    assert!(stage.permits("a").await);
    stage.store(stored(2, "b"));
    stage.after(-3_600);
    assert!(stage.permits("b").await);
}

#[tokio::test]
async fn without_a_policy_everybody_is_denied() {
    let told = Told::listen();
    let stage = Stage::with(Ok(None));
    assert!(!stage.permits("a").await);
    stage.after(60);
    assert!(!stage.permits("a").await);
    assert_eq!(told.events(), ["policy_missing"]);
    stage.store(stored(1, "a"));
    stage.after(60);
    assert!(stage.permits("a").await);
    // It is taken away again.
    stage.store(Ok(None));
    stage.after(60);
    assert!(!stage.permits("a").await);
    assert_eq!(
        told.events(),
        ["policy_missing", "policy_taken", "policy_missing"]
    );
}

#[tokio::test]
async fn what_does_not_pass_the_checks_replaces_nothing_and_is_told_once() {
    let told = Told::listen();
    let sound = version(1, &permits("a"));
    let other_digest = StoredPolicy {
        digest: sound.digest.clone(),
        ..version(2, &permits("b"))
    };
    let refused = [
        version(2, "permit(principal, action, resource"),
        version(3, "@id(\"all\") permit(principal, action, resource);"),
        version(
            4,
            "@id(\"typo\") permit(principal == Kee::\"b\", action, resource);",
        ),
        other_digest,
    ];
    let stage = Stage::with(Ok(Some(sound)));
    assert!(stage.permits("a").await);
    for policy in refused {
        stage.store(Ok(Some(policy)));
        for _ in 0..3 {
            stage.after(60);
            assert!(stage.permits("a").await);
            assert!(!stage.permits("b").await);
        }
    }
    assert_eq!(stage.reads(), 1 + 4 * 3);
    let expected = [&["policy_taken"][..], &["policy_refused"; 4]].concat();
    assert_eq!(told.events(), expected);
}

#[tokio::test]
async fn a_first_policy_that_does_not_pass_the_checks_denies_everybody() {
    let stage = Stage::with(Ok(Some(version(1, "permit(principal, action, resource);"))));
    assert!(!stage.permits("a").await);
    assert!(!stage.permits("a").await);
    assert_eq!(stage.reads(), 1);
}

#[tokio::test]
async fn a_table_that_does_not_answer_changes_nothing() {
    let told = Told::listen();
    let stage = Stage::with(stored(1, "a"));
    assert!(stage.permits("a").await);
    stage.store(outage());
    stage.after(60);
    for _ in 0..3 {
        assert!(stage.permits("a").await);
    }
    assert_eq!(stage.reads(), 2, "it is not asked at every question");
    stage.after(5);
    assert!(stage.permits("a").await);
    assert_eq!(stage.reads(), 3);
    stage.store(stored(2, "b"));
    stage.after(5);
    assert!(stage.permits("b").await);
    let expected = [
        "policy_taken",
        "policy_not_read",
        "policy_not_read",
        "policy_taken",
    ];
    assert_eq!(told.events(), expected);
}

#[tokio::test]
async fn as_long_as_nothing_was_read_nobody_is_permitted_and_the_table_is_asked() {
    let stage = Stage::with(outage());
    assert!(!stage.permits("a").await);
    assert_eq!(stage.outcome("a").await, Outcome::Undecided);
    stage.store(Ok(None));
    assert_eq!(stage.outcome("a").await, Outcome::Deny);
    stage.store(stored(1, "a"));
    stage.after(60);
    assert!(stage.permits("a").await);
    assert_eq!(stage.reads(), 4);
}

#[tokio::test]
async fn one_task_reads_while_the_others_go_on_with_the_old_set() {
    let stage = Arc::new(Stage::with(stored(1, "a")));
    assert!(stage.permits("a").await);
    stage.store(stored(2, "b"));
    stage.after(60);
    stage.table.lets_through.forget_permits(1_000);
    let reader = tokio::spawn({
        let stage = Arc::clone(&stage);
        async move { stage.permits("b").await }
    });
    while stage.reads() < 2 {
        tokio::task::yield_now().await;
    }
    for _ in 0..3 {
        assert!(stage.permits("a").await);
    }
    assert_eq!(stage.reads(), 2);
    stage.table.lets_through.add_permits(1);
    assert!(reader.await.unwrap());
    assert!(!stage.permits("a").await);
}

#[tokio::test]
async fn at_the_start_all_wait_for_the_one_that_reads() {
    let stage = Arc::new(Stage::with(stored(1, "a")));
    stage.table.lets_through.forget_permits(1_000);
    let waiting: Vec<_> = (0..5)
        .map(|_| {
            let stage = Arc::clone(&stage);
            tokio::spawn(async move { stage.permits("a").await })
        })
        .collect();
    while stage.reads() < 1 {
        tokio::task::yield_now().await;
    }
    stage.table.lets_through.add_permits(1);
    for task in waiting {
        assert!(task.await.unwrap());
    }
    assert_eq!(stage.reads(), 1);
}

#[tokio::test]
async fn the_mode_comes_with_the_text() {
    let watched = StoredPolicy {
        mode: PolicyMode::Audit,
        ..version(1, &permits("a"))
    };
    let stage = Stage::with(Ok(Some(watched.clone())));
    assert!(stage.permits("b").await);
    let enforced = StoredPolicy {
        version: 2,
        mode: PolicyMode::Enforce,
        ..watched
    };
    stage.store(Ok(Some(enforced)));
    stage.after(60);
    assert!(!stage.permits("b").await);
    let set = stage.policies.current().await.unwrap();
    assert_eq!(set.mode(), PolicyMode::Enforce);
}

/// Permits all workloads of the cluster with a claim.
const OF_CLUSTER: &str = r#"@id("one") permit(principal is Workload, action, resource in Customer::"contoso")
    when { principal.issuer == "https://oidc.eks.eu-central-1.amazonaws.com/id/1" &&
           principal.hasTag("team") && principal.getTag("team") == "a" };
    @id("two") forbid(principal is Workload, action, resource)
    when { principal.hasTag("/jobs/kind") && principal.getTag("/jobs/kind") == "test" };"#;

fn of_cluster(issuers: &[&str]) -> Stage {
    let table = Stage::with(Ok(Some(version(1, OF_CLUSTER))));
    let policies = Policies::new(table.table.clone(), table.clock.clone());
    let policies = Arc::new(policies.with_private_issuers(private(issuers)));
    Stage { policies, ..table }
}

async fn decided(stage: &Stage, caller: &auth::Caller) -> Outcome {
    let asked = Asked::vend(caller.clone(), Tenant::contoso());
    stage.policies.decide(asked.question()).await.outcome
}

#[tokio::test]
async fn a_text_for_an_issuer_that_is_private_no_more_is_not_taken() {
    let caller = workload(CLUSTER, "pod", serde_json::json!({"team": "a"}));
    for (issuers, outcome) in [
        (&[CLUSTER][..], Outcome::Allow),
        (&[], Outcome::Deny),
        (&["https://another.example"], Outcome::Deny),
    ] {
        let stage = of_cluster(issuers);
        let told = Told::listen();
        assert_eq!(decided(&stage, &caller).await, outcome, "{issuers:?}");
        let expected = match outcome {
            Outcome::Allow => "policy_taken",
            _ => "policy_refused",
        };
        assert_eq!(told.events(), [expected], "{issuers:?}");
    }
}

/// A claim that was dropped must not look like one that is absent: the forbid would not match.
#[tokio::test]
async fn a_caller_that_lost_a_claim_which_policies_read_is_left_undecided() {
    let stage = of_cluster(&[CLUSTER]);
    let claims = serde_json::json!({"team": "a", "jobs": {"kind": "test"}, "other": "x"});
    let auth::Caller::Workload(whole) = workload(CLUSTER, "pod", claims) else {
        panic!("a workload")
    };
    let caller = auth::Caller::Workload(whole.clone());
    assert_eq!(decided(&stage, &caller).await, Outcome::Deny);
    let read = stage.policies.claims_read().await;
    let names = |names: &[&str]| Arc::new(names.iter().map(|name| (*name).to_owned()).collect());
    let expected: ClaimNames = ["team", "jobs"].map(str::to_owned).into_iter().collect();
    assert_eq!(*read, expected, "issuer and subject are no claims here");
    let rows = [
        (whole.clone(), Outcome::Deny),
        (whole.keeping(&read), Outcome::Deny),
        (
            whole.keeping(&names(&["jobs", "other", "team"])),
            Outcome::Deny,
        ),
        (whole.keeping(&names(&["team"])), Outcome::Undecided),
        (whole.keeping(&names(&["jobs"])), Outcome::Undecided),
        (whole.keeping(&names(&[])), Outcome::Undecided),
        (whole.keeping(&names(&["kind", "team"])), Outcome::Undecided),
    ];
    for (kept, outcome) in rows {
        let caller = auth::Caller::Workload(kept);
        for _ in 0..2 {
            assert_eq!(decided(&stage, &caller).await, outcome, "{caller:?}");
        }
    }
}

#[tokio::test]
async fn what_policies_read_follows_the_text_in_force() {
    let stage = Stage::with(outage());
    assert_eq!(*stage.policies.claims_read().await, ClaimNames::default());
    let reads = |name: &str| {
        let text = format!(
            "@id(\"one\") forbid(principal is Workload, action, resource) when {{ principal.hasTag(\"{name}\") }};"
        );
        Ok(Some(version(u64::from(name.as_bytes()[0]), &text)))
    };
    assert_eq!(stage.reads(), 0, "the decision looks for a set");
    stage.store(reads("a"));
    assert!(!stage.permits("a").await);
    for name in ["a", "b", "sub"] {
        stage.store(reads(name));
        stage.after(60);
        let expected: ClaimNames = [name.to_owned()].into_iter().collect();
        assert_eq!(*stage.policies.claims_read().await, expected);
    }
}
