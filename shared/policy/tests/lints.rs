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
            r#"permit(principal is Workload, action, resource in Customer::"contoso") when { principal.issuer == "https://oidc.eks.eu-central-1.amazonaws.com/id/1" };"#,
            &["every_workload"],
        ),
        (
            r#"permit(principal is Workload, action, resource in Customer::"contoso") when { principal.issuer == "https://oidc.eks.eu-central-1.amazonaws.com/id/1" && principal.hasTag("aud") && principal.getTag("aud") == "broker" };"#,
            &["every_workload"],
        ),
        (
            r#"permit(principal is Workload, action == Action::"vend", resource in Customer::"contoso") when { principal.issuer == "https://oidc.eks.eu-central-1.amazonaws.com/id/1" && principal.subject == context.resource };"#,
            &["every_workload"],
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
