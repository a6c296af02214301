use super::*;

#[test]
fn reads_the_list_of_issuers() {
    let list = issuers_from_json(
        r#"[{"issuer":"https://token.actions.githubusercontent.com","audience":"broker"}]"#,
    )
    .unwrap();
    assert_eq!(
        list[0].configuration_url.as_str(),
        "https://token.actions.githubusercontent.com/.well-known/openid-configuration"
    );
}

#[test]
fn refuses_what_is_unsafe_or_unreadable() {
    let of = |issuer: &str, audience: &str| {
        serde_json::json!([{"issuer": issuer, "audience": audience}]).to_string()
    };
    let a = "https://a.example";
    let metadata = "https://169.254.169.254";
    let at = |url: &str| {
        let entry =
            serde_json::json!({"issuer": a, "audience": "broker", "configuration_url": url});
        serde_json::json!([entry]).to_string()
    };
    let doubled =
        format!(r#"[{{"issuer":"{a}","audience":"a"}},{{"issuer":"{a}","audience":"b"}}]"#);
    let long = format!("{a}/{}", "x".repeat(400));
    let rows = [
        ("{}".to_owned(), InvalidIssuer::NotAList),
        (format!(r#"[{{"issuer":"{a}"}}]"#), InvalidIssuer::NotAList),
        (
            of("http://a.example", "broker"),
            not_https("http://a.example"),
        ),
        (
            of("file:///etc/passwd", "broker"),
            not_https("file:///etc/passwd"),
        ),
        (of("a.example", "broker"), not_https("a.example")),
        (of(a, ""), InvalidIssuer::Audience(a.to_owned())),
        (
            of(a, "api://AzureADTokenExchange"),
            InvalidIssuer::Audience(a.to_owned()),
        ),
        (
            of(a, "api://AzureADTokenExchangeUSGov"),
            InvalidIssuer::Audience(a.to_owned()),
        ),
        (
            of(" https://a.example", "broker"),
            white_space(" https://a.example"),
        ),
        (
            of("https://a.example\n", "broker"),
            white_space("https://a.example\n"),
        ),
        (
            of("https://a.example/b c", "broker"),
            white_space("https://a.example/b c"),
        ),
        (doubled, InvalidIssuer::Doubled(a.to_owned())),
        (
            of("ftp://a.example", "broker"),
            not_https("ftp://a.example"),
        ),
        (
            of("http://169.254.169.254", "broker"),
            not_https("http://169.254.169.254"),
        ),
        (
            of(metadata, "broker"),
            InvalidIssuer::Inside(metadata.to_owned()),
        ),
        (
            of("https://0.0.0.0", "broker"),
            InvalidIssuer::Inside("https://0.0.0.0".to_owned()),
        ),
        (
            at("https://[fe80::1]/x"),
            InvalidIssuer::Inside(a.to_owned()),
        ),
        (at("http://a.example/x"), not_https(a)),
        (
            format!(r#"[{{"issuer":"{a}","audience":"b","privat":true}}]"#),
            InvalidIssuer::UnknownField {
                issuer: a.to_owned(),
                field: "privat".to_owned(),
            },
        ),
        (of(a, &"b".repeat(401)), too_long(a, "audience")),
        (of(&long, "broker"), too_long(&long, "issuer")),
        // As SAM hands on `VendingIssuers=[{"issuer":…}]`.
        ("[{".to_owned(), InvalidIssuer::NotAList),
    ];
    for (text, why) in rows {
        let expected = Err(InvalidIssuers(vec![why]));
        assert_eq!(issuers_from_json(&text), expected, "{text}");
    }
}

#[test]
fn an_issuer_is_private_where_the_entry_says_so_and_anybody_cannot_have_its_tokens() {
    let tenant = "41463f53-8812-40f4-890f-865bf6e35190";
    let of_tenant = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let rows = [
        ("https://a.example", json_of(None), Ok(false)),
        ("https://a.example", json_of(Some(false)), Ok(false)),
        ("https://a.example", json_of(Some(true)), Ok(true)),
        (of_tenant.as_str(), json_of(Some(true)), Ok(true)),
        (
            "https://oidc.circleci.com/org/1",
            json_of(Some(true)),
            Ok(true),
        ),
        ("https://gitlab.com", json_of(Some(false)), Ok(false)),
        ("https://gitlab.com", json_of(Some(true)), Err("GitLab.com")),
        (
            "https://token.actions.githubusercontent.com",
            json_of(Some(true)),
            Err("GitHub Actions"),
        ),
        (
            "https://token.actions.githubusercontent.com/contoso",
            json_of(Some(true)),
            Err("GitHub Actions"),
        ),
        (
            "https://accounts.google.com",
            json_of(Some(true)),
            Err("Google"),
        ),
        (
            "https://login.microsoftonline.com/common/v2.0",
            json_of(Some(true)),
            Err("Entra ID"),
        ),
        ("https://scalr.io", json_of(Some(true)), Err("Scalr")),
        (
            "https://oidc.codefresh.io",
            json_of(Some(true)),
            Err("Codefresh"),
        ),
    ];
    for (issuer, private, expected) in rows {
        let mut entry = serde_json::json!({"issuer": issuer, "audience": "broker"});
        if let Some(private) = private {
            entry["private"] = private;
        }
        let list = issuers_from_json(&format!("[{entry}]"));
        let found = list.map(|list| list[0].private);
        let expected = expected.map_err(|name| {
            let issuer = issuer.to_owned();
            InvalidIssuers(vec![InvalidIssuer::Shared { issuer, name }])
        });
        assert_eq!(found, expected, "{entry}");
    }
    let odd = r#"[{"issuer":"https://a.example","audience":"b","private":"yes"}]"#;
    let odd = issuers_from_json(odd);
    assert_eq!(odd, Err(InvalidIssuers(vec![InvalidIssuer::NotAList])));
}

#[test]
fn everything_that_is_wrong_is_said_together() {
    let text = r#"[
        {"issuer": "ftp://a.example", "audience": ""},
        {"issuer": "https://b c.example", "audience": "api://AzureADTokenExchange"},
        {"issuer": "https://gitlab.com", "audience": "broker", "private": true},
        {"issuer": "https://d.example", "audience": "broker"},
        {"issuer": "https://d.example", "audience": "broker"}
    ]"#;
    let InvalidIssuers(problems) = issuers_from_json(text).unwrap_err();
    let of = |name: &str| {
        let said = problems.iter().map(ToString::to_string);
        said.filter(|said| said.contains(name)).count()
    };
    let names = ["ftp://a.example", "b c.example", "gitlab.com", "d.example"];
    assert_eq!(names.map(of), [2, 3, 1, 1], "{problems:?}");
}

#[test]
fn a_list_has_two_hundred_issuers_at_most() {
    let list = |count: usize| {
        let entry = |n| format!(r#"{{"issuer":"https://{n}.example","audience":"broker"}}"#);
        let entries: Vec<_> = (0..count).map(entry).collect();
        issuers_from_json(&format!("[{}]", entries.join(",")))
    };
    assert_eq!(list(200).map(|list| list.len()), Ok(200));
    let error = list(201).unwrap_err();
    assert_eq!(error, InvalidIssuers(vec![InvalidIssuer::TooMany(201)]));
    assert!(error.to_string().contains("200 at most"), "{error}");
}

#[test]
fn where_an_issuer_is_in_both_lists_the_stored_entry_holds() {
    let list = |text: &str| issuers_from_json(text).unwrap();
    let first = list(
        r#"[{"issuer":"https://a.example","audience":"first","private":true},
            {"issuer":"https://b.example","audience":"first","private":true}]"#,
    );
    let stored = list(
        r#"[{"issuer":"https://a.example","audience":"stored"},
            {"issuer":"https://c.example","audience":"stored"}]"#,
    );
    let both = AllowedIssuers::of(stored, &first);
    let audience = |name: &str| both.find(name).map(|issuer| issuer.audience.as_str());
    let rows = [
        ("https://a.example", Some("stored")),
        ("https://b.example", Some("first")),
        ("https://c.example", Some("stored")),
        ("https://a.example/", None),
        ("https://A.example", None),
    ];
    for (name, expected) in rows {
        assert_eq!(audience(name), expected, "{name}");
    }
    assert_eq!(both.iter().count(), 3);
    let private = |name: &str| both.private().contains(name);
    assert!(!private("https://a.example") && private("https://b.example"));
}

fn too_long(issuer: &str, field: &'static str) -> InvalidIssuer {
    InvalidIssuer::TooLong {
        issuer: issuer.to_owned(),
        field,
    }
}

fn json_of(private: Option<bool>) -> Option<serde_json::Value> {
    private.map(serde_json::Value::from)
}

fn not_https(issuer: &str) -> InvalidIssuer {
    InvalidIssuer::NotHttps(issuer.to_owned())
}

fn white_space(issuer: &str) -> InvalidIssuer {
    InvalidIssuer::WhiteSpace(issuer.to_owned())
}
