//! Texts that somebody may put: which are refused whatever is said, which have to be
//! confirmed, and which are taken. Each against the text in force, which only a text that
//! is taken replaces. What the checks say of many more stands in `shared/policy/tests`.

use operator::Exit;
use serde_json::Value;

use crate::policy::{put, stored};
use crate::world::World;

/// What becomes of a text when it is put, without `--confirm` and with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Refused,
    Confirmed,
    Taken,
}

const FATES: [(&str, &str, Fate); 17] = [
    ("not a policy", "let everybody in", Fate::Refused),
    (
        "cut off",
        "permit (principal == Key::\"a\", action",
        Fate::Refused,
    ),
    (
        "another language",
        "{\"Version\": \"2012-10-17\"}",
        Fate::Refused,
    ),
    (
        "a template",
        "permit (principal == ?principal, action, resource);",
        Fate::Refused,
    ),
    (
        "an unknown action",
        r#"permit (principal == Key::"a", action == Action::"steal", resource in Customer::"C");"#,
        Fate::Refused,
    ),
    (
        "an unknown kind of caller",
        r#"permit (principal == Person::"a", action, resource in Customer::"C");"#,
        Fate::Refused,
    ),
    (
        "an attribute that there is not",
        r#"permit (principal == Key::"a", action, resource in Customer::"C") when { principal.colour == "blue" };"#,
        Fate::Refused,
    ),
    (
        "a comparison of two types",
        r#"permit (principal == Key::"a", action, resource in Customer::"C") when { context.resource == 1 };"#,
        Fate::Refused,
    ),
    (
        "everyone",
        "permit (principal, action, resource);",
        Fate::Refused,
    ),
    (
        "everyone for one customer",
        r#"permit (principal, action, resource in Customer::"C");"#,
        Fate::Refused,
    ),
    (
        "every role of every account",
        r#"permit (principal is AwsRole, action, resource in Customer::"C");"#,
        Fate::Refused,
    ),
    (
        "a shared issuer",
        r#"permit (principal is Workload, action, resource in Customer::"C") when { principal.issuer == "https://token.actions.githubusercontent.com" };"#,
        Fate::Refused,
    ),
    (
        "a shared issuer with somebody's branch",
        r#"permit (principal is Workload, action, resource in Customer::"C") when { principal.issuer == "https://gitlab.com" && principal.hasTag("ref") && principal.getTag("ref") == "main" };"#,
        Fate::Refused,
    ),
    (
        "an issuer that is not declared private",
        r#"permit (principal is Workload, action, resource in Customer::"C") when { principal.issuer == "https://issuer.contoso.example" };"#,
        Fate::Refused,
    ),
    (
        "every tenant",
        r#"permit (principal == Key::"a", action == Action::"vend", resource);"#,
        Fate::Confirmed,
    ),
    ("nobody", "", Fate::Confirmed),
    (
        "a shared issuer with its subject",
        r#"permit (principal is Workload, action, resource in Customer::"C") when { principal.issuer == "https://token.actions.githubusercontent.com" && principal.subject == "repo:contoso/x:ref:refs/heads/main" };"#,
        Fate::Taken,
    ),
];

#[tokio::test]
async fn a_text_is_refused_or_confirmed_or_taken() {
    let world = World::start().await;
    put(
        &world,
        r#"@id("before") permit (principal == Key::"a", action, resource in Customer::"C");"#,
        &[],
    )
    .await;
    for (row, text, fate) in FATES {
        let text = match text.is_empty() {
            true => String::new(),
            false => format!("@id(\"row\") {text}"),
        };
        let before = stored(&world).await;
        for (more, put_in) in [
            (&[][..], fate == Fate::Taken),
            (&["--confirm"], fate != Fate::Refused),
        ] {
            let outcome = put(&world, &text, more).await;
            let expected = if put_in { Exit::Done } else { Exit::Failed };
            assert_eq!(outcome.exit, expected, "{row} {more:?}: {outcome:?}");
            let unchanged = stored(&world).await == before;
            assert_eq!(unchanged, !put_in, "{row} {more:?}");
            // Nobody is told to confirm what cannot be.
            let to_confirm = fate == Fate::Confirmed && !put_in;
            assert_eq!(
                outcome.err.contains("--confirm"),
                to_confirm,
                "{row}: {outcome:?}"
            );
        }
    }
}

/// Which issuers are private is said by a file, else by the run, and is none otherwise.
#[tokio::test]
async fn an_issuer_is_private_where_the_list_of_issuers_says_so() {
    let world = World::start().await;
    let text = r#"@id("row") permit (principal is Workload, action, resource in Customer::"C")
        when { principal.issuer == "https://issuer.contoso.example" };"#;
    let entry = |private: bool| {
        format!(
            r#"[{{"issuer":"https://issuer.contoso.example","audience":"broker","private":{private}}}]"#
        )
    };
    let file = |name: &str, text: &str| {
        let path = world.directory().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (private, public) = (
        file("private.json", &entry(true)),
        file("public.json", &entry(false)),
    );
    let shared = file(
        "shared.json",
        r#"[{"issuer":"https://gitlab.com","audience":"broker","private":true}]"#,
    );
    let wrong = file("wrong.json", "{}");
    let absent = world.directory().join("absent.json");
    let absent = absent.to_str().unwrap();
    // What --issuers names; what the run says; how `put --confirm` ends.
    let rows = [
        (None, None, Exit::Failed),
        (Some(private.as_str()), None, Exit::Done),
        (Some(public.as_str()), None, Exit::Failed),
        (None, Some(entry(true)), Exit::Done),
        (None, Some(entry(false)), Exit::Failed),
        (Some(public.as_str()), Some(entry(true)), Exit::Failed),
        (Some(private.as_str()), Some(entry(false)), Exit::Done),
        (Some(shared.as_str()), Some(entry(true)), Exit::Usage),
        (Some(wrong.as_str()), Some(entry(true)), Exit::Usage),
        (Some(absent), Some(entry(true)), Exit::Failed),
    ];
    for (file, of_run, expected) in rows {
        let mut settings = world.settings();
        settings["VENDING_ISSUERS"] = of_run.clone().map_or(Value::Null, Value::from);
        settings
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        world.change_run("/settings", settings);
        let issuers = file.map_or(vec![], |file| vec!["--issuers", file]);
        let row = format!("{file:?} {of_run:?}");
        let outcome = put(&world, text, &[&["--confirm"], &issuers[..]].concat()).await;
        assert_eq!(outcome.exit, expected, "{row}: {outcome:?}");
        let check = [&["policy", "check", "-"], &issuers[..]].concat();
        let checked = world.run_piping(&check, text.as_bytes()).await;
        assert_eq!(checked.exit, expected, "{row}: {checked:?}");
    }
}
