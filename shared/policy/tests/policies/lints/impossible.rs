//! Facts and names that can never be: a policy that waits for one never matches.

use policy::Severity;

use super::judged::{check, said};

/// What is never true, and what Cedar's own validation or our checks say of it.
#[test]
fn facts_that_can_never_exist_are_refused() {
    let forbid =
        |condition: &str| format!("forbid(principal, action, resource) when {{ {condition} }};");
    let key = |condition: &str| {
        format!("forbid(principal is Key, action, resource) when {{ {condition} }};")
    };
    let workload = |condition: &str| {
        format!("forbid(principal is Workload, action, resource) when {{ {condition} }};")
    };
    let tenant = |condition: &str| {
        format!("forbid(principal, action == Action::\"vend\", resource) when {{ {condition} }};")
    };
    let rows = [
        // Claims of a caller that has none, labels of a customer.
        key(r#"principal.hasTag("sub") && principal.getTag("sub") == "a""#),
        key(r#"principal.issuer == "https://gitlab.com""#),
        key(r#"principal.account == "111122223333""#),
        key(r#"principal.lists.hasTag("groups")"#),
        r#"forbid(principal is AwsRole, action, resource) when { principal.hasTag("iss") && principal.getTag("iss") == "a" };"#.to_owned(),
        r#"forbid(principal is AwsRole, action, resource) when { principal.subject == "a" };"#.to_owned(),
        r#"forbid(principal, action == Action::"invite", resource) when { resource.hasTag("tier") && resource.getTag("tier") == "gold" };"#.to_owned(),
        r#"forbid(principal, action == Action::"invite", resource) when { resource.status == Status::"active" };"#.to_owned(),
        // Names that no claim and no label has.
        workload(r#"principal.hasTag("/a~2b") && principal.getTag("/a~2b") == "x""#),
        workload(r#"principal.hasTag("/a~")"#),
        workload(r#"principal.lists.hasTag("/a/~") && principal.lists.getTag("/a/~").contains("x")"#),
        tenant(r#"resource.hasTag("Tier") && resource.getTag("Tier") == "gold""#),
        tenant(r#"resource.hasTag("a b")"#),
        tenant(r#"resource.hasTag("tier") && resource.getTag("tier") == """#),
        // Values that a fact never has.
        workload(r#"principal.subject == """#),
        workload(r#"principal.issuer == "https://gitlab.com ""#),
        workload(r#"principal.hasTag("exp") && principal.getTag("exp") == "never""#),
        workload(r#"principal.hasTag("sub") && principal.getTag("sub") == """#),
        r#"forbid(principal is AwsRole, action, resource) when { principal.id == "AIDAEXAMPLE" };"#.to_owned(),
        r#"forbid(principal is AwsRole, action, resource) when { principal.name == "path/role" };"#.to_owned(),
        r#"forbid(principal == AwsRole::"111122223333/path/role", action, resource);"#.to_owned(),
        tenant(r#"resource.status == Status::"gone""#),
        tenant(r#"resource.cloud == Cloud::"azure""#),
        forbid(r#"context.route == Route::"token""#),
        // Conditions that contradict each other.
        workload(r#"principal.issuer == "https://a.example" && principal.hasTag("iss") && principal.getTag("iss") == "https://b.example""#),
        workload(r#"principal.subject == "a" && principal.subject == "b""#),
        workload(r#"principal.subject == "a" && ["b", "c"].contains(principal.subject)"#),
        workload(r#"principal.subject like "repo:a/*" && principal.subject == "repo:b/x""#),
        workload(r#"principal.subject like "repo:a/*" && principal.subject like "repo:b/*""#),
        r#"forbid(principal == Workload::"https://a.example s", action, resource) when { principal.issuer == "https://b.example" };"#.to_owned(),
        r#"forbid(principal == AwsRole::"111122223333/a", action, resource) when { principal.account == "444455556666" };"#.to_owned(),
        r#"forbid(principal == Key::"a", action, resource) when { principal == Key::"b" };"#.to_owned(),
        r#"forbid(principal == Key::"a", action, resource) when { principal.name == "b" };"#.to_owned(),
        tenant(r#"resource.hasTag("tier") && resource.getTag("tier") == "gold" && resource.getTag("tier") == "silver""#),
        // Routes by which such a question never comes.
        tenant(r#"context.route == Route::"tenants""#),
        tenant(r#"context.route == Route::"invites""#),
        r#"forbid(principal, action == Action::"invite", resource) when { context.route == Route::"token_v2" };"#.to_owned(),
        r#"forbid(principal, action == Action::"list", resource) when { context.route == Route::"invites" };"#.to_owned(),
        key(r#"context.route == Route::"token_v2""#),
        workload(r#"context.route == Route::"managed_identity""#),
        r#"permit(principal == Key::"a", action == Action::"vend", resource in Customer::"c") when { context.route == Route::"token_v1" };"#.to_owned(),
    ];
    for body in &rows {
        let said = said(body);
        let refused = said.iter().any(|(code, severity)| {
            matches!(*code, "never_matches" | "schema") && *severity == Severity::Refused
        });
        assert!(refused, "{body}: {said:?}");
    }
}

/// Beside those: what can be true is taken.
#[test]
fn facts_that_can_exist_are_taken() {
    let workload = |condition: &str| {
        format!("forbid(principal is Workload, action, resource) when {{ {condition} }};")
    };
    let rows = [
        workload(r#"principal.hasTag("exp") && principal.getTag("exp") == "1800000000""#),
        workload(r#"principal.hasTag("/a~0b/0") && principal.getTag("/a~0b/0") == "x""#),
        workload(r#"principal.hasTag("a~b") && principal.getTag("a~b") == """#),
        workload(r#"principal.issuer == "https://a.example" && principal.hasTag("iss") && principal.getTag("iss") == "https://a.example""#),
        workload(r#"principal.subject like "repo:a/*" && principal.subject like "repo:a/x*""#),
        workload(r#"principal.lists.hasTag("aud") && principal.lists.getTag("aud").contains("a") && principal.lists.getTag("aud").contains("b")"#),
        workload(r#"(principal.subject == "a" && principal.subject == "b") || principal.subject == "c""#),
        workload(r#"context.route == Route::"token_v1""#),
        r#"forbid(principal, action == Action::"list", resource) when { context.route == Route::"token_v2" };"#.to_owned(),
        r#"forbid(principal is Key, action, resource) when { context.route == Route::"managed_identity" };"#.to_owned(),
        r#"forbid(principal, action, resource) when { principal has name && principal.name == "a_B" };"#.to_owned(),
        r#"forbid(principal is AwsRole, action, resource) when { principal.id == "AROAEXAMPLE" };"#.to_owned(),
    ];
    for body in &rows {
        assert_eq!(said(body), [], "{body}");
    }
}

#[test]
fn names_that_are_nobodys_are_refused_in_permit_and_forbid() {
    let never: &[&str] = &["never_matches"];
    let rows: &[(&str, &[&str])] = &[
        (
            r#"forbid(principal == Key::"A key", action, resource);"#,
            never,
        ),
        (
            r#"forbid(principal == AwsRole::"collector", action, resource);"#,
            never,
        ),
        (
            r#"forbid(principal == AwsRole::"1111/collector", action, resource);"#,
            never,
        ),
        (
            r#"forbid(principal == AwsRole::"arn:aws:iam::111122223333:role/collector", action, resource);"#,
            never,
        ),
        (
            r#"forbid(principal == Workload::"repo:contoso/x", action, resource);"#,
            never,
        ),
        (
            r#"forbid(principal, action, resource == Tenant::"41463F53-8812-40F4-890F-865BF6E35190");"#,
            never,
        ),
        (
            r#"forbid(principal, action, resource == Tenant::"contoso.onmicrosoft.com");"#,
            never,
        ),
        (
            r#"forbid(principal, action, resource in Customer::"");"#,
            never,
        ),
        (
            r#"forbid(principal, action == Action::"vend", resource) when { context.resource == "https://graph.microsoft.com/" };"#,
            never,
        ),
        (
            r#"forbid(principal, action == Action::"vend", resource) when { context.resource != "graph.microsoft.com" };"#,
            never,
        ),
        (
            r#"forbid(principal, action == Action::"vend", resource) when { ["https://graph.microsoft.com/"].contains(context.resource) };"#,
            never,
        ),
        (
            r#"forbid(principal is AwsRole, action, resource) when { principal.account == "1111-2222-3333" };"#,
            never,
        ),
        (
            r#"forbid(principal is Workload, action, resource) when { principal.lists == Lists::"" };"#,
            never,
        ),
        (
            r#"permit(principal == Key::"A key", action, resource in Customer::"contoso");"#,
            never,
        ),
        // The schema's own names are checked by Cedar.
        (
            r#"forbid(principal, action, resource is Tenant) when { resource.status == Status::"Suspended" };"#,
            &["schema"],
        ),
        (
            r#"forbid(principal, action, resource is Tenant) when { resource.cloud == Cloud::"azure" };"#,
            &["schema"],
        ),
        (
            r#"forbid(principal, action, resource) when { context.route == Route::"token" };"#,
            &["schema"],
        ),
        (
            r#"forbid(principal, action == Action::"read", resource);"#,
            &["schema"],
        ),
        (
            r#"forbid(principal, action == Action::"invite", resource is Tenant);"#,
            &["schema", "schema"],
        ),
        (
            r#"forbid(principal, action, resource) when { context.resource == "https://graph.microsoft.com" };"#,
            &["schema", "schema"],
        ),
        (
            r#"forbid(principal is Workload, action, resource) when { principal.getTag("a") == "b" };"#,
            &["schema"],
        ),
        (
            r#"forbid(principal is Workload, action, resource) when { principal.hasTag("a") && principal.getTag("a") == 1 };"#,
            &["schema"],
        ),
        (
            r#"forbid(principal is Workload, action, resource) when { principal.hasTag(principal.subject) };"#,
            &["tag_name"],
        ),
    ];
    check(rows, Severity::Refused);
}
