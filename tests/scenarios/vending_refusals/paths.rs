//! Paths as clients write them: they lead where the plain ones lead, through the same
//! checks.

use reqwest::{Method, RequestBuilder};
use tests::caller_key;

use super::stage::{MALFORMED, Stage, Told, UNPROVEN, Version, answer};

const MSI_QUERY: &str = "api-version=2019-08-01&resource=https://manage.office.com&client_id=";

#[tokio::test]
async fn a_token_route_is_found_however_its_path_is_written() {
    let stage = Stage::start().await;
    let tenant = stage.person(0).tenant_id.clone();
    let (upper, encoded) = (tenant.to_uppercase(), tenant.replace('-', "%2D"));
    let paths = [
        format!("//{tenant}/oauth2/v2.0/token"),
        format!("/{tenant}//oauth2/v2.0/token"),
        format!("/{tenant}/oauth2/v2.0/token/"),
        format!("///{tenant}//oauth2//v2.0//token//"),
        format!("/{tenant}/OAuth2/V2.0/Token"),
        format!("/{upper}/oauth2/v2.0/TOKEN"),
        format!("/{encoded}/oauth2/v2%2e0/token"),
        format!("//{tenant}/oauth2/token"),
        format!("/{tenant}/oauth2//token/"),
        format!("/{tenant}/OAUTH2/TOKEN"),
    ];
    for path in paths {
        let version = match path.to_lowercase().contains('.') || path.contains("%2e") {
            true => Version::V2,
            false => Version::V1,
        };
        let post = || stage.request(Method::POST, &path).form(&version.form());
        let vended = answer(post().bearer_auth(stage.caller_token())).await;
        assert_eq!(vended.status, 200, "{path}: {}", vended.body);
        // The same shape, and the same proof.
        assert_eq!(
            vended.body["expires_in"].is_string(),
            version == Version::V1,
            "{path}"
        );
        stage.check(&path, &answer(post()).await, UNPROVEN).await;
    }
}

#[tokio::test]
async fn errors_under_msi_are_told_in_app_services_words_on_every_path() {
    let stage = Stage::start().await;
    let key = &caller_key(stage.directory.path(), "tool").await;
    let query = format!("{MSI_QUERY}{}", stage.person(0).tenant_id);
    for path in [
        "/MSI/token",
        "/msi/token/",
        "//msi//token",
        "/MSI/Token/",
        "/ms%69/token",
    ] {
        let get = || stage.request(Method::GET, &format!("{path}?{query}"));
        let vended = answer(get().header("X-IDENTITY-HEADER", key)).await;
        assert_eq!(vended.status, 200, "{path}: {}", vended.body);
        told(&stage, path, get(), UNPROVEN).await;
    }
    let no_route = Told {
        status: 404,
        ..MALFORMED
    };
    let no_method = Told {
        status: 405,
        ..MALFORMED
    };
    let rows = [
        ("GET", "/msi/token", MALFORMED),
        ("GET", "/MSI/token/", MALFORMED),
        ("GET", "/msi", no_route),
        ("GET", "/msi/", no_route),
        ("GET", "/MSI/tokens", no_route),
        ("GET", "//msi/token/x", no_route),
        ("POST", "/msi/identity/oauth2/token/x", no_route),
        ("POST", "/msi/token", no_method),
        ("PUT", "/MSI/token/", no_method),
        ("DELETE", "//msi/token", no_method),
        ("OPTIONS", "/Msi/token", no_method),
        ("PATCH", "/ms%69/token", no_method),
    ];
    for (method, path, refusal) in rows {
        let request = stage.request(method.parse().unwrap(), path);
        let allowed = told(&stage, path, request, refusal).await;
        assert_eq!(
            allowed == "GET, HEAD",
            refusal.status == 405,
            "{method} {path}"
        );
    }
}

/// The refusal, said once more as App Service says it; gives `Allow`.
async fn told(stage: &Stage, row: &str, request: RequestBuilder, refusal: Told) -> String {
    let mut refused = answer(request).await;
    let fields = refused.body.as_object_mut().unwrap();
    assert_eq!(
        fields.remove("statusCode"),
        Some(refusal.status.into()),
        "{row}"
    );
    let message = fields.remove("message");
    assert_eq!(message.as_ref(), fields.get("error_description"), "{row}");
    stage.check(row, &refused, refusal).await;
    refused.header("allow").to_owned()
}
