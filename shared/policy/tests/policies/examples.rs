//! The examples of `infra/policies`: each is taken as it stands, with nothing to confirm,
//! and does what its comments say.

use std::path::Path;

use crate::world::*;
use auth::TenantStatus;
use auth::caller::{AwsRole, Caller, Route};
use policy::PolicySet;
use serde_json::json;

fn directory() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/policies"))
}

fn example(name: &str) -> PolicySet {
    let policies = read(name);
    assert_eq!(policies.to_confirm(), [], "{name}");
    policies
}

fn read(name: &str) -> PolicySet {
    parsed(&std::fs::read_to_string(directory().join(name)).unwrap())
}

/// What has to be confirmed, by policy.
fn to_confirm(policies: &PolicySet) -> Vec<(String, &'static str)> {
    let findings = policies.to_confirm().iter();
    let findings = findings.map(|one| (one.policy.clone().unwrap_or_default(), one.code));
    findings.collect()
}

/// It is for every tenant, and says so.
fn of_the_collector() -> Vec<(String, &'static str)> {
    let of = |id: &str| (id.to_owned(), "every_tenant");
    vec![of("collector"), of("collector-lists")]
}

fn check(policies: &PolicySet, rows: &[(Asked, bool)]) {
    for (asked, allowed) in rows {
        let decision = asked.decided_by(policies);
        assert_eq!(decision.allows(), *allowed, "{asked:?} {decision:?}");
    }
}

#[test]
fn every_example_is_tested_here() {
    let mut names: Vec<_> = std::fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".cedar"))
        .collect();
    names.sort();
    let tested = [
        "caller-key-one-tenant.cedar",
        "collector.cedar",
        "github-workflow-gold-tenants.cedar",
        "one-role-one-customer.cedar",
    ];
    assert_eq!(names, tested);
}

#[test]
fn all_of_them_together_are_one_sound_text() {
    let texts: String = std::fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "cedar"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    assert_eq!(to_confirm(&parsed(&texts)), of_the_collector());
}

#[test]
fn the_collector_is_handed_the_management_apis_tokens_of_every_tenant_and_no_other() {
    let collector = |name: &str, id: &str| {
        let role = AwsRole::new(ACCOUNT, name, id);
        Caller::AwsRole(role.unwrap())
    };
    let (name, id) = ("token-broker-collector", "AROAEXAMPLEROLEID0003");
    let own = || collector(name, id);
    let contoso = Tenant::contoso;
    let gcc = "https://manage-gcc.office.com";
    let rows = [
        (Asked::vend(own(), contoso()), true),
        (Asked::vend(own(), contoso()).for_resource(gcc), true),
        (Asked::vend(own(), Tenant::of("fabrikam", &[])), true),
        (Asked::list(own(), contoso()), true),
        (Asked::list(own(), Tenant::stranger()), true),
        (Asked::vend(own(), contoso()).for_resource(GRAPH), false),
        (
            Asked::vend(collector(name, "AROAEXAMPLEROLEID0004"), contoso()),
            false,
        ),
        (
            Asked::list(collector(name, "AROAEXAMPLEROLEID0004"), contoso()),
            false,
        ),
        (Asked::vend(collector("other", id), contoso()), false),
        (Asked::invite(own(), "contoso"), false),
    ];
    let policies = read("collector.cedar");
    assert_eq!(to_confirm(&policies), of_the_collector());
    check(&policies, &rows);
}

#[test]
fn one_role_is_handed_the_management_apis_tokens_of_one_customer() {
    let collector =
        |id: &str| Caller::AwsRole(AwsRole::new(ACCOUNT, "audit-collector", id).unwrap());
    let own = || collector("AROAEXAMPLEROLEID0001");
    let again = || collector("AROAEXAMPLEROLEID0002");
    let contoso = Tenant::contoso;
    let rows = [
        (Asked::vend(own(), contoso()), true),
        (Asked::list(own(), contoso()), true),
        (Asked::vend(own(), contoso()).for_resource(GRAPH), false),
        (Asked::vend(own(), Tenant::of("fabrikam", &[])), false),
        (Asked::vend(own(), Tenant::stranger()), false),
        (Asked::vend(again(), contoso()), false),
        (Asked::vend(role(ACCOUNT, "other"), contoso()), false),
        (Asked::invite(own(), "contoso"), false),
    ];
    check(&example("one-role-one-customer.cedar"), &rows);
}

#[test]
fn workflows_of_one_owner_and_branch_have_the_gold_tenants() {
    let workflow = |owner: &str, branch: &str, event: &str| {
        let claims = json!({"repository_owner_id": owner, "ref": branch, "event_name": event});
        workload(GITHUB, "repo:contoso/x:ref:refs/heads/main", claims)
    };
    let main = "refs/heads/main";
    let silver = || Tenant::of("contoso", &[("tier", "silver")]);
    let own = || workflow("12345678", main, "push");
    let rows = [
        (Asked::vend(own(), Tenant::contoso()), true),
        (Asked::list(own(), Tenant::contoso()), true),
        (Asked::vend(own(), silver()), false),
        (Asked::vend(own(), Tenant::stranger()), false),
        (
            Asked::vend(workflow("666", main, "push"), Tenant::contoso()),
            false,
        ),
        (
            Asked::vend(
                workflow("12345678", "refs/heads/x", "push"),
                Tenant::contoso(),
            ),
            false,
        ),
        (
            Asked::vend(
                workflow("12345678", main, "pull_request_target"),
                Tenant::contoso(),
            ),
            false,
        ),
        (Asked::invite(own(), "contoso"), false),
    ];
    check(&example("github-workflow-gold-tenants.cedar"), &rows);
}

#[test]
fn one_key_is_for_one_tenant_one_api_and_one_route() {
    let tool = || Asked {
        route: Route::ManagedIdentity,
        ..Asked::vend(key("legacy-tool"), Tenant::contoso())
    };
    let about = |tenant: Tenant| Asked {
        about: About::Tenant(tenant),
        ..tool()
    };
    let rows = [
        (tool(), true),
        (tool().for_resource(GRAPH), false),
        (
            Asked {
                route: Route::TokenV2,
                ..tool()
            },
            false,
        ),
        (
            about(Tenant::contoso().with_status(TenantStatus::Suspended)),
            false,
        ),
        (about(Tenant::stranger()), false),
        (Asked::list(key("legacy-tool"), Tenant::contoso()), false),
        (
            Asked {
                caller: key("other"),
                ..tool()
            },
            false,
        ),
    ];
    let policies = example("caller-key-one-tenant.cedar");
    check(&policies, &rows);
    let decision = tool().for_resource(GRAPH).decided_by(&policies);
    assert_eq!(verdict(&decision), (false, vec!["keys-management-only"]));
}
