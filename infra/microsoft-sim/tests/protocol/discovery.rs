//! Discovery documents, key sets, instance discovery.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test]
async fn issuers_are_templates_for_aliases_and_concrete_for_tenants() {
    let world = World::start().await;
    let base = &world.base_url;
    let tenant = world.tenants[0].tenant_id;
    let rows = [
        (
            "/common".to_owned(),
            "https://sts.windows.net/{tenantid}/".to_owned(),
        ),
        (
            "/common/v2.0".to_owned(),
            format!("{base}/{{tenantid}}/v2.0"),
        ),
        (
            "/organizations/v2.0".to_owned(),
            format!("{base}/{{tenantid}}/v2.0"),
        ),
        (
            format!("/{tenant}"),
            format!("https://sts.windows.net/{tenant}/"),
        ),
        (format!("/{tenant}/v2.0"), format!("{base}/{tenant}/v2.0")),
    ];
    for (prefix, issuer) in rows {
        let path = format!("{prefix}/.well-known/openid-configuration");
        let (status, document) = world.get_json(&path).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(document["issuer"], issuer, "{path}");
        let keys_url = document["jwks_uri"].as_str().unwrap();
        let (_, keys) = world
            .get_json(keys_url.strip_prefix(base.as_str()).unwrap())
            .await;
        // v1 key sets do not say for whom a key signs.
        let of_key = if prefix.ends_with("/v2.0") {
            json!(issuer)
        } else {
            Value::Null
        };
        assert_eq!(
            keys["keys"][0].get("issuer").unwrap_or(&Value::Null),
            &of_key,
            "{path}"
        );
        assert_eq!(keys["keys"][0]["kty"], "RSA");
        for endpoint in ["token_endpoint", "authorization_endpoint"] {
            assert!(
                document[endpoint]
                    .as_str()
                    .unwrap()
                    .starts_with(base.as_str())
            );
        }
    }
    let stats = world.stats().await;
    assert_eq!(
        (&stats["discovery"], &stats["jwks"]),
        (&json!(5), &json!(5))
    );
}

#[tokio::test]
async fn an_unknown_tenant_has_no_documents() {
    let world = World::start().await;
    let nobody = "11111111-2222-3333-4444-555555555555";
    for path in [
        format!("/{nobody}/.well-known/openid-configuration"),
        format!("/{nobody}/v2.0/.well-known/openid-configuration"),
        format!("/{nobody}/discovery/keys"),
        format!("/{nobody}/discovery/v2.0/keys"),
    ] {
        let (status, body) = world.get_json(&path).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(body["error_codes"], json!([90002]));
    }
}

#[tokio::test]
async fn instance_discovery_knows_this_host_only() {
    let world = World::start().await;
    let ask = |endpoint: String| {
        let query: String = url::form_urlencoded::byte_serialize(endpoint.as_bytes()).collect();
        format!("/common/discovery/instance?api-version=1.1&authorization_endpoint={query}")
    };
    let ours = ask(world.url("/common/oauth2/v2.0/authorize"));
    let (status, body) = world.get_json(&ours).await;
    assert_eq!(status, StatusCode::OK);
    let expected = world.url("/common/v2.0/.well-known/openid-configuration");
    assert_eq!(body["tenant_discovery_endpoint"], expected);

    let theirs = ask("https://login.example/common/oauth2/v2.0/authorize".to_owned());
    let (status, body) = world.get_json(&theirs).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body["error"], "invalid_instance");
}

#[tokio::test]
async fn a_tenants_plan_is_in_its_discovery_document_and_in_no_other() {
    let world = World::start().await;
    let [tenant, other] = [0, 1].map(|index| world.tenants[index].tenant_id);
    let document = |place: String| {
        let path = format!("/{place}/.well-known/openid-configuration");
        let world = &world;
        async move { world.get_json(&path).await.1 }
    };
    for plan in ["GCC", "DODCON", "DOD"] {
        let fault = json!({"kind": "region_sub_scope", "tenant": tenant, "value": plan});
        let id = world.set_fault(fault).await;
        for place in [format!("{tenant}"), format!("{tenant}/v2.0")] {
            assert_eq!(document(place).await["tenant_region_sub_scope"], plan);
        }
        for place in [
            format!("{other}/v2.0"),
            "common/v2.0".to_owned(),
            "organizations/v2.0".to_owned(),
        ] {
            let found = document(place.clone()).await;
            assert!(found.get("tenant_region_sub_scope").is_none(), "{place}");
        }
        let ended = world.url(&format!("/_sim/faults/{id}"));
        world.http.delete(ended).send().await.unwrap();
    }
    let commercial = document(format!("{tenant}/v2.0")).await;
    assert_eq!(commercial["tenant_region_scope"], "EU");
    assert!(commercial.get("tenant_region_sub_scope").is_none());
}
