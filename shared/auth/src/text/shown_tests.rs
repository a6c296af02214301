use super::*;

const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl";

/// What is given by mistake.
fn secrets() -> Vec<String> {
    let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let caller_key = format!("{KEY_PREFIX}collector_{}", "A".repeat(43));
    vec![
        format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"),
        format!("-----BEGIN PRIVATE KEY-----{key}"),
        "x".repeat(300),
        "x y ".repeat(60),
        "one line\nanother".to_owned(),
        "one line\u{2028}another".to_owned(),
        "a\rb".to_owned(),
        TOKEN.to_owned(),
        format!("Bearer {TOKEN}"),
        format!("{TOKEN}.a.b"),
        caller_key.clone(),
        caller_key[..20].to_owned(),
        format!("./{caller_key}"),
        "3q2+7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned(),
        "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned(),
        "c2VjcmV0LWtleS1ieXRlcy0wMTIzNDU2Nzg5YWJjZGVm".to_owned(),
        "u3Zt8+QeR1mXb/Yw0KcV7hLsN2pDf6GaTj4xJo9W".to_owned(),
        r#"{"state_key":"9mHcQb1dYt4ZgXw2LkVr7sNpJ3uEaTfo"}"#.to_owned(),
    ]
}

#[test]
fn a_secret_is_counted_and_not_repeated() {
    for secret in secrets() {
        for said in [
            shown(&secret).to_string(),
            shown_path(Path::new(&secret)).to_string(),
            shown_secret(&secret).to_string(),
        ] {
            let length = secret.chars().count();
            let counted = format!("a value of {length} characters that is not shown");
            assert!(said.starts_with(&counted), "{secret:?}: {said}");
            assert!(!shares_a_piece(&said, &secret), "{secret:?}: {said}");
        }
    }
}

#[test]
fn a_name_is_repeated_without_what_steers_a_terminal() {
    let names = [
        "",
        ".local",
        "certificate.pem",
        "/home/Alice/Projects/Broker2026/My-Data/certificate.pem",
        "/tmp/.tmpQx7ZbK/secrets/certificate",
        "C:\\Users\\Alice\\certificate.pfx",
        "token-broker-TenantsTable-1ABCD2EFGH3IJ",
        "CertificateSecret-AbC1dEf2GhIj-x7YzAb",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ring-AbCdEf",
        "41463f53-8812-40f4-890f-865bf6e35190",
        "41463f53881240f4890f865bf6e35190",
        "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?x=1",
        "Workload::https://token.actions.githubusercontent.com repo:Org/Repo:ref:refs/heads/main",
        "Contoso, Inc.",
        "MoneyJar Inc. of a.b.c",
        "DonaudampfschifffahrtsElektrizitätenHauptbetriebswerkBauunterbeamtenGesellschaft",
    ];
    for name in names {
        assert_eq!(shown(name).to_string(), name);
    }
    assert_eq!(shown("a\u{1b}[2J\u{202e}b").to_string(), "a?[2J?b");
    let wanted = shown_path(Path::new("a\nb")).to_string();
    assert!(
        wanted.ends_with("this is the text, a file's name is wanted"),
        "{wanted}"
    );
}

#[test]
fn the_words_of_a_library_lose_what_looks_like_a_secret() {
    let said = format!("unexpected `{TOKEN}`\n  at line 3\tof policy.cedar");
    let length = TOKEN.len() + 2;
    let expected =
        format!("unexpected [{length} characters not shown]\n  at line 3\tof policy.cedar");
    assert_eq!(veiled(&said), expected);
    let part = "invalid member access: `eyJhbGciOiJub25lIn0` has no fields";
    let expected = "invalid member access: [21 characters not shown] has no fields";
    assert_eq!(veiled(part), expected);
    for kept in ["", "no `-----BEGIN CERTIFICATE-----` block in a.pem"] {
        assert_eq!(veiled(kept), kept);
    }
}

#[test]
fn a_message_about_arguments_repeats_none_that_is_a_secret() {
    for secret in secrets() {
        let option = format!("--tenant={secret}");
        let rows = [
            (
                secret.as_str(),
                format!("invalid value '{secret}' for '--tenant'"),
            ),
            (
                &secret,
                format!("unexpected argument '{secret}' found\n\n  tip: '-- {secret}'"),
            ),
            (&option, format!("invalid value '{secret}' for '--tenant'")),
            (&option, format!("unexpected argument '{option}' found")),
            (
                &secret,
                format!("it is said to be \"{}\"", secret.escape_debug()),
            ),
        ];
        for (argument, message) in rows {
            let said = without(&message, &["operator", argument]);
            assert!(!shares_a_piece(&said, &secret), "{secret:?}: {said}");
        }
    }
    let message = "invalid value 'x' for '--tenant <TENANT>'";
    assert_eq!(without(message, &["operator", "--tenant=x"]), message);
}

/// What a client says of itself: the text, and what a line keeps of it in 40 characters.
#[test]
fn an_excerpt_is_one_short_line_without_a_secret() {
    let long = "word ".repeat(2_000);
    let one_word = "x".repeat(10_240);
    let key = format!("{KEY_PREFIX}collector_{}", "A".repeat(43));
    let straddling = format!("{} {}", "a b c d ".repeat(30), TOKEN.repeat(8));
    let rows: [(&str, &str); 18] = [
        ("", ""),
        ("curl/8.5.0", "curl/8.5.0"),
        (
            "azsdk-python-identity/1.15 (Linux)",
            "azsdk-python-identity/1.15 (Linux)",
        ),
        ("a\nb", "a?b"),
        ("a\r\n{\"event\": 1}", "a??{\"event\": 1}"),
        ("\u{1b}[2Jb", "?[2Jb"),
        ("a\u{202e}b\u{2028}c", "a?b?c"),
        ("a\0b\u{7f}", "a?b?"),
        ("Müller's 漢字 client", "Müller's 漢字 client"),
        (&"é".repeat(40), &"é".repeat(40)),
        (
            &"é ".repeat(30),
            &format!("{}…", "é ".repeat(20).strip_suffix(' ').unwrap()),
        ),
        (
            &long,
            &format!("{}…", "word ".repeat(8).strip_suffix(' ').unwrap()),
        ),
        (&one_word, "[241 characters not shown]…"),
        (TOKEN, "[49 characters not shown]"),
        (
            &format!("Bearer {TOKEN}"),
            "Bearer [49 characters not shown]",
        ),
        ("eyJhbGciOiJub25lIn0", "[19 characters not shown]"),
        (&key, "[60 characters not shown]"),
        (
            &straddling,
            &format!("{}…", "a b c d ".repeat(5).strip_suffix(' ').unwrap()),
        ),
    ];
    for (text, kept) in rows {
        assert_eq!(excerpt(text, 40), kept, "{text:?}");
    }
    for secret in secrets() {
        let kept = excerpt(&secret, 40);
        assert!(
            kept.chars().count() <= 40 && !kept.contains('\n'),
            "{kept:?}"
        );
        let pieces = [
            "MIIEvQ", "eyJzdWIi", "AAAAAAAA", "BwcHBwcH", "mHcQb1dY", "Zt8+QeR1",
        ];
        assert!(!pieces.iter().any(|piece| kept.contains(piece)), "{kept:?}");
    }
}
