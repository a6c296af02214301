//! Files that are wrong: everything is told with where it stands, together, and before
//! anything is asked.

use std::fs::File;

use auth::TenantStatus;
use operator::Exit;
use serde_json::json;

use super::import;
use crate::authority::Authority;
use crate::world::{OTHER, TENANT as T, World, run, tenant};

/// What stands in a file, and what must be said of it.
struct Wrong {
    content: Vec<u8>,
    told: Vec<String>,
}

fn wrong(content: impl Into<Vec<u8>>, told: &[&str]) -> Wrong {
    Wrong {
        content: content.into(),
        told: told.iter().map(|part| (*part).to_owned()).collect(),
    }
}

fn wrong_csv() -> Vec<Wrong> {
    let header = "tenant_id,customer";
    let upper = T.to_uppercase();
    let long = "x".repeat(201);
    let shown = "x".repeat(60);
    let many: String = (0..100_001).map(|n| format!("{},C\n", guid(n))).collect();
    vec![
        wrong("", &["it is empty", "tenant_id,customer"]),
        wrong("\u{feff}\r\n\n", &["it is empty"]),
        wrong(header, &["it holds no tenant"]),
        wrong(format!("{header}\n,\n"), &["it holds no tenant"]),
        wrong(
            format!("{T},Contoso\n"),
            &[
                &format!("line 1: unknown column \"{T}\""),
                "line 1: unknown column \"Contoso\"",
                "line 1: the column tenant_id is missing",
                "line 1: the column customer is missing",
            ],
        ),
        wrong(
            format!("tenant_id;customer\n{T};Contoso\n"),
            &["line 1: unknown column", "separated by commas"],
        ),
        wrong(
            format!("tenant_id,customer,Cloud,note\n{T},Contoso,gcc,\ncontoso.com,C,gcc,\n"),
            &[
                "line 1: unknown column \"Cloud\"",
                "line 1: unknown column \"note\"",
                "line 3: tenant_id \"contoso.com\" is not a GUID",
            ],
        ),
        wrong(
            format!("tenant_id,customer,customer\n{T},A,B\n"),
            &["line 1: the column customer stands there twice"],
        ),
        wrong(
            format!("{header}\r\n\r\n{T},Contoso\r\n\r\n  \r\ncontoso.com,Contoso"),
            &["line 6: tenant_id \"contoso.com\" is not a GUID such as"],
        ),
        wrong(
            format!("{header}\r{T},Contoso\rcommon,Contoso\r"),
            &["line 3: tenant_id \"common\" is not a GUID"],
        ),
        wrong(
            format!("{header}\n{T},\n,Contoso\n"),
            &[
                "line 2: customer is missing",
                "line 3: tenant_id is missing",
            ],
        ),
        wrong(
            format!("{header}\n{T},{long}\n{OTHER},\"a\nb\u{1b}[2J\"\n{shown}y,a\u{1b}[2J\n"),
            &[
                "line 2: customer a value of 201 characters that is not shown is not a customer",
                "at most 200 characters, and this has 201",
                "line 3: customer a value of 7 characters that is not shown is not a customer",
                "U+000A at character 2",
                &format!("line 5: tenant_id \"{shown}…\" is not a GUID"),
                "line 5: customer \"a?[2J\" is not a customer account: U+001B at character 2",
            ],
        ),
        wrong(
            format!("{header},cloud\n{T},A,mars\n{OTHER},B,gcc-high\n"),
            &[
                "line 2: cloud \"mars\" is not a cloud: one of public, gcc",
                "line 3: cloud gcc-high signs in at another authority",
            ],
        ),
        wrong(
            format!("{header}\n9188040d-6c67-4c5b-b112-36a304b66dad,A\n"),
            &["line 2: tenant_id is the tenant of personal accounts"],
        ),
        wrong(
            format!("{header}\n{T},A\n{OTHER},B\n{upper},A\n{T},C\n"),
            &[
                &format!("line 4: tenant {T} stands in line 2 already"),
                &format!("line 5: tenant {T} stands in line 2 already"),
            ],
        ),
        wrong(
            format!("{header}\n{T},Contoso, Inc.\n{OTHER}\n"),
            &[
                "line 2: 3 values where the header has 2 columns",
                "in quotes",
                "line 3: 1 values",
            ],
        ),
        wrong(
            [header.as_bytes(), b"\n", T.as_bytes(), b",M\xfcller\n"].concat(),
            &["not UTF-8 or UTF-16 (line 2)", "save it as UTF-8"],
        ),
        wrong(
            b"\xff\xfe\0\0t\0\0\0".to_vec(),
            &["UTF-32: save it as UTF-8"],
        ),
        wrong(
            format!("{header}\n{many}"),
            &["it holds 100001 rows, at most 100000 are taken: split it"],
        ),
    ]
}

fn wrong_json() -> Vec<Wrong> {
    let row = json!({"tenant_id": T, "customer": "Contoso"});
    vec![
        wrong(" \n", &["it is empty"]),
        wrong("[]", &["it holds no tenant"]),
        wrong("[{", &["it is no JSON array of objects", "line 1 column 2"]),
        wrong(row.to_string(), &["it is no JSON array of objects"]),
        wrong(
            format!("[{row},7,null]"),
            &["entry 2: is no object", "entry 3: is no object"],
        ),
        wrong(
            format!("[{row},{{\"customer\":\"A\"}},{{\"tenant_id\":\"{OTHER}\"}}]"),
            &[
                "entry 2: tenant_id is missing",
                "entry 3: customer is missing",
            ],
        ),
        wrong(
            json!([{"tenant_id": T, "customer": 7}, {"tenant_id": {}, "customer": "A"}])
                .to_string(),
            &[
                "entry 1: customer is no text",
                "entry 2: tenant_id is no text",
            ],
        ),
        wrong(
            json!([{"tenant_id": T, "customer": "A", "Cloud": "gcc", "\u{1b}": 1}]).to_string(),
            &[
                "entry 1: unknown field \"Cloud\"",
                "entry 1: unknown field \"?\"",
            ],
        ),
        wrong(
            format!("[{{\"tenant_id\":\"{T}\",\"customer\":\"A\",\"customer\":\"B\"}}]"),
            &["entry 1: the field customer stands there twice"],
        ),
        wrong(
            format!("[{row},{row}]"),
            &[&format!("entry 2: tenant {T} stands in entry 1 already")],
        ),
        wrong(
            json!([{"tenant_id": T, "customer": "A", "cloud": "dod"}]).to_string(),
            &[
                "entry 1: cloud dod signs in at another authority",
                "(public)",
            ],
        ),
    ]
}

fn guid(number: u32) -> String {
    format!("41463f53-8812-40f4-890f-8650{number:08x}")
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_told_before_anything_is_asked() {
    let world = World::start().await;
    let authority = Authority::start(&world, 0).await;
    let csv = wrong_csv().into_iter().map(|file| ("tenants.csv", file));
    let json = wrong_json().into_iter().map(|file| ("tenants.JSON", file));
    for (name, Wrong { content, told }) in csv.chain(json) {
        let outcome = import(&world, name, &content, &["--json"]).await;
        assert_eq!((outcome.exit, outcome.out.as_str()), (Exit::Failed, ""));
        assert!(outcome.err.starts_with("error: "), "{outcome:?}");
        assert!(outcome.err.contains(name), "{outcome:?}");
        for part in &told {
            assert!(outcome.err.contains(part), "{part}: {}", outcome.err);
        }
        let controls = |c: char| c.is_control() && c != '\n';
        assert!(!outcome.err.contains(controls), "{outcome:?}");
    }
    assert_eq!(authority.asked().await, 0);
    let listed = world.run(&["tenants", "list", "--json"]).await.json();
    assert_eq!(listed, json!([]));
}

#[tokio::test]
async fn one_wrong_row_keeps_the_good_ones_from_being_imported() {
    let world = World::start().await;
    let authority = Authority::start(&world, 1).await;
    authority.grant(&authority.tenants);
    let good = &authority.tenants[0];
    let text = format!("tenant_id,customer\n{good},Contoso\nx,Contoso\n");
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &[]).await;
    assert_eq!(outcome.exit, Exit::Failed);
    assert!(
        outcome.err.contains("nothing was asked or changed"),
        "{outcome:?}"
    );
    assert_eq!(authority.asked().await, 0);
}

#[tokio::test]
async fn of_many_problems_the_first_twenty_are_told_in_the_order_of_the_file() {
    let world = World::start().await;
    let rows: String = (2..27).map(|line| format!("x{line},Contoso\n")).collect();
    let text = format!("tenant_id,customer\n{rows}");
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &[]).await;
    let lines: Vec<_> = outcome.err.lines().collect();
    assert_eq!(lines.len(), 22, "{outcome:?}");
    assert!(lines[1].trim_start().starts_with("line 2:"), "{outcome:?}");
    assert!(
        lines[20].trim_start().starts_with("line 21:"),
        "{outcome:?}"
    );
    assert_eq!(lines[21].trim(), "and 5 more");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_and_a_format_that_is_not_told_say_what_to_do() {
    let world = World::start().await;
    world.connect(&tenant(T, TenantStatus::Active, None)).await;
    let large = world.directory().join("large.csv");
    File::create(&large).unwrap().set_len(65 << 20).unwrap();
    let rows: [(&[&str], Exit, &str); 6] = [
        (
            &["no-such-file.csv"],
            Exit::Failed,
            "no-such-file.csv cannot be read",
        ),
        (
            &["tests", "--format", "csv"],
            Exit::Failed,
            "tests cannot be read",
        ),
        (
            &[large.to_str().unwrap()],
            Exit::Failed,
            "larger than 64 MiB",
        ),
        (
            &["tenants.txt"],
            Exit::Usage,
            "add --format csv or --format json",
        ),
        (&["tenants"], Exit::Usage, "add --format"),
        (
            &["-"],
            Exit::Usage,
            "standard input does not tell its format",
        ),
    ];
    for (options, exit, part) in rows {
        let line = [&["tenants", "import"], options].concat();
        let outcome = world.run(&line).await;
        assert_eq!((outcome.exit, outcome.out.as_str()), (exit, ""), "{line:?}");
        assert_eq!(outcome.err.lines().count(), 1, "{outcome:?}");
        assert!(outcome.err.contains(part), "{line:?}: {}", outcome.err);
    }
    // Neither a run nor AWS is needed to be told so.
    let line = ["operator", "tenants", "import", "no-such-file.csv"];
    let outcome = run(&line, None).await;
    assert!(outcome.refusal().contains("cannot be read"), "{outcome:?}");
}
