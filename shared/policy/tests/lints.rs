//! Which policies are taken, which have to be confirmed, and which are refused: tables of
//! policies, each with the codes of what is said about it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod judged;

use judged::{check, said};
use policy::{PolicySet, Severity};

#[test]
fn permits_that_name_caller_and_customer_are_taken() {
    let rows: &[(&str, &[&str])] = &[
        (
            r#"permit(principal == AwsRole::"111122223333/a", action, resource in Customer::"contoso");"#,
            &[],
        ),
        (
            r#"permit(principal is AwsRole, action, resource in Customer::"contoso") when { principal.account == "111122223333" && principal.name like "collector-*" };"#,
            &[],
        ),
        (
            r#"permit(principal, action, resource in Customer::"contoso") when { principal is AwsRole && ["111122223333", "444455556666"].contains(principal.account) };"#,
            &[],
        ),
        (
            r#"permit(principal, action, resource in Customer::"contoso") when { principal has account && principal.account == "111122223333" };"#,
            &[],
        ),
        (
            r#"permit(principal, action, resource in Customer::"contoso") when { principal == Key::"a" || principal == Key::"b" };"#,
            &[],
        ),
        (
            r#"permit(principal is Key, action, resource in Customer::"contoso") when { [Key::"a", Key::"b"].contains(principal) };"#,
            &[],
        ),
        (
            r#"permit(principal, action, resource in Customer::"contoso") when { principal in [Key::"a", Key::"b"] };"#,
            &[],
        ),
        (
            r#"permit(principal is Key, action, resource in Customer::"contoso") when { principal.name == "a" };"#,
            &[],
        ),
        (
            r#"permit(principal == Key::"a", action in [Action::"vend", Action::"list"], resource is Tenant) when { resource.hasTag("tier") && resource.getTag("tier") == "gold" };"#,
            &[],
        ),
        (
            r#"permit(principal == Key::"a", action, resource is Tenant) when { resource.customer == Customer::"contoso" };"#,
            &[],
        ),
        (
            r#"permit(principal == Key::"a", action == Action::"vend", resource) when { resource in [Customer::"contoso", Customer::"fabrikam"] };"#,
            &[],
        ),
        (
            r#"permit(principal == Key::"a", action, resource == Tenant::"41463f53-8812-40f4-890f-865bf6e35190");"#,
            &[],
        ),
        (
            r#"permit(principal == Workload::"https://token.actions.githubusercontent.com repo:contoso/x:ref:refs/heads/main", action, resource in Customer::"contoso");"#,
            &[],
        ),
        (
            r#"permit(principal == Key::"a", action, resource in Customer::"contoso") unless { principal.name != "a" };"#,
            &[],
        ),
        (
            r#"permit(principal is AwsRole, action == Action::"vend", resource) when { resource.hasTag("account") && principal.account == resource.getTag("account") };"#,
            &[],
        ),
        // A forbid may be as wide as it likes.
        (r#"forbid(principal, action, resource);"#, &[]),
        (
            r#"forbid(principal is Workload, action, resource) when { principal.subject like "*:pull_request" };"#,
            &[],
        ),
    ];
    check(rows, Severity::Refused);
}

#[test]
fn permits_that_let_anybody_in_are_refused() {
    let rows: &[(&str, &[&str])] = &[
        (
            r#"permit(principal, action, resource in Customer::"contoso");"#,
            &["permits_everyone"],
        ),
        (
            r#"permit(principal, action == Action::"vend", resource in Customer::"contoso") when { context.resource == "https://manage.office.com" };"#,
            &["permits_everyone"],
        ),
        (
            r#"permit(principal, action, resource in Customer::"contoso") unless { principal == Key::"a" };"#,
            &["permits_everyone"],
        ),
        (
            r#"permit(principal, action, resource in Customer::"contoso") when { principal != Key::"a" };"#,
            &["permits_everyone"],
        ),
        (
            r#"permit(principal, action, resource in Customer::"contoso") when { principal == Key::"a" || resource is Tenant };"#,
            &["permits_everyone"],
        ),
        (
            r#"permit(principal, action, resource in Customer::"contoso") when { if resource is Tenant then principal == Key::"a" else true };"#,
            &["permits_everyone"],
        ),
        (
            r#"permit(principal, action, resource in Customer::"contoso") unless { false };"#,
            &["permits_everyone"],
        ),
        (
            r#"permit(principal, action, resource in Customer::"contoso") unless { false && principal == Key::"a" };"#,
            &["permits_everyone"],
        ),
        (
            r#"permit(principal is AwsRole, action, resource in Customer::"contoso");"#,
            &["role_without_account"],
        ),
        (
            r#"permit(principal is AwsRole, action, resource in Customer::"contoso") when { principal.name == "collector" };"#,
            &["role_without_account"],
        ),
        (
            r#"permit(principal is AwsRole, action, resource in Customer::"contoso") when { principal.account like "1111*" };"#,
            &["role_without_account"],
        ),
        (
            r#"permit(principal is AwsRole, action, resource in Customer::"contoso") when { principal.account == "111122223333" || principal.name == "x" };"#,
            &["role_without_account"],
        ),
        (
            r#"permit(principal is AwsRole, action, resource in Customer::"contoso") when { !(principal.account == "111122223333") };"#,
            &["role_without_account"],
        ),
        (
            r#"permit(principal is AwsRole, action, resource in Customer::"contoso") when { principal.account == principal.account };"#,
            &["role_without_account"],
        ),
        (
            r#"permit(principal is Workload, action, resource in Customer::"contoso");"#,
            &["workload_without_issuer"],
        ),
        (
            r#"permit(principal is Workload, action, resource in Customer::"contoso") when { principal.subject == "repo:contoso/x:ref:refs/heads/main" };"#,
            &["workload_without_issuer"],
        ),
        (
            r#"permit(principal is Workload, action, resource in Customer::"contoso") when { principal.issuer like "https://*" && principal.subject == "a" };"#,
            &["workload_without_issuer"],
        ),
        (
            r#"permit(principal, action, resource in Customer::"contoso") when { principal has name };"#,
            &["role_without_account", "every_key"],
        ),
    ];
    for (body, codes) in rows {
        let said: Vec<_> = said(body).into_iter().map(|(code, _)| code).collect();
        assert_eq!(&said, codes, "{body}");
        assert!(PolicySet::parse(&format!("@id(\"one\") {body}")).is_err());
    }
}

#[test]
fn what_can_be_meant_has_to_be_confirmed() {
    let rows: &[(&str, &[&str])] = &[
        ("", &["no_policy"]),
        (
            r#"permit(principal == Key::"ops", action in [Action::"vend", Action::"list"], resource);"#,
            &["every_tenant"],
        ),
        (
            r#"permit(principal == AwsRole::"111122223333/ops", action, resource is Tenant) when { resource.cloud == Cloud::"gcc" };"#,
            &["every_tenant"],
        ),
        (
            r#"permit(principal == Key::"ops", action, resource is Tenant) when { !(resource in Customer::"contoso") };"#,
            &["every_tenant"],
        ),
        (
            r#"permit(principal == Key::"portal", action == Action::"invite", resource);"#,
            &["every_customer"],
        ),
        (
            r#"permit(principal is Key, action, resource in Customer::"contoso");"#,
            &["every_key"],
        ),
        (
            r#"permit(principal is Key, action, resource in Customer::"contoso") when { principal.name like "team-*" };"#,
            &["every_key"],
        ),
        (
            "permit(principal is Key, action == Action::\"vend\", resource);",
            &["every_key", "every_tenant"],
        ),
        (
            "permit(principal == Key::\"a\", action, resource in Customer::\"Contoso Контозо\");",
            &["schema"],
        ),
    ];
    for (body, codes) in rows {
        let text = match body.is_empty() {
            true => String::new(),
            false => format!("@id(\"one\") {body}"),
        };
        let policies = PolicySet::parse(&text).unwrap();
        let said: Vec<_> = policies.to_confirm().iter().map(|one| one.code).collect();
        assert_eq!(&said, codes, "{body}");
    }
}

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
