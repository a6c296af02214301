//! What a good request is answered with, in either shape, and what it is answered with
//! while Entra ID fails.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::stage::{ASSERTION_TYPE, Stage, Told, Version};

fn names(body: &Value) -> BTreeSet<&str> {
    body.as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test]
async fn a_token_comes_in_the_shape_of_its_route() {
    let stage = Stage::start().await;
    let token = stage.caller_token().to_owned();
    // As it is read from a file.
    let token = format!("{token}\n");
    for (min_ttl, extra) in [("0", ""), ("360", "x"), ("3000", "&")] {
        for version in Version::BOTH {
            let mut form = version.form();
            form.push(("client_assertion_type", ASSERTION_TYPE));
            form.push(("client_assertion", &token));
            form.push(("min_ttl", min_ttl));
            // SDKs add fields of their own.
            form.push(("claims", extra));
            form.push(("x-client-SKU", "MSAL.Python"));
            let answer = stage.post(&stage.token_path(version), &form).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            check_shape(&answer.body, version);
        }
    }
    stage.unchanged("all came from memory").await;
}

fn check_shape(body: &Value, version: Version) {
    let life = |name: &str| match version {
        Version::V2 => body[name].as_u64().unwrap(),
        Version::V1 => body[name].as_str().unwrap().parse().unwrap(),
    };
    assert_eq!(body["token_type"], "Bearer");
    assert!((3000..=3599).contains(&life("expires_in")), "{body}");
    assert_eq!(life("ext_expires_in"), life("expires_in"));
    let claims = tests::jwt::claims(body["access_token"].as_str().unwrap());
    let end = claims["exp"].as_u64().unwrap();
    assert!(
        life("expires_on").abs_diff(end) <= 300,
        "Entra back-dates: {body}"
    );
    let fields = names(body);
    match version {
        Version::V2 => {
            assert!(life("refresh_in") < life("expires_in"), "{body}");
            let expected = [
                "access_token",
                "expires_in",
                "expires_on",
                "ext_expires_in",
                "refresh_in",
                "token_type",
            ];
            assert_eq!(fields, BTreeSet::from(expected));
        }
        Version::V1 => {
            assert!(life("not_before") <= life("expires_on"), "{body}");
            assert_eq!(body["resource"], "https://manage.office.com");
            let expected = [
                "access_token",
                "expires_in",
                "expires_on",
                "ext_expires_in",
                "not_before",
                "resource",
                "token_type",
            ];
            assert_eq!(fields, BTreeSet::from(expected));
        }
    }
}

#[tokio::test]
async fn a_token_that_lives_is_handed_out_after_the_consent_was_taken_back() {
    let stage = Stage::start().await;
    let tenant = stage.person(0).tenant_id.clone();
    let first = stage.broker.vend(&tenant).await.token().to_owned();
    let kinds = [
        ("consent_revoked", json!(null)),
        ("app_disabled", json!(null)),
        ("tenant_deleted", json!(null)),
        ("status", json!(500)),
    ];
    for (kind, value) in kinds {
        stage.broker.fault(kind, Some(&tenant), value).await;
        assert_eq!(stage.broker.vend(&tenant).await.token(), first, "{kind}");
        stage.broker.end_faults().await;
    }
    stage.unchanged("nobody has noticed").await;
}

#[tokio::test]
async fn without_a_token_the_cause_is_told_and_remembered() {
    let rows = [
        (
            "status",
            json!(503),
            told(503, "temporarily_unavailable", "unavailable"),
            "microsoft",
            true,
        ),
        (
            "status",
            json!(500),
            told(503, "temporarily_unavailable", "unavailable"),
            "microsoft",
            true,
        ),
        (
            "not_json",
            json!(null),
            told(503, "temporarily_unavailable", "unavailable"),
            "microsoft",
            true,
        ),
        (
            "throttle",
            json!(120),
            told(429, "temporarily_unavailable", "throttled"),
            "microsoft",
            true,
        ),
        // One refusal that reads as a revocation is not believed yet.
        (
            "consent_revoked",
            json!(null),
            told(503, "temporarily_unavailable", "not_consented"),
            "microsoft",
            true,
        ),
        (
            "app_disabled",
            json!(null),
            told(503, "temporarily_unavailable", "application_disabled"),
            "microsoft",
            true,
        ),
        (
            "role_removed",
            json!(null),
            told(503, "temporarily_unavailable", "roles_missing"),
            "microsoft",
            true,
        ),
        (
            "tenant_deleted",
            json!(null),
            told(503, "temporarily_unavailable", "tenant_not_found"),
            "microsoft",
            true,
        ),
    ];
    for rows in rows.chunks(2) {
        // Two tenants that are connected and have no token yet.
        let stage = Stage::start().await;
        for (index, (kind, value, told, fault, retryable)) in rows.iter().enumerate() {
            stage.connect(index + 1).await;
            let tenant = stage.person(index + 1).tenant_id.clone();
            stage.broker.fault(kind, Some(&tenant), value.clone()).await;
            let path = Version::V2.path(&tenant);
            let form = b"grant_type=client_credentials&scope=https://manage.office.com/.default";
            let refused = stage.post_body(&path, form.to_vec()).await;
            refused.check_refusal(kind, *told);
            assert_eq!(refused.body["fault"], *fault, "{kind}");
            assert_eq!(refused.body["retryable"], *retryable, "{kind}");
            let asked = stage.broker.stats().await;
            let refused = stage.post_body(&path, form.to_vec()).await;
            refused.check_refusal(kind, *told);
            assert_eq!(stage.broker.stats().await, asked, "{kind}: asked again");
        }
    }
}

fn told(status: u16, error: &'static str, cause: &'static str) -> Told {
    Told {
        status,
        error,
        cause,
    }
}
