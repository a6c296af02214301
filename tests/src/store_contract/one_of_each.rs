//! One row of each kind, written through the ports with everything that it can hold.

use auth::caller::{CallerKey, IssuerEntry, entries_from_json};
use auth::invite::{Invite, InviteId};
use auth::issuers::StoredIssuers;
use auth::operator_action::{Actor, Deed, Outcome};
use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::ports::{
    CallerKeyBook as _, CallerKeys as _, Connecting, Invites as _, IssuerStore as _, Leases as _,
    Looked, Noted, OperatorLog as _, Outbox as _, PolicyStore as _, Runs as _, Settlement,
    SignIns as _, SingleUse as _, Tenants as _, TokenStore as _, WaitingEvent, Write,
};
use auth::sign_in::{AdminRole, ReceiptId, SignIn};
use auth::turns::Look;
use auth::{Cause, CauseCode, Cloud, Tenant, TenantStatus};
use aws::{OutboxOf, TableOutbox};
use feed::ledger::TenantFeed;
use feed::ports::{Ledger as _, SharedLedger as _};

use super::ledger_rows::{batch_of, done, feed_of, loss, stored, window_of};
use super::outbox::waiting;
use super::world::{CLIENT, NOW, World, at, graph, management, token};
use crate::sample_token::{Sample, Version};

pub(super) const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
pub(super) const STATE: &str = "state-1";
pub(super) const SHARD: &str = "refresh#0";
pub(super) const KEPT: Looked = Looked {
    until: at(300),
    cycle: 1_979,
    noted: Vec::new(),
};

pub(super) const FEED_SHARD: &str = "feed#0";

/// What the lease of a feed's shard keeps.
pub(super) fn noted() -> Looked {
    let noted = Noted {
        until: at(300),
        time: at(-20),
    };
    Looked {
        noted: vec![noted],
        ..KEPT
    }
}

pub(super) fn tenant() -> Tenant {
    Tenant {
        customer: "Contoso, Inc. ✓".parse().unwrap(),
        cause: Some(Cause::with_aadsts(CauseCode::ResourceMissing, 500_011).among(&[7, 500_011])),
        cause_resource: Some(management()),
        since: at(1),
        consented_at: Some(at(-5)),
        roles: vec!["ActivityFeed.Read".into()],
        tags: [("tier".into(), "gold".into())].into(),
        status: TenantStatus::Degraded,
        ..Tenant::connected(TENANT.parse().unwrap(), NOW)
    }
}

pub(super) fn failure() -> Cause {
    Cause::with_aadsts(CauseCode::NotConsented, 65_001).among(&[7, 65_001])
}

pub(super) fn invite_id() -> InviteId {
    InviteId::new([5; 24])
}

pub(super) fn invite() -> Invite {
    Invite {
        customer: tenant().customer,
        tenant: Some(tenant().id),
        vouched: true,
        cloud: Some(Cloud::Gcc),
        created_at: NOW,
        expires_at: at(3_600),
        return_url: Some("https://portal.example/done?x=1".parse().unwrap()),
        used_by: None,
    }
}

pub(super) fn receipt() -> ReceiptId {
    ReceiptId::new([9; 24])
}

pub(super) fn sign_in() -> SignIn {
    SignIn {
        tenant: tenant().id,
        person: Some("1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357".parse().unwrap()),
        role: AdminRole::Held,
        delegated: true,
        home: Some(Cloud::Gcc),
        expires_at: at(1_260),
    }
}

/// The one before [`policy`].
pub(super) fn replaced_policy() -> StoredPolicy {
    StoredPolicy::following(None, "// nobody could\n".to_owned(), at(-9))
}

pub(super) fn policy() -> StoredPolicy {
    StoredPolicy::following(Some(&replaced_policy()), "// nobody may\n".to_owned(), NOW)
}

pub(super) fn candidate() -> CandidatePolicy {
    CandidatePolicy::new("// somebody may\n".to_owned(), at(7))
}

pub(super) fn caller_key() -> CallerKey {
    CallerKey::new("collector".parse().unwrap(), [7; 32])
}

fn entries() -> Vec<IssuerEntry> {
    entries_from_json(r#"[{"issuer":"https://one.example","audience":"broker"}]"#).unwrap()
}

pub(super) fn issuers() -> StoredIssuers {
    StoredIssuers::following(None, &entries(), NOW)
}

pub(super) fn deed() -> Deed {
    Deed {
        command: "token",
        tenant: Some(tenant().id),
        customer: Some(tenant().customer),
        name: Some("collector".to_owned()),
        options: vec!["raw"],
    }
}

pub(super) fn actor() -> Actor {
    Actor("arn:aws:sts::123456789012:assumed-role/Admin/ada".to_owned())
}

/// The name of the lease of a miss.
pub(super) fn miss() -> String {
    format!("vend#{TENANT}#{}", management())
}

/// Writes them all.
pub(super) async fn write(world: &World) {
    write_tenant(world).await;
    let table = &world.table;
    assert!(table.use_once(STATE, at(600)).await.unwrap());
    let miss = table.take(&miss(), NOW, at(30)).await.unwrap();
    assert!(miss.is_some());
    let shard = table.take(SHARD, NOW, at(240)).await.unwrap().unwrap();
    table.release_at(shard, KEPT).await.unwrap();
    let last_run = table.put_last_run(&super::runs::run(), None).await;
    assert_eq!(last_run.unwrap(), Write::Done);
    let shard = table.take(FEED_SHARD, NOW, at(240)).await.unwrap().unwrap();
    table.release_at(shard, noted()).await.unwrap();
    let key = receipt().key();
    table.keep_sign_in(&key, &sign_in()).await.unwrap();
    let used = table.use_sign_in(&key, Some(&invite_id().key())).await;
    assert_eq!(used.unwrap(), Write::Done);
    write_ledger(world).await;
    try_events(world, OutboxOf::Tenants).await;
    try_events(world, OutboxOf::Feeds).await;
    write_control(world).await;
}

/// With a token for one resource and a failure for the other; it used an invite up.
async fn write_tenant(world: &World) {
    let (tenant, resources) = (tenant(), [management(), graph()]);
    let key = invite_id().key();
    world.table.create_invite(&key, &invite()).await.unwrap();
    let connecting = Connecting {
        invite: Some(&key),
        ..Connecting::new(&tenant, &resources, NOW)
    };
    let write = world.table.connect(connecting).await.unwrap();
    assert_eq!(write, Write::Done);
    let sample = Sample {
        tenant: tenant.id,
        client: CLIENT.parse().unwrap(),
        resource: &management(),
        roles: &["ActivityFeed.Read"],
    };
    let token = token(&sample.text(Version::V1));
    let renewed = Settlement::Token {
        token: &token,
        refresh_at: at(1_979),
        look: Look::AtItsTurns,
    };
    let failed = Settlement::Failure {
        next_attempt_at: at(60),
        refresh_at: at(60),
        failures: 3,
        cause: &failure(),
        suspected_at: Some(at(-7)),
        drop_token: false,
    };
    for (resource, settlement) in [(management(), renewed), (graph(), failed)] {
        let record = world.read(tenant.id, &resource).await;
        let write = world.tokens.settle(&record, settlement).await.unwrap();
        assert_eq!(write, Write::Done);
    }
}

/// The event of a part, which one destination has.
async fn try_events(world: &World, of: OutboxOf) {
    let outbox = TableOutbox::new(world.table.clone(), of);
    let lease = world.table.take(&outbox.lease(7), NOW, at(15)).await;
    assert!(lease.unwrap().is_some());
    for event in waiting(&outbox).await {
        outbox.put_off(&tried(event)).await.unwrap();
    }
}

/// As it is after a try.
pub(super) fn tried(event: WaitingEvent) -> WaitingEvent {
    WaitingEvent {
        taken_by: ["bus".to_owned()].into(),
        attempts: 2,
        next_attempt_at: Some(at(120)),
        ..event
    }
}

/// The audit log of the tenant, held back, with a batch that is stored.
async fn write_ledger(world: &World) {
    let (table, id) = (&world.table, tenant().id);
    let feed = TenantFeed {
        events: vec![loss(id)],
        ..feed_of(id)
    };
    assert_eq!(table.put_feed(&feed).await.unwrap(), Write::Done);
    let batch = batch_of(id, at(0), &["one", "two"]);
    assert_eq!(table.put_batch(&batch).await.unwrap(), Write::Done);
    let write = table.finish_batch(&stored(batch)).await.unwrap();
    assert_eq!(write, Write::Done);
    let window = window_of(id);
    assert_eq!(table.take_window(&window).await.unwrap(), Write::Done);
    let write = table.finish_window(&done(window)).await.unwrap();
    assert_eq!(write, Write::Done);
}

async fn write_control(world: &World) {
    let control = &world.control;
    for policy in [replaced_policy(), policy()] {
        assert_eq!(control.put(&policy).await.unwrap(), Write::Done);
    }
    control.put_candidate(&candidate()).await.unwrap();
    assert_eq!(control.put_issuers(&issuers()).await.unwrap(), Write::Done);
    let key = caller_key();
    assert!(control.add_key(key.name(), &key.hash(), NOW).await.unwrap());
    let stored = control.find_key(key.name()).await.unwrap().unwrap();
    assert_eq!(
        control.touch_key(&stored, at(9)).await.unwrap(),
        Write::Done
    );
    let begun = control.begin(&deed(), &actor(), NOW).await.unwrap();
    assert!(control.end(&begun, Outcome::Done, at(3)).await.unwrap());
}
