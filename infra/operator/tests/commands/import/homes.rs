//! The cloud that a tenant is imported under: what its own metadata say.

use auth::{CauseCode, Cloud, TenantStatus};
use serde_json::json;

use super::{counts, document, import};
use crate::authority::Authority;
use crate::world::{World, tenant};

use Cloud as C;
use TenantStatus as S;

#[tokio::test]
async fn the_directorys_word_counts_over_a_files_and_the_tables() {
    // What the table knows, what the row names, what the directory says, the cloud after it;
    // whether a token is asked for.
    let rows = [
        (None, "", None, C::Public, true),
        (None, "public", None, C::Public, true),
        (None, "", Some("GCC"), C::Gcc, true),
        (None, "gcc", Some("GCC"), C::Gcc, true),
        (None, "public", Some("GCC"), C::Gcc, true),
        (None, "gcc", None, C::Public, true),
        (None, "gcc", Some("unheard of"), C::Gcc, true),
        // Passed over without a question: the table and the row agree, or the row says nothing.
        (Some(C::Public), "", Some("GCC"), C::Public, false),
        (Some(C::Gcc), "gcc", None, C::Gcc, false),
        (Some(C::Public), "gcc", Some("GCC"), C::Gcc, true),
        (Some(C::Gcc), "public", Some("GCC"), C::Gcc, false),
        (Some(C::Gcc), "public", None, C::Public, true),
    ];
    let world = World::start().await;
    let authority = Authority::start(&world, rows.len()).await;
    authority.grant(&authority.tenants);
    let mut file = "tenant_id,customer,cloud\n".to_owned();
    for (id, (known, named, says, _, _)) in authority.tenants.iter().zip(&rows) {
        if let Some(cloud) = known {
            let known = auth::Tenant {
                cloud: *cloud,
                ..tenant(id, S::Active, None)
            };
            world.connect(&known).await;
        }
        if let Some(plan) = says {
            authority.lives_in(id, plan).await;
        }
        file.push_str(&format!("{id},\"Contoso, Inc.\",{named}\n"));
    }
    let outcome = import(&world, "tenants.csv", file.as_bytes(), &["--json"]).await;
    let asked = rows.iter().filter(|row| row.4).count();
    assert_eq!(
        counts(&document(&outcome)),
        [asked, rows.len() - asked, 0, 0]
    );
    assert_eq!(authority.asked().await, asked as u64);
    for (number, (id, row)) in authority.tenants.iter().zip(&rows).enumerate() {
        assert_eq!(world.find(id).await.cloud, row.3, "row {number}");
    }
}

#[tokio::test]
async fn a_tenant_of_another_authority_is_refused_by_name() {
    let world = World::start().await;
    let authority = Authority::start(&world, 2).await;
    authority.grant(&authority.tenants);
    let [high, dod] = [0, 1].map(|index| authority.tenants[index].as_str());
    authority.lives_in(high, "DODCON").await;
    authority.lives_in(dod, "DOD").await;
    let file = format!("tenant_id,customer\n{high},A\n{dod},B\n");
    let outcome = import(&world, "tenants.csv", file.as_bytes(), &["--json"]).await;
    let refused = &document(&outcome)["refused"];
    for (index, code) in [CauseCode::InGccHigh, CauseCode::InDod]
        .into_iter()
        .enumerate()
    {
        assert_eq!(refused[index]["cause"], code.as_str(), "{refused}");
    }
    assert_eq!(authority.asked().await, 0);
}

#[tokio::test]
async fn a_recheck_says_where_a_tenant_lives_and_moves_it_nowhere() {
    let world = World::start().await;
    let authority = Authority::start(&world, 1).await;
    authority.grant(&authority.tenants);
    let id = authority.tenants[0].as_str();
    world.connect(&tenant(id, S::Active, None)).await;
    let at_home = world.run(&["tenants", "recheck", id, "--json"]).await;
    assert_eq!(at_home.json()["lives_in"], json!(null));
    authority.lives_in(id, "GCC").await;
    let elsewhere = world.run(&["tenants", "recheck", id, "--json"]).await;
    assert_eq!(elsewhere.json()["lives_in"], "gcc");
    let text = world.run(&["tenants", "recheck", id]).await;
    assert!(text.out.contains("lives in gcc, not in public"), "{text:?}");
    assert_eq!(world.find(id).await.cloud, C::Public);
}

#[tokio::test]
async fn a_row_that_names_no_cloud_takes_no_tenant_out_of_its_own() {
    let world = World::start().await;
    let authority = Authority::start(&world, 3).await;
    authority.grant(&authority.tenants);
    let cause = Some(CauseCode::NotConsented.into());
    let connected = [(S::Active, None), (S::Revoked, cause), (S::Active, None)];
    for (id, (status, cause)) in authority.tenants.iter().zip(connected) {
        let gcc = auth::Tenant {
            cloud: Cloud::Gcc,
            ..tenant(id, status, cause)
        };
        world.connect(&gcc).await;
    }
    let [a, b, c] = [0, 1, 2].map(|index| authority.tenants[index].as_str());
    for id in [a, b] {
        authority.lives_in(id, "GCC").await;
    }
    let text = format!(
        "tenant_id,customer,cloud\n{a},\"Contoso, Inc.\",\n{b},\"Contoso, Inc.\",\n\
         {c},\"Contoso, Inc.\",public\n"
    );
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &["--json"]).await;
    assert_eq!(counts(&document(&outcome)), [2, 1, 0, 0]);
    for (id, cloud) in [(a, Cloud::Gcc), (b, Cloud::Gcc), (c, Cloud::Public)] {
        assert_eq!(world.find(id).await.cloud, cloud, "{id}");
    }
}
