//! What a request calls the API: names of a resource that is kept are taken, and what no
//! consent can bring is refused without a consent link in the answer.

use std::sync::Arc;

use aws::SystemClock;
use lambda::function::{Ahead, AnswersRequests as _, Function as _};
use reqwest::Method;
use serde_json::Value;
use tests::caller_key;
use tests::neighbour::Neighbour;
use vending::Vending;
use wiring::Basis;

use super::no_policy::{event, with_policy};
use super::stage::{Answer, MALFORMED, Stage, Told, Version, answer};

const MANAGE: &str = "https://manage.office.com";
const MANAGE_ID: &str = "c5393580-f805-4401-95e8-94b7a6ef2fc2";
const GRAPH: &str = "https://graph.microsoft.com";
const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";

const INVALID_SCOPE: Told = Told {
    status: 400,
    error: "invalid_scope",
    cause: "",
};

/// A token request whose other fields are good.
async fn ask(stage: &Stage, version: Version, named: &[(&str, &str)]) -> Answer {
    let grant = [("grant_type", "client_credentials")];
    let form: Vec<_> = grant.iter().chain(named).copied().collect();
    let request = stage.request(Method::POST, &stage.token_path(version));
    answer(request.form(&form).bearer_auth(stage.caller_token())).await
}

async fn ask_for(stage: &Stage, version: Version, resource: &str) -> Answer {
    let scope = format!("{resource}/.default");
    match version {
        Version::V2 => ask(stage, version, &[("scope", &scope)]).await,
        Version::V1 => ask(stage, version, &[("resource", resource)]).await,
    }
}

/// The same by the managed-identity route, whose refusals say it once more.
async fn ask_identity(stage: &Stage, key: &str, resource: &str) -> Answer {
    let tenant = &stage.person(0).tenant_id;
    let path = format!("/msi/token?api-version=2019-08-01&client_id={tenant}&resource={resource}");
    let request = stage.request(Method::GET, &path);
    let mut answer = answer(request.header("x-identity-header", key)).await;
    let body = answer.body.as_object_mut().unwrap();
    for name in ["statusCode", "message"] {
        body.remove(name);
    }
    answer
}

#[tokio::test]
async fn every_name_of_a_kept_resource_gets_its_token() {
    let stage = Stage::start().await;
    let key = caller_key(stage.directory.path(), "legacy-tool").await;
    let names = [
        MANAGE,
        "https://manage.office.com/",
        "https://manage.office.com//",
        "HTTPS://Manage.Office.com",
        "https://manage.office.com:443",
        MANAGE_ID,
        "c5393580-f805-4401-95e8-94b7a6ef2fc2/",
        "C5393580-F805-4401-95E8-94B7A6EF2FC2",
    ];
    for name in names {
        let asked = [
            ask_for(&stage, Version::V2, name).await,
            ask_for(&stage, Version::V1, name).await,
            ask_identity(&stage, &key, name).await,
        ];
        for answer in asked {
            assert_eq!(answer.status, 200, "{name}: {}", answer.body);
            let claims = tests::jwt::claims(answer.body["access_token"].as_str().unwrap());
            assert_eq!(claims["aud"], MANAGE, "{name}");
            let told = answer.body["resource"].as_str();
            assert!(told.is_none_or(|told| told == MANAGE), "{name}: {told:?}");
        }
    }
    stage.unchanged("served from what is kept").await;
}

#[tokio::test]
async fn what_is_not_kept_is_refused_with_what_is_and_without_a_consent_link() {
    let stage = Stage::start().await;
    let key = caller_key(stage.directory.path(), "legacy-tool").await;
    let names = [
        GRAPH,
        "https://graph.microsoft.com/",
        GRAPH_ID,
        "https://manage.office.co",
        "https://mange.office.com",
        "https://manage.office.com/api",
        "https://manage.office.com/ActivityFeed.Read",
        "https://manage.office365.us",
        "https://vault.azure.net",
        "00000002-0000-0000-c000-000000000000",
        "41463f53-8812-40f4-890f-865bf6e35190",
    ];
    for name in names {
        let refused = [
            ask_for(&stage, Version::V2, name).await,
            ask_for(&stage, Version::V1, name).await,
            ask_identity(&stage, &key, name).await,
        ];
        for refused in refused {
            stage.check(name, &refused, INVALID_SCOPE).await;
            let said = refused.body["error_description"].as_str().unwrap();
            let expected = "not kept here: ENTRA_RESOURCES lists https://manage.office.com";
            assert!(said.contains(expected), "{name}: {said}");
            assert!(!said.contains("consent link"), "{name}: {said}");
            assert_eq!(refused.body["fault"], "caller", "{name}");
        }
    }
    // What is no name of an API is refused before anybody proves who asks.
    let texts = [
        "openid",
        "https://graph.microsoft.com/User.Read",
        "https://graph.microsoft.com/.default offline_access",
        "User.Read",
        MANAGE,
        MANAGE_ID,
        "api://c5393580-f805-4401-95e8-94b7a6ef2fc2/.default",
    ];
    for scope in texts {
        let refused = ask(&stage, Version::V2, &[("scope", scope)]).await;
        stage.check(scope, &refused, INVALID_SCOPE).await;
        let said = refused.body["error_description"].as_str().unwrap();
        assert!(said.contains("/.default"), "{scope}: {said}");
    }
}

#[tokio::test]
async fn scope_and_resource_that_name_different_apis_are_refused() {
    let stage = Stage::start().await;
    let (v1, v2) = (Version::V1, Version::V2);
    let scope = "https://manage.office.com/.default";
    let id_scope = "c5393580-f805-4401-95e8-94b7a6ef2fc2/.default";
    let rows = [
        (v2, scope, MANAGE, 200),
        (v2, scope, "https://manage.office.com/", 200),
        (v2, scope, MANAGE_ID, 200),
        (v2, id_scope, MANAGE, 200),
        (v2, scope, "", 200),
        (v2, scope, GRAPH, 400),
        (v2, scope, GRAPH_ID, 400),
        (v2, scope, "https://manage-gcc.office.com", 400),
        (v2, scope, "manage.office.com", 400),
        (v2, "", MANAGE, 400),
        (v1, scope, MANAGE, 200),
        (v1, id_scope, "https://manage.office.com/", 200),
        (v1, "openid", MANAGE, 200),
        (v1, "https://graph.microsoft.com/User.Read", MANAGE, 200),
        (v1, "https://graph.microsoft.com/.default", MANAGE, 400),
        (
            v1,
            "00000003-0000-0000-c000-000000000000/.default",
            MANAGE_ID,
            400,
        ),
        (v1, scope, "", 400),
    ];
    for (version, scope, resource, status) in rows {
        let row = format!("{version:?} scope={scope} resource={resource}");
        let named = [("scope", scope), ("resource", resource)];
        let answer = ask(&stage, version, &named).await;
        assert_eq!(answer.status, status, "{row}: {}", answer.body);
        if status == 400 {
            stage.check(&row, &answer, MALFORMED).await;
            let said = answer.body["error_description"].as_str().unwrap();
            let expected = match scope.is_empty() || resource.is_empty() {
                true => "is missing: this route takes",
                false => "AADSTS901002",
            };
            assert!(said.contains(expected), "{row}: {said}");
        }
    }
}

/// The management API of another cloud that our registration serves is kept, but not for
/// this tenant.
#[tokio::test]
async fn another_clouds_resource_is_no_matter_of_consent() {
    let stage = Stage::start().await;
    let gcc = "https://manage-gcc.office.com";
    for version in Version::BOTH {
        let refused = ask_for(&stage, version, gcc).await;
        stage.check(gcc, &refused, INVALID_SCOPE).await;
        let said = refused.body["error_description"].as_str().unwrap();
        assert!(
            said.contains("its tokens are for https://manage.office.com"),
            "{said}"
        );
        assert!(!said.contains("consent link"), "{said}");
    }
}

/// Where Graph is listed, a tenant whose admin consented before is one whose consent helps.
#[tokio::test]
async fn the_consent_link_is_named_where_consent_brings_the_resource() {
    let stage = Stage::start().await;
    let neighbour = Neighbour::of(stage.directory.path(), Arc::new(SystemClock)).await;
    let basis = Basis::on(&neighbour.platform, &|name: &str| match name {
        "ENTRA_RESOURCES" => Some(format!("{MANAGE},{GRAPH}")),
        name => neighbour.setting(name),
    });
    let vending = Vending::build(basis.unwrap(), Ahead::Secrets);
    let vending = vending.await.unwrap();
    for name in [GRAPH, GRAPH_ID] {
        let form = format!("grant_type=client_credentials&scope={name}/.default");
        let path = stage.token_path(Version::V2);
        let request = event("POST", &path, stage.caller_token(), &form);
        let response = vending.handle(request).await;
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(response.status().as_u16(), 404, "{body}");
        let said = body["error_description"].as_str().unwrap();
        assert!(said.contains("consent link"), "{said}");
    }
}

/// A policy that names the API's URI decides on every name of it.
#[tokio::test]
async fn policies_decide_on_the_resource_whatever_it_is_called() {
    let stage = Stage::start().await;
    let issuer = stage.issuer.claims()["iss"].clone();
    let policy = |resource: &str| {
        format!(
            "@id(\"one-api\")\npermit (principal is Workload, action == Action::\"vend\", resource) \
             when {{ principal.issuer == {issuer} && context.resource == \"{resource}\" }};"
        )
    };
    for (permitted, status) in [(MANAGE, 200), (GRAPH, 403)] {
        let vending = with_policy(&stage, &policy(permitted)).await;
        for name in [
            MANAGE,
            "https://manage.office.com/",
            MANAGE_ID,
            "C5393580-F805-4401-95E8-94B7A6EF2FC2/",
        ] {
            let form = format!("grant_type=client_credentials&resource={name}");
            let path = stage.token_path(Version::V1);
            let request = event("POST", &path, stage.caller_token(), &form);
            let response = vending.handle(request).await;
            assert_eq!(
                response.status().as_u16(),
                status,
                "{permitted}: {name}: {:?}",
                response.body()
            );
        }
    }
}
