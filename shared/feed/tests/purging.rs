//! What is stored of a tenant is deleted, its own alone, and does not come back.

use std::sync::Arc;

use auth::TenantStatus;
use feed::ledger::Totals;
use feed::operate::{PurgeError, Purged, Purging, Stock};

use crate::collecting::{NOW, line};
use crate::fakes::erasing::Erases;
use crate::fakes::fleet::{FleetWorld, numbered};

const ACTIVE: Option<TenantStatus> = Some(TenantStatus::Active);
const REMOVED: Option<TenantStatus> = Some(TenantStatus::Removed);

/// Two tenants with three contents each, in objects of their own.
struct Stage {
    world: FleetWorld,
    erases: Arc<Erases>,
    purging: Purging,
}

impl Stage {
    async fn stored() -> Self {
        let world = FleetWorld::of(2, NOW);
        world.run().await;
        for id in ["a", "b", "c"] {
            for tenant in [0, 1] {
                world.api.offer(tenant, id, world.now() + 400);
            }
            world.runs(13, 300).await;
        }
        let erases = Erases::of(&world);
        let purging = Purging {
            ledger: world.table.clone(),
            rows: erases.clone(),
            objects: erases.clone(),
            clock: world.clock.clone(),
            settle: 300,
        };
        let stage = Self {
            world,
            erases,
            purging,
        };
        assert_eq!(stage.world.stored(0), all());
        stage
    }

    /// The first tenant is paused, and a run has seen it.
    async fn paused() -> Self {
        let stage = Self::stored().await;
        stage.world.operate().pause(numbered(0)).await.unwrap();
        stage.world.runs(2, 300).await;
        stage
    }

    async fn stock(&self, status: Option<TenantStatus>) -> Result<Stock, PurgeError> {
        self.purging.stock(numbered(0), status).await
    }

    async fn purged(&self, status: Option<TenantStatus>) -> Result<Purged, PurgeError> {
        let stock = self.stock(status).await?;
        self.purging.purge(&stock).await
    }
}

fn all() -> Vec<String> {
    ["a", "b", "c"].map(line).to_vec()
}

fn refused<T: std::fmt::Debug>(found: Result<T, PurgeError>) -> String {
    found.unwrap_err().to_string()
}

#[tokio::test]
async fn a_paused_tenants_log_is_counted_and_deleted_and_no_other_tenants() {
    let stage = Stage::paused().await;
    let stock = stage.stock(ACTIVE).await.unwrap();
    let bytes = 3 * (line("a").len() as u64 + 1);
    assert_eq!((stock.objects, stock.bytes), (3, bytes));
    assert_eq!(stage.world.stored(0), all(), "it was only counted");
    let purged = stage.purging.purge(&stock).await.unwrap();
    let expected = Purged {
        objects: 3,
        bytes,
        rows: 3,
        kept: Vec::new(),
    };
    assert_eq!(purged, expected);
    assert_eq!(stage.world.stored(0), Vec::<String>::new());
    assert_eq!(stage.world.stored(1), all());
    let row = stage.world.row(0);
    assert!(row.is_paused);
    for one in &row.types {
        assert_eq!(
            (one.totals, one.stored_at),
            (Totals::default(), None),
            "{one:?}"
        );
    }
    let again = stage.purged(ACTIVE).await.unwrap();
    assert_eq!(again, Purged::default(), "nothing is left to do");
}

/// In no pass of the seven days: what was deleted was wanted to be.
#[tokio::test]
async fn a_tenant_that_is_resumed_is_collected_from_the_purge_on() {
    let stage = Stage::paused().await;
    let world = &stage.world;
    world.api.offer(0, "before", world.now() - 60);
    stage.purged(ACTIVE).await.unwrap();
    world.operate().resume(numbered(0)).await.unwrap();
    world.pass(600);
    world.api.offer(0, "after", world.now() - 60);
    for _ in 0..7 {
        world.runs(12, 7_200).await;
    }
    assert_eq!(world.stored(0), [line("after")]);
    let status = world.operate().status(numbered(0)).await.unwrap().unwrap();
    let lost = |one: &feed::operate::TypeStatus| one.totals.lost + one.totals.expired_seconds;
    let lost: u64 = status.types.iter().map(lost).sum();
    assert_eq!(lost, 0, "{status:?}");
}

#[tokio::test]
async fn a_tenant_that_is_collected_or_that_no_run_saw_paused_is_refused() {
    let stage = Stage::stored().await;
    let said = refused(stage.stock(ACTIVE).await);
    assert!(said.contains("being collected"), "{said}");
    stage.world.operate().pause(numbered(0)).await.unwrap();
    let said = refused(stage.stock(ACTIVE).await);
    assert!(said.contains("no run has seen"), "{said}");
    assert_eq!(stage.world.stored(0), all());
}

#[tokio::test]
async fn of_a_removed_tenant_the_row_goes_too() {
    let stage = Stage::stored().await;
    stage.world.stands(0, TenantStatus::Removed);
    stage.world.runs(2, 300).await;
    let purged = stage.purged(REMOVED).await.unwrap();
    assert_eq!((purged.objects, purged.rows), (3, 3));
    assert!(stage.world.table.row(numbered(0)).is_none());
    stage.world.runs(2, 300).await;
    assert!(stage.world.table.row(numbered(0)).is_none());
}

#[tokio::test]
async fn what_a_lock_keeps_is_said_and_leaves_the_rows_until_it_is_gone() {
    let stage = Stage::paused().await;
    let key = stage.erases.clone();
    *key.locked.lock().unwrap() = Some("type=Audit.Exchange");
    let purged = stage.purged(ACTIVE).await.unwrap();
    assert_eq!(purged.kept, ["AccessDenied"]);
    assert_eq!(purged.rows, 0);
    assert!(!stage.world.stored(0).is_empty());
    *key.locked.lock().unwrap() = None;
    let purged = stage.purged(ACTIVE).await.unwrap();
    assert_eq!((purged.rows, purged.kept), (3, Vec::new()));
    assert_eq!(stage.world.stored(0), Vec::<String>::new());
}

#[tokio::test]
async fn a_row_that_was_changed_since_it_was_counted_is_left_with_all_that_is_stored() {
    let stage = Stage::paused().await;
    let stock = stage.stock(ACTIVE).await.unwrap();
    stage.world.operate().resume(numbered(0)).await.unwrap();
    let said = refused(stage.purging.purge(&stock).await);
    assert!(said.contains("changed meanwhile"), "{said}");
    assert_eq!(stage.world.stored(0), all());
}

#[tokio::test]
async fn a_bucket_that_has_nothing_of_what_the_table_counts_is_another_one() {
    let stage = Stage::paused().await;
    stage.world.objects.held.lock().unwrap().clear();
    let said = refused(stage.stock(ACTIVE).await);
    assert!(said.contains("nothing of it here"), "{said}");
    assert!(
        stage
            .world
            .row(0)
            .types
            .iter()
            .any(|one| one.totals.stored > 0)
    );
}

#[tokio::test]
async fn what_is_stored_again_and_again_is_said() {
    let stage = Stage::paused().await;
    let key = format!("tenant={}/type=x/day=y/z", numbered(0));
    *stage.erases.appears.lock().unwrap() = Some(key);
    let said = refused(stage.purged(ACTIVE).await);
    assert!(said.contains("still stores"), "{said}");
}
