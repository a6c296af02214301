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
    ];
    for (text, why) in rows {
        assert_eq!(issuers_from_json(&text), Err(why), "{text}");
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
        let expected = expected.map_err(|name| InvalidIssuer::Shared {
            issuer: issuer.to_owned(),
            name,
        });
        assert_eq!(found, expected, "{entry}");
    }
    let odd = r#"[{"issuer":"https://a.example","audience":"b","private":"yes"}]"#;
    let odd = issuers_from_json(odd);
    assert_eq!(odd, Err(InvalidIssuer::NotAList));
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
