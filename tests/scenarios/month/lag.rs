//! How long it took from when a content was offered until it was stored.

use std::collections::BTreeMap;
use std::fmt;

use feed::Window;
use feed::content::ContentKey;
use feed::ledger::BatchState;
use tests::audit_book::offered;
use tests::clock::START;

use super::history::History;
use super::ledger::Ledger;
use super::plan::SETTLE;

/// Seconds, of each content, in order.
pub struct Lag(Vec<u64>);

impl Lag {
    /// Of the contents that were offered before the plan's end.
    pub async fn of(history: &History) -> Self {
        let ledger = Ledger::of(&history.fleet);
        let mut all = Vec::new();
        for tenant in &history.tenants {
            let records = offered(&history.fleet.run.broker, &tenant.to_string()).await;
            let mut contents = BTreeMap::new();
            for record in &records {
                contents.insert(record.content_id.as_str(), record);
            }
            // Afterwards runs are hours apart, and no notification comes.
            let end = START + history.plan.end;
            contents.retain(|_, record| record.available_at.unix() < end);
            for (id, record) in contents {
                let (key, hour) = (ContentKey::of(id), Window::hour_of(record.created));
                let rows = ledger.batches(*tenant, record.content_type, hour).await;
                let row = rows.iter().find(|row| row.contents.contains(&key));
                if let Some(BatchState::Stored(stored)) = row.map(|row| &row.state) {
                    all.push(record.available_at.seconds_until(stored.at));
                }
            }
        }
        assert!(all.len() > 30, "{}", all.len());
        all.sort_unstable();
        Self(all)
    }

    /// How many of a hundred were stored before they had settled: no run lists them so soon.
    pub fn before_they_settled(&self) -> usize {
        let soon = self.0.partition_point(|lag| *lag < SETTLE.unsigned_abs());
        soon * 100 / self.0.len()
    }

    fn median(&self) -> u64 {
        self.0[self.0.len() / 2]
    }

    fn ninety_ninth(&self) -> u64 {
        self.0[self.0.len() * 99 / 100]
    }
}

impl fmt::Display for Lag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contents = self.0.len();
        let (median, ninety_ninth) = (self.median(), self.ninety_ninth());
        let soon = self.before_they_settled();
        write!(
            f,
            "lag of {contents} contents: median {median} s, 99 % within {ninety_ninth} s, {soon} % \
             before they had settled"
        )
    }
}
