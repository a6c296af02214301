//! PFX files as many tools write them: what OpenSSL, keytool and pyca open is opened here.
//! `tests/fixtures/pfx/make` made the files, and wrote down who opens which.

use std::fs;
use std::path::Path;

use super::{fixture, inspect, json_of, made, openssl, text};

/// A row of the table.
struct Row<'t> {
    name: &'t str,
    password: &'t str,
    others: Vec<&'t str>,
    ours: &'t str,
}

fn rows(table: &str) -> Vec<Row<'_>> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let rows = lines.map(|line| {
        let [file, others, ours] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let (name, password) = file.split_once(' ').unwrap();
        Row {
            name,
            password: if password == "-" { "" } else { password },
            others: others.split(' ').collect(),
            ours,
        }
    });
    rows.collect()
}

fn file(name: &str) -> std::path::PathBuf {
    fixture(&format!("pfx/{name}.pfx"))
}

async fn opens(path: &Path, password: &str) {
    let password = made(password);
    let more = ["--password-file", password.path.to_str().unwrap()];
    let shown = json_of(path, &more).await;
    assert_eq!(shown["form"], "PFX", "{}", path.display());
    assert_eq!(shown["private_key"], "matches", "{}", path.display());
    assert_eq!(
        shown["thumbprints"]["sha1_hex"],
        openssl("app").sha1_hex,
        "{}",
        path.display()
    );
}

#[tokio::test]
async fn what_other_readers_open_is_opened_or_named_with_its_conversion() {
    let table = text("pfx/table.txt");
    let rows = rows(&table);
    assert!(rows.len() >= 36, "{}", rows.len());
    for row in &rows {
        assert!(row.others.contains(&"yes"), "{}", row.name);
        if row.ours == "yes" {
            opens(&file(row.name), row.password).await;
            continue;
        }
        let password = made(row.password);
        let more = ["--password-file", password.path.to_str().unwrap()];
        let outcome = inspect(&file(row.name), &more).await;
        let refusal = outcome.refusal();
        assert!(
            refusal.contains("openssl pkcs12"),
            "{}: {refusal}",
            row.name
        );
    }
}

#[tokio::test]
async fn another_password_opens_none_of_them() {
    let table = text("pfx/table.txt");
    let wrong = made("another");
    let more = ["--password-file", wrong.path.to_str().unwrap()];
    for row in rows(&table).iter().filter(|row| row.ours == "yes") {
        // The empty password is tried first.
        let is_open = row.password.is_empty();
        let outcome = inspect(&file(row.name), &more).await;
        match is_open {
            true => assert!(outcome.err.is_empty(), "{}: {outcome:?}", row.name),
            false => assert!(
                outcome.refusal().contains("the password does not open"),
                "{}: {outcome:?}",
                row.name
            ),
        }
    }
}

#[tokio::test]
async fn a_pfx_file_in_base64_is_opened_as_vaults_hand_it_out() {
    let der = fs::read(file("aes-256")).unwrap();
    let text = auth::encoding::base64_standard(&der);
    let lines = |end: &str| -> String {
        let lines = text.as_bytes().chunks(76);
        lines
            .map(|line| format!("{}{end}", str::from_utf8(line).unwrap()))
            .collect()
    };
    let utf16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let rows: [(&str, Vec<u8>); 8] = [
        ("one line", text.clone().into()),
        ("a line end", format!("{text}\r\n").into()),
        ("quoted", format!("\"{text}\"\n").into()),
        ("lines", lines("\n").into()),
        ("CRLF", lines("\r\n").into()),
        ("\\n for each line break", lines("\\n").into()),
        ("marked UTF-8", format!("\u{feff}{text}").into()),
        ("UTF-16", utf16(&format!("\u{feff}{text}\r\n"))),
    ];
    for (row, content) in rows {
        println!("{row}");
        opens(&made(content).path, "secret").await;
    }
}

#[tokio::test]
async fn a_password_file_is_read_as_windows_tools_write_it() {
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let path = file("umlauts");
    let rows: [(&str, Vec<u8>); 9] = [
        ("plain", "pässwörd".into()),
        ("LF", "pässwörd\n".into()),
        ("CRLF", "pässwörd\r\n".into()),
        ("CR", "pässwörd\r".into()),
        ("NUL", "pässwörd\0".into()),
        ("mark", "\u{feff}pässwörd\r\n".into()),
        ("UTF-16", wide("\u{feff}pässwörd\r\n")),
        ("UTF-16 without its mark", wide("pässwörd\r\n")),
        ("a second line", "pässwörd\nof the vault\n".into()),
    ];
    for (row, content) in rows {
        let password = made(content);
        let more = ["--password-file", password.path.to_str().unwrap()];
        assert_eq!(
            json_of(&path, &more).await["private_key"],
            "matches",
            "{row}"
        );
    }
    for wrong in [
        "pässwörd ",
        " pässwörd",
        "pa\u{308}sswo\u{308}rd",
        "passwoerd",
    ] {
        let password = made(wrong);
        let more = ["--password-file", password.path.to_str().unwrap()];
        let outcome = inspect(&path, &more).await;
        assert!(outcome.refusal().contains("does not open"), "{wrong}");
        assert!(!outcome.err.contains(wrong.trim()), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_cut_or_changed_file_is_no_other_file() {
    let whole = fs::read(file("ber-everywhere")).unwrap();
    let password = fixture("password.txt");
    let more = ["--password-file", password.to_str().unwrap()];
    // Each byte would take minutes of derivations.
    for at in (0..whole.len()).step_by(197) {
        let cut = inspect(&made(&whole[..at]).path, &more).await;
        assert_ne!(cut.exit, operator::Exit::Done, "cut at {at}");
        let mut changed = whole.clone();
        changed[at] ^= 0x01;
        let changed = inspect(&made(changed).path, &more).await;
        let told = openssl("app").sha1_hex;
        assert!(
            changed.err.lines().count() == 1 || changed.out.contains(&told),
            "{at}"
        );
    }
}
