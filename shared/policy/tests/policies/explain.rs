//! What `policy explain` can say about a decision.

use crate::world::*;
use policy::{Explanation, PolicySet};
use serde_json::json;

const POLICIES: &str = r#"
@id("gold") permit(
    principal is Workload, action in [Action::"vend", Action::"list"], resource is Tenant
) when {
    principal.issuer == "https://token.actions.githubusercontent.com" &&
    principal.hasTag("repository_owner") && principal.getTag("repository_owner") == "contoso" &&
    resource.hasTag("tier") && resource.getTag("tier") == "gold"
} unless { resource.status == Status::"suspended" };
@id("key") permit(principal == Key::"a", action == Action::"vend", resource in Customer::"contoso");
@id("invites") permit(principal == Key::"a", action == Action::"invite", resource in Customer::"contoso");
@id("no-graph") forbid(principal, action == Action::"vend", resource)
when { context.resource == "https://graph.microsoft.com" };
@id("fails") forbid(principal is AwsRole, action, resource) when { 9223372036854775807 + 1 == 0 };
"#;

fn explained(asked: &Asked) -> Explanation {
    parsed(POLICIES).explain(&asked.question())
}

fn near(explanation: &Explanation) -> Vec<(&str, Vec<&str>)> {
    let near = explanation.near.iter();
    near.map(|one| {
        let unmet = one.unmet.iter().map(String::as_str);
        (one.policy.as_str(), unmet.collect())
    })
    .collect()
}

#[test]
fn the_deciding_policy_is_named() {
    let explanation = explained(&Asked::vend(key("a"), Tenant::contoso()));
    assert!(explanation.decision.allows());
    assert_eq!(explanation.decision.policies, ["key"]);
    assert_eq!(explanation.permits, ["key"]);
    assert!(explanation.forbids.is_empty() && explanation.failed.is_empty());
}

#[test]
fn a_permit_that_lost_to_a_forbid_is_told() {
    let explanation = explained(&Asked::vend(key("a"), Tenant::contoso()).for_resource(GRAPH));
    assert!(!explanation.decision.allows());
    assert_eq!(explanation.decision.policies, ["no-graph"]);
    assert_eq!(explanation.permits, ["key"]);
    assert_eq!(explanation.forbids, ["no-graph"]);
}

#[test]
fn what_is_missing_for_the_closest_permit_is_told_first() {
    let caller = workload(
        GITHUB,
        "repo:contoso/x",
        json!({"repository_owner": "contoso"}),
    );
    let explanation = explained(&Asked::vend(caller, Tenant::of("contoso", &[])));
    assert!(!explanation.decision.allows());
    assert_eq!(
        near(&explanation),
        [
            ("key", vec![r#"principal == Key::"a""#]),
            (
                "gold",
                vec![
                    r#"resource.hasTag("tier")"#,
                    r#"resource.getTag("tier") == "gold""#
                ]
            ),
        ]
    );
}

#[test]
fn a_policy_that_cannot_be_evaluated_is_told_with_its_reason() {
    let explanation = explained(&Asked::list(role(ACCOUNT, "a"), Tenant::contoso()));
    assert!(!explanation.decision.allows());
    assert_eq!(explanation.decision.policies, ["fails"]);
    let [failed] = explanation.failed.as_slice() else {
        panic!("{:?}", explanation.failed)
    };
    assert_eq!((failed.policy.as_str(), failed.denies), ("fails", true));
    assert!(failed.reason.contains("overflow"), "{}", failed.reason);
}

#[test]
fn no_more_than_five_permits_come_near() {
    let text: String = (0..9)
        .map(|n| {
            format!("@id(\"p{n}\") permit(principal == Key::\"a\", action, resource in Customer::\"c{n}\");")
        })
        .collect();
    let policies = PolicySet::parse(&text).unwrap();
    let asked = Asked::list(key("a"), Tenant::contoso());
    assert_eq!(policies.explain(&asked.question()).near.len(), 5);
}

#[test]
fn a_question_that_fits_no_policy_is_explained_as_denied() {
    let asked = Asked {
        resource: None,
        ..Asked::vend(key("a"), Tenant::contoso())
    };
    let explanation = explained(&asked);
    assert!(!explanation.decision.allows());
    assert!(explanation.permits.is_empty() && explanation.near.is_empty());
}
