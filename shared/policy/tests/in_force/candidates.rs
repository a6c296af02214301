//! A candidate is tried beside the set in force: where they differ it is said, and the
//! answer is that of the set in force, whatever the candidate is.

use auth::caller::{CandidateDecision, Ruling};
use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::ports::{StoreError, StoredPolicies};
use serde_json::json;

use super::logged::Logged;
use super::stage::*;
use crate::world::*;

/// What a table holds of both.
fn both(in_force: Option<&str>, tried: Option<&str>) -> Found {
    Ok(StoredPolicies {
        in_force: in_force.map(|text| version(1, text)),
        candidate: Ok(tried.map(candidate)),
    })
}

/// The ruling, and what the candidate would do where that differs.
async fn told_of(stage: &Stage, asked: &Asked) -> (Ruling, Option<bool>) {
    let decision = stage.decision(asked).await;
    let allows = decision.candidate.map(|candidate| candidate.allows);
    (decision.ruling, allows)
}

fn vend(name: &str) -> Asked {
    Asked::vend(key(name), Tenant::contoso())
}

const EVERY_KEY: &str =
    r#"@id("every") permit(principal is Key, action, resource in Customer::"contoso");"#;
const NOT_A: &str = r#"@id("every") permit(principal is Key, action, resource in Customer::"contoso");
@id("not-a") forbid(principal == Key::"a", action, resource);"#;
const PROD: &str = r#"@id("prod") permit(principal is Workload, action, resource in Customer::"contoso")
when { principal.issuer == "https://oidc.eks.eu-central-1.amazonaws.com/id/1" && principal.hasTag("env") && principal.getTag("env") == "prod" };"#;
const OPS: &str = r#"@id("ops") permit(principal is Workload, action, resource in Customer::"contoso")
when { principal.issuer == "https://oidc.eks.eu-central-1.amazonaws.com/id/1" && principal.lists.hasTag("groups") && principal.lists.getTag("groups").contains("ops") };"#;
const GOLD: &str = r#"@id("gold") permit(principal == Key::"a", action, resource is Tenant)
when { resource.hasTag("tier") && resource.getTag("tier") == "gold" };"#;
const FAILS: &str = r#"@id("one") permit(principal == Key::"a", action, resource in Customer::"contoso");
@id("fails") forbid(principal, action, resource) when { 9223372036854775807 + 1 == 0 };"#;

fn pod(env: &str) -> Asked {
    let claims = json!({"env": env, "groups": ["dev", "ops"]});
    Asked::vend(workload(CLUSTER, "pod", claims), Tenant::contoso())
}

#[tokio::test]
async fn the_answer_is_that_of_the_set_in_force_and_a_difference_is_said() {
    use Ruling::{Allow, Deny};
    let a = permits("a");
    let b = permits("b");
    let (a, b) = (a.as_str(), b.as_str());
    let plain = Tenant::of("contoso", &[]);
    let rows = [
        ("would deny", a, b, vend("a"), (Allow, Some(false))),
        ("would permit", a, b, vend("b"), (Deny, Some(true))),
        ("denied by both", a, b, vend("c"), (Deny, None)),
        ("permitted by both", a, EVERY_KEY, vend("a"), (Allow, None)),
        (
            "would permit every key",
            a,
            EVERY_KEY,
            vend("c"),
            (Deny, Some(true)),
        ),
        (
            "would forbid",
            EVERY_KEY,
            NOT_A,
            vend("a"),
            (Allow, Some(false)),
        ),
        (
            "forbids another",
            EVERY_KEY,
            NOT_A,
            vend("b"),
            (Allow, None),
        ),
        (
            "a forbid that fails would deny",
            a,
            FAILS,
            vend("a"),
            (Allow, Some(false)),
        ),
        ("the same text", a, a, vend("a"), (Allow, None)),
        (
            "another layout",
            a,
            &format!("{a}\n"),
            vend("a"),
            (Allow, None),
        ),
        (
            "a claim that is read by the candidate alone",
            a,
            PROD,
            pod("prod"),
            (Deny, Some(true)),
        ),
        ("another value of it", a, PROD, pod("dev"), (Deny, None)),
        (
            "a list that is read by the candidate alone",
            PROD,
            OPS,
            pod("prod"),
            (Allow, None),
        ),
        (
            "a claim that is read by the set in force alone",
            PROD,
            OPS,
            pod("dev"),
            (Deny, Some(true)),
        ),
        ("a label", a, GOLD, vend("a"), (Allow, None)),
        (
            "no label",
            a,
            GOLD,
            Asked::vend(key("a"), plain),
            (Allow, Some(false)),
        ),
        (
            "another action",
            a,
            b,
            Asked::invite(key("b"), "contoso"),
            (Deny, Some(true)),
        ),
    ];
    for (row, in_force, tried, asked, expected) in rows {
        let stage = Stage::with(both(Some(in_force), Some(tried)));
        // Decided, and remembered.
        for _ in 0..2 {
            assert_eq!(told_of(&stage, &asked).await, expected, "{row}");
        }
        let decision = stage.decision(&asked).await;
        if let Some(CandidateDecision { digest, .. }) = decision.candidate {
            assert_eq!(*digest, StoredPolicy::digest_of(tried), "{row}");
        }
        let digest = StoredPolicy::digest_of(in_force);
        assert_eq!(decision.digest.as_deref(), Some(digest.as_str()), "{row}");
    }
}

/// A first policy can be tried too.
#[tokio::test]
async fn without_a_policy_everybody_is_denied_whatever_is_tried() {
    let stage = Stage::with(both(None, Some(&permits("a"))));
    assert_eq!(
        told_of(&stage, &vend("a")).await,
        (Ruling::Deny, Some(true))
    );
    assert_eq!(told_of(&stage, &vend("b")).await, (Ruling::Deny, None));
}

#[tokio::test]
async fn a_candidate_that_cannot_be_tried_changes_nothing_and_is_told() {
    let not_its_digest = CandidatePolicy {
        digest: StoredPolicy::digest_of("another text"),
        ..candidate(&permits("b"))
    };
    let rows = [
        ("another digest", Ok(Some(not_its_digest))),
        ("cut off", Ok(Some(candidate("permit(principal, action")))),
        ("no policy", Ok(Some(candidate("let everybody in")))),
        (
            "no id",
            Ok(Some(candidate("permit(principal, action, resource);"))),
        ),
        (
            "refused by a lint",
            Ok(Some(candidate(
                "@id(\"x\") permit(principal, action, resource);",
            ))),
        ),
        (
            "refused by the schema",
            Ok(Some(candidate(
                "@id(\"x\") permit(principal == Kee::\"a\", action, resource);",
            ))),
        ),
        (
            "a damaged item",
            Err(StoreError::Damaged("no digest".to_owned())),
        ),
    ];
    for (row, tried) in rows {
        let logged = Logged::listen();
        let stage = Stage::with(Ok(StoredPolicies {
            in_force: Some(version(1, &permits("a"))),
            candidate: tried,
        }));
        for _ in 0..2 {
            let permitted = told_of(&stage, &vend("a")).await;
            assert_eq!(permitted, (Ruling::Allow, None), "{row}");
            let denied = told_of(&stage, &vend("b")).await;
            assert_eq!(denied, (Ruling::Deny, None), "{row}");
        }
        assert_eq!(
            logged.events(),
            ["policy_taken", "policy_candidate_refused"],
            "{row}"
        );
    }
}

#[tokio::test]
async fn a_candidate_comes_and_goes_within_a_minute() {
    let logged = Logged::listen();
    let (a, b, wrong) = (permits("a"), permits("b"), "permit (");
    let stage = Stage::with(both(Some(&a), None));
    let steps = [
        (None, None),
        (Some(b.as_str()), Some(false)),
        (Some(b.as_str()), Some(false)),
        // What is stored now cannot be tried, and what was tried is not stored any more.
        (Some(wrong), None),
        (Some(wrong), None),
        (Some(EVERY_KEY), None),
        (Some(NOT_A), Some(false)),
        (None, None),
    ];
    for (number, (tried, expected)) in steps.into_iter().enumerate() {
        stage.store(both(Some(&a), tried));
        stage.after(60);
        let found = told_of(&stage, &vend("a")).await;
        assert_eq!(found, (Ruling::Allow, expected), "step {number}");
    }
    let expected = [
        "policy_taken",
        "policy_candidate_taken",
        "policy_candidate_refused",
        "policy_candidate_taken",
        "policy_candidate_taken",
    ];
    assert_eq!(logged.events(), expected);
}

/// Put in force it decides, and is a candidate no more.
#[tokio::test]
async fn a_candidate_that_is_put_in_force_decides() {
    let (a, b) = (permits("a"), permits("b"));
    let stage = Stage::with(both(Some(&a), Some(&b)));
    assert_eq!(
        told_of(&stage, &vend("b")).await,
        (Ruling::Deny, Some(true))
    );
    // The operator's two writes: the candidate is there a moment longer.
    for left in [Some(b.as_str()), None] {
        stage.store(Ok(StoredPolicies {
            in_force: Some(version(2, &b)),
            candidate: Ok(left.map(candidate)),
        }));
        stage.after(60);
        assert_eq!(told_of(&stage, &vend("b")).await, (Ruling::Allow, None));
        assert_eq!(told_of(&stage, &vend("a")).await, (Ruling::Deny, None));
    }
}

/// Nor does it keep a set in force that the store does not confirm.
#[tokio::test]
async fn a_candidate_decides_nothing_when_the_set_in_force_is_too_old() {
    let (a, b) = (permits("a"), permits("b"));
    let stage = Stage::with(both(Some(&a), Some(&b)));
    assert!(stage.permits("a").await);
    let damaged = version(2, "permit (");
    stage.store(Ok(StoredPolicies {
        in_force: Some(damaged),
        candidate: Ok(Some(candidate(EVERY_KEY))),
    }));
    stage.after(899);
    // The newest candidate is tried beside what is still in force.
    assert_eq!(
        told_of(&stage, &vend("b")).await,
        (Ruling::Deny, Some(true))
    );
    assert_eq!(told_of(&stage, &vend("a")).await, (Ruling::Allow, None));
    stage.after(1);
    for name in ["a", "b"] {
        assert_eq!(
            told_of(&stage, &vend(name)).await,
            (Ruling::Undecided, None)
        );
    }
}
