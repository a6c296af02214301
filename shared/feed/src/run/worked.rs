//! What workers did for the messages of a batch: the line in the log, and the figures.

use auth::metric::Metric;
use auth::ports::Meter;

use crate::collect::Report;
use crate::figures::Figures;

/// What became of the messages of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Worked {
    /// Messages.
    pub messages: u32,
    /// Of these, those that asked for nothing that was to be done: of tenants that are not active,
    /// of what was listed since, of a window that is not out or that another worker has.
    pub dropped: u32,
    /// Those that are to come again, by their place among the messages, in order.
    pub failed: Vec<usize>,
    /// Requests to the Activity API.
    pub requests: u64,
    /// Windows that were listed to their end.
    pub windows: u64,
    /// Batches that were stored.
    pub batches: u64,
    /// Contents that were stored.
    pub stored: u64,
    /// Contents that are lost.
    pub lost: u64,
    /// Records that were stored.
    pub records: u64,
    /// Pieces that are no JSON.
    pub dead: u64,
    /// Bytes of the records, before they are compressed.
    pub bytes: u64,
    figures: Figures,
}

impl Worked {
    pub(super) fn of(messages: usize) -> Self {
        Self {
            messages: number(messages),
            ..Self::default()
        }
    }

    pub(super) fn drops(&mut self, messages: usize) {
        self.dropped += number(messages);
    }

    pub(super) fn fails(&mut self, messages: &[usize]) {
        self.failed.extend(messages);
        self.failed.sort_unstable();
    }

    pub(super) fn adds(&mut self, report: &Report) {
        self.requests += u64::from(report.requests);
        self.windows += u64::from(report.windows);
        self.batches += u64::from(report.batches);
        self.stored += report.stored;
        self.lost += report.lost;
        self.records += report.records;
        self.dead += report.dead;
        self.bytes += report.bytes;
        self.figures.add(report);
    }

    /// A batch that made no request is for those who look closer.
    pub(super) fn log(&self) {
        if self.requests == 0 && self.failed.is_empty() {
            let messages = self.messages;
            tracing::debug!(event = "feed_woken", messages, "nothing was to be done");
            return;
        }
        tracing::info!(
            event = "feed_woken",
            messages = self.messages,
            dropped = self.dropped,
            failed = self.failed.len(),
            requests = self.requests,
            windows = self.windows,
            batches = self.batches,
            stored = self.stored,
            lost = self.lost,
            records = self.records,
            dead = self.dead,
            bytes = self.bytes,
            "collector woken: {} messages, {} records stored",
            self.messages,
            self.records
        );
    }

    /// What workers stored has a figure of its own: that of a run also says that a run ended.
    pub(super) fn record(&self, meter: &dyn Meter) {
        meter.record(Metric::FeedWorkerStored, self.records);
        self.figures.record_losses(meter);
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
