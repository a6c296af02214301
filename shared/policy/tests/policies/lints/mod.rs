//! Which policies are taken, which have to be confirmed, and which are refused: tables of
//! policies, each with the codes of what is said about it.

mod impossible;
mod judged;
mod other_issuers;
mod shared_issuers;

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
        let text = if body.is_empty() {
            String::new()
        } else {
            format!("@id(\"one\") {body}")
        };
        let policies = PolicySet::parse(&text).unwrap();
        let said: Vec<_> = policies.to_confirm().iter().map(|one| one.code).collect();
        assert_eq!(&said, codes, "{body}");
    }
}
