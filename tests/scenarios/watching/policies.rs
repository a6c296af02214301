//! Incidents of policies: a text that cannot be taken, and a candidate that would deny what
//! is used. The texts are put into the table by hand: the operator would refuse one of them.

use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::ports::{PolicyStore, Write};

use super::incidents::{NOBODY, running, set};
use super::stage::{EVERY, Stage};

/// Denies the caller of this stage everything.
const FOR_A_KEY: &str =
    "@id(\"key\") permit (principal == Key::\"collector\", action, resource in Customer::\"x\");\n";
/// A function reads the policy again after so long.
const MAX_AGE: i64 = 60;

fn policies(stage: &Stage) -> &dyn PolicyStore {
    stage.ground.neighbour.platform.store.policies.as_ref()
}

async fn in_force(stage: &Stage) -> StoredPolicy {
    policies(stage).current().await.unwrap().in_force.unwrap()
}

/// The next version; `of`: the text that its digest is of.
async fn put(stage: &Stage, text: &str, of: &str) {
    let before = in_force(stage).await;
    let next = StoredPolicy {
        digest: StoredPolicy::digest_of(of),
        ..StoredPolicy::following(Some(&before), text.to_owned(), before.put_at)
    };
    assert_eq!(policies(stage).put(&next).await.unwrap(), Write::Done);
}

async fn put_candidate(stage: &Stage, text: &str) {
    let at = in_force(stage).await.put_at;
    let candidate = CandidatePolicy::new(text.to_owned(), at);
    policies(stage).put_candidate(&candidate).await.unwrap();
}

async fn drop_candidate(stage: &Stage) {
    let dropped = policies(stage).drop_candidate(None).await.unwrap();
    assert_eq!(dropped, Write::Done);
}

/// Every metric that policies make, and at the end all is as it was.
pub(super) async fn tell_everything(stage: &mut Stage) {
    let everything = in_force(stage).await.text;
    let tenant = stage.run.tenant(0);
    put_candidate(stage, FOR_A_KEY).await;
    stage.run.clock.advance(MAX_AGE);
    assert_eq!(stage.vend(&tenant).await, 200, "the candidate would deny");
    put(stage, FOR_A_KEY, FOR_A_KEY).await;
    put_candidate(stage, &everything).await;
    stage.run.clock.advance(MAX_AGE);
    assert_eq!(stage.vend(&tenant).await, 403, "the candidate would allow");
    drop_candidate(stage).await;
    put(stage, &everything, "another text").await;
    stage.run.clock.advance(MAX_AGE);
    assert_eq!(stage.vend(&tenant).await, 403, "it cannot be taken");
    put(stage, &everything, &everything).await;
    stage.run.clock.advance(MAX_AGE);
    assert_eq!(stage.vend(&tenant).await, 200);
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_wakes_somebody_before_it_denies() {
    let mut stage = running(1).await;
    let tenant = stage.run.tenant(0);
    assert_eq!(stage.vend(&tenant).await, 200);
    let text = in_force(&stage).await.text;
    put(&stage, &text, "another text").await;
    for (status, expected) in [
        (200, &NOBODY[..]),
        (200, &["PolicyUnreadAlarm"]),
        (503, &["PolicyUnreadAlarm"]),
    ] {
        stage.pass(EVERY).await;
        assert_eq!(stage.vend(&tenant).await, status);
        assert_eq!(stage.alarming(), set(expected));
    }
    let shown = stage.shown_by("policy-unread.md", "VendingLogGroup");
    let last = shown.last().unwrap();
    assert_eq!(last["event"], "policy_refused", "{shown:#?}");
    assert!(last["problems"].as_str().unwrap().contains("digest"));

    put(&stage, &text, &text).await;
    stage.pass(EVERY).await;
    assert_eq!(stage.vend(&tenant).await, 200);
    stage.pass(900).await;
    assert_eq!(stage.alarming(), set(&NOBODY), "and it is over");
}

#[tokio::test]
async fn a_candidate_that_would_deny_what_is_used_wakes_somebody_and_denies_nothing() {
    let mut stage = running(1).await;
    let tenant = stage.run.tenant(0);
    put_candidate(&stage, FOR_A_KEY).await;
    stage.pass(EVERY).await;
    assert_eq!(stage.vend(&tenant).await, 200);
    assert_eq!(stage.alarming(), set(&["CandidateDeniesAlarm"]));
    let shown = stage.shown_by("candidate-denies.md", "VendingLogGroup");
    let last = shown.last().unwrap();
    assert_eq!(last["candidate"], "deny", "{shown:#?}");
    let digest = StoredPolicy::digest_of(FOR_A_KEY);
    assert_eq!(last["candidate_digest"], digest.as_str());

    drop_candidate(&stage).await;
    for _ in 0..12 {
        stage.pass(EVERY).await;
        assert_eq!(stage.vend(&tenant).await, 200);
    }
    assert_eq!(stage.alarming(), set(&NOBODY), "and it is over");
}

#[tokio::test]
async fn a_candidate_that_would_permit_more_wakes_nobody_and_permits_nothing() {
    let mut stage = running(1).await;
    let tenant = stage.run.tenant(0);
    let everything = in_force(&stage).await.text;
    put(&stage, FOR_A_KEY, FOR_A_KEY).await;
    put_candidate(&stage, &everything).await;
    stage.pass(EVERY).await;
    assert_eq!(stage.vend(&tenant).await, 403);
    assert_eq!(stage.alarming(), set(&NOBODY));
    let (_, line) = stage.lines.last().unwrap();
    assert_eq!(line["candidate"], "allow", "{line}");
}
