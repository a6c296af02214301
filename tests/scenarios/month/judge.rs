//! What is in the store against what was offered, record by record and byte for byte: the
//! simulator's book is the oracle, and gzip the reader (DuckDB where `tests/run` has installed
//! it).

use std::collections::BTreeMap;

use auth::Timestamp;
use feed::ContentType;
use feed::ledger::{TenantFeed, Totals};
use tests::audit_book::{Offered, offered};
use tests::clock::START;
use tests::stored::{Stored, read_by_duckdb, read_by_gzip};

use super::history::{History, Sums};
use super::ledger::Ledger;
use super::plan::{DAY, Plan, REPEATED, SETTLE};

/// Missing records that are described; of the others the number is said.
const DESCRIBED: usize = 20;

/// Everything that the judgement needs.
pub struct Judge {
    plan: &'static Plan,
    /// By tenant: what was offered.
    book: Vec<(String, Vec<Offered>)>,
    /// By tenant: the seconds that no run listed in time.
    expired: Vec<Vec<(i64, i64)>>,
    stored: Stored,
    feeds: Vec<TenantFeed>,
    ledger: Ledger,
}

/// What is to be said of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It could be had: it has to be there.
    Due,
    /// No run can have had it, or it was offered when the last run for it was over.
    Either,
    /// No run listed its second in time: it is not there, and counted.
    Expired,
}

impl Judge {
    /// Reads book, store and ledger.
    pub async fn of(history: &History) -> Self {
        let run = &history.fleet.run;
        let ledger = Ledger::of(&history.fleet);
        let (mut book, mut feeds) = (Vec::new(), Vec::new());
        for tenant in &history.tenants {
            let records = offered(&run.broker, &tenant.to_string()).await;
            book.push((tenant.to_string(), records));
            feeds.push(ledger.feed(*tenant).await);
        }
        let directory = &run.machine.ready.objects_directory;
        let stored = read_by_gzip(directory);
        if cfg!(feature = "real-parts") {
            assert_eq!(
                read_by_duckdb(directory),
                stored,
                "DuckDB and gzip read the same"
            );
        }
        Self {
            plan: history.plan,
            book,
            expired: (0..history.plan.tenants)
                .map(|index| history.plan.expired(index))
                .collect(),
            stored,
            feeds,
            ledger,
        }
    }

    /// Every record that could be had is there, and none that nobody listed in time.
    pub async fn nothing_is_missing(&self) {
        let (mut missing, mut said) = (0, String::new());
        for (index, (tenant, records)) in self.book.iter().enumerate() {
            for (key, of_bytes) in by_bytes(records) {
                let verdicts = of_bytes.iter().map(|record| self.verdict(index, record));
                let verdicts: Vec<_> = verdicts.collect();
                let due = verdicts.iter().filter(|verdict| **verdict == Verdict::Due);
                let expired = verdicts
                    .iter()
                    .filter(|verdict| **verdict == Verdict::Expired);
                let (due, expired) = (due.count() as u64, expired.count() as u64);
                let found = self.found(tenant, key);
                let most = of_bytes.len() as u64 - expired;
                if (due..=most).contains(&found) {
                    continue;
                }
                missing += 1;
                if missing <= DESCRIBED {
                    said += &format!("{found} stored, {due} to {most} expected:\n");
                    for record in of_bytes {
                        said += &self.ledger.describe(&self.feeds[index], record).await;
                    }
                }
            }
        }
        assert_eq!(
            missing, 0,
            "records are missing, or there in spite of all:\n{said}"
        );
    }

    /// Nothing else, and nothing more often than it was offered.
    pub fn nothing_is_there_that_was_not_offered(&self) {
        let mut offered: BTreeMap<(&str, &str), BTreeMap<&str, u64>> = BTreeMap::new();
        for (tenant, records) in &self.book {
            for record in records {
                let key = (tenant.as_str(), record.content_type.as_str());
                *offered
                    .entry(key)
                    .or_default()
                    .entry(&record.sha256)
                    .or_default() += 1;
            }
        }
        for ((tenant, content_type), digests) in &self.stored {
            let of_type = offered.get(&(tenant.as_str(), content_type.as_str()));
            for (digest, found) in digests {
                let times = of_type
                    .and_then(|of_type| of_type.get(digest.as_str()).copied())
                    .unwrap_or(0);
                assert!(
                    *found <= times,
                    "{tenant} {content_type} {digest}: {found} of {times}"
                );
            }
        }
    }

    /// Listed = stored, nothing lost by content, records as they lie there, no cause left.
    pub async fn the_ledger_says_the_same(&self) {
        for (feed, (tenant, _)) in self.feeds.iter().zip(&self.book) {
            assert_eq!(feed.types.len(), self.plan.types.len(), "{tenant}");
            for one in &feed.types {
                let (name, totals) = (one.content_type.as_str(), one.totals);
                let lies = self.stored.get(&(tenant.clone(), name.to_owned()));
                let lies: u64 = lies.map_or(0, |digests| digests.values().sum());
                assert_eq!(totals.records, lies, "{tenant} {name} {totals:?}");
                let open = totals.listed - totals.stored;
                assert_eq!(
                    (open, totals.lost, totals.dead),
                    (0, 0, 0),
                    "{tenant} {name}"
                );
                assert_eq!(one.known.refusal, None, "{tenant} {name}");
            }
        }
    }

    /// What was to go wrong went wrong: the outage hid everything, content was withdrawn and not
    /// offered, tenants were held and came back.
    pub fn the_plan_was_played(&self, sums: &Sums) {
        let outage = self.plan.outage().filter(|time| !sums.blind.contains(time));
        assert_eq!(outage.count(), 0, "{:?}", sums.blind);
        let consents = self.of_class(2).count();
        assert_eq!((sums.held, sums.woken), (consents as u32, consents as u32));
        assert!(sums.customers > 0 && sums.microsofts > 0, "{sums:?}");
        for (index, (tenant, records)) in self.book.iter().enumerate() {
            let is_withdrawn = records.iter().any(withdrawn);
            let loses = [3, 4].iter().any(|class| Plan::is_of(index, *class));
            assert_eq!(is_withdrawn, loses, "{tenant}");
            let off = self.plan.without_auditing();
            let offered = records
                .iter()
                .filter(|one| off.contains(&since_start(one.available_at)));
            let is_off = Plan::is_of(index, 1);
            assert_eq!(
                offered.count() == 0,
                is_off || self.plan.is_idle(index),
                "{tenant}"
            );
        }
    }

    fn of_class(&self, class: usize) -> impl Iterator<Item = usize> {
        (0..self.plan.tenants).filter(move |index| Plan::is_of(*index, class))
    }

    /// What the ledger has counted of a type.
    pub fn totals(&self, index: usize, content_type: ContentType) -> Totals {
        let mut types = self.feeds[index].types.iter();
        types
            .find(|one| one.content_type == content_type)
            .unwrap()
            .totals
    }

    /// Records by their verdict, and the seconds that expired, in a line.
    pub fn figures(&self) -> String {
        let (mut due, mut either, mut expired) = (0, 0, 0);
        for (index, (_, records)) in self.book.iter().enumerate() {
            for record in records {
                match self.verdict(index, record) {
                    Verdict::Due => due += 1,
                    Verdict::Either => either += 1,
                    Verdict::Expired => expired += 1,
                }
            }
        }
        let lies: u64 = self.stored.values().flat_map(BTreeMap::values).sum();
        let totals = self.feeds.iter().flat_map(|feed| &feed.types);
        let seconds: u64 = totals.map(|one| one.totals.expired_seconds).sum();
        format!(
            "{lies} records lie in the store: {due} of {due} that could be had, and {} of {either} \
             that were withdrawn or offered at the very end; {expired} records expired in \
             {seconds} seconds, all of them counted",
            lies - due,
        )
    }

    fn found(&self, tenant: &str, (content_type, digest): (ContentType, &str)) -> u64 {
        let key = (tenant.to_owned(), content_type.as_str().to_owned());
        let digests = self.stored.get(&key);
        digests
            .and_then(|digests| digests.get(digest).copied())
            .unwrap_or(0)
    }

    fn verdict(&self, index: usize, record: &Offered) -> Verdict {
        let [created, available, until] =
            [record.created, record.available_at, record.until].map(since_start);
        let mut expired = self.expired[index].iter();
        if expired.any(|(from, to)| (*from..*to).contains(&created)) {
            return Verdict::Expired;
        }
        // By when a run has listed it that does what is promised.
        let promised = if available <= created + SETTLE {
            created + SETTLE + self.plan.step
        } else {
            available + REPEATED + self.plan.step
        };
        if available >= self.plan.end || (withdrawn(record) && until <= promised) {
            Verdict::Either
        } else {
            Verdict::Due
        }
    }
}

/// Whether a subscription that vanished took it along.
fn withdrawn(record: &Offered) -> bool {
    since_start(record.until) < since_start(record.created) + 6 * DAY
}

fn since_start(at: Timestamp) -> i64 {
    at.unix() - START
}

/// Records with the same bytes count together: nothing sets them apart.
fn by_bytes(records: &[Offered]) -> BTreeMap<(ContentType, &str), Vec<&Offered>> {
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for record in records {
        let key = (record.content_type, record.sha256.as_str());
        found.entry(key).or_default().push(record);
    }
    found
}
