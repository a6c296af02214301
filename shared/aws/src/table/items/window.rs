//! The item of a window that a worker does beside its tenant's turns (decision 0065): that it was
//! taken, and what became of it. A turn that counts it deletes it; one that no turn counts goes by
//! itself.

use std::time::Duration;

use auth::ports::StoreError;
use auth::{TenantId, Timestamp};
use aws_sdk_dynamodb::types::AttributeValue;
use feed::handed::{Handed, Listing, Outcome, WindowRow};
use feed::ledger::Totals;
use feed::spans::Spans;
use feed::{ContentType, Window};

use super::{batch, feed as of_feed};
use crate::table::attributes::{Reader, number_list, text, time};
use crate::table::change::{Change, Condition};
use crate::table::keys::{self, Item};

const OUTCOME: &str = "outcome";

const DATE: &str = "date";
const LISTED: &str = "listed";
const UNFINISHED: &str = "unfinished";

/// What the sort keys of windows begin with: no batch's does.
pub(crate) const PREFIX: &str = "window#";

/// DynamoDB deletes by the real clock and within days, so this decides nothing.
const KEPT_AFTER_CLAIM: Duration = Duration::from_secs(24 * 60 * 60);

/// One for each claim: a window that is handed out again is another item.
pub(crate) fn key(row: &WindowRow) -> Item {
    let Handed {
        content_type,
        window,
        until,
    } = row.handed;
    let [start, end, until] = [window.start(), window.end(), until].map(Timestamp::unix);
    keys::key(
        batch::partition(row.tenant, content_type),
        format!("{PREFIX}{start}-{end}#{until}"),
    )
}

/// That it was taken. `mark`: of this write.
pub(crate) fn taken(row: &WindowRow, mark: &str) -> Change {
    Change::default()
        .layout()
        .set(keys::MARK, text(mark))
        .set(keys::TTL, time(row.handed.until + KEPT_AFTER_CLAIM))
}

/// It was taken, and nothing became of it yet.
pub(crate) fn is_taken() -> Condition {
    Condition::Without(OUTCOME)
}

/// What became of it. `mark`: of this write.
pub(crate) fn finished(outcome: &Outcome, mark: &str) -> Change {
    let listing = outcome.listing.as_ref();
    let listed = listing.map(|listing| windows(&[listing.window]));
    let unfinished = listing.map(|listing| windows(listing.unfinished.windows()));
    let members = [
        (LISTED, listed),
        (DATE, listing.map(|listing| time(listing.at))),
        (UNFINISHED, unfinished),
        (keys::STORED_AT, outcome.stored_at.map(time)),
        (of_feed::TOTALS, of_feed::totals(&outcome.totals)),
    ];
    Change::default()
        .set(keys::MARK, text(mark))
        .set(OUTCOME, of_feed::map(members))
}

/// Starts and ends by turns.
fn windows(windows: &[Window]) -> AttributeValue {
    number_list(
        windows
            .iter()
            .flat_map(|window| [window.start().unix(), window.end().unix()]),
    )
}

pub(crate) fn read(item: &Item) -> Result<WindowRow, StoreError> {
    let reader = Reader::of(item)?;
    let pk = batch::parse_partition(reader.text(keys::PK)?);
    let (tenant, content_type) = pk.ok_or_else(|| reader.unreadable(keys::PK))?;
    let sort = parse_sort(reader.text(keys::SK)?);
    let (window, until) = sort.ok_or_else(|| reader.unreadable(keys::SK))?;
    let outcome = match reader.members(OUTCOME)? {
        None => None,
        Some(members) => {
            let outcome = outcome(&Reader::of_key(members));
            Some(outcome.ok_or_else(|| reader.unreadable(OUTCOME))?)
        }
    };
    Ok(row(tenant, (content_type, window, until), outcome))
}

fn row(
    tenant: TenantId,
    (content_type, window, until): (ContentType, Window, Timestamp),
    outcome: Option<Outcome>,
) -> WindowRow {
    let handed = Handed {
        content_type,
        window,
        until,
    };
    WindowRow {
        tenant,
        handed,
        outcome,
    }
}

fn parse_sort(sk: &str) -> Option<(Window, Timestamp)> {
    let (window, until) = sk.strip_prefix(PREFIX)?.split_once('#')?;
    let (start, end) = window.split_once('-')?;
    let [start, end, until] = [start, end, until].map(|text| text.parse().ok());
    let window = Window::new(Timestamp::from_unix(start?), Timestamp::from_unix(end?))?;
    Some((window, Timestamp::from_unix(until?)))
}

/// `None` where something of it cannot be read.
fn outcome(members: &Reader<'_>) -> Option<Outcome> {
    let listing = match members.optional_time(DATE).ok()? {
        None => None,
        Some(at) => {
            let listed: Spans = of_feed::spans(members.list(LISTED).ok()?)?;
            let [window] = listed.windows() else {
                return None;
            };
            Some(Listing {
                window: *window,
                at,
                unfinished: of_feed::spans(members.list(UNFINISHED).ok()?)?,
            })
        }
    };
    Some(Outcome {
        listing,
        totals: match members.members(of_feed::TOTALS).ok()? {
            Some(counts) => of_feed::read_totals(&Reader::of_key(counts)).ok()?,
            None => Totals::default(),
        },
        stored_at: members.optional_time(keys::STORED_AT).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sort_key_says_the_window_and_the_claim_or_nothing() {
        let at = Timestamp::from_unix;
        let rows = [
            ("window#3600-7200#9000", Some((3_600, 7_200, 9_000))),
            ("window#0-1#-1", Some((0, 1, -1))),
            ("window#7200-3600#9000", None),
            ("window#3600-7200", None),
            ("window#3600#9000", None),
            ("window#-5-7#9", None),
            ("window#a-b#c", None),
            ("window#", None),
            ("1431655200#abc", None),
            ("", None),
        ];
        for (sk, expected) in rows {
            let expected = expected
                .map(|(start, end, until)| (Window::new(at(start), at(end)).unwrap(), at(until)));
            assert_eq!(parse_sort(sk), expected, "{sk}");
        }
    }
}
