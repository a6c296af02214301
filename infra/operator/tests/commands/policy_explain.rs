//! `policy explain`: the decision, by which policies, and how callers are named.

use std::fs;

use auth::TenantStatus;
use auth::policy::StoredPolicy;
use operator::Exit;
use serde_json::{Value, json};

use crate::policy::{TEXT, put};
use crate::world::{OTHER, TENANT, World, tenant};

const KEY: [&str; 4] = ["policy", "explain", "--caller", "Key::collector-1"];

pub(crate) async fn explain(world: &World, more: &[&str]) -> Value {
    let command = [&KEY[..], more, &["--json"]].concat();
    world.run(&command).await.json()
}

#[tokio::test]
async fn three_decisions_are_explained() {
    let world = World::start().await;
    put(&world, TEXT, &[]).await;
    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    world
        .connect(&tenant(OTHER, TenantStatus::Suspended, None))
        .await;

    let allowed = explain(&world, &["--tenant", TENANT]).await;
    assert_eq!(allowed["decision"], "allow");
    assert_eq!(allowed["decided_by"], json!(["collector"]));
    assert_eq!(allowed["digest"], json!(StoredPolicy::digest_of(TEXT)));
    assert_eq!(allowed["candidate"], json!(null));

    let forbidden = explain(&world, &["--tenant", OTHER]).await;
    assert_eq!(forbidden["decision"], "deny");
    assert_eq!(forbidden["permits"], json!(["collector"]));
    assert_eq!(forbidden["forbids"], json!(["not-while-suspended"]));

    let graph = [
        "--tenant",
        TENANT,
        "--resource",
        "https://graph.microsoft.com",
    ];
    let missed = explain(&world, &graph).await;
    assert_eq!(
        (&missed["decision"], &missed["permits"]),
        (&json!("deny"), &json!([]))
    );
    assert_eq!(missed["near"][0]["policy"], "collector");
    let unmet = missed["near"][0]["unmet"].to_string();
    assert!(unmet.contains("context.resource"), "{unmet}");

    let told = world.run(&[&KEY[..], &graph[..]].concat()).await.out;
    for part in [
        "deny: vend by key collector-1",
        "collector would permit it, but for:",
    ] {
        assert!(told.contains(part), "{told}");
    }
}

#[tokio::test]
async fn callers_are_named_as_policies_name_them() {
    let world = World::start().await;
    let text = r#"
@id("role") permit (principal == AwsRole::"111122223333/collector", action, resource)
when { principal.id == "AROAEXAMPLE" };
@id("workload") permit (
    principal == Workload::"https://issuer.example subject/of:it", action, resource
) when { principal.hasTag("env") && principal.getTag("env") == "prod" };"#;
    let file = world.directory().join("text.cedar");
    fs::write(&file, text).unwrap();
    let claims = world.directory().join("claims.json");
    fs::write(&claims, r#"{"env": "prod"}"#).unwrap();
    let (file, claims) = (file.to_str().unwrap(), claims.to_str().unwrap());
    let role = r#"AwsRole::"111122223333/collector""#;
    let workload = "Workload::https://issuer.example subject/of:it";
    let named = world.directory().join("named.json");
    fs::write(
        &named,
        r#"{"iss": "https://issuer.example", "sub": "subject/of:it", "env": "prod"}"#,
    )
    .unwrap();
    let named = named.to_str().unwrap();
    let rows: [(&str, &[&str], &str); 9] = [
        (workload, &["--claims", named], "allow"),
        (
            r#"Workload::"https://issuer.example subject/of:it""#,
            &["--claims", named],
            "allow",
        ),
        (role, &["--role-id", "AROAEXAMPLE"], "allow"),
        (role, &["--role-id", "AROAOTHER"], "deny"),
        (role, &[], "deny"),
        (workload, &["--claims", claims], "allow"),
        (workload, &[], "deny"),
        (
            "AwsRole::111122223333/other",
            &["--role-id", "AROAEXAMPLE"],
            "deny",
        ),
        ("Key::collector", &[], "deny"),
    ];
    let base = [
        "policy", "explain", "--json", "--tenant", TENANT, "--file", file,
    ];
    for (caller, more, expected) in rows {
        let command = [&base[..], &["--caller", caller], more].concat();
        let found = world.run(&command).await.json();
        assert_eq!(found["decision"], expected, "{caller} {more:?}");
    }
    let contradicting = world.directory().join("other.json");
    fs::write(&contradicting, r#"{"sub": "another", "env": "prod"}"#).unwrap();
    let contradicting = contradicting.to_str().unwrap();
    let elsewhere = world.directory().join("elsewhere.json");
    fs::write(
        &elsewhere,
        r#"{"iss": "https://other.example", "env": "prod"}"#,
    )
    .unwrap();
    let elsewhere = elsewhere.to_str().unwrap();
    let wrong: [(&str, &[&str]); 14] = [
        (workload, &["--claims", contradicting]),
        (workload, &["--claims", elsewhere]),
        ("Workload::https://issuer.example ", &[]),
        ("Workload:: subject", &[]),
        ("AwsRole::111122223333/path/role", &[]),
        (role, &["--role-id", "AIDAEXAMPLE"]),
        (role, &["--role-id", ""]),
        ("collector", &[]),
        ("Key::Collector 1", &[]),
        ("AwsRole::collector", &[]),
        ("AwsRole::1/collector", &[]),
        ("Workload::https://issuer.example", &[]),
        ("Key::collector", &["--role-id", "AROAEXAMPLE"]),
        (role, &["--claims", claims]),
    ];
    for (caller, more) in wrong {
        let command = [&base[..], &["--caller", caller], more].concat();
        let outcome = world.run(&command).await;
        assert_eq!(
            (outcome.exit, outcome.out.as_str()),
            (Exit::Usage, ""),
            "{caller}"
        );
    }
    // A name that stands twice: no token proves anybody with it.
    let twice = world.directory().join("twice.json");
    fs::write(&twice, r#"{"env": "test", "env": "prod"}"#).unwrap();
    let options = ["--caller", workload, "--claims", twice.to_str().unwrap()];
    let refused = world.run(&[&base[..], &options].concat()).await;
    assert_eq!((refused.exit, refused.out.as_str()), (Exit::Failed, ""));
}

/// As the function would be asked: a key comes by the managed-identity route and no other.
#[tokio::test]
async fn a_key_is_explained_on_its_own_route() {
    let world = World::connected().await;
    let text = r#"@id("tool") permit (
        principal == Key::"collector-1", action, resource in Customer::"Contoso, Inc."
    ) when { context.route == Route::"managed_identity" };"#;
    put(&world, text, &[]).await;
    for action in ["vend", "list"] {
        let found = explain(&world, &["--tenant", TENANT, "--action", action]).await;
        assert_eq!(found["decision"], "allow", "{action}");
    }
    let other = explain(&world, &["--tenant", TENANT, "--route", "token_v2"]).await;
    assert_eq!(other["decision"], "deny");
}

#[tokio::test]
async fn a_forbid_on_any_claim_is_explained_as_it_decides() {
    let world = World::connected().await;
    let claims = world.directory().join("claims.json");
    let payload = json!({
        "aud": "broker", "exp": 1_800_000_000, "nbf": 1, "iat": 2, "jti": "j",
        "deep": {"er": "x"},
    });
    fs::write(&claims, payload.to_string()).unwrap();
    let caller = "Workload::https://issuer.example s";
    for (name, value) in [
        ("iss", "https://issuer.example"),
        ("sub", "s"),
        ("aud", "broker"),
        ("exp", "1800000000"),
        ("nbf", "1"),
        ("iat", "2"),
        ("jti", "j"),
        ("/deep/er", "x"),
    ] {
        let text = format!(
            r#"@id("yes") permit (principal == Workload::"https://issuer.example s", action, resource);
               @id("no") forbid (principal is Workload, action, resource)
               when {{ principal.hasTag("{name}") && principal.getTag("{name}") == "{value}" }};"#
        );
        let file = world.directory().join("text.cedar");
        fs::write(&file, text).unwrap();
        let command = [
            "policy",
            "explain",
            "--json",
            "--tenant",
            TENANT,
            "--caller",
            caller,
            "--claims",
            claims.to_str().unwrap(),
            "--file",
            file.to_str().unwrap(),
        ];
        let found = world.run(&command).await.json();
        assert_eq!(found["forbids"], json!(["no"]), "{name}");
        assert_eq!(found["decision"], "deny", "{name}");
    }
}
