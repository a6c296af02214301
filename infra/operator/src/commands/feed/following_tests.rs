use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{HeldClock, Lease, Leases, Looked, StoreError, Write as Written};
use feed::due::Due;
use feed::ledger::{BatchRow, TenantFeed, Totals, TypeFeed};
use feed::pace::Pace;
use feed::ports::{DueFeeds, Ledger};
use feed::progress::Progress;
use feed::rhythm::Rhythm;
use feed::spans::Spans;
use feed::subscription::Known;

use super::*;

const NOW: i64 = 1_795_953_600;
const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";

fn at(before: i64) -> Timestamp {
    Timestamp::from_unix(NOW - before)
}

fn window(from: i64, to: i64) -> Window {
    Window::new(at(from), at(to)).unwrap()
}

/// A table with one tenant, and a collector that does an hour more whenever someone waits.
struct Table {
    feed: Mutex<TenantFeed>,
    works: bool,
}

impl Table {
    fn lists(&self) {
        let mut feed = self.feed.lock().unwrap();
        for progress in feed
            .types
            .iter_mut()
            .filter_map(|one| one.progress.as_mut())
        {
            let open = progress.unlisted(feed::pass::Pass::First).gaps.clone();
            if let Some(gap) = open.windows().last().filter(|_| self.works) {
                progress.listed(gap.newest(3_600), at(0), &Spans::default());
            }
        }
    }
}

#[async_trait]
impl Pause for Table {
    async fn pause(&self, duration: Duration) {
        assert_eq!(duration, EVERY);
        self.lists();
    }
}

#[async_trait]
impl Ledger for Table {
    async fn feed(&self, _: TenantId) -> Result<Option<TenantFeed>, StoreError> {
        Ok(Some(self.feed.lock().unwrap().clone()))
    }

    async fn put_feed(&self, _: &TenantFeed) -> Result<Written, StoreError> {
        unreachable!("who looks writes nothing")
    }

    async fn batches(
        &self,
        _: TenantId,
        _: ContentType,
        _: Window,
    ) -> Result<Vec<BatchRow>, StoreError> {
        // What is open is counted by them; here nothing is listed and not stored.
        Ok(Vec::new())
    }

    async fn put_batch(&self, _: &BatchRow) -> Result<Written, StoreError> {
        unreachable!("who looks writes nothing")
    }

    async fn split_batch(&self, _: &BatchRow, _: &[BatchRow]) -> Result<Written, StoreError> {
        unreachable!("who looks writes nothing")
    }

    async fn finish_batch(&self, _: &BatchRow) -> Result<Written, StoreError> {
        unreachable!("who looks writes nothing")
    }
}

#[async_trait]
impl DueFeeds for Table {
    fn shards(&self) -> u32 {
        8
    }

    async fn rows(&self, _: u32) -> Result<Vec<(TenantId, Due)>, StoreError> {
        unreachable!("it is one tenant's")
    }

    async fn look_again(&self, _: TenantId, _: Timestamp) -> Result<(), StoreError> {
        unreachable!("who looks writes nothing")
    }
}

#[async_trait]
impl Leases for Table {
    async fn take(&self, _: &str, _: Timestamp, _: Timestamp) -> Result<Option<Lease>, StoreError> {
        unreachable!("who looks takes nothing")
    }

    async fn release(&self, _: Lease) -> Result<(), StoreError> {
        unreachable!("who looks takes nothing")
    }

    async fn release_at(&self, _: Lease, _: Looked) -> Result<(), StoreError> {
        unreachable!("who looks takes nothing")
    }

    async fn looked(&self, _: &str) -> Result<Option<Looked>, StoreError> {
        Ok(None)
    }
}

/// Listed up to now, but for three hours.
fn type_feed(content_type: ContentType, refusal: Option<Refusal>) -> TypeFeed {
    let mut progress = Progress::beginning(at(86_400), 300);
    progress.listed(window(86_400, 0), at(0), &Spans::default());
    progress.reopen(window(4 * 3_600, 3_600), at(0));
    TypeFeed {
        content_type,
        known: Known {
            refusal,
            started_at: None,
            webhook: Default::default(),
        },
        progress: Some(progress),
        totals: Totals::default(),
        stored_at: None,
        rhythm: Rhythm::default(),
        listed_at: None,
    }
}

fn table(types: Vec<TypeFeed>, works: bool) -> Arc<Table> {
    let feed = TenantFeed {
        due: Due::InTurn(Pace::FASTEST),
        types,
        ..TenantFeed::beginning(TENANT.parse().unwrap(), at(0))
    };
    Arc::new(Table {
        feed: Mutex::new(feed),
        works,
    })
}

/// What the following ended with, and what it wrote to standard error.
async fn follow(
    table: &Arc<Table>,
    shown: bool,
    interrupted: impl Future<Output = ()>,
) -> (anyhow::Result<End>, String) {
    let feeds = Feeds {
        ledger: table.clone(),
        due: table.clone(),
        leases: table.clone(),
        clock: Arc::new(HeldClock::at(NOW)),
        interval: Duration::from_secs(300),
        settle: 300,
    };
    let following = Following {
        feeds: &feeds,
        pause: table.as_ref(),
        tenant: TENANT.parse().unwrap(),
        window: window(4 * 3_600, 3_600),
    };
    let mut err = Vec::new();
    let mut console = Console {
        out: &mut Vec::new(),
        err: &mut err,
        person: None,
        piped: &mut std::io::empty(),
        progress: false,
        width: None,
        unseen: &mut || Ok(String::new()),
    };
    let end = following.run(&mut console, shown, interrupted).await;
    (end, String::from_utf8(err).unwrap())
}

#[tokio::test]
async fn a_line_for_each_change_until_it_is_done() {
    let table = table(vec![type_feed(ContentType::Exchange, None)], true);
    let (end, err) = follow(&table, true, std::future::pending()).await;
    assert_eq!(end.unwrap(), End::Done);
    let expected = ["0s", "1h", "2h", "3h"].map(|done| format!("{done} of 3h of log are listed\n"));
    assert_eq!(err, expected.concat());
}

#[tokio::test]
async fn a_script_sees_no_lines() {
    let table = table(vec![type_feed(ContentType::Exchange, None)], true);
    let (end, err) = follow(&table, false, std::future::pending()).await;
    assert_eq!((end.unwrap(), err.as_str()), (End::Done, ""));
}

#[tokio::test]
async fn an_interruption_ends_the_showing_and_changes_nothing() {
    let table = table(vec![type_feed(ContentType::Exchange, None)], false);
    let before = format!("{:?}", table.feed.lock().unwrap());
    let (end, _) = follow(&table, true, async {}).await;
    assert_eq!(end.unwrap(), End::Interrupted);
    assert_eq!(format!("{:?}", table.feed.lock().unwrap()), before);
}

#[tokio::test]
async fn what_waits_for_somebody_ends_with_what_to_do() {
    use ContentType::{Exchange, General};
    let rows = [
        (Some(Refusal::AuditingOff), "Purview"),
        (Some(Refusal::RoleMissing), "consent link"),
        (Some(Refusal::NoToken), "tenants show"),
        (Some(Refusal::TenantGone), "deleted directory"),
        (Some(Refusal::RequestRefused), "settings of the feed"),
        (Some(Refusal::Paused), "feed resume"),
    ];
    for (refusal, expected) in rows {
        let table = table(vec![type_feed(Exchange, refusal)], false);
        let (end, _) = follow(&table, true, std::future::pending()).await;
        let text = end.unwrap_err().to_string();
        assert!(text.contains(expected), "{refusal:?}: {text}");
    }
    let table = table(vec![type_feed(Exchange, None)], false);
    table.feed.lock().unwrap().is_paused = true;
    let (end, _) = follow(&table, true, std::future::pending()).await;
    assert!(end.unwrap_err().to_string().contains("feed resume"));
    // What passes by itself, or holds up one type of two, ends nothing.
    let passing = [
        Refusal::Throttled,
        Refusal::Unavailable,
        Refusal::SubscriptionDisabled,
    ];
    for refusal in passing {
        let table = self::table(vec![type_feed(Exchange, Some(refusal))], true);
        let (end, _) = follow(&table, true, std::future::pending()).await;
        assert_eq!(end.unwrap(), End::Done, "{refusal:?}");
    }
    let both = vec![
        type_feed(Exchange, Some(Refusal::AuditingOff)),
        type_feed(General, None),
    ];
    let table = self::table(both, true);
    let (end, _) = follow(&table, true, std::future::pending()).await;
    assert_eq!(end.unwrap(), End::Done);
}

#[test]
fn the_template_is_one_and_no_bar_is_shown_unless_wanted() {
    assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    assert!(Shown::new(true, false).bar.is_hidden());
    assert!(Shown::new(false, true).bar.is_hidden());
}
