//! What becomes of the rows of a good file.

use auth::{Cause, CauseCode, Cloud, TenantStatus};
use operator::Exit;
use serde_json::{Value, json};

use super::{counts, csv, document, import};
use crate::authority::Authority;
use crate::world::{World, tenant};

use TenantStatus as S;

#[tokio::test]
async fn tenants_that_have_consented_are_connected_and_can_be_vended() {
    let world = World::start().await;
    let authority = Authority::start(&world, 3).await;
    authority.grant(&authority.tenants);
    let text = csv(&authority.tenants);
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &[]).await;
    assert_eq!((outcome.exit, outcome.err.as_str()), (Exit::Done, ""));
    let expected = "3 connected, 0 connected already, 0 refused, 0 not tried\n";
    assert_eq!(outcome.out, expected);
    for id in &authority.tenants {
        let found = world.find(id).await;
        assert_eq!((found.status, found.cause), (S::Active, None));
        assert_eq!(found.customer.as_str(), "Contoso, Inc.");
        assert_eq!(
            (found.cloud, found.roles.as_slice()),
            (Cloud::Public, &["ActivityFeed.Read".to_owned()][..],)
        );
    }
    let vended = world.run(&["token", &authority.tenants[0]]).await.json();
    assert_eq!(vended["claims"]["tid"], authority.tenants[0]);
}

#[tokio::test]
async fn every_good_form_of_a_file_is_read() {
    let world = World::start().await;
    let authority = Authority::start(&world, 2).await;
    authority.grant(&authority.tenants);
    let [a, b] = [0, 1].map(|index| authority.tenants[index].as_str());
    let objects = json!([
        {"tenant_id": a, "customer": "Müller, GmbH", "cloud": null},
        {"customer": "Contoso", "tenant_id": b.to_uppercase(), "cloud": "public"},
    ]);
    let rows: [(&str, String, &[&str]); 6] = [
        (
            "a.csv",
            format!("tenant_id,customer\n{a},\"Müller, GmbH\"\n{b},Contoso"),
            &[],
        ),
        (
            "a.CSV",
            format!(
                "\u{feff}customer , tenant_id,cloud\r\n\"Müller, GmbH\",{a},\r\n\r\n  Contoso , {b} ,public\r\n,,\r\n"
            ),
            &[],
        ),
        (
            "a.txt",
            format!("tenant_id,customer\r{a},\"Müller, GmbH\"\r{b},Contoso\r"),
            &["--format", "csv"],
        ),
        ("a.json", objects.to_string(), &[]),
        (
            "a.csv",
            format!("\u{feff}{objects:#}\n"),
            &["--format", "json"],
        ),
        ("a.json", objects.to_string(), &["--concurrency", "1"]),
    ];
    for (name, content, options) in rows {
        let options = [options, &["--json", "--dry-run"]].concat();
        let outcome = import(&world, name, content.as_bytes(), &options).await;
        assert_eq!(counts(&document(&outcome)), [2, 0, 0, 0], "{content}");
    }
    let piped = ["tenants", "import", "-", "--format", "json", "--json"];
    let content = objects.to_string();
    let outcome = world.run_piping(&piped, content.as_bytes()).await;
    assert_eq!(counts(&document(&outcome)), [2, 0, 0, 0]);
    assert_eq!(world.find(a).await.customer.as_str(), "Müller, GmbH");
    assert_eq!(world.find(b).await.customer.as_str(), "Contoso");
    // A person can type it too.
    let typed = ["tenants", "import", "-", "--format", "csv", "--json"];
    let content = format!("tenant_id,customer\n{b},Contoso\n");
    let outcome = world.run_typing(&typed, &content).await;
    assert_eq!(counts(&document(&outcome)), [0, 1, 0, 0]);
}

#[tokio::test]
async fn an_import_that_is_run_again_goes_on_where_it_stopped() {
    let world = World::start().await;
    let authority = Authority::start(&world, 4).await;
    authority.grant(&authority.tenants[..2]);
    let text = csv(&authority.tenants);
    let first = import(&world, "tenants.csv", text.as_bytes(), &["--json"]).await;
    assert_eq!(counts(&document(&first)), [2, 0, 2, 0]);
    let asked = authority.asked().await;
    let before = world.find(&authority.tenants[0]).await;

    authority.grant(&authority.tenants);
    let second = import(&world, "tenants.csv", text.as_bytes(), &["--json"]).await;
    assert_eq!(second.exit, Exit::Done);
    assert_eq!(counts(&document(&second)), [2, 2, 0, 0]);
    assert_eq!(authority.asked().await, asked + 2);
    let after = world.find(&authority.tenants[0]).await;
    assert_eq!(after.version, before.version, "left as it was");
}

#[tokio::test]
async fn a_tenant_that_has_no_token_is_proven_anew() {
    let rows = [
        (S::Propagating, Some(CauseCode::RolesMissing)),
        (S::Degraded, Some(CauseCode::BlockedByPolicy)),
        (S::Revoked, Some(CauseCode::NotConsented)),
        (S::Pending, None),
    ];
    let world = World::start().await;
    let authority = Authority::start(&world, rows.len()).await;
    authority.grant(&authority.tenants);
    for (id, (status, cause)) in authority.tenants.iter().zip(rows) {
        world
            .connect(&tenant(id, status, cause.map(Cause::new)))
            .await;
    }
    let text = csv(&authority.tenants);
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &["--json"]).await;
    assert_eq!(counts(&document(&outcome)), [4, 0, 0, 0]);
    for id in &authority.tenants {
        let found = world.find(id).await;
        assert_eq!((found.status, found.cause), (S::Active, None));
    }
}

#[tokio::test]
async fn roles_that_lag_are_a_refusal_and_leave_no_tenant_behind() {
    let world = World::start().await;
    let authority = Authority::start(&world, 1).await;
    authority.grant(&authority.tenants);
    authority
        .fault(json!({"kind": "propagation", "value": 600}))
        .await;
    let text = csv(&authority.tenants);
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &["--json"]).await;
    assert_eq!(document(&outcome)["refused"][0]["cause"], "roles_missing");
    let listed = world.run(&["tenants", "list", "--json"]).await.json();
    assert_eq!(listed, json!([]));
}

/// What Entra ID says of a tenant that an import names: it is refused as what it is, and
/// nothing of it waits for permissions.
#[tokio::test]
async fn a_tenant_that_entra_does_not_know_is_never_propagating() {
    let fault = |kind: &str, value: Value| json!({"kind": kind, "value": value});
    let rows = [
        (None, "not_consented"),
        (
            Some(fault("consent_revoked", json!(700_016))),
            "not_consented",
        ),
        (
            Some(fault("consent_revoked", json!(7_000_229))),
            "not_consented",
        ),
        (
            Some(fault("consent_revoked", json!(65_001))),
            "not_consented",
        ),
        (
            Some(fault("tenant_deleted", json!(null))),
            "tenant_not_found",
        ),
        (
            Some(fault("app_disabled", json!(null))),
            "application_disabled",
        ),
        (Some(fault("role_removed", json!(null))), "roles_missing"),
        (Some(fault("propagation", json!(600))), "roles_missing"),
        (Some(fault("throttle", json!(1))), "throttled"),
        (Some(fault("status", json!(503))), "unavailable"),
        (Some(fault("not_json", json!(null))), "unavailable"),
    ];
    let world = World::start().await;
    let authority = Authority::start(&world, rows.len()).await;
    authority.grant(&authority.tenants[1..]);
    for ((fault, expected), id) in rows.into_iter().zip(&authority.tenants) {
        if let Some(mut fault) = fault {
            fault["tenant"] = json!(id);
            authority.fault(fault).await;
        }
        let text = csv(std::slice::from_ref(id));
        let outcome = import(&world, "tenants.csv", text.as_bytes(), &["--json"]).await;
        let refused = &document(&outcome)["refused"][0];
        assert_eq!(refused["cause"], expected, "{outcome:?}");
        let listed = world.run(&["tenants", "list", "--json"]).await.json();
        assert_eq!(listed, json!([]), "{expected}");
    }
}

/// An import knows of no consent that is fresh, so that nothing is on its way.
#[tokio::test]
async fn an_imported_tenant_that_entra_forgets_is_not_propagating_either() {
    let world = World::start().await;
    let authority = Authority::start(&world, 1).await;
    authority.grant(&authority.tenants);
    let id = &authority.tenants[0];
    import(
        &world,
        "tenants.csv",
        csv(&authority.tenants).as_bytes(),
        &[],
    )
    .await;
    let show = ["tenants", "show", id, "--json"];
    assert_eq!(world.run(&show).await.json()["consented_at"], json!(null));
    let told = world.run(&["tenants", "show", id]).await.out;
    assert!(told.contains("before it was imported"), "{told}");
    authority
        .fault(json!({"kind": "consent_revoked", "tenant": id}))
        .await;
    world.run(&["tenants", "recheck", id]).await;
    assert_ne!(world.run(&show).await.json()["status"], "propagating");
}
