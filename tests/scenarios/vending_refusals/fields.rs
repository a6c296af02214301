//! The fields of the two token routes: each one missing, doubled, too long, not UTF-8,
//! and values that no field can have.

use super::stage::{ASSERTION_TYPE, MALFORMED, Stage, Told, Version};

const INVALID_SCOPE: Told = Told {
    status: 400,
    error: "invalid_scope",
    cause: "",
};

/// A good request's fields, URL-encoded where they must be.
fn good(version: Version, token: &str) -> Vec<(&'static str, String)> {
    let (name, value) = version.resource();
    vec![
        ("grant_type", "client_credentials".to_owned()),
        (name, value.to_owned()),
        ("client_id", "any".to_owned()),
        ("client_assertion_type", ASSERTION_TYPE.to_owned()),
        ("client_assertion", token.to_owned()),
        ("min_ttl", "0".to_owned()),
    ]
}

/// The longest value of a field, in bytes.
fn longest(name: &str) -> usize {
    match name {
        "grant_type" | "client_assertion_type" => 100,
        "scope" | "resource" => 512,
        "client_id" => 256,
        "min_ttl" => 16,
        _ => 16 * 1024,
    }
}

fn body(fields: &[(&str, String)]) -> Vec<u8> {
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&").into_bytes()
}

/// The ways in which a field can be malformed, each with its name.
fn malformed(fields: &[(&'static str, String)], index: usize) -> Vec<(String, Vec<u8>)> {
    let (name, value) = &fields[index];
    let others: Vec<_> = fields
        .iter()
        .filter(|(key, _)| key != name)
        .cloned()
        .collect();
    let with = |text: &[u8]| [&body(&others), &b"&"[..], text].concat();
    let twice = format!("{name}={value}&{name}={value}");
    let emptied = format!("{name}={value}&{name}=");
    let long = format!("{name}={}", "1".repeat(longest(name) + 1));
    let raw = [name.as_bytes(), &b"=\xff"[..]].concat();
    vec![
        (format!("{name} doubled"), with(twice.as_bytes())),
        (
            format!("{name} doubled, one empty"),
            with(emptied.as_bytes()),
        ),
        (format!("{name} too long"), with(long.as_bytes())),
        (
            format!("{name} not UTF-8"),
            with(format!("{name}=%ff").as_bytes()),
        ),
        (format!("{name} a raw byte"), with(&raw)),
    ]
}

#[tokio::test]
async fn a_field_that_is_no_single_text_is_refused() {
    let stage = Stage::start().await;
    let form = "application/x-www-form-urlencoded";
    for version in Version::BOTH {
        let path = stage.token_path(version);
        let fields = good(version, stage.caller_token());
        let post = |body: Vec<u8>| {
            let request = stage.request(reqwest::Method::POST, &path);
            super::stage::answer(request.header("content-type", form).body(body))
        };
        let proper = post(body(&fields)).await;
        assert_eq!(proper.status, 200, "{}", proper.body);
        for index in 0..fields.len() {
            for (row, body) in malformed(&fields, index) {
                let row = format!("{version:?} {row}");
                stage.check(&row, &post(body).await, MALFORMED).await;
            }
            let name = fields[index].0;
            let mut fewer = fields.clone();
            fewer.remove(index);
            let answer = post(body(&fewer)).await;
            match name {
                "client_id" | "min_ttl" => assert_eq!(answer.status, 200, "{name}"),
                _ => stage.check(&format!("no {name}"), &answer, MALFORMED).await,
            }
        }
    }
}

#[tokio::test]
async fn a_field_has_a_meaning_or_is_refused() {
    let stage = Stage::start().await;
    let unsupported = Told {
        error: "unsupported_grant_type",
        ..MALFORMED
    };
    let long = format!("https://manage.office.com/{}/.default", "x".repeat(300));
    let (v1, v2) = (Version::V1, Version::V2);
    let rows = [
        (v2, "grant_type", "authorization_code", unsupported),
        (v2, "grant_type", "client_credentials ", unsupported),
        (v1, "grant_type", "CLIENT_CREDENTIALS", unsupported),
        (v1, "grant_type", "password", unsupported),
        (
            v2,
            "scope",
            "https://manage.office.com/.default https://graph.microsoft.com/.default",
            INVALID_SCOPE,
        ),
        (
            v2,
            "scope",
            "https://manage.office.com/.default openid",
            INVALID_SCOPE,
        ),
        (
            v2,
            "scope",
            "https://manage.office.com/.default\n",
            INVALID_SCOPE,
        ),
        (
            v2,
            "scope",
            "https://manage.office.com/ActivityFeed.Read",
            INVALID_SCOPE,
        ),
        (v2, "scope", "https://manage.office.com", INVALID_SCOPE),
        (
            v2,
            "scope",
            "http://manage.office.com/.default",
            INVALID_SCOPE,
        ),
        (
            v2,
            "scope",
            "https://user@manage.office.com/.default",
            INVALID_SCOPE,
        ),
        (
            v2,
            "scope",
            "https://manage.office.com?x=/.default",
            INVALID_SCOPE,
        ),
        (v2, "scope", "openid", INVALID_SCOPE),
        (v2, "scope", ".default", INVALID_SCOPE),
        (v2, "scope", "/.default", INVALID_SCOPE),
        (v2, "scope", &long, INVALID_SCOPE),
        (
            v1,
            "resource",
            "https://manage.office.com https://graph.microsoft.com",
            INVALID_SCOPE,
        ),
        (
            v1,
            "resource",
            "https://manage.office.com?x=1",
            INVALID_SCOPE,
        ),
        (v1, "resource", "https://manage.office.com#x", INVALID_SCOPE),
        (v1, "resource", "manage.office.com", INVALID_SCOPE),
        (v1, "resource", "file:///etc/passwd", INVALID_SCOPE),
        (v1, "resource", "<script>", INVALID_SCOPE),
        (v2, "min_ttl", "-1", MALFORMED),
        (v2, "min_ttl", "1.5", MALFORMED),
        (v2, "min_ttl", "soon", MALFORMED),
        (v2, "min_ttl", "86401", MALFORMED),
        (v1, "min_ttl", "0x10", MALFORMED),
        (v1, "min_ttl", "1e3", MALFORMED),
        (v1, "min_ttl", " 60", MALFORMED),
        (
            v2,
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
            MALFORMED,
        ),
        (v1, "client_assertion_type", "jwt-bearer", MALFORMED),
    ];
    for (version, name, value, told) in rows {
        let mut form = good(version, stage.caller_token());
        form.retain(|(key, _)| *key != name);
        form.push((name, value.to_owned()));
        let pairs: Vec<_> = form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = stage.post(&stage.token_path(version), &pairs).await;
        let row = format!("{version:?} {name}={value}");
        stage.check(&row, &answer, told).await;
        let said = answer.body["error_description"].as_str().unwrap();
        assert!(
            !said.contains("script") && !said.contains("passwd"),
            "{said}"
        );
    }
}
