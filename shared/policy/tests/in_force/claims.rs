//! Which claims of a workload are looked for, and what becomes of one that lost some.

use std::sync::Arc;

use auth::caller::{ClaimNames, Ruling};
use auth::ports::{ClaimsRead as _, HeldIssuers};

use super::logged::Logged;
use super::stage::*;
use crate::world::*;

/// Permits all workloads of the cluster with a claim.
const OF_CLUSTER: &str = r#"@id("one") permit(principal is Workload, action, resource in Customer::"contoso")
    when { principal.issuer == "https://oidc.eks.eu-central-1.amazonaws.com/id/1" &&
           principal.hasTag("team") && principal.getTag("team") == "a" };
    @id("two") forbid(principal is Workload, action, resource)
    when { principal.hasTag("/jobs/kind") && principal.getTag("/jobs/kind") == "test" };"#;

fn of_cluster(issuers: &[&str]) -> Stage {
    let stored = Ok(found(Some(version(1, OF_CLUSTER))));
    let issuers = Arc::new(HeldIssuers::of(&private_entries(issuers)));
    Stage::built(stored, |policies| policies.with_issuers(issuers.clone()))
}

async fn decided(stage: &Stage, caller: &auth::Caller) -> Ruling {
    let asked = Asked::vend(caller.clone(), Tenant::contoso());
    stage.decision(&asked).await.ruling
}

#[tokio::test]
async fn a_text_for_an_issuer_that_is_private_no_more_is_not_taken() {
    let caller = workload(CLUSTER, "pod", serde_json::json!({"team": "a"}));
    for (issuers, ruling) in [
        (&[CLUSTER][..], Ruling::Allow),
        (&[], Ruling::Undecided),
        (&["https://another.example"], Ruling::Undecided),
    ] {
        let stage = of_cluster(issuers);
        let logged = Logged::listen();
        assert_eq!(decided(&stage, &caller).await, ruling, "{issuers:?}");
        let expected = match ruling {
            Ruling::Allow => "policy_taken",
            _ => "policy_refused",
        };
        assert_eq!(logged.events(), [expected], "{issuers:?}");
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
    assert_eq!(decided(&stage, &caller).await, Ruling::Deny);
    let read = stage.policies.claims_read().await;
    let names = |names: &[&str]| Arc::new(names.iter().map(|name| (*name).to_owned()).collect());
    let expected: ClaimNames = ["team", "jobs"].map(str::to_owned).into_iter().collect();
    assert_eq!(*read, expected, "issuer and subject are no claims here");
    let rows = [
        (whole.clone(), Ruling::Deny),
        (whole.keeping(&read), Ruling::Deny),
        (
            whole.keeping(&names(&["jobs", "other", "team"])),
            Ruling::Deny,
        ),
        (whole.keeping(&names(&["team"])), Ruling::Undecided),
        (whole.keeping(&names(&["jobs"])), Ruling::Undecided),
        (whole.keeping(&names(&[])), Ruling::Undecided),
        (whole.keeping(&names(&["kind", "team"])), Ruling::Undecided),
    ];
    for (kept, ruling) in rows {
        let caller = auth::Caller::Workload(kept);
        for _ in 0..2 {
            assert_eq!(decided(&stage, &caller).await, ruling, "{caller:?}");
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
        Ok(found(Some(version(u64::from(name.as_bytes()[0]), &text))))
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

#[tokio::test]
async fn what_a_candidate_reads_is_kept_too_and_a_caller_that_lacks_it_is_not_counted() {
    let forbids = |name: &str| {
        format!(
            "@id(\"{name}\") forbid(principal is Workload, action, resource) when {{ principal.hasTag(\"{name}\") }};"
        )
    };
    let in_force = version(1, OF_CLUSTER);
    let tried = candidate(&format!("{OF_CLUSTER}\n{}", forbids("other")));
    let mut stored = found(Some(in_force));
    let stage = Stage::with(Ok(stored.clone()));
    let claims = serde_json::json!({"team": "a", "other": "x"});
    let auth::Caller::Workload(whole) = workload(CLUSTER, "pod", claims) else {
        panic!("a workload")
    };
    assert!(!stage.permits("a").await);
    let before = whole.keeping(&stage.policies.claims_read().await);
    stored.candidate = Ok(Some(tried));
    stage.store(Ok(stored));
    stage.after(60);
    let read = stage.policies.claims_read().await;
    let expected: ClaimNames = ["team", "jobs", "other"]
        .map(str::to_owned)
        .into_iter()
        .collect();
    assert_eq!(*read, expected);
    for (workload, denied) in [(whole.keeping(&read), true), (whole, true), (before, false)] {
        let asked = Asked::vend(auth::Caller::Workload(workload), Tenant::contoso());
        let decision = stage.decision(&asked).await;
        assert_eq!(decision.ruling, Ruling::Allow);
        let found = decision.candidate.map(|candidate| candidate.allows);
        assert_eq!(found, denied.then_some(false));
    }
}

/// The list of issuers changes under a text that stays.
#[tokio::test]
async fn a_text_is_checked_again_when_other_issuers_are_private() {
    let issuers = Arc::new(HeldIssuers::of(&private_entries(&[CLUSTER])));
    let stage = Stage::built(Ok(found(Some(version(1, OF_CLUSTER)))), |policies| {
        policies.with_issuers(issuers.clone())
    });
    let caller = workload(CLUSTER, "pod", serde_json::json!({"team": "a"}));
    assert_eq!(decided(&stage, &caller).await, Ruling::Allow);
    // It is not known which: the text stays, and no issuer's token is taken.
    issuers.hold(None);
    stage.after(60);
    assert_eq!(decided(&stage, &caller).await, Ruling::Allow);
    // Private no more: as any text that fails the checks, it stays for a while and ends.
    issuers.hold(Some(&[]));
    stage.after(60);
    assert_eq!(decided(&stage, &caller).await, Ruling::Allow);
    stage.after(840);
    assert_eq!(decided(&stage, &caller).await, Ruling::Undecided);
    issuers.hold(Some(&private_entries(&[CLUSTER])));
    stage.after(5);
    assert_eq!(decided(&stage, &caller).await, Ruling::Allow);
}
