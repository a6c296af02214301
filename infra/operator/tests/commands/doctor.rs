//! `doctor` on an installation that is well, and on many that are broken, each in one way.

use operator::Exit;
use serde_json::{Value, json};

use crate::installation::{Break, Installation};
use crate::pages;

/// Nobody listens there.
const DEAD: &str = "http://127.0.0.1:1";

/// The checks that failed, with what each says.
fn failed(report: &Value) -> Vec<(&str, String)> {
    let checks = report["checks"].as_array().unwrap().iter();
    checks
        .filter(|check| check["outcome"] == "failed")
        .map(|check| {
            let [detail, next] =
                ["detail", "next_step"].map(|field| check[field].as_str().unwrap());
            (
                check["check"].as_str().unwrap(),
                format!("{detail}: {next}"),
            )
        })
        .collect()
}

#[tokio::test]
async fn each_broken_installation_has_one_line_that_names_its_fault() {
    use Break as B;
    let rows = vec![
        (B::Nothing, None),
        (B::Run, Some(("place", "start it with"))),
        (
            B::Unset("ENTRA_CLIENT_ID"),
            Some(("settings", "ENTRA_CLIENT_ID is not set")),
        ),
        (
            B::Set("ENTRA_CLOUD", "mars"),
            Some(("settings", "ENTRA_CLOUD")),
        ),
        (
            B::Set("TABLE_NAME", "another"),
            Some(("place", "no run of")),
        ),
        (
            B::Set("CONTROL_TABLE_NAME", "another"),
            Some(("control table", "another")),
        ),
        (B::NoPolicy, Some(("policy", "operator policy put"))),
        (B::Log, Some(("secrets", "log of operators"))),
        (
            B::NoSecret("certificate"),
            Some(("certificate", "certificate publish")),
        ),
        (
            B::Secret("certificate", "torn"),
            Some(("certificate", "certificate publish")),
        ),
        (B::ShortCertificate, Some(("certificate", "ends in 3 days"))),
        (B::OtherCertificate, Some(("token", "AADSTS700027"))),
        (
            B::NoSecret("consent-keys"),
            Some(("consent keys", "operator keys create")),
        ),
        (
            B::Secret("sealing-keys", "torn"),
            Some(("sealing ring", "SEALING_KEYS_SECRET_ID")),
        ),
        (
            B::NoSecret("webhook-keys"),
            Some(("webhook keys", "operator keys create")),
        ),
        (
            B::Set("ENTRA_AUTHORITY", DEAD),
            Some(("Entra ID", "name resolution")),
        ),
        (
            B::Fault(json!({"kind": "status", "endpoint": "discovery", "value": 503})),
            Some(("Entra ID", "status 503")),
        ),
        (B::Clock, Some(("clock", "ahead of Entra ID"))),
        (
            B::Set("ENTRA_GRAPH_URL", DEAD),
            Some(("Graph", "Microsoft Graph")),
        ),
        (
            B::Set("FEED_API_URL", DEAD),
            Some(("Activity API", "firewall")),
        ),
        (
            B::Pages(|path| if path == "/health" { 503 } else { 200 }),
            Some(("vending", "503")),
        ),
        (
            B::Pages(|path| if path == "/health" { 200 } else { 502 }),
            Some(("consent page", "502")),
        ),
        (
            B::Customers("consent_revoked"),
            Some(("token", "fault: customer")),
        ),
        (
            B::Customers("role_removed"),
            Some(("token", "roles_missing")),
        ),
        (
            B::Customers("app_disabled"),
            Some(("token", "application_disabled")),
        ),
        (
            B::Fault(json!({"kind": "throttle"})),
            Some(("token", "throttled")),
        ),
        (B::SingleTenant, Some(("registration", "signInAudience"))),
        (B::ReplyUrl, Some(("registration", "AADSTS50011"))),
        (B::NoRoles, Some(("registration", "groupMembershipClaims"))),
        (
            B::Fault(json!({"kind": "status", "endpoint": "graph", "value": 403})),
            Some(("registration", "Application.ReadWrite.OwnedBy")),
        ),
        (
            B::Fault(json!({"kind": "af_error", "endpoint": "subscriptions", "value": "AF50000"})),
            Some(("audit log", "AF50000")),
        ),
        (B::Auditing, Some(("audit log", "Purview"))),
    ];
    let mut wrong = Vec::new();
    for (number, (how, expected)) in rows.into_iter().enumerate() {
        let installation = Installation::well().await;
        installation.break_it(how).await;
        let ran = installation.world.run(&["doctor", "--json"]).await;
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        let failed = failed(&report);
        let is_so = match (expected, failed.as_slice()) {
            (None, []) => ran.exit == Exit::Done,
            (Some((check, part)), [(found, says)]) => {
                *found == check && says.contains(part) && ran.exit == Exit::Failed
            }
            _ => false,
        };
        if !is_so {
            wrong.push(format!("{number}: {expected:?} and not {failed:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_healthy_installation_passes_every_check() {
    let installation = Installation::well().await;
    installation.break_it(Break::Nothing).await;
    let ran = installation.world.run(&["doctor"]).await;
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Done, ""), "{ran:?}");
    assert!(
        ran.out.ends_with("\n19 passed, 0 failed, 0 skipped\n"),
        "{}",
        ran.out
    );
    let asked = installation.authority.asked().await;
    let named = ["doctor", "--tenant", installation.customer.as_str()];
    assert_eq!(installation.world.run(&named).await.exit, Exit::Done);
    // The tenant's token, and the application's own for Graph.
    assert_eq!(installation.authority.asked().await, asked + 2);
}

#[tokio::test]
async fn where_everything_hangs_there_is_an_answer_all_the_same() {
    let installation = Installation::well().await;
    installation.break_it(Break::Nothing).await;
    let silent = pages::silent().await;
    for name in ["ENTRA_AUTHORITY", "ENTRA_GRAPH_URL", "FEED_API_URL"] {
        installation.world.set(name, &silent);
    }
    installation.world.set(
        "CONSENT_REDIRECT_URI",
        &format!("{silent}/consent/callback"),
    );
    let ran = installation.world.run(&["doctor", "--json"]).await;
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let failed: Vec<_> = failed(&report)
        .into_iter()
        .map(|(check, _)| check)
        .collect();
    assert_eq!(failed, ["Entra ID"]);
}

#[tokio::test]
async fn a_tenant_is_named_by_a_domain_too_and_what_is_wrong_with_it_is_a_check() {
    let installation = Installation::well().await;
    installation.break_it(Break::Nothing).await;
    let domain = installation.authority.domain(1);
    let doctor = async |tenant: &str| {
        let ran = installation
            .world
            .run(&["doctor", "--json", "--tenant", tenant])
            .await;
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        let failed: Vec<_> = failed(&report)
            .into_iter()
            .map(|(check, _)| check.to_owned())
            .collect();
        failed
    };
    assert_eq!(doctor(&domain).await, Vec::<String>::new());
    assert_eq!(doctor("nobody.example").await, ["token"]);
    // A tenant that is held back is asked for nothing.
    let held = ["tenants", "suspend", &installation.customer, "--yes"];
    assert_eq!(installation.world.run(&held).await.exit, Exit::Done);
    let asked = installation.authority.asked().await;
    assert_eq!(doctor(&domain).await, Vec::<String>::new());
    // The application's own for Graph is all.
    assert_eq!(installation.authority.asked().await, asked + 1);
    installation.world.set("ENTRA_AUTHORITY", DEAD);
    assert_eq!(doctor(&domain).await, ["Entra ID"]);
}
