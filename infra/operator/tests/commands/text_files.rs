//! Every text file that an operator names is read however an editor or a shell saved it. The
//! password file is in `certificate/pfx.rs`.

use std::fs;
use std::path::Path;

use operator::Exit;

use crate::world::World;

const TENANT: &str = "41463f53-8812-40f4-890f-8650ca19e4b3";
const POLICY: &str = "// Müller\n@id(\"row\")\npermit (principal is Workload, action, resource in Customer::\"C\")\nwhen { principal.issuer == \"https://issuer.contoso.example\" };\n";
const ISSUERS: &str = "[{\"issuer\":\"https://issuer.contoso.example\",\n\"audience\":\"broker\",\"private\":true}]\n";
const CLAIMS: &str = "{\"env\":\n\"größer\"}\n";
const TENANTS: &str = "tenant_id,customer\n41463f53-8812-40f4-890f-8650ca19e4b3,Müller\n";

/// The ways to save a text.
fn saved(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let crlf = text.replace('\n', "\r\n");
    let marked = format!("\u{feff}{crlf}");
    let wide = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    };
    vec![
        ("as it is", text.into()),
        ("CRLF", crlf.clone().into()),
        ("lone CR", text.replace('\n', "\r").into()),
        ("UTF-8 with its mark", marked.clone().into()),
        ("UTF-16LE", wide(&marked, u16::to_le_bytes)),
        ("UTF-16BE", wide(&marked, u16::to_be_bytes)),
        ("UTF-16 without its mark", wide(&crlf, u16::to_le_bytes)),
        ("NULs at the end", format!("{text}\0\0").into()),
    ]
}

/// What is in no encoding that is read, with what is said of it.
fn unread(text: &str) -> Vec<(Vec<u8>, &'static str)> {
    let first = text.split_at(text.find('\n').unwrap()).0;
    vec![
        (
            [first.as_bytes(), b"\nM\xfcller"].concat(),
            "not UTF-8 or UTF-16 (line 2): save it as UTF-8",
        ),
        (
            text.chars()
                .flat_map(|c| u32::from(c).to_le_bytes())
                .collect(),
            "UTF-32: save it as UTF-8",
        ),
        (
            [first.as_bytes(), b"\0", first.as_bytes()].concat(),
            "no text, with a NUL character in it (line 1): save it as UTF-8",
        ),
        (
            [b"\xff\xfe", first.as_bytes(), b"\0\xd8"].concat(),
            "UTF-16 with a damaged character (line 1): save it as UTF-8",
        ),
    ]
}

/// The commands that read a text file: its content, its place in the command.
fn commands(file: &str) -> [(&'static str, Vec<String>); 4] {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let place = Path::new(file).with_file_name("policy.cedar");
    let policy = place.to_str().unwrap();
    let mut explain = words(&format!(
        "policy explain --json --tenant {TENANT} --file {policy} --claims {file} --issuers {policy}.issuers --caller"
    ));
    explain.push("Workload::https://issuer.contoso.example subject".to_owned());
    [
        (
            POLICY,
            words(&format!("policy check {file} --issuers {policy}.issuers")),
        ),
        (
            ISSUERS,
            words(&format!("policy check {policy} --issuers {file}")),
        ),
        (CLAIMS, explain),
        (
            TENANTS,
            words(&format!(
                "tenants import {file} --format csv --dry-run --json"
            )),
        ),
    ]
}

#[tokio::test]
async fn a_text_file_is_read_however_it_was_saved() {
    let world = World::start().await;
    let file = world.directory().join("file");
    let policy = file.with_file_name("policy.cedar");
    fs::write(&policy, POLICY).unwrap();
    fs::write(file.with_file_name("policy.cedar.issuers"), ISSUERS).unwrap();
    for (text, command) in commands(file.to_str().unwrap()) {
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        fs::write(&file, text).unwrap();
        let expected = world.run(&command).await;
        // Nothing answers an import here: its rows are read, which is what this is about.
        let is_read = expected.exit == Exit::Done || text == TENANTS;
        assert!(is_read, "{command:?}: {expected:?}");
        for (row, bytes) in saved(text) {
            fs::write(&file, bytes).unwrap();
            let outcome = world.run(&command).await;
            assert!(
                outcome.exit == expected.exit && outcome.err == expected.err,
                "{row}: {command:?} {outcome:?}"
            );
            assert_eq!(outcome.out, expected.out, "{row}: {command:?}");
        }
        for (bytes, reason) in unread(text) {
            fs::write(&file, bytes).unwrap();
            let outcome = world.run(&command).await;
            assert_ne!(outcome.exit, Exit::Done, "{command:?}");
            let said = format!("{}: {reason}", file.display());
            assert!(outcome.err.contains(&said), "{command:?}: {}", outcome.err);
            assert_eq!(outcome.err.lines().count(), 1, "{}", outcome.err);
        }
    }
}
