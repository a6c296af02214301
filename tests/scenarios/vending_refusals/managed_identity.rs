//! `GET /msi/token`: what a caller key is answered with, and what is refused.

use reqwest::Method;
use tests::{caller_key, operate};
use url::form_urlencoded;

use super::stage::{Answer, MALFORMED, Stage, Told, UNKNOWN_TENANT, UNPROVEN, answer};

const RESOURCE: &str = "https://manage.office.com";
/// Names and values, of a query or of headers.
type Fields<'a> = Vec<(&'a str, &'a str)>;

const NOT_A_RESOURCE: Told = Told {
    status: 400,
    error: "invalid_scope",
    cause: "",
};

async fn ask(stage: &Stage, query: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query)
        .finish();
    let mut request = stage.request(Method::GET, &format!("/msi/token?{query}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(request).await
}

/// The refusal, told once more in the words of App Service, which its SDKs show.
async fn check(stage: &Stage, row: &str, mut answer: Answer, told: Told) {
    let fields = answer.body.as_object_mut().unwrap();
    assert_eq!(
        fields.remove("statusCode"),
        Some(told.status.into()),
        "{row}"
    );
    let message = fields.remove("message");
    assert_eq!(message.as_ref(), fields.get("error_description"), "{row}");
    stage.check(row, &answer, told).await;
}

#[tokio::test]
async fn a_caller_key_is_answered_as_app_service_answers() {
    let stage = Stage::start().await;
    let key = caller_key(stage.directory.path(), "legacy-tool").await;
    let tenant = stage.person(0).tenant_id.clone();
    let with_slash = format!("{RESOURCE}/");
    for resource in [RESOURCE, &with_slash] {
        let query = [
            ("api-version", "2019-08-01"),
            ("resource", resource),
            ("client_id", &tenant),
        ];
        let answer = ask(&stage, &query, &[("X-IDENTITY-HEADER", &key)]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let body = &answer.body;
        let claims = tests::jwt::claims(body["access_token"].as_str().unwrap());
        assert_eq!(claims["tid"].as_str(), Some(tenant.as_str()));
        assert_eq!(body["token_type"], "Bearer");
        assert_eq!(body["client_id"].as_str(), Some(tenant.as_str()));
        // SDKs parse a text of digits, and some of them nothing else.
        let expires_on: u64 = body["expires_on"].as_str().unwrap().parse().unwrap();
        let ends = claims["exp"].as_u64().unwrap();
        assert!(expires_on.abs_diff(ends) <= 300, "{body}");
    }
    stage.unchanged("served from what is kept").await;
}

#[tokio::test]
async fn two_tenants_asked_through_one_endpoint_get_each_its_own() {
    let stage = Stage::start().await;
    let key = caller_key(stage.directory.path(), "legacy-tool").await;
    stage.connect(1).await;
    let tenants = [0, 1].map(|index| stage.person(index).tenant_id.clone());
    assert_eq!(stage.broker.vend(&tenants[1]).await.status, 200);
    let asked = stage.broker.stats().await;
    // In turns, in either case, and with the field in another place.
    for tenant in [0, 1, 1, 0, 0, 1].map(|index| &tenants[index]) {
        for spelled in [tenant.clone(), tenant.to_uppercase()] {
            let query = [
                ("client_id", spelled.as_str()),
                ("api-version", "2019-08-01"),
                ("resource", RESOURCE),
            ];
            let answer = ask(&stage, &query, &[("X-IDENTITY-HEADER", &key)]).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let claims = tests::jwt::claims(answer.body["access_token"].as_str().unwrap());
            assert_eq!(claims["tid"].as_str(), Some(tenant.as_str()));
            assert_eq!(answer.body["client_id"].as_str(), Some(tenant.as_str()));
        }
    }
    assert_eq!(stage.broker.stats().await, asked, "from what is kept");
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused() {
    let stage = Stage::start().await;
    let key = caller_key(stage.directory.path(), "legacy-tool").await;
    let tenant = stage.person(0).tenant_id.clone();
    let unknown = "f0b8b5a9-784f-49db-8016-7df345ccdb92";
    let version = ("api-version", "2019-08-01");
    let resource = ("resource", RESOURCE);
    let client = ("client_id", tenant.as_str());
    let long = "x".repeat(600);
    let rows: [(&str, Fields<'_>, Told); 14] = [
        ("nothing", vec![], MALFORMED),
        ("no version", vec![resource, client], MALFORMED),
        (
            "an old version",
            vec![("api-version", "2017-09-01"), resource, client],
            MALFORMED,
        ),
        (
            "the version of a VM",
            vec![("api-version", "2018-02-01"), resource, client],
            MALFORMED,
        ),
        (
            "the version twice",
            vec![version, version, resource, client],
            MALFORMED,
        ),
        ("no resource", vec![version, client], NOT_A_RESOURCE),
        (
            "an empty resource",
            vec![version, ("resource", ""), client],
            NOT_A_RESOURCE,
        ),
        (
            "a resource with a space",
            vec![version, ("resource", "https://a b"), client],
            NOT_A_RESOURCE,
        ),
        (
            "the resource twice",
            vec![version, resource, resource, client],
            MALFORMED,
        ),
        (
            "a resource too long",
            vec![version, ("resource", &long), client],
            MALFORMED,
        ),
        ("no tenant", vec![version, resource], MALFORMED),
        (
            "no GUID",
            vec![version, resource, ("client_id", "contoso.example")],
            MALFORMED,
        ),
        (
            "the tenant twice",
            vec![version, resource, client, client],
            MALFORMED,
        ),
        (
            "an unknown tenant",
            vec![version, resource, ("client_id", unknown)],
            UNKNOWN_TENANT,
        ),
    ];
    for (row, query, told) in rows {
        let answer = ask(&stage, &query, &[("X-IDENTITY-HEADER", &key)]).await;
        check(&stage, row, answer, told).await;
    }
    let missing = ask(&stage, &[version, resource], &[("X-IDENTITY-HEADER", &key)]).await;
    let description = missing.body["error_description"].as_str().unwrap();
    assert!(description.contains("AZURE_CLIENT_ID"), "{description}");
}

#[tokio::test]
async fn only_one_caller_key_that_is_known_proves_somebody_here() {
    let stage = Stage::start().await;
    let key = caller_key(stage.directory.path(), "legacy-tool").await;
    let removed = caller_key(stage.directory.path(), "removed").await;
    let remove = ["caller", "remove", "removed", "--yes"];
    operate(stage.directory.path(), &remove).await;
    let tenant = stage.person(0).tenant_id.clone();
    let query = [
        ("api-version", "2019-08-01"),
        ("resource", RESOURCE),
        ("client_id", tenant.as_str()),
    ];
    let bearer = format!("Bearer {}", stage.caller_token());
    let mut wrong_secret = key.clone();
    let last = if wrong_secret.ends_with('A') {
        'B'
    } else {
        'A'
    };
    wrong_secret.pop();
    wrong_secret.push(last);
    let renamed = key.replace("legacy-tool", "other-tool");
    let cut = &key[..key.len() - 1];
    let header = "X-IDENTITY-HEADER";
    let rows: [(&str, Fields<'_>, Told); 11] = [
        ("no key", vec![], UNPROVEN),
        ("an empty key", vec![(header, "")], UNPROVEN),
        ("another secret", vec![(header, &wrong_secret)], UNPROVEN),
        ("another name", vec![(header, &renamed)], UNPROVEN),
        ("a key cut short", vec![(header, cut)], UNPROVEN),
        ("a key that was removed", vec![(header, &removed)], UNPROVEN),
        ("two keys", vec![(header, &key), (header, &key)], UNPROVEN),
        ("the header of old", vec![("Secret", &key)], UNPROVEN),
        ("IMDS", vec![("Metadata", "true")], UNPROVEN),
        ("a token", vec![("Authorization", &bearer)], UNPROVEN),
        (
            "a key and a token",
            vec![(header, &key), ("Authorization", &bearer)],
            MALFORMED,
        ),
    ];
    for (row, headers, told) in rows {
        let answer = ask(&stage, &query, &headers).await;
        assert!(!answer.body.to_string().contains(&key), "{row}");
        check(&stage, row, answer, told).await;
    }
    // A key is for this route alone.
    let as_bearer = stage.request(Method::GET, "/tenants").bearer_auth(&key);
    stage
        .check("a key as a token", &answer(as_bearer).await, UNPROVEN)
        .await;
}
