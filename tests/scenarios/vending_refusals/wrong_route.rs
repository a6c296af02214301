//! One proof at a route that takes another one: what is said is where it belongs.

use reqwest::{Method, RequestBuilder};
use tests::caller_key;

use super::stage::{ASSERTION_TYPE, Stage, UNPROVEN, Version, answer};

const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/eu-central-1/lambda/\
                      aws4_request, SignedHeaders=host, Signature=00";

#[tokio::test]
async fn a_proof_at_the_wrong_route_is_told_where_it_belongs() {
    let stage = Stage::start().await;
    let key = &caller_key(stage.directory.path(), "tool").await;
    let token = stage.caller_token();
    let path = stage.token_path(Version::V2);
    let post = |more: &[(&str, &str)]| {
        let form = [&Version::V2.form()[..], more].concat();
        stage.request(Method::POST, &path).form(&form)
    };
    let assertion = |text| {
        [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", text),
        ]
    };
    let tenant = stage.person(0).tenant_id.clone();
    let msi = || {
        let query = "api-version=2019-08-01&resource=https://manage.office.com";
        stage.request(
            Method::GET,
            &format!("/msi/token?{query}&client_id={tenant}"),
        )
    };
    let header = "X-IDENTITY-HEADER";
    let goes_to_msi = "a caller key is a proof on the managed-identity route alone: GET /msi/token";
    let takes_key = "this route takes a caller key in X-IDENTITY-HEADER, and no token";
    let no_signature = "this route takes a caller key in X-IDENTITY-HEADER, and no signed request";
    let to_function_url = "a request that is signed with AWS IAM goes to the function URL";
    let secret = "a client secret proves nothing here";
    let rows: [(&str, RequestBuilder, &str); 14] = [
        (
            "a key in its header",
            post(&[]).header(header, key),
            goes_to_msi,
        ),
        ("a key as a token", post(&[]).bearer_auth(key), goes_to_msi),
        ("a key as an assertion", post(&assertion(key)), goes_to_msi),
        (
            "a key at the listing",
            stage.request(Method::GET, "/tenants").bearer_auth(key),
            goes_to_msi,
        ),
        (
            "a key at the invites",
            stage
                .request(Method::POST, "/invites")
                .body("{\"customer\":\"Contoso\"}")
                .header(header, key),
            goes_to_msi,
        ),
        ("a token at /msi", msi().bearer_auth(token), takes_key),
        ("a token as a key", msi().header(header, token), takes_key),
        (
            "a word at /msi",
            msi().header("authorization", "Basic YTpi"),
            takes_key,
        ),
        (
            "a signature at /msi",
            msi().header("authorization", SIGNED),
            no_signature,
        ),
        (
            "a signature at the base URL",
            post(&[]).header("authorization", SIGNED),
            to_function_url,
        ),
        ("a client secret", post(&[("client_secret", "s")]), secret),
        (
            "two client secrets",
            post(&[("client_secret", "s"), ("client_secret", "t")]),
            secret,
        ),
        (
            "a client secret, Basic",
            post(&[]).basic_auth("id", Some("s")),
            secret,
        ),
        (
            "nothing",
            post(&[]),
            "no proof: send an OpenID Connect token",
        ),
    ];
    for (row, request, words) in rows {
        let mut refused = answer(request).await;
        let fields = refused.body.as_object_mut().unwrap();
        fields.remove("statusCode");
        fields.remove("message");
        stage.check(row, &refused, UNPROVEN).await;
        let description = refused.body["error_description"].as_str().unwrap();
        assert!(description.starts_with(words), "{row}: {description}");
        for proof in [key, token] {
            assert!(!refused.body.to_string().contains(proof), "{row}");
        }
    }
}
