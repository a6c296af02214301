//! Who does not prove who they are gets nothing: as bearer token, as client assertion,
//! at the token routes and at the listing.

use reqwest::Method;
use tests::MovedRun;

use super::stage::{ASSERTION_TYPE, Answer, MALFORMED, Stage, UNPROVEN, Version, answer};
use super::token_rows;

async fn as_bearer(stage: &Stage, path: &str, form: &[(&str, &str)], token: &str) -> Answer {
    let request = stage.request(Method::POST, path).form(form);
    answer(request.bearer_auth(token)).await
}

async fn as_assertion(stage: &Stage, path: &str, form: &[(&str, &str)], token: &str) -> Answer {
    let mut form = form.to_vec();
    form.push(("client_assertion_type", ASSERTION_TYPE));
    form.push(("client_assertion", token));
    stage.post(path, &form).await
}

#[tokio::test]
async fn a_token_that_proves_nothing_is_refused_everywhere() {
    let stage = Stage::start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let other = MovedRun::start(elsewhere.path(), 1).await;
    let foreign = other.broker.ready.caller_token.clone();
    let mut rows = vec![("a caller of another data directory", foreign)];
    rows.extend(token_rows::claims(&stage.issuer));
    rows.extend(token_rows::signatures(&stage.issuer));
    rows.extend(token_rows::confused(&stage.issuer));
    rows.extend(token_rows::own_keys(&stage.issuer));
    rows.extend(token_rows::nested(&stage.issuer));
    rows.extend(token_rows::garbage());
    let shown = format!("/tenants/{}", stage.person(0).tenant_id);
    for (row, token) in rows {
        for version in Version::BOTH {
            let (path, form) = (stage.token_path(version), version.form());
            let refused = as_bearer(&stage, &path, &form, &token).await;
            stage.check(row, &refused, UNPROVEN).await;
            let refused = as_assertion(&stage, &path, &form, &token).await;
            stage.check(row, &refused, UNPROVEN).await;
        }
        for path in ["/tenants", shown.as_str()] {
            let request = stage.request(Method::GET, path);
            let refused = answer(request.bearer_auth(&token)).await;
            stage.check(row, &refused, UNPROVEN).await;
        }
    }
}

#[tokio::test]
async fn a_good_token_is_taken_in_either_place() {
    let stage = Stage::start().await;
    let path = stage.token_path(Version::V2);
    let form = Version::V2.form();
    let issuer = &stage.issuer;
    let now = issuer.claims()["iat"].as_i64().unwrap();
    let audience = issuer.claims()["aud"].clone();
    let rows = [
        ("as it is", issuer.sign(&issuer.header(), &issuer.claims())),
        (
            "two audiences",
            issuer.with("aud", serde_json::json!(["a", audience])),
        ),
        (
            "a clock that is behind",
            issuer.with("exp", (now - 30).into()),
        ),
        (
            "a clock that is ahead",
            issuer.with("nbf", (now + 30).into()),
        ),
        ("without a start", issuer.without("nbf")),
    ];
    for (row, token) in rows {
        for version in Version::BOTH {
            let path = stage.token_path(version);
            let form = version.form();
            let vended = as_bearer(&stage, &path, &form, &token).await;
            assert_eq!(vended.status, 200, "{row}: {}", vended.body);
        }
        // RFC 7523: the same token as a client assertion.
        let vended = as_assertion(&stage, &path, &form, &token).await;
        assert_eq!(vended.status, 200, "{row}: {}", vended.body);
    }
    stage.unchanged("all came from memory").await;
}

#[tokio::test]
async fn a_proof_comes_once_and_in_its_form() {
    let stage = Stage::start().await;
    let token = stage.caller_token().to_owned();
    let long = "a".repeat(16 * 1024 + 1);
    // A good token, but for what stands in it besides.
    let huge = stage.issuer.with("more", "a".repeat(1024 * 1024).into());
    for version in Version::BOTH {
        let (path, form) = (stage.token_path(version), version.form());
        stage
            .check("no proof", &stage.post(&path, &form).await, UNPROVEN)
            .await;
        let mut both = form.clone();
        both.push(("client_assertion_type", ASSERTION_TYPE));
        both.push(("client_assertion", &token));
        for bearer in [token.as_str(), "garbage"] {
            let refused = as_bearer(&stage, &path, &both, bearer).await;
            stage.check("two proofs", &refused, MALFORMED).await;
        }
        for (row, long) in [("above 16 KB", &long), ("of 1 MB", &huge)] {
            let refused = as_assertion(&stage, &path, &form, long).await;
            stage.check(row, &refused, MALFORMED).await;
        }
        let headers = [
            String::new(),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            token.clone(),
            format!("Basic {token}"),
            format!("Bearer{token}"),
            format!("Bearer {token}, Bearer {token}"),
            format!("Bearer {token} {token}"),
        ];
        for header in headers {
            let request = stage.request(Method::POST, &path).form(&form);
            let refused = answer(request.header("authorization", &header)).await;
            stage.check(&header, &refused, UNPROVEN).await;
        }
        let twice = stage.request(Method::POST, &path).form(&form);
        let twice = twice
            .bearer_auth(&token)
            .header("authorization", format!("Bearer {token}"));
        stage
            .check("two headers", &answer(twice).await, UNPROVEN)
            .await;
        // The scheme's name is of any case (RFC 9110 §11.1).
        let request = stage.request(Method::POST, &path).form(&form);
        let vended = answer(request.header("authorization", format!("bEARER {token}"))).await;
        assert_eq!(vended.status, 200, "{}", vended.body);
    }
    for path in [
        "/tenants".to_owned(),
        format!("/tenants/{}", stage.person(0).tenant_id),
    ] {
        let refused = answer(stage.request(Method::GET, &path)).await;
        stage.check(&path, &refused, UNPROVEN).await;
    }
}

/// Good or bad, whoever sends two has let somebody add one.
#[tokio::test]
async fn of_two_proofs_none_is_chosen() {
    let stage = Stage::start().await;
    let token = stage.caller_token();
    let assertion = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", token),
    ];
    let key = ("x-identity-header", "nobodys-key");
    for version in Version::BOTH {
        let path = stage.token_path(version);
        let form = version.form();
        let asserted = [&form[..], &assertion].concat();
        let twice = [&asserted[..], &assertion[1..]].concat();
        let two = [&asserted[..], &[("client_assertion", "garbage")]].concat();
        let post = |form: &[(&str, &str)]| stage.request(Method::POST, &path).form(form);
        let rows = [
            ("an assertion twice", post(&twice), MALFORMED),
            ("two assertions", post(&two), MALFORMED),
            ("both places", post(&asserted).bearer_auth(token), MALFORMED),
            (
                "an assertion and a key",
                post(&asserted).header(key.0, key.1),
                MALFORMED,
            ),
            (
                "a token and a key",
                post(&form).bearer_auth(token).header(key.0, key.1),
                MALFORMED,
            ),
            (
                "a key on another route",
                post(&form).header(key.0, key.1),
                UNPROVEN,
            ),
        ];
        for (row, request, told) in rows {
            stage.check(row, &answer(request).await, told).await;
        }
    }
    let listing = stage.request(Method::GET, "/tenants");
    let both = listing.bearer_auth(token).header(key.0, key.1);
    stage.check("listing", &answer(both).await, MALFORMED).await;
}

#[tokio::test]
async fn a_head_above_ten_kilobytes_is_refused_by_the_gateway() {
    let stage = Stage::start().await;
    let send = async |length: usize| {
        let long = stage.issuer.with("more", "a".repeat(length).into());
        let request = stage.request(Method::POST, &stage.token_path(Version::V2));
        let request = request.form(&Version::V2.form()).bearer_auth(long);
        let status = request.send().await.map(|answer| answer.status().as_u16());
        stage.unchanged("a long head").await;
        status
    };
    for length in [10_240, 200 * 1024] {
        assert_eq!(send(length).await.unwrap(), 431, "{length}");
    }
    // A connection that is closed on somebody who still sends can take the answer along.
    assert_eq!(send(1024 * 1024).await.unwrap_or(431), 431);
}
