//! A tenant that is named by a domain.

use auth::TenantStatus;
use operator::Exit;
use serde_json::json;

use crate::authority::Authority;
use crate::world::{World, tenant};

#[tokio::test]
async fn a_domain_is_as_good_as_the_id_and_is_said_to_be_it() {
    let world = World::start().await;
    let authority = Authority::start(&world, 2).await;
    let (id, domain) = (&authority.tenants[1], authority.domain(1));
    world.connect(&tenant(id, TenantStatus::Active, None)).await;
    let said = format!("{domain} is tenant {id}\n");
    let rows: [&[&str]; 6] = [
        &["tenants", "show", &domain],
        &["tenants", "tag", &domain, "ring=1"],
        &["tenants", "link", &domain],
        &["invite", "Contoso, Inc.", "--tenant", &domain],
        &["tenants", "suspend", &domain.to_uppercase(), "--yes"],
        &["tenants", "remove", &domain, "--yes"],
    ];
    for line in rows {
        let ran = world.run(line).await;
        assert_eq!(
            (ran.exit, ran.err.as_str()),
            (Exit::Done, said.as_str()),
            "{line:?}"
        );
    }
    // The log of operators has the ID.
    let log = world.run(&["audit", "--operators", "--json"]).await.json();
    assert_eq!(log[0]["tenant_id"], json!(id));
}

#[tokio::test]
async fn a_domain_that_leads_nowhere_does_nothing() {
    let world = World::connected().await;
    let dead = world.run(&["tenants", "show", "contoso.com"]).await;
    assert_eq!(dead.exit, Exit::Failed);
    for part in ["contoso.com", "could not be asked", "by its ID"] {
        assert!(dead.err.contains(part), "{}", dead.err);
    }
    let authority = Authority::start(&world, 1).await;
    let unknown = world
        .run(&["tenants", "suspend", "contoso.example", "--yes"])
        .await;
    assert_eq!(unknown.exit, Exit::Usage);
    assert!(
        unknown.err.contains("no tenant of this cloud"),
        "{}",
        unknown.err
    );
    authority
        .fault(json!({"kind": "not_json", "endpoint": "discovery"}))
        .await;
    let page = world.run(&["tenants", "show", &authority.domain(0)]).await;
    assert_eq!(page.exit, Exit::Failed);
    assert!(page.err.contains("cannot be read"), "{}", page.err);
}
