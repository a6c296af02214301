//! PEM whose line breaks a tool took away: as a file, and in the certificate's secret. It is
//! read, or the refusal says what became of it, without a word of the key.

use auth::Timestamp;
use auth::encoding::base64_standard;
use auth::secret::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp::from_unix(1_431_655_194);

/// A pair's certificate and key.
fn pair() -> (String, String) {
    let created = create("pem", 1, NOW).unwrap();
    let key = created.private_key_pem.expose_secret().to_owned();
    (created.certificate_pem, key)
}

/// What tools make of a text.
fn mangled(text: &str) -> Vec<(&'static str, String)> {
    let lines = |end: &str| text.trim_end().replace('\n', end);
    let base64 = base64_standard(text.as_bytes());
    let broken: Vec<&str> = base64
        .as_bytes()
        .chunks(76)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    vec![
        ("as it was", text.to_owned()),
        ("CRLF", lines("\r\n")),
        ("lone CR", lines("\r")),
        ("\\n", lines("\\n")),
        ("\\r\\n", lines("\\r\\n")),
        ("\\\\n, quoted twice", lines("\\\\n")),
        ("\\n and a line break", lines("\\n\n")),
        ("a backslash at each end of a line", lines("\\\n")),
        ("\\/ for each slash", lines("\\n").replace('/', "\\/")),
        (
            "\\u002B for each plus",
            lines("\\n").replace('+', "\\u002B"),
        ),
        ("blanks", lines(" ")),
        ("nothing", lines("")),
        ("no blank at all", lines("").replace(' ', "")),
        ("quoted", format!("\"{}\"", lines("\\n"))),
        ("quoted by a shell", format!("'{}'\n", lines("\n"))),
        ("indented", lines("\n    ")),
        ("indented by tabs", lines("\n\t")),
        ("a YAML block", format!("|\n  {}\n", lines("\n  "))),
        ("blank lines", lines("\n\n")),
        ("blanks at the ends of lines", lines(" \t\n")),
        ("no-break spaces", lines("\u{a0}\n")),
        ("base64 of the whole", base64.clone()),
        ("the same, quoted", format!("\"{base64}\"\n")),
        ("the same in lines", broken.join("\r\n")),
        ("the same with \\n", broken.join("\\n")),
        ("base64 of \\n", base64_standard(lines("\\n").as_bytes())),
        ("a mark", format!("\u{feff}{text}")),
        ("a NUL", format!("{text}\0")),
        (
            "attributes",
            format!("Bag Attributes\n    friendlyName: x\n{text}"),
        ),
        (
            "a longer line",
            lines("")
                .replace("-----M", "-----\nM")
                .replace("-----END", "\n-----END"),
        ),
    ]
}

#[test]
fn a_pair_is_read_whatever_became_of_its_line_breaks() {
    let (certificate, key) = pair();
    let both = format!("{certificate}{key}");
    let expected = SigningKey::from_pem(&both, NOW).unwrap();
    let parts = mangled(&certificate).into_iter().zip(mangled(&key));
    for ((row, text), ((_, certificate), (_, key))) in mangled(&both).into_iter().zip(parts) {
        let taken = SigningKey::from_pem(&text, NOW).expect(row);
        assert_eq!(taken.certificate(), expected.certificate(), "{row}");
        let Ok(FileForm::Pem(text)) = FileForm::recognise(text.as_bytes()) else {
            panic!("{row} is not recognised");
        };
        Bundle::from_pem(&text).unwrap().pair(NOW).expect(row);
        let secret = json!({"certificate": certificate, "private_key": key}).to_string();
        for secret in [secret.clone(), format!("\u{feff}{secret}\r\n\0")] {
            let secret = SecretString::from(secret);
            let taken = SigningKey::from_secret(&secret, NOW).expect(row);
            assert_eq!(taken.certificate(), expected.certificate(), "{row}");
            CertificateFacts::of_secret(&secret, NOW).expect(row);
        }
    }
}

#[test]
fn a_certificate_in_base64_alone_is_read_in_a_secret_too() {
    let (certificate, key) = pair();
    let der = Bundle::from_pem(&certificate).unwrap().certificates()[0]
        .der
        .clone();
    let secret = json!({"certificate": base64_standard(&der), "private_key": key});
    SigningKey::from_secret(&secret.to_string().into(), NOW).unwrap();
}

#[test]
fn what_is_lost_is_named_without_a_word_of_the_key() {
    let (certificate, key) = pair();
    let first_line = |text: &str| text.lines().next().unwrap().to_owned();
    let without = |text: &str, label: &str| text.replace(label, "");
    let half = |text: &str| text[..text.len() / 2].to_owned();
    let damaged = "PEM block 1 (PRIVATE KEY) is damaged: ";
    let rows: [(&str, String, String); 16] = [
        (
            "the first line alone",
            first_line(&key),
            format!("{damaged}its line breaks are lost"),
        ),
        (
            "the first line and its end",
            first_line(&key) + "\r\n",
            format!("{damaged}its line breaks are lost"),
        ),
        (
            "half of it",
            half(&key),
            format!("{damaged}its last line is missing"),
        ),
        (
            "no last line",
            without(&key, "-----END PRIVATE KEY-----"),
            format!("{damaged}its last line is missing"),
        ),
        (
            "no first line",
            without(&key, "-----BEGIN PRIVATE KEY-----"),
            "comes without its key".to_owned(),
        ),
        (
            "no armour",
            key.lines().filter(|line| !line.starts_with('-')).collect(),
            "comes without its key".to_owned(),
        ),
        (
            "half of a first line",
            "-----BEGIN PRIVATE KEY".to_owned(),
            format!("{damaged}the dashes that end its first line"),
        ),
        (
            "half of a last line",
            key.trim_end().trim_end_matches('-').to_owned(),
            format!("{damaged}its last line is missing"),
        ),
        (
            "quoted as in a URL",
            key.replace(['+', '/'], "%"),
            format!("{damaged}between its first and its last"),
        ),
        (
            "a line number in it",
            key.replacen("-\nM", "-\n1: M", 1),
            format!("{damaged}between its first and its last"),
        ),
        (
            "typographer's quotes",
            key.replacen("-\nM", "-\n\u{201c}M", 1),
            format!("{damaged}between its first and its last"),
        ),
        (
            "another end",
            key.replace("END PRIVATE", "END RSA PRIVATE"),
            format!("{damaged}its last line is that of another block (RSA PRIVATE KEY)"),
        ),
        (
            "an empty block",
            "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----".to_owned(),
            format!("{damaged}it is empty"),
        ),
        (
            "encrypted",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----"
                .to_owned(),
            "the private key is encrypted".to_owned(),
        ),
        ("nothing", String::new(), "comes without its key".to_owned()),
        (
            "a PFX file",
            base64_standard(b"\x30\x82\x0a\x46\x02\x01\x03"),
            "openssl pkcs12".to_owned(),
        ),
    ];
    for (row, key_text, expected) in rows {
        let secret = json!({"certificate": certificate, "private_key": key_text});
        let refused = SigningKey::from_secret(&secret.to_string().into(), NOW).unwrap_err();
        let said = refused.to_string();
        assert!(said.contains(&expected), "{row}: {said}");
        for shown in [said, format!("{refused:?}")] {
            assert!(!shown.contains('\n'), "{row}: {shown}");
            for line in key.lines().filter(|line| !line.starts_with('-')) {
                assert!(!shown.contains(&line[..8]), "{row}: {shown}");
            }
        }
    }
}

#[test]
fn line_breaks_in_json_are_named_where_it_is_refused_for_them() {
    let (certificate, key) = pair();
    let raw = format!("{{\"certificate\": \"{certificate}\", \"private_key\": \"{key}\"}}");
    let refused = SigningKey::from_secret(&raw.into(), NOW).unwrap_err();
    assert_eq!(refused, CertificateError::NotASecret);
    assert!(
        refused
            .to_string()
            .contains(r"each line break of the PEM written as \n")
    );
}
