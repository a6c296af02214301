//! Texts that somebody may put: which are refused whatever is said, which have to be
//! confirmed, and which are taken. Each against the text in force, which only a text that
//! is taken replaces. What the checks say of many more stands in `shared/policy/tests`.

use operator::Exit;

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
        "an issuer of one's own",
        r#"permit (principal is Workload, action, resource in Customer::"C") when { principal.issuer == "https://issuer.contoso.example" };"#,
        Fate::Confirmed,
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
