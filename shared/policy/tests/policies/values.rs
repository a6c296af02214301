//! Names and values of all sorts: of customers, of claims, of callers, and of tenants of
//! which nothing is known.

use crate::world::*;
use auth::caller::AwsRole;
use serde_json::json;

#[test]
fn a_tenant_that_is_not_connected_belongs_to_nobody() {
    let policies = parsed(
        r#"@id("own") permit(principal == Key::"a", action, resource in Customer::"contoso");
           @id("named") permit(
               principal == Key::"b", action, resource == Tenant::"0f2a3b4c-5d6e-4f70-8192-a3b4c5d6e7f8");
           @id("all") permit(principal == Key::"c", action, resource is Tenant)
           when { !(resource.status == Status::"suspended") };
           @id("connected") permit(principal == Key::"d", action, resource is Tenant)
           when { resource.connected };"#,
    );
    let rows = [("a", false), ("b", true), ("c", true), ("d", false)];
    for (name, allowed) in rows {
        let asked = Asked::list(key(name), Tenant::stranger());
        assert_eq!(asked.decided_by(&policies).allows(), allowed, "{name}");
    }
    let labelled = parsed(
        r#"@id("unlabelled") permit(principal == Key::"a", action, resource is Tenant)
           unless { resource.hasTag("tier") };"#,
    );
    let asked = Asked::list(key("a"), Tenant::stranger());
    assert!(asked.decided_by(&labelled).allows());
}

#[test]
fn customers_with_odd_names_are_told_apart() {
    // The name, as a policy writes it.
    let names = [
        ("Contoso, Inc.", r#"Contoso, Inc."#),
        ("say \"hi\" \\ bye", r#"say \"hi\" \\ bye"#),
        ("o'neil's", r#"o'neil's"#),
        ("Zürich Straße", r#"Zürich Straße"#),
        ("株式会社", r#"株式会社"#),
        ("🦀", r#"\u{1F980}"#),
        ("con toso", r#"con toso"#),
        ("CONTOSO", r#"CONTOSO"#),
        ("*", r#"*"#),
        ("Customer::\"contoso\"", r#"Customer::\"contoso\""#),
        (CONTOSO, CONTOSO),
    ];
    for (name, written) in names {
        let text = format!(
            r#"@id("one") permit(principal == Key::"a", action, resource in Customer::"{written}");"#
        );
        let policies = parsed(&text);
        for (other, _) in names {
            let tenant = Tenant::of(other, &[]);
            let vend = Asked::vend(key("a"), tenant).decided_by(&policies);
            assert_eq!(vend.allows(), name == other, "{name} {other}");
            let invite = Asked::invite(key("a"), other).decided_by(&policies);
            assert_eq!(invite.allows(), name == other, "{name} {other}");
        }
    }
}

#[test]
fn claims_with_odd_values_match_what_they_say_and_nothing_else() {
    let permit = |condition: &str| {
        let text = format!(
            r#"@id("one") permit(principal is Workload, action == Action::"list", resource in Customer::"contoso")
               when {{ principal.issuer == "{CLUSTER}" && {condition} }};"#
        );
        parsed_with(&text, &[CLUSTER])
    };
    let text = |name: &str, value: &str| {
        permit(&format!(
            r#"principal.hasTag("{name}") && principal.getTag("{name}") == "{value}""#
        ))
    };
    let list = |name: &str, value: &str| {
        permit(&format!(
            r#"principal.lists.hasTag("{name}") && principal.lists.getTag("{name}").contains("{value}")"#
        ))
    };
    let claims = json!({
        "plain": "a\"b\\", "number": 7, "yes": true, "none": null, "groups": ["ops", 7, "a b"],
        "one": "ops", "kubernetes.io": {"namespace": "jobs"}, "a/b": "c",
        "json": "[\"ops\"]",
    });
    let rows = [
        (text("plain", r#"a\"b\\"#), true),
        (text("plain", "*"), false),
        (text("number", "7"), true),
        (text("number", "7.0"), false),
        (text("yes", "true"), true),
        (text("none", "null"), false),
        (text("none", ""), false),
        (text("groups", r#"[\"ops\",7,\"a b\"]"#), false),
        (text("/kubernetes.io/namespace", "jobs"), true),
        (text("kubernetes.io", "jobs"), false),
        (text("a/b", "c"), true),
        (list("groups", "ops"), true),
        (list("groups", "7"), true),
        (list("groups", "op"), false),
        (list("one", "ops"), true),
        (list("json", "ops"), false),
        (list("none", "null"), false),
    ];
    let caller = workload(CLUSTER, "pod", claims);
    for (row, (policies, allowed)) in rows.into_iter().enumerate() {
        let asked = Asked::list(caller.clone(), Tenant::contoso());
        assert_eq!(asked.decided_by(&policies).allows(), allowed, "row {row}");
    }
}

/// A name of two parts is read one way: no caller's first part holds what ends it.
#[test]
fn a_caller_whose_name_would_be_anothers_does_not_exist() {
    let role = |account: &str, name: &str| AwsRole::new(account, name, "AROAEXAMPLE").is_ok();
    assert!(role(ACCOUNT, "a"));
    assert!(!role(ACCOUNT, "a/b") && !role("111122223333/a", "b"));
    let workload = |issuer: &str| any_workload(issuer, "a b", json!({})).is_some();
    assert!(workload("https://issuer.example"));
    assert!(!workload("https://issuer.example a"));
    let policies = parsed(
        r#"@id("pod") permit(principal == Workload::"https://issuer.example a b", action, resource in Customer::"contoso");"#,
    );
    let pod = pod_called("a b");
    assert!(
        Asked::list(pod, Tenant::contoso())
            .decided_by(&policies)
            .allows()
    );
    let other = pod_called("b");
    assert!(
        !Asked::list(other, Tenant::contoso())
            .decided_by(&policies)
            .allows()
    );
}

fn pod_called(subject: &str) -> auth::Caller {
    workload("https://issuer.example", subject, json!({}))
}
