//! What a row holds besides what this version knows survives every change of it: an older
//! version may change a row to which a newer one has added something.
//!
//! The table is over every operation of the adapter and has no wildcard: a new operation does
//! not compile before it stands here. Every request names its operation, so that a new method
//! of a port is missing here only if it borrows the operation of another one.

use auth::invite::InviteId;
use auth::operator_action::{Deed, Outcome};
use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::ports::{
    CallerKeyBook as _, CallerKeys as _, Connecting, Invites as _, IssuerStore as _, Leases as _,
    OperatorLog as _, Outbox as _, PolicyStore as _, Runs as _, SignIns as _, SingleUse as _,
    Tenants as _, TokenStore as _, Write,
};
use auth::sign_in::ReceiptId;
use auth::turns::Look;
use auth::{Tenant, TenantId, TenantStatus};
use aws::{Connection, Operation, Units};
use aws_sdk_dynamodb::types::AttributeValue;
use feed::ledger::BatchRow;
use feed::ports::{DueFeeds as _, Ledger as _, LedgerErasure as _, SharedLedger as _};

use super::ledger_rows::{batch_of, done, stored, window_of};
use super::one_of_each as each;
use super::outbox::{outbox, waiting};
use super::world::{FAILED, NOW, Row, World, at, graph, management, tenant_with};

/// What an operation does to what other versions added to rows that are there.
enum Does {
    /// It reads, or makes tables.
    WritesNoRow,
    /// It leaves it, in rows that it changes and in all others.
    Keeps,
    /// It puts a whole document in the place of the one before, or deletes a row: these sort
    /// keys.
    Loses(&'static [&'static str]),
}

fn does(operation: Operation) -> Does {
    use Operation as O;
    match operation {
        O::Find | O::NextAttempt | O::List | O::Read | O::Due | O::AtTurns | O::WasUsed => {
            Does::WritesNoRow
        }
        O::ReadEach
        | O::FindInvite
        | O::FindSignIn
        | O::ReadPolicy
        | O::ReadReplaced
        | O::ReadIssuers
        | O::Looked => Does::WritesNoRow,
        O::ReadFeed | O::ReadBatches | O::ReadWindows | O::DueFeeds => Does::WritesNoRow,
        O::FindKey | O::ListKeys | O::ListActions | O::Ping | O::Create | O::ReadRun => {
            Does::WritesNoRow
        }
        O::Connect | O::Change | O::LookAgain | O::PutBack | O::Settle | O::SettleAndChange => {
            Does::Keeps
        }
        O::UseOnce | O::CreateInvite | O::KeepSignIn | O::UseSignIn => Does::Keeps,
        O::TakeLease | O::ReleaseLease | O::TouchKey | O::AddKey => Does::Keeps,
        O::BeginAction | O::EndAction | O::PutRun => Does::Keeps,
        O::PutFeed | O::PutBatch | O::FinishBatch | O::LookAtFeed => Does::Keeps,
        O::ClaimFeed | O::PutTypes | O::TakeWindow | O::FinishWindow => Does::Keeps,
        O::WaitingEvents => Does::WritesNoRow,
        O::PutEventOff => Does::Keeps,
        O::EventDone => Does::Loses(&["001431655195#evt__ZvRrImkjanE6qVl-GmD4Q"]),
        O::TakeOver => Does::Loses(&["window#1431648000-1431651600#1431656094"]),
        // The parts are rows of their own.
        O::SplitBatch => Does::Loses(&["1431651600#23c9c9dd8a6d811a0d54861ac04b9df3"]),
        O::EraseBatches => Does::Loses(&[
            "1431651600#23c9c9dd8a6d811a0d54861ac04b9df3",
            "1431651600#d7bb36ab354564d8b3d083afb7c07c8b",
            "window#1431648000-1431651600#1431656094",
        ]),
        O::EraseFeed => Does::Loses(&["FEED"]),
        O::PutPolicy => Does::Loses(&["POLICY"]),
        O::PutCandidate | O::DropCandidate => Does::Loses(&["CANDIDATE"]),
        O::PutIssuers => Does::Loses(&["ISSUERS"]),
        O::RemoveKey => Does::Loses(&["KEY#collector"]),
        O::Remove => Does::Loses(&[
            "TOKEN#https://graph.microsoft.com",
            "TOKEN#https://manage.office.com",
        ]),
    }
}

/// Whatever writes it, in both tables.
pub async fn what_a_row_holds_besides_survives_every_change(connection: &Connection) {
    for operation in Operation::ALL {
        let expected = match does(*operation) {
            Does::WritesNoRow => continue,
            Does::Keeps => &[][..],
            Does::Loses(sorts) => sorts,
        };
        let world = World::new(connection).await;
        each::write(&world).await;
        let prepared = Prepared::new(&world).await;
        add_to_every_row(&world).await;
        let before = kept(&world).await;
        world.tally.take(*operation, Units::Write);
        write(&world, *operation, prepared).await;
        let sum = world.tally.take(*operation, Units::Write);
        assert!(sum.requests > 0, "{operation:?} wrote nothing");
        let after = kept(&world).await;
        let mut lost: Vec<_> = before.iter().filter(|key| !after.contains(key)).collect();
        lost.sort();
        let lost: Vec<_> = lost.iter().map(|(_, sort)| sort.as_str()).collect();
        assert_eq!(lost, expected, "{operation:?}");
    }
}

async fn rows(world: &World) -> [Vec<Row>; 2] {
    [world.scan().await, world.control_rows().await]
}

async fn add_to_every_row(world: &World) {
    let later = || ("later".to_owned(), AttributeValue::S("kept".to_owned()));
    let [tenants, control] = rows(world).await;
    for mut row in tenants {
        row.extend([later()]);
        world.put(row).await;
    }
    for mut row in control {
        row.extend([later()]);
        world.put_control(row).await;
    }
}

/// The keys of the rows that have what was added, and their layout.
async fn kept(world: &World) -> Vec<(String, String)> {
    let rows = rows(world).await.into_iter().flatten();
    let kept = rows.filter(|row| row.contains_key("later"));
    let layout = AttributeValue::N("1".to_owned());
    kept.map(|row| {
        assert_eq!(row.get("v"), Some(&layout), "{row:?}");
        let key = |name: &str| row[name].as_s().unwrap().clone();
        (key("pk"), key("sk"))
    })
    .collect()
}

/// What has to be there before the rows are added to.
struct Prepared {
    tenant: Tenant,
    held: [auth::ports::Lease; 2],
    begun: auth::ports::Begun,
    /// Listed, and not stored.
    open: BatchRow,
}

impl Prepared {
    async fn new(world: &World) -> Self {
        let take = async |name| world.table.take(name, NOW, at(30)).await.unwrap().unwrap();
        let open = batch_of(each::tenant().id, at(0), &["open-1", "open-2"]);
        assert_eq!(world.table.put_batch(&open).await.unwrap(), Write::Done);
        Self {
            open,
            tenant: world.find(each::tenant().id).await,
            held: [take("refresh#1").await, take("refresh#2").await],
            begun: world
                .control
                .begin(&Deed::default(), &each::actor(), at(1))
                .await
                .unwrap(),
        }
    }
}

async fn write(world: &World, operation: Operation, prepared: Prepared) {
    use Operation as O;
    match operation {
        O::Connect | O::Change | O::Remove => of_tenant(world, operation, &prepared.tenant).await,
        O::LookAgain | O::PutBack | O::Settle | O::SettleAndChange => {
            of_token(world, operation, &prepared.tenant).await;
        }
        O::UseOnce => assert!(world.table.use_once("state-2", at(600)).await.unwrap()),
        O::CreateInvite => {
            let key = InviteId::new([6; 24]).key();
            world
                .table
                .create_invite(&key, &each::invite())
                .await
                .unwrap();
        }
        O::KeepSignIn => {
            let key = ReceiptId::new([8; 24]).key();
            world
                .table
                .keep_sign_in(&key, &each::sign_in())
                .await
                .unwrap();
        }
        O::UseSignIn => {
            let (key, invite) = (each::receipt().key(), each::invite_id().key());
            let used = world.table.use_sign_in(&key, Some(&invite)).await;
            assert_eq!(used.unwrap(), Write::Done);
        }
        O::TakeLease => {
            let taken = world.table.take(each::SHARD, at(900), at(930)).await;
            assert!(taken.unwrap().is_some());
        }
        O::ReleaseLease => {
            let [one, other] = prepared.held;
            world.table.release(one).await.unwrap();
            world.table.release_at(other, each::KEPT).await.unwrap();
        }
        O::PutEventOff | O::EventDone => {
            let outbox = outbox(world);
            let event = waiting(&outbox).await.remove(0);
            match operation {
                O::EventDone => outbox.done(&event).await.unwrap(),
                _ => outbox.put_off(&event).await.unwrap(),
            }
        }
        O::PutRun => {
            let last = world.table.last_run().await.unwrap().unwrap();
            let write = world.table.put_last_run(&last, None).await;
            assert_eq!(write.unwrap(), Write::Done);
        }
        O::PutFeed | O::LookAtFeed | O::PutBatch | O::SplitBatch | O::FinishBatch => {
            of_ledger(world, operation, prepared.open).await;
        }
        O::ClaimFeed | O::PutTypes | O::TakeWindow | O::FinishWindow | O::TakeOver => {
            of_sessions(world, operation, prepared.open.tenant).await;
        }
        O::EraseBatches => {
            let open = prepared.open;
            let erased = world.table.erase_batches(open.tenant, open.content_type);
            assert!(erased.await.unwrap() > 0);
        }
        O::EraseFeed => {
            let feed = world.table.feed(prepared.open.tenant).await;
            let erased = world.table.erase_feed(&feed.unwrap().unwrap()).await;
            assert_eq!(erased.unwrap(), Write::Done);
        }
        _ => of_control(world, operation, prepared).await,
    }
}

async fn of_ledger(world: &World, operation: Operation, open: BatchRow) {
    let (table, tenant) = (&world.table, open.tenant);
    let write = match operation {
        Operation::PutFeed => {
            let feed = table.feed(tenant).await.unwrap().unwrap();
            table.put_feed(&feed).await
        }
        Operation::LookAtFeed => {
            let looked = table.look_again(tenant, at(5)).await;
            looked.map(|()| Write::Done)
        }
        Operation::PutBatch => table.put_batch(&batch_of(tenant, at(0), &["new"])).await,
        Operation::SplitBatch => {
            let parts = [&["open-1"], &["open-2"]].map(|part| batch_of(tenant, at(0), part));
            table.split_batch(&open, &parts).await
        }
        _ => table.finish_batch(&stored(open)).await,
    };
    assert_eq!(write.unwrap(), Write::Done);
}

async fn of_sessions(world: &World, operation: Operation, tenant: TenantId) {
    let table = &world.table;
    let feed = table.feed(tenant).await.unwrap().unwrap();
    let mut other = window_of(tenant);
    other.handed.until = at(1_800);
    let write = match operation {
        Operation::ClaimFeed => {
            let claimed = table.claim(&feed, at(60)).await;
            claimed.map(|version| version.map_or(Write::Stale, |_| Write::Done))
        }
        Operation::PutTypes => table.put_types(&feed).await,
        Operation::TakeWindow => table.take_window(&other).await,
        Operation::FinishWindow => {
            assert_eq!(table.take_window(&other).await.unwrap(), Write::Done);
            add_to_every_row(world).await;
            table.finish_window(&done(other)).await
        }
        _ => table.take_over(&feed, &[window_of(tenant)]).await,
    };
    assert_eq!(write.unwrap(), Write::Done);
}

async fn of_tenant(world: &World, operation: Operation, before: &Tenant) {
    let write = match operation {
        Operation::Connect => {
            let key = InviteId::new([7; 24]).key();
            let resources = [management(), graph()];
            world
                .table
                .create_invite(&key, &each::invite())
                .await
                .unwrap();
            add_to_every_row(world).await;
            let connecting = Connecting {
                before: Some(before),
                invite: Some(&key),
                ..Connecting::new(before, &resources, at(9))
            };
            world.table.connect(connecting).await
        }
        Operation::Change => {
            let moved = before.moved_to(&"Fabrikam".parse().unwrap()).unwrap();
            let moving = world.table.change(before, &moved).await.unwrap();
            assert_eq!(moving, Write::Done);
            let moved = world.find(before.id).await;
            let suspended = moved.suspended(at(9)).unwrap();
            world.table.change(&moved, &suspended).await
        }
        _ => {
            let removed = tenant_with(before.id, TenantStatus::Removed);
            world.table.remove(before, &removed).await
        }
    };
    assert_eq!(write.unwrap(), Write::Done);
}

async fn of_token(world: &World, operation: Operation, tenant: &Tenant) {
    let (id, tokens) = (tenant.id, &world.tokens);
    match operation {
        Operation::Settle => {
            let record = world.holding(id, &management(), "b").await;
            assert_eq!(tokens.settle(&record, FAILED).await.unwrap(), Write::Done);
        }
        Operation::SettleAndChange => {
            let record = world.read(id, &management()).await;
            let after = tenant_with(id, TenantStatus::Revoked);
            let write = tokens.settle_and_change(&record, FAILED, tenant, &after);
            assert_eq!(write.await.unwrap(), Write::Done);
        }
        _ => {
            tokens.look_again(id, &management(), NOW).await.unwrap();
            let record = world.read(id, &management()).await;
            let write = tokens.put_back(&record, Look::AtItsTurns, NOW).await;
            assert_eq!(write.unwrap(), Write::Done);
        }
    }
}

async fn of_control(world: &World, operation: Operation, prepared: Prepared) {
    use Operation as O;
    let (control, key) = (&world.control, each::caller_key());
    let text = || "// another\n".to_owned();
    match operation {
        O::PutPolicy => {
            let next = StoredPolicy::following(Some(&each::policy()), text(), at(9));
            assert_eq!(control.put(&next).await.unwrap(), Write::Done);
        }
        O::PutCandidate => {
            let next = CandidatePolicy::new(text(), at(9));
            control.put_candidate(&next).await.unwrap();
        }
        O::DropCandidate => {
            assert_eq!(control.drop_candidate(None).await.unwrap(), Write::Done);
        }
        O::PutIssuers => {
            let before = each::issuers();
            let next = auth::issuers::StoredIssuers::following(Some(&before), &[], at(9));
            assert_eq!(control.put_issuers(&next).await.unwrap(), Write::Done);
        }
        O::TouchKey => {
            let read = control.find_key(key.name()).await.unwrap().unwrap();
            assert_eq!(control.touch_key(&read, at(60)).await.unwrap(), Write::Done);
        }
        O::AddKey => {
            let other = "other".parse().unwrap();
            assert!(control.add_key(&other, &key.hash(), NOW).await.unwrap());
        }
        O::RemoveKey => assert!(control.remove_key(key.name()).await.unwrap()),
        O::BeginAction => drop(
            control
                .begin(&each::deed(), &each::actor(), at(5))
                .await
                .unwrap(),
        ),
        O::EndAction => {
            let ended = control.end(&prepared.begun, Outcome::Failed, at(5)).await;
            assert!(ended.unwrap());
        }
        other => panic!("{other:?} writes: it has to be tried here"),
    }
}
