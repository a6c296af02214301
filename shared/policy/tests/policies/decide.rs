//! Who may do what: each kind of caller, each action, tenants of all sorts; what wins,
//! and what fails closed.

use crate::world::*;
use auth::TenantStatus;
use auth::caller::{Action, Caller};
use policy::DecisionMemory;
use serde_json::json;

const POLICIES: &str = r#"
@id("role") permit(
    principal == AwsRole::"111122223333/collector", action == Action::"vend",
    resource in Customer::"contoso"
);
@id("role-lists") permit(
    principal == AwsRole::"111122223333/collector", action == Action::"list",
    resource in Customer::"contoso"
);
@id("github") permit(
    principal is Workload, action in [Action::"vend", Action::"list"], resource is Tenant
) when {
    principal.issuer == "https://token.actions.githubusercontent.com" &&
    principal.hasTag("repository_owner") && principal.getTag("repository_owner") == "contoso" &&
    principal.hasTag("ref") && principal.getTag("ref") == "refs/heads/main" &&
    resource.hasTag("tier") && resource.getTag("tier") == "gold"
};
@id("pods") permit(
    principal == Workload::"https://oidc.eks.eu-central-1.amazonaws.com/id/1 system:serviceaccount:jobs:collector",
    action == Action::"vend", resource in Customer::"contoso"
) when { context.resource == "https://manage.office.com" };
@id("key-invites") permit(
    principal == Key::"portal", action == Action::"invite", resource == Customer::"contoso"
);
@id("key") permit(
    principal == Key::"portal", action == Action::"list", resource
);
@id("suspended") forbid(principal, action == Action::"vend", resource)
when { resource.status == Status::"suspended" };
"#;

fn collector() -> Caller {
    role(ACCOUNT, "collector")
}

fn workflow(owner: &str, branch: &str) -> Caller {
    let subject = format!("repo:{owner}/x:ref:{branch}");
    workload(
        GITHUB,
        &subject,
        json!({"repository_owner": owner, "ref": branch, "run_number": "7"}),
    )
}

fn pod(account: &str) -> Caller {
    let subject = format!("system:serviceaccount:jobs:{account}");
    workload(CLUSTER, &subject, json!({"sub": subject}))
}

#[test]
fn callers_tenants_and_actions() {
    let main = "refs/heads/main";
    let contoso = Tenant::contoso;
    let fabrikam = || Tenant::of("fabrikam", &[]);
    let none: &[&str] = &[];
    let rows = [
        (Asked::vend(collector(), contoso()), true, &["role"][..]),
        (Asked::list(collector(), contoso()), true, &["role-lists"]),
        (Asked::invite(collector(), "contoso"), false, none),
        (Asked::vend(collector(), fabrikam()), false, none),
        (Asked::vend(collector(), Tenant::stranger()), false, none),
        (
            Asked::vend(role("999999999999", "collector"), contoso()),
            false,
            none,
        ),
        (Asked::vend(role(ACCOUNT, "other"), contoso()), false, none),
        (
            Asked::vend(workflow("contoso", main), contoso()),
            true,
            &["github"],
        ),
        (
            Asked::list(workflow("contoso", main), contoso()),
            true,
            &["github"],
        ),
        (
            Asked::vend(workflow("contoso", main), fabrikam()),
            false,
            none,
        ),
        (
            Asked::vend(workflow("contoso", "refs/heads/x"), contoso()),
            false,
            none,
        ),
        (
            Asked::vend(workflow("attacker", main), contoso()),
            false,
            none,
        ),
        (Asked::vend(pod("collector"), contoso()), true, &["pods"]),
        (
            Asked::vend(pod("collector"), contoso()).for_resource(GRAPH),
            false,
            none,
        ),
        (Asked::vend(pod("other"), contoso()), false, none),
        (
            Asked::invite(key("portal"), "contoso"),
            true,
            &["key-invites"],
        ),
        (Asked::invite(key("portal"), "fabrikam"), false, none),
        (Asked::list(key("portal"), fabrikam()), true, &["key"]),
        (
            Asked::list(key("portal"), Tenant::stranger()),
            true,
            &["key"],
        ),
        (Asked::vend(key("portal"), contoso()), false, none),
        (Asked::list(key("other"), contoso()), false, none),
        (
            Asked::vend(collector(), contoso().with_status(TenantStatus::Suspended)),
            false,
            &["suspended"],
        ),
    ];
    let policies = parsed(POLICIES);
    let memory = DecisionMemory::default();
    for (asked, allowed, by) in rows {
        let decision = asked.decided_by(&policies);
        assert_eq!(verdict(&decision), (allowed, by.to_vec()), "{asked:?}");
        assert_eq!(decision.digest.as_ref(), Some(policies.digest()));
        assert_eq!(decision.candidate, None);
        for _ in 0..2 {
            let remembered = memory.decide(&policies, &asked.question());
            assert_eq!(remembered, decision, "{asked:?}");
        }
    }
}

#[test]
fn every_policy_that_permits_is_named_in_order() {
    let policies = parsed(
        r#"@id("z") permit(principal == Key::"a", action, resource in Customer::"contoso");
           @id("b") permit(principal, action, resource) when {
               principal == Key::"a" && resource is Tenant && resource.customer == Customer::"contoso" };
           @id("m") permit(principal == Key::"a", action == Action::"vend", resource);"#,
    );
    let decision = Asked::vend(key("a"), Tenant::contoso()).decided_by(&policies);
    assert_eq!(verdict(&decision), (true, vec!["b", "m", "z"]));
}

#[test]
fn a_forbid_wins_over_every_permit_and_is_named() {
    let policies = parsed(
        r#"@id("permit") permit(principal == Key::"a", action, resource in Customer::"contoso");
           @id("no-graph") forbid(principal, action == Action::"vend", resource)
           when { context.resource == "https://graph.microsoft.com" };
           @id("never-a") forbid(principal == Key::"a", action == Action::"vend", resource)
           unless { context.resource == "https://manage.office.com" };"#,
    );
    let vend = Asked::vend(key("a"), Tenant::contoso());
    assert!(vend.decided_by(&policies).allows());
    let graph = vend.for_resource(GRAPH).decided_by(&policies);
    assert_eq!(verdict(&graph), (false, vec!["never-a", "no-graph"]));
}

/// Cedar passes over a policy that it cannot evaluate. For a forbid that would be an
/// opening: here two that Cedar's validator takes and that fail when they are evaluated.
#[test]
fn a_forbid_that_cannot_be_evaluated_denies_and_a_permit_permits_nothing() {
    let failing = [
        r#"9223372036854775807 + 1 == 0"#,
        r#"Key::"elsewhere".name == "x""#,
    ];
    for condition in failing {
        let text = format!(
            r#"@id("permit") permit(principal == Key::"a", action, resource in Customer::"contoso");
               @id("fails") forbid(principal, action == Action::"vend", resource) when {{ {condition} }};"#
        );
        let policies = parsed(&text);
        let memory = DecisionMemory::default();
        let vend = Asked::vend(key("a"), Tenant::contoso());
        for _ in 0..2 {
            let decision = memory.decide(&policies, &vend.question());
            assert_eq!(verdict(&decision), (false, vec!["fails"]), "{condition}");
        }
        let list = Asked::list(key("a"), Tenant::contoso());
        assert!(list.decided_by(&policies).allows(), "{condition}");

        let permit = format!(
            r#"@id("fails") permit(principal == Key::"a", action, resource in Customer::"contoso")
               when {{ {condition} }};"#
        );
        let decision = vend.decided_by(&parsed(&permit));
        assert_eq!(verdict(&decision), (false, vec![]), "{condition}");
    }
}

/// A forbid is left out by its scope and by nothing else: what stands behind the part that
/// fails would not have been looked at.
#[test]
fn a_forbid_that_fails_denies_wherever_its_scope_matches() {
    let overflow = "9223372036854775807 + 1 == 0";
    let rows = [
        (
            format!(
                r#"resource) when {{ {overflow} && resource.customer == Customer::"fabrikam" }}"#
            ),
            false,
        ),
        (
            format!(
                r#"resource) when {{ resource.customer == Customer::"fabrikam" && {overflow} }}"#
            ),
            true,
        ),
        (
            format!(r#"resource in Customer::"fabrikam") when {{ {overflow} }}"#),
            true,
        ),
        (
            format!(r#"resource in Customer::"contoso") when {{ {overflow} }}"#),
            false,
        ),
    ];
    for (forbid, allowed) in rows {
        let policies = parsed(&format!(
            r#"@id("permit") permit(principal == Key::"a", action, resource in Customer::"contoso");
               @id("fails") forbid(principal, action == Action::"vend", {forbid};"#
        ));
        let vend = Asked::vend(key("a"), Tenant::contoso());
        assert_eq!(vend.decided_by(&policies).allows(), allowed, "{forbid}");
    }
}

#[test]
fn a_question_that_fits_no_policy_is_denied() {
    let text = r#"@id("all") permit(principal == Key::"a", action, resource);"#;
    let vend = Asked::vend(key("a"), Tenant::contoso());
    let malformed = [
        Asked {
            resource: None,
            ..vend.clone()
        },
        Asked {
            action: Action::Invite,
            ..vend.clone()
        },
        Asked {
            action: Action::Vend,
            resource: vend.resource.clone(),
            ..Asked::invite(key("a"), "contoso")
        },
    ];
    let policies = parsed(text);
    assert!(vend.decided_by(&policies).allows());
    let memory = DecisionMemory::default();
    for asked in &malformed {
        assert!(!asked.decided_by(&policies).allows(), "{asked:?}");
        assert!(!memory.decide(&policies, &asked.question()).allows());
    }
}

/// One memory for the set in force and a candidate: what it remembers of one is no answer
/// for the other.
#[test]
fn a_remembered_decision_is_for_its_own_text_and_facts() {
    let memory = DecisionMemory::default();
    let permits = parsed(
        r#"@id("a") permit(principal == Key::"a", action, resource in Customer::"contoso");"#,
    );
    let denies = parsed(
        r#"@id("b") permit(principal == Key::"b", action, resource in Customer::"contoso");"#,
    );
    let asked = Asked::vend(key("a"), Tenant::contoso());
    for _ in 0..2 {
        assert!(memory.decide(&permits, &asked.question()).allows());
        assert!(!memory.decide(&denies, &asked.question()).allows());
    }
    let moved = Asked::vend(key("a"), Tenant::of("fabrikam", &[("tier", "gold")]));
    assert!(!memory.decide(&permits, &moved.question()).allows());
}
