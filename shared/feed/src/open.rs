//! What is open of a type: contents that were listed, and neither stored nor lost. The rows of the
//! batches say it. Totals do not: each is raised after the write that it counts, so that a run
//! which dies between two writes leaves them behind.

use std::time::Duration;

use auth::ports::StoreError;
use auth::{TenantId, Timestamp};

use crate::ledger::{BatchState, TypeFeed};
use crate::pass::Pass;
use crate::ports::Ledger;
use crate::progress::REACH;
use crate::spans::Spans;
use crate::window::Window;

/// So far beyond a mark a batch can lie that some run has listed: what is older has expired.
const BEYOND: Duration = Duration::from_secs(REACH.unsigned_abs());

/// How many contents are open, by one query for each stretch of hours that can hold such a batch.
pub(crate) async fn contents(
    ledger: &dyn Ledger,
    tenant: TenantId,
    one: &TypeFeed,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut open = 0;
    for window in hours(one, now).windows() {
        let rows = ledger.batches(tenant, one.content_type, *window).await?;
        let listed = rows.iter().filter(|row| row.state == BatchState::Listed);
        let counts = listed.map(|row| row.contents.len() as u64);
        open += counts.sum::<u64>();
    }
    Ok(open)
}

/// The hours that can hold one: those of the gaps, because what is open is a gap, and all from the
/// mark on, which no turn has ended yet. Contents follow Microsoft's clock, and ours may be behind.
fn hours(one: &TypeFeed, now: Timestamp) -> Spans {
    let Some(progress) = &one.progress else {
        return Spans::default();
    };
    let first = progress.unlisted(Pass::First);
    let latest = now.max(first.mark + BEYOND);
    let unended = Window::hour_of(first.mark).around(Window::hour_of(latest));
    let gaps = first.gaps.windows().iter().copied();
    let whole = |window: Window| {
        let last = Timestamp::from_unix(window.end().unix() - 1);
        Window::hour_of(window.start()).around(Window::hour_of(last))
    };
    gaps.map(whole).chain([unended]).collect()
}

/// Whether totals have to be compared with the rows: something is open, or they do not add up.
pub(crate) fn is_in_question(one: &TypeFeed) -> bool {
    has_gaps(one) || one.totals.listed != one.totals.stored + one.totals.lost
}

/// Whether something is open for sure to be looked at by a later turn, or was never listed.
pub(crate) fn has_gaps(one: &TypeFeed) -> bool {
    let progress = one.progress.as_ref();
    progress.is_some_and(|progress| !progress.unlisted(Pass::First).gaps.is_empty())
}
