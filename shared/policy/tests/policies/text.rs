//! Reading a policy text: every problem with its line and its policy, all at once, and
//! texts that are made to break the reader.

use policy::{PolicyProblems, PolicySet, Severity};

use crate::world::{Asked, Tenant, key, parsed};

/// Lines, policies and codes.
fn said(problems: &PolicyProblems) -> Vec<(usize, Option<&str>, &str)> {
    let all = problems.0.iter();
    all.map(|one| (one.line, one.policy.as_deref(), one.code))
        .collect()
}

#[test]
fn all_problems_are_told_at_once_with_line_policy_and_remedy() {
    let text = r#"// Everything is wrong here.
@id("everyone")
permit(principal, action, resource in Customer::"contoso");

permit(principal == Key::"a", action, resource in Customer::"contoso");

@id("not an id") permit(principal == Key::"b", action, resource in Customer::"contoso");
@id("typo")
forbid(principal, action == Action::"vend", resource)
when {
    resource.status ==
        Status::"suspendet"
};
@id("everyone") permit(principal == Key::"c", action, resource in Customer::"contoso");
@id("template") permit(principal == ?principal, action, resource);
@id("wide") permit(principal == Key::"d", action, resource);
"#;
    let problems = PolicySet::parse(text).unwrap_err();
    assert_eq!(
        said(&problems),
        [
            (2, Some("everyone"), "permits_everyone"),
            (5, None, "id_missing"),
            (7, None, "id_malformed"),
            (12, Some("typo"), "schema"),
            (14, Some("everyone"), "id_doubled"),
            (15, None, "template"),
            (16, Some("wide"), "every_tenant"),
        ]
    );
    let printed = problems.to_string();
    assert_eq!(printed.lines().count(), 7, "{printed}");
    assert!(printed.contains("line 12, policy typo: "), "{printed}");
    assert!(printed.contains("\"suspended\""), "{printed}");
    assert!(printed.ends_with("(or confirm it)"), "{printed}");
    for problem in &problems.0 {
        assert!(!problem.what.is_empty() && !problem.remedy.is_empty());
        assert!(!problem.what.contains("for policy"), "{problem}");
    }
}

#[test]
fn every_syntax_error_is_told_with_its_line() {
    let text = "@id(\"a\") permit(principal, action, resource;\n\npermit(;\n@id(\"b\") permit(principal == Key::\"a\", action, resource) when { foo };";
    let problems = PolicySet::parse(text).unwrap_err();
    let said = said(&problems);
    assert!(said.len() >= 2, "{problems}");
    assert!(said.iter().all(|(_, _, code)| *code == "syntax"));
    assert_eq!(said.first().map(|one| one.0), Some(1), "{problems}");
    assert_eq!(said.last().map(|one| one.0), Some(3), "{problems}");
}

#[test]
fn an_id_is_one_to_64_plain_characters() {
    let long = "x".repeat(65);
    let rows = [
        ("a", true),
        ("github-gold_2.v1", true),
        (&long[..64], true),
        (&long, false),
        ("", false),
        ("a b", false),
        ("a,b", false),
        ("ä", false),
        ("a\\nb", false),
    ];
    for (id, taken) in rows {
        let text = format!(
            "@id(\"{id}\") permit(principal == Key::\"a\", action, resource in Customer::\"c\");"
        );
        assert_eq!(PolicySet::parse(&text).is_ok(), taken, "{id}");
    }
}

#[test]
fn the_digest_is_of_the_text_to_the_letter() {
    let text = "@id(\"a\") permit(principal == Key::\"a\", action, resource in Customer::\"c\");";
    let one = PolicySet::parse(text).unwrap();
    let other = PolicySet::parse(&format!("{text}\n")).unwrap();
    assert_eq!(one.digest().len(), 64);
    assert_ne!(one.digest(), other.digest());
    assert_eq!(one.ids().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn large_texts_are_taken_up_to_the_limits() {
    let policy = |n: usize| {
        format!("@id(\"p{n}\") permit(principal==Key::\"a\",action,resource in Customer::\"c\");\n")
    };
    let texts = |count: usize| (0..count).map(policy).collect::<String>();
    let most = PolicySet::parse(&texts(1_000)).unwrap();
    assert_eq!(most.ids().count(), 1_000);
    let refused = [
        (texts(1_001), "too_many"),
        (
            format!("{}//{}", policy(1), "x".repeat(100 * 1024)),
            "too_large",
        ),
    ];
    for (text, code) in refused {
        let problems = PolicySet::parse(&text).unwrap_err();
        assert_eq!(said(&problems), [(1, None, code)]);
    }
}

/// Each of these overflows the stack of a thread when it reaches Cedar as it is.
#[test]
fn deep_expressions_are_refused_before_they_can_do_harm() {
    let nested = |open: &str, close: &str, times: usize| {
        format!(
            "{}resource.connected{}",
            open.repeat(times),
            close.repeat(times)
        )
    };
    let joined = |with: &str, times: usize| vec!["resource.connected"; times].join(with);
    let rows = [
        nested("(", ")", 3_000),
        nested("[", "]", 3_000),
        nested("(resource.connected && ", ")", 3_000),
        nested("if resource.connected then ", " else true", 2_000),
        nested("if true then (", ") else true", 25),
        format!("{}true", "!".repeat(5_000)),
        format!("resource{}", ".customer".repeat(9_000)),
        joined(" && ", 4_000),
        joined(" || ", 4_000),
        joined(" && ", 100),
        joined(" || ", 30),
        format!("1{} == 2", " + 1".repeat(5_000)),
        format!("resource has a{}", ".a".repeat(9_000)),
    ];
    for condition in rows {
        let text = format!(
            "@id(\"a\") permit(principal == Key::\"a\", action, resource is Tenant) when {{ {condition} }};"
        );
        let problems = PolicySet::parse(&text).unwrap_err();
        let codes: Vec<_> = problems.0.iter().map(|one| one.code).collect();
        assert_eq!(codes, ["too_intricate"], "{condition:.60}");
    }
}

/// What the limits let through is evaluated on a thread as any other.
#[test]
fn the_deepest_expressions_that_are_taken_can_be_evaluated() {
    let joined = vec!["resource.connected"; 22].join(" && ");
    let text = format!(
        "@id(\"a\") permit(principal == Key::\"a\", action, resource in Customer::\"contoso\")
         when {{ resource is Tenant && {joined} }};"
    );
    let policies = parsed(&text);
    let vend = Asked::vend(key("a"), Tenant::contoso());
    assert!(vend.decided_by(&policies).allows());
}

#[test]
fn what_can_be_confirmed_is_no_error() {
    let text = "@id(\"wide\") permit(principal == Key::\"a\", action, resource);";
    let policies = PolicySet::parse(text).unwrap();
    let [problem] = policies.to_confirm() else {
        panic!("{:?}", policies.to_confirm())
    };
    assert_eq!(problem.severity, Severity::NeedsConfirmation);
    assert_eq!((problem.line, problem.policy.as_deref()), (1, Some("wide")));
}
