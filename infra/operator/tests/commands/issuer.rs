//! `issuer check`, `issuer put`, `issuer list`, `issuer remove`: a list is judged before it is
//! stored, and what changes is said. Two operators, damage and the policy in force:
//! `issuer_changes`.

use operator::Exit;
use serde_json::{Value, json};

use crate::world::{Ran, World, run};

pub(crate) const A: &str = r#"[{"issuer":"https://a.example","audience":"broker"}]"#;
pub(crate) const B: &str = r#"[{"issuer":"https://b.example","audience":"broker","private":true}]"#;

pub(crate) async fn put(world: &World, list: &str, more: &[&str]) -> Ran {
    let command = [&["issuer", "put", "-"], more].concat();
    world.run_piping(&command, list.as_bytes()).await
}

/// The names of the stored issuers.
pub(crate) async fn listed(world: &World) -> Vec<String> {
    let listed = world.run(&["--json", "issuer", "list"]).await.json();
    let issuers = listed["issuers"].as_array().unwrap().iter();
    let name = |one: &Value| one["issuer"].as_str().unwrap().to_owned();
    issuers.map(name).collect()
}

#[tokio::test]
async fn a_list_that_functions_would_not_take_is_refused_and_every_problem_is_said() {
    let world = World::start().await;
    put(&world, A, &[]).await;
    let rows = [
        ("", "expected JSON"),
        ("{}", "expected JSON"),
        ("[{", "expected JSON"),
        (r#"[{"issuer":"https://c.example"}]"#, "expected JSON"),
        (
            r#"[{"issuer":"https://c.example","audience":"b","private":"yes"}]"#,
            "expected JSON",
        ),
        (
            r#"[{"issuer":"https://c.example","audience":"b","privat":true}]"#,
            "has no field \"privat\"",
        ),
        (
            r#"[{"issuer":"http://c.example","audience":"b"}]"#,
            "needs https",
        ),
        (r#"[{"issuer":"c.example","audience":"b"}]"#, "needs https"),
        (
            r#"[{"issuer":"https://c.example","audience":"b","configuration_url":"ftp://c"}]"#,
            "needs https",
        ),
        (
            r#"[{"issuer":"https://169.254.169.254","audience":"b"}]"#,
            "link-local",
        ),
        (
            r#"[{"issuer":"https://c.example ","audience":"b"}]"#,
            "white space",
        ),
        (
            r#"[{"issuer":"https://c.example","audience":""}]"#,
            "audience of this broker's own",
        ),
        (
            r#"[{"issuer":"https://c.example","audience":"api://AzureADTokenExchange"}]"#,
            "replayed",
        ),
        (
            r#"[{"issuer":"https://gitlab.com","audience":"b","private":true}]"#,
            "GitLab.com",
        ),
        (
            r#"[{"issuer":"https://c.example","audience":"b"},{"issuer":"https://c.example","audience":"c"}]"#,
            "named twice",
        ),
    ];
    for (list, words) in rows {
        for command in ["check", "put"] {
            let ran = world
                .run_piping(&["issuer", command, "-"], list.as_bytes())
                .await;
            assert_eq!((ran.exit, ran.out.as_str()), (Exit::Failed, ""), "{list}");
            assert!(ran.err.contains(words), "{list}: {}", ran.err);
        }
    }
    let both = r#"[{"issuer":"http://c.example","audience":""},{"issuer":"x","audience":"b"}]"#;
    let ran = put(&world, both, &[]).await;
    assert_eq!(ran.err.lines().count(), 4, "{}", ran.err);
    assert_eq!(listed(&world).await, ["https://a.example"]);
}

#[tokio::test]
async fn a_list_is_checked_without_any_place() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("issuers.json");
    std::fs::write(&file, B).unwrap();
    let file = file.to_str().unwrap();
    let checked = run(&["operator", "issuer", "check", file], None).await;
    assert_eq!((checked.exit, checked.err.as_str()), (Exit::Done, ""));
    for part in ["https://b.example", "broker", "yes"] {
        assert!(checked.out.contains(part), "{}", checked.out);
    }
    let checked = run(&["operator", "--json", "issuer", "check", file], None).await;
    let expected = json!({"issuers": [{
        "issuer": "https://b.example", "audience": "broker", "configuration_url": null,
        "private": true,
    }]});
    assert_eq!(checked.json(), expected);
}

#[tokio::test]
async fn a_list_is_put_over_the_stored_one_and_what_changes_is_said() {
    let world = World::start().await;
    let empty = world.run(&["issuer", "list"]).await;
    assert!(empty.out.contains("no list of issuers"), "{}", empty.out);
    let changed = r#"[{"issuer":"https://a.example","audience":"another"}]"#;
    let both = format!("{},{}", &A[..A.len() - 1], &B[1..]);
    // What is put; how; version, whether it was written, added, replaced, removed.
    let rows: [(&str, &[&str], Value); 8] = [
        (A, &[], json!([1, true, ["a"], [], []])),
        (A, &[], json!([1, false, [], [], []])),
        (B, &[], json!([2, true, ["b"], [], []])),
        (A, &[], json!([2, false, [], [], []])),
        (&both, &["--only"], json!([2, false, [], [], []])),
        (changed, &[], json!([3, true, [], ["a"], []])),
        (B, &["--only"], json!([4, true, [], [], ["a"]])),
        ("[]", &["--only"], json!([5, true, [], [], ["b"]])),
    ];
    for (list, more, expected) in rows {
        let ran = put(&world, list, &[&["--json"], more].concat())
            .await
            .json();
        let short = |name: &str| {
            let names = ran[name].as_array().unwrap().iter();
            let short = |name: &Value| name.as_str().unwrap()[8..9].to_owned();
            names.map(short).collect::<Vec<_>>()
        };
        let found = json!([
            ran["version"],
            ran["changed"],
            short("added"),
            short("replaced"),
            short("removed"),
        ]);
        assert_eq!(found, expected, "{list} {more:?}");
    }
    let ran = put(&world, A, &[]).await;
    assert!(ran.out.contains("added https://a.example"), "{}", ran.out);
    assert!(ran.out.contains("version 6 is stored"), "{}", ran.out);
    let list = world.run(&["issuer", "list"]).await;
    assert!(list.out.contains("version 6"), "{}", list.out);
}

#[tokio::test]
async fn what_is_listed_for_a_script_can_be_put_again() {
    let world = World::start().await;
    let entry = r#"[{"issuer":"https://c.example","audience":"b",
                     "configuration_url":"https://keys.example/x","private":true}]"#;
    put(&world, entry, &[]).await;
    put(&world, A, &[]).await;
    let listed = world.run(&["--json", "issuer", "list"]).await.json();
    let again = put(
        &world,
        &listed["issuers"].to_string(),
        &["--only", "--json"],
    )
    .await;
    let again = again.json();
    assert_eq!(again["changed"], json!(false));
    assert_eq!(again["digest"], listed["digest"]);
}

#[tokio::test]
async fn an_issuer_is_removed_by_its_name_to_the_letter() {
    let world = World::start().await;
    put(&world, A, &[]).await;
    put(&world, B, &[]).await;
    let unasked = world.run(&["issuer", "remove", "https://a.example"]).await;
    assert_eq!(unasked.exit, Exit::Usage, "{unasked:?}");
    for other in [
        "https://a.example/",
        "https://A.example",
        "https://c.example",
        "a.example",
        "",
    ] {
        let ran = world.run(&["issuer", "remove", other, "--yes"]).await;
        assert!(
            ran.refusal().contains("is not in the stored list"),
            "{other}"
        );
    }
    let no = world
        .run_typing(&["issuer", "remove", "https://a.example"], "no\n")
        .await;
    assert_eq!(no.exit, Exit::Failed);
    assert_eq!(
        listed(&world).await,
        ["https://a.example", "https://b.example"]
    );
    let removed = world
        .run_typing(&["issuer", "remove", "https://a.example"], "yes\n")
        .await;
    assert!(removed.out.contains("is removed"), "{removed:?}");
    assert_eq!(listed(&world).await, ["https://b.example"]);
    let command = ["--json", "issuer", "remove", "https://b.example", "--yes"];
    let removed = world.run(&command).await.json();
    let expected = json!({"issuer": "https://b.example", "removed": true, "version": 4});
    assert_eq!(removed, expected);
    assert_eq!(listed(&world).await, Vec::<String>::new());
    let again = world.run(&command[1..]).await;
    assert!(again.refusal().contains("is not in the stored list"));
}

/// Which entry holds then, or where it has to be taken out.
#[tokio::test]
async fn what_the_run_has_in_its_variable_is_said() {
    let world = World::start().await;
    let mut settings = world.settings();
    settings["VENDING_ISSUERS"] = json!(A);
    world.change_run("/settings", settings);
    let remove = ["issuer", "remove", "https://a.example", "--yes"];
    let ran = world.run(&remove).await;
    assert!(ran.refusal().contains("in VENDING_ISSUERS"), "{}", ran.err);
    put(&world, A, &[]).await;
    let ran = world.run(&remove).await;
    let words = "Its entry of VENDING_ISSUERS holds from now on";
    assert!(ran.out.contains(words), "{}", ran.out);
}
