//! What is printed of an import whose rows end in different ways.

use auth::{CauseCode, TenantStatus};
use operator::Exit;
use serde_json::{Value, json};

use super::{counts, csv, document, import};
use crate::authority::Authority;
use crate::world::{World, tenant};

use TenantStatus as S;

/// Tenants of the simulator's, of which the table knows some: new, without consent, active
/// already, another customer's, suspended, removed, deleted, disabled.
async fn mixed() -> (World, Authority) {
    let world = World::start().await;
    let authority = Authority::start(&world, 8).await;
    let t = &authority.tenants;
    authority.grant(&[&t[..1], &t[2..]].concat());
    world.connect(&tenant(&t[2], S::Active, None)).await;
    let others = auth::Tenant {
        customer: "Fabrikam".parse().unwrap(),
        ..tenant(&t[3], S::Active, None)
    };
    world.connect(&others).await;
    let cause = Some(CauseCode::Suspended.into());
    world.connect(&tenant(&t[4], S::Suspended, cause)).await;
    world.connect(&tenant(&t[5], S::Removed, None)).await;
    for (kind, tenant) in [("tenant_deleted", &t[6]), ("app_disabled", &t[7])] {
        authority
            .fault(json!({"kind": kind, "tenant": tenant}))
            .await;
    }
    (world, authority)
}

#[tokio::test]
async fn a_script_reads_why_each_tenant_was_refused_and_nothing_of_a_token() {
    use CauseCode as C;
    let (world, authority) = mixed().await;
    let text = csv(&authority.tenants);
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &["--json"]).await;
    assert_eq!(outcome.exit, Exit::Failed);
    assert!(
        outcome.err.contains("6 of 8 tenants were refused"),
        "{outcome:?}"
    );
    let document = document(&outcome);
    assert_eq!(counts(&document), [1, 1, 6, 0]);
    assert_eq!(document["dry_run"], false);
    let t = &authority.tenants;
    let refused = |id: &String, code: C, number: Value| {
        json!({
            "tenant_id": id,
            "customer": "Contoso, Inc.",
            "cause": code,
            "aadsts": number,
            "fault": code.fault(),
            "next_step": code.next_step(),
        })
    };
    let list = document["refused"].as_array().unwrap();
    let expected = [
        refused(&t[1], C::NotConsented, json!(7_000_229)),
        refused(&t[3], C::BoundToAnotherCustomer, json!(null)),
        refused(&t[4], C::Suspended, json!(null)),
        refused(&t[5], C::Removed, json!(null)),
        refused(&t[6], C::TenantNotFound, json!(90002)),
        refused(&t[7], C::ApplicationDisabled, json!(7_000_112)),
    ];
    assert_eq!(list[..], expected);
    assert_eq!(world.find(&t[3]).await.customer.as_str(), "Fabrikam");
    assert_eq!(world.find(&t[4]).await.status, S::Suspended);
    assert_eq!(world.find(&t[5]).await.status, S::Removed);
    assert_eq!(
        authority.asked().await,
        4,
        "only who can be connected is asked for"
    );
    let shown = outcome.out + &outcome.err;
    assert!(
        !shown.contains("eyJ") && !shown.contains("invite="),
        "{shown}"
    );
}

#[tokio::test]
async fn a_person_reads_a_table_with_what_to_do_and_the_totals() {
    let (world, authority) = mixed().await;
    let text = csv(&authority.tenants);
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &[]).await;
    assert_eq!(outcome.exit, Exit::Failed);
    let lines: Vec<_> = outcome.out.lines().collect();
    assert!(lines[0].starts_with("LINE  TENANT "), "{}", outcome.out);
    let code = CauseCode::NotConsented;
    for part in [
        "3  ",
        &authority.tenants[1],
        "not_consented (AADSTS7000229)",
        code.next_step(),
    ] {
        assert!(lines[1].contains(part), "{part}: {}", outcome.out);
    }
    assert_eq!(lines.len(), 9, "{}", outcome.out);
    let totals = "1 connected, 1 connected already, 6 refused, 0 not tried";
    assert_eq!(lines[8], totals);
    assert!(
        outcome.err.contains("goes on where it stopped"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_dry_run_proves_and_changes_nothing() {
    let (world, authority) = mixed().await;
    let text = csv(&authority.tenants);
    let before = world.run(&["tenants", "list", "--json"]).await.json();
    let options = ["--dry-run", "--json"];
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &options).await;
    let document = document(&outcome);
    assert_eq!(counts(&document), [1, 1, 6, 0]);
    assert_eq!(document["dry_run"], true);
    assert_eq!(authority.asked().await, 4);
    let after = world.run(&["tenants", "list", "--json"]).await.json();
    assert_eq!(after, before);
    let told = import(&world, "tenants.csv", text.as_bytes(), &["--dry-run"]).await;
    for part in ["1 would be connected", "nothing was changed"] {
        assert!(told.out.contains(part), "{told:?}");
    }
}
