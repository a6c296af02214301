//! Names: every spelling of one is one account, and what a name holds steers no terminal.

use auth::{Customer, Tenant, TenantStatus};
use operator::Exit;
use serde_json::json;

use crate::world::{OTHER, TENANT, World, run, tenant};

fn of(customer: &str) -> Tenant {
    Tenant {
        customer: Customer::stored(customer).unwrap(),
        ..tenant(TENANT, TenantStatus::Active, None)
    }
}

#[tokio::test]
async fn every_spelling_of_an_account_is_that_account() {
    let world = World::start().await;
    world.connect(&of("Café Å")).await;
    let spellings = [
        "Café Å",
        " Café Å",
        "Café Å\n",
        "\tCafé Å ",
        "Cafe\u{301} Å",
        "Café A\u{30a}",
        "Café \u{212b}",
        "Cafe\u{301} A\u{30a}",
        "\u{a0}Café Å\u{3000}",
        "\u{2028}Cafe\u{301} \u{212b}\u{85}",
    ];
    for spelling in spellings {
        let listed = world
            .run(&["tenants", "list", "--json", "--customer", spelling])
            .await;
        assert_eq!(listed.json()[0]["customer"], "Café Å", "{spelling:?}");
        let moved = [
            "tenants", "move", TENANT, "--yes", "--json", "--to", spelling,
        ];
        assert_eq!(
            world.run(&moved).await.json()["changed"],
            false,
            "{spelling:?}"
        );
        let invite = ["invite", spelling, "--tenant", TENANT, "--json"];
        assert_eq!(world.run(&invite).await.exit, Exit::Done, "{spelling:?}");
        let row = json!([{"tenant_id": TENANT, "customer": spelling}]).to_string();
        let import = [
            "tenants",
            "import",
            "-",
            "--format",
            "json",
            "--json",
            "--dry-run",
        ];
        let imported = world.run_piping(&import, row.as_bytes()).await;
        assert_eq!(imported.json()["already"], 1, "{spelling:?}");
    }
}

#[tokio::test]
async fn a_name_with_a_character_that_is_not_seen_is_refused_by_its_number() {
    let world = World::connected().await;
    let rows = [
        ("a\nb", "U+000A at character 2"),
        ("a\tb", "U+0009 at character 2"),
        ("Con\u{ad}toso", "U+00AD at character 4"),
        ("a\u{a0}b", "U+00A0 at character 2"),
        ("a\u{61c}b", "U+061C at character 2"),
        ("a\u{180e}b", "U+180E at character 2"),
        ("\u{200b}ab", "U+200B at character 1"),
        ("ab\u{200d}", "U+200D at character 3"),
        ("a\u{2028}b", "U+2028 at character 2"),
        ("a\u{202e}b", "U+202E at character 2"),
        ("a\u{fff9}b", "U+FFF9 at character 2"),
        ("a\u{e0041}b", "U+E0041 at character 2"),
    ];
    for (name, expected) in rows {
        for line in [
            vec!["operator", "invite", name],
            vec!["operator", "tenants", "move", TENANT, "--to", name],
            vec!["operator", "tenants", "list", "--customer", name],
        ] {
            use clap::Parser as _;
            let error = operator::Arguments::try_parse_from(&line).unwrap_err();
            assert!(error.to_string().contains(expected), "{line:?}: {error}");
        }
        let row = json!([{"tenant_id": OTHER, "customer": name}]).to_string();
        let import = ["tenants", "import", "-", "--format", "json"];
        let imported = world.run_piping(&import, row.as_bytes()).await;
        assert!(imported.err.contains(expected), "{imported:?}");
    }
}

/// Rows that an earlier rule let pass: they are listed, can be moved, and steer nothing.
#[tokio::test]
async fn a_stored_name_steers_no_terminal_and_keeps_no_row_from_being_listed() {
    let rows = [
        ("Con\ntoso", "Con?toso"),
        ("Con\rtoso", "Con?toso"),
        ("\u{1b}[2JContoso", "?[2JContoso"),
        ("Contoso\u{7}", "Contoso?"),
        ("Con\u{7f}toso", "Con?toso"),
        ("\u{9b}31mContoso", "?31mContoso"),
        ("Con\u{2028}toso", "Con?toso"),
        ("\u{202e}osotnoC", "?osotnoC"),
        ("Con\u{200b}toso", "Con?toso"),
        ("Con\u{e0041}toso", "Con?toso"),
    ];
    for (stored, shown) in rows {
        let world = World::start().await;
        // An end that no trim takes away.
        let (stored, shown) = (format!("x{stored}x"), format!("x{shown}x"));
        world.connect(&of(&stored)).await;
        for line in [
            &["tenants", "list"][..],
            &["tenants", "show", TENANT],
            &["tenants", "tag", TENANT, "team=red"],
        ] {
            let outcome = world.run(line).await;
            assert_eq!(outcome.exit, Exit::Done, "{outcome:?}");
            assert!(outcome.out.contains(&shown), "{line:?}: {outcome:?}");
        }
        let listed = world.run(&["tenants", "list", "--json"]).await;
        let unseen = |c: char| c != '\n' && auth::text::is_invisible(c);
        assert!(!listed.out.contains(unseen), "{listed:?}");
        assert_eq!(listed.json()[0]["customer"], json!(stored));
        let asked = world
            .run_typing(&["tenants", "suspend", TENANT], "no\n")
            .await;
        assert!(asked.err.contains(&shown), "{asked:?}");
        let moved = ["tenants", "move", TENANT, "--to", "Contoso", "--yes"];
        let moved = world.run(&moved).await;
        assert_eq!(moved.exit, Exit::Done, "{moved:?}");
        assert!(
            moved
                .out
                .contains(&format!("from customer account {shown}")),
            "{moved:?}"
        );
    }
}

#[tokio::test]
async fn an_error_steers_no_terminal() {
    let line = [
        "operator",
        "policy",
        "check",
        "\u{1b}[2J\u{202e}no-such.cedar",
    ];
    let outcome = run(&line, None).await;
    assert!(
        outcome.err.starts_with("error: ?[2J?no-such.cedar cannot"),
        "{outcome:?}"
    );
}
