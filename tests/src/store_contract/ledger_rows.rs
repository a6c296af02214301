//! Rows of the audit log for the scenarios: with everything that they can hold.

use auth::event::{Event, EventKind};
use auth::ports::Write;
use auth::{TenantId, Timestamp};
use feed::batch::BatchName;
use feed::content::ContentKey;
use feed::due::Due;
use feed::handed::{Handed, Listing, Outcome, WindowRow};
use feed::ledger::{BatchRow, BatchState, StoredBatch, StoredObject, TenantFeed, Totals, TypeFeed};
use feed::object_key::Format;
use feed::pace::Pace;
use feed::ports::Ledger as _;
use feed::progress::{Progress, Unlisted};
use feed::refusal::Refusal;
use feed::rhythm::Rhythm;
use feed::subscription::Known;
use feed::webhook::{KnownWebhook, WebhookState};
use feed::{ContentType, Window};

use super::world::{World, at};

pub(super) const TYPE: ContentType = ContentType::Exchange;

fn window(start: i64, end: i64) -> Window {
    Window::new(at(start), at(end)).unwrap()
}

/// The feed of a tenant with everything that it can hold.
pub(super) fn feed_of(tenant: TenantId) -> TenantFeed {
    TenantFeed {
        tenant,
        is_paused: true,
        leaves: Some(at(-2)),
        due: Due::InTurn(Pace::FASTEST),
        types: ContentType::ALL.into_iter().map(type_feed).collect(),
        handed: vec![window_of(tenant).handed],
        busy_until: Some(at(270)),
        version: None,
        events: Vec::new(),
    }
}

/// An event that can go with it.
pub(super) fn loss(tenant: TenantId) -> Event {
    Event {
        id: "loss-1".to_owned(),
        kind: EventKind::FeedLoss,
        time: at(2),
        tenant: Some(tenant),
        customer: None,
        cause: None,
        feed: None,
    }
}

/// Of one type with everything, and of the others with what a new one has.
pub(super) fn type_feed(content_type: ContentType) -> TypeFeed {
    let pass = |mark, gaps: &[Window]| Unlisted {
        mark: at(mark),
        gaps: gaps.iter().copied().collect(),
    };
    let gaps = [window(-60, -30), window(0, 300)];
    let passes = [
        pass(9, &gaps),
        pass(8, &[]),
        pass(7, &gaps[..1]),
        pass(-6, &[]),
    ];
    let new = TypeFeed {
        content_type,
        known: Known::default(),
        progress: None,
        totals: Totals::default(),
        stored_at: None,
        rhythm: Rhythm::default(),
        listed_at: None,
    };
    if content_type != TYPE {
        return new;
    }
    TypeFeed {
        known: Known {
            started_at: Some(at(-90)),
            refusal: Some(Refusal::Throttled),
            webhook: KnownWebhook::tried(WebhookState::NotValidated, at(-80)),
        },
        progress: Some(Progress::stored(at(-100), 0, passes)),
        totals: Totals {
            listed: 1,
            stored: 2,
            lost: 3,
            records: 4,
            repeated: 5,
            without_id: 6,
            dead: 7,
            bytes: u64::MAX,
            expired_seconds: 9,
            unrepeated_seconds: 10,
        },
        stored_at: Some(at(-1)),
        rhythm: Rhythm::stored(7_200),
        listed_at: Some(at(-3)),
        ..new
    }
}

/// A window that a worker has taken.
pub(super) fn window_of(tenant: TenantId) -> WindowRow {
    let handed = Handed {
        content_type: TYPE,
        window: window(-7_194, -3_594),
        until: at(900),
    };
    let outcome = None;
    WindowRow {
        tenant,
        handed,
        outcome,
    }
}

/// The same, done, with everything that its row can hold.
pub(super) fn done(row: WindowRow) -> WindowRow {
    let outcome = Outcome {
        listing: Some(Listing {
            window: window(-7_000, -3_594),
            at: at(-4),
            unfinished: [window(-7_000, -6_000), window(-5_000, -4_000)]
                .into_iter()
                .collect(),
        }),
        totals: type_feed(TYPE).totals,
        stored_at: Some(at(-5)),
    };
    WindowRow {
        outcome: Some(outcome),
        ..row
    }
}

/// A batch that is listed, of the hour of `created`.
pub(super) fn batch_of(tenant: TenantId, created: Timestamp, ids: &[&str]) -> BatchRow {
    let hour = Window::hour_of(created);
    let contents: Vec<_> = ids.iter().map(|id| ContentKey::of(id)).collect();
    BatchRow {
        tenant,
        content_type: TYPE,
        hour,
        name: BatchName::of(hour.start(), &contents),
        contents,
        format: Format::Gzip,
        state: BatchState::Listed,
    }
}

/// The same, stored, with everything that it can hold.
pub(super) fn stored(batch: BatchRow) -> BatchRow {
    let object = |name: &str| StoredObject {
        key: format!("tenant={}/{name}.gz", batch.tenant),
        size: 1 << 40,
        sha256: [7; 32],
    };
    let stored = StoredBatch {
        at: at(5),
        records: Some(object("json")),
        dead: Some(object("dead")),
        record_count: 1,
        repeated: 2,
        without_id: 3,
        dead_count: 4,
        lost: 5,
        bytes: 6,
    };
    BatchRow {
        state: BatchState::Stored(stored),
        ..batch
    }
}

pub(super) async fn put(world: &World, batch: &BatchRow) {
    assert_eq!(world.table.put_batch(batch).await.unwrap(), Write::Done);
}

pub(super) async fn found(world: &World, tenant: TenantId, within: Window) -> Vec<BatchRow> {
    world.table.batches(tenant, TYPE, within).await.unwrap()
}
