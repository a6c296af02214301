//! The item of a tenant's audit log: how far its listings came and how its subscriptions are, for
//! each content type in an attribute of its own (decision 0060).
//!
//! Its place in the due index is written with it ([`Due::number`]), and stays where it is while the
//! tenant is looked at in its turns: an index whose key stays costs nothing.

use std::collections::HashMap;

use auth::ports::StoreError;
use auth::version::Version;
use auth::{TenantId, Timestamp};
use aws_sdk_dynamodb::types::AttributeValue;
use feed::due::Due;
use feed::handed::Handed;
use feed::ledger::{TenantFeed, Totals, TypeFeed};
use feed::pass::Pass;
use feed::progress::{Progress, Unlisted};
use feed::refusal::Refusal;
use feed::rhythm::Rhythm;
use feed::spans::Spans;
use feed::subscription::Known;
use feed::webhook::{KnownWebhook, WebhookState};
use feed::{ContentType, Window};

use crate::table::attributes::{Reader, as_numbers, number, number_list, text, time};
use crate::table::change::Change;
use crate::table::keys::{self, Item};

const PAUSED: &str = "paused";

const AZURE_ACTIVE_DIRECTORY: &str = "azure_active_directory";
const EXCHANGE: &str = "exchange";
const SHAREPOINT: &str = "sharepoint";
const GENERAL: &str = "general";
const DLP: &str = "dlp";

const BUSY_UNTIL: &str = "busy_until";
const GAPS: &str = "gaps";
const HANDED: &str = "handed";
const LEAVES: &str = "leaves";
const LISTED_AT: &str = "listed_at";
const LONGEST_PAUSE: &str = "longest_pause";
const MARKS: &str = "marks";
const REFUSAL: &str = "refusal";
const STARTED_AT: &str = "started_at";
pub(super) const TOTALS: &str = "totals";
const WEBHOOKS: &str = "webhooks";

const STATE: &str = "state";
const TRIED_AT: &str = "tried_at";

const EXPIRED_SECONDS: &str = "expired_seconds";
const LISTED: &str = "listed";
const STORED: &str = "stored";
const UNREPEATED_SECONDS: &str = "unrepeated_seconds";

const SORT: &str = "FEED";

/// The most gaps that are kept of a pass, so that a row stays far below the 400 KB that DynamoDB
/// allows: 256 windows of 14 bytes for each of four passes and five types are 72 KB. Of more, those
/// that are closest become one: what lies between is listed once more, and nothing is lost.
const MOST_GAPS: usize = 256;

pub(crate) fn key(tenant: TenantId) -> Item {
    keys::key(keys::partition(tenant), SORT)
}

/// The attribute of a content type.
fn name(content_type: ContentType) -> &'static str {
    match content_type {
        ContentType::AzureActiveDirectory => AZURE_ACTIVE_DIRECTORY,
        ContentType::Exchange => EXCHANGE,
        ContentType::SharePoint => SHAREPOINT,
        ContentType::General => GENERAL,
        ContentType::Dlp => DLP,
    }
}

/// All that is known, under a new version.
pub(crate) fn write(feed: &TenantFeed, version: &Version) -> Change {
    write_types(feed, version)
        .layout()
        .first(keys::DUE_SHARD, text(keys::feed_shard(feed.tenant)))
        .set(keys::TURN, number(feed.due.number(feed.tenant)))
        .put(HANDED, handed(&feed.handed))
        .put(LEAVES, feed.leaves.map(time))
        .put(PAUSED, feed.is_paused.then(|| text(true)))
        .put(WEBHOOKS, webhooks(&feed.types))
}

/// What it says of its types, and nothing of its place in the index.
pub(crate) fn write_types(feed: &TenantFeed, version: &Version) -> Change {
    let change = Change::default()
        .put(BUSY_UNTIL, feed.busy_until.map(time))
        .put(LISTED_AT, listed_at(&feed.types))
        .set(keys::VERSION, text(&version.0));
    let types = feed.types.iter();
    types.fold(change, |change, one| {
        change.set(name(one.content_type), of_type(one))
    })
}

/// One session stores for the tenant until then.
pub(crate) fn claimed(until: Timestamp, version: &Version) -> Change {
    Change::default()
        .set(BUSY_UNTIL, time(until))
        .set(keys::VERSION, text(&version.0))
}

/// For each type, the windows that are out: start, end and the end of the claim, by turns.
fn handed(all: &[Handed]) -> Option<AttributeValue> {
    let of_type = |content_type| {
        let of = all
            .iter()
            .filter(move |one| one.content_type == content_type);
        let times = of.flat_map(|one| [one.window.start(), one.window.end(), one.until]);
        let times: Vec<_> = times.map(Timestamp::unix).collect();
        (!times.is_empty()).then(|| number_list(times))
    };
    let members = ContentType::ALL.map(|one| (name(one), of_type(one)));
    (!all.is_empty()).then(|| map(members))
}

/// For each type, up to when it was listed; nothing where none was.
fn listed_at(types: &[TypeFeed]) -> Option<AttributeValue> {
    let of_type = |content_type| {
        let mut types = types.iter();
        let one = types.find(|one| one.content_type == content_type);
        one.and_then(|one| one.listed_at).map(time)
    };
    let is_any = types.iter().any(|one| one.listed_at.is_some());
    is_any.then(|| map(ContentType::ALL.map(|one| (name(one), of_type(one)))))
}

fn of_type(one: &TypeFeed) -> AttributeValue {
    let progress = one.progress.as_ref();
    let passes = progress.map(|progress| Pass::ALL.map(|pass| progress.unlisted(pass)));
    let marks = passes.map(|passes| number_list(passes.map(|pass| pass.mark.unix())));
    let gaps = passes.and_then(|passes| gaps(passes.map(|pass| &pass.gaps)));
    let members = [
        (keys::SINCE, progress.map(|progress| time(progress.since()))),
        (MARKS, marks),
        (GAPS, gaps),
        (STARTED_AT, one.known.started_at.map(time)),
        (REFUSAL, one.known.refusal.map(|known| text(known.as_str()))),
        (keys::STORED_AT, one.stored_at.map(time)),
        (LONGEST_PAUSE, Some(number(one.rhythm.longest_pause()))),
        (TOTALS, totals(&one.totals)),
    ];
    map(members)
}

/// Beside the types, whose maps an earlier release puts whole; nothing where there are none.
fn webhooks(types: &[TypeFeed]) -> Option<AttributeValue> {
    let known = types.iter().filter_map(|one| {
        let KnownWebhook { state, tried_at } = one.known.webhook;
        let members = [
            (STATE, Some(text(state.as_str()))),
            (TRIED_AT, tried_at.map(time)),
        ];
        let is_any = one.known.webhook != KnownWebhook::default();
        is_any.then(|| (name(one.content_type).to_owned(), map(members)))
    });
    let known: HashMap<_, _> = known.collect();
    (!known.is_empty()).then_some(AttributeValue::M(known))
}

/// What there is of these members.
pub(super) fn map<const N: usize>(members: [(&str, Option<AttributeValue>); N]) -> AttributeValue {
    let members = members.into_iter();
    let members = members.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    AttributeValue::M(members.collect())
}

/// Starts and ends by turns, for each pass; nothing where there are none.
fn gaps(passes: [&Spans; 4]) -> Option<AttributeValue> {
    let is_whole = passes.iter().all(|spans| spans.is_empty());
    let of_pass = |spans: &Spans| {
        let windows = coarse(spans).into_iter();
        number_list(windows.flat_map(|gap| [gap.start().unix(), gap.end().unix()]))
    };
    (!is_whole).then(|| AttributeValue::L(passes.map(of_pass).into()))
}

/// No more windows than are kept.
fn coarse(spans: &Spans) -> Vec<Window> {
    let mut windows = spans.windows().to_vec();
    while windows.len() > MOST_GAPS {
        let between = |at: &usize| windows[at - 1].end().seconds_until(windows[*at].start());
        let Some(closest) = (1..windows.len()).min_by_key(between) else {
            break;
        };
        let second = windows.remove(closest);
        windows[closest - 1] = windows[closest - 1].around(second);
    }
    windows
}

pub(super) fn totals(totals: &Totals) -> Option<AttributeValue> {
    let counts = [
        (LISTED, totals.listed),
        (STORED, totals.stored),
        (keys::LOST, totals.lost),
        (keys::RECORDS, totals.records),
        (keys::REPEATED, totals.repeated),
        (keys::WITHOUT_ID, totals.without_id),
        (keys::DEAD, totals.dead),
        (keys::BYTES, totals.bytes),
        (EXPIRED_SECONDS, totals.expired_seconds),
        (UNREPEATED_SECONDS, totals.unrepeated_seconds),
    ];
    let is_any = counts.iter().any(|(_, count)| *count > 0);
    let counts = counts.map(|(name, count)| (name, (count > 0).then(|| number(count))));
    is_any.then(|| map(counts))
}

pub(crate) fn read(item: &Item) -> Result<TenantFeed, StoreError> {
    let reader = Reader::of(item)?;
    let tenant = keys::parse_partition(reader.text(keys::PK)?);
    let webhooks = reader.members(WEBHOOKS)?;
    let mut types = Vec::new();
    for content_type in ContentType::ALL {
        let name = name(content_type);
        if let Some(members) = reader.members(name)? {
            let one = type_feed(content_type, &Reader::of_key(members));
            let mut one = one.ok_or_else(|| reader.unreadable(name))?;
            if let Some(webhooks) = webhooks {
                let known = webhook(&Reader::of_key(webhooks), name);
                one.known.webhook = known.ok_or_else(|| reader.unreadable(WEBHOOKS))?;
            }
            one.listed_at = read_listed_at(&reader, content_type)?;
            types.push(one);
        }
    }
    Ok(TenantFeed {
        tenant: tenant.ok_or_else(|| reader.unreadable(keys::PK))?,
        is_paused: reader.optional_parsed(PAUSED)?.unwrap_or(false),
        leaves: reader.optional_time(LEAVES)?,
        due: Due::of(reader.number(keys::TURN)?),
        types,
        handed: read_handed(&reader)?,
        busy_until: reader.optional_time(BUSY_UNTIL)?,
        version: Some(reader.version()?),
    })
}

fn read_handed(reader: &Reader<'_>) -> Result<Vec<Handed>, StoreError> {
    let Some(members) = reader.members(HANDED)? else {
        return Ok(Vec::new());
    };
    let members = Reader::of_key(members);
    let of = ContentType::ALL.map(|one| handed_of(one, &members));
    let all: Option<Vec<_>> = of.into_iter().collect();
    Ok(all.ok_or_else(|| reader.unreadable(HANDED))?.concat())
}

/// `None` where something of it cannot be read.
fn handed_of(content_type: ContentType, members: &Reader<'_>) -> Option<Vec<Handed>> {
    let times: Vec<i64> = as_numbers(members.list(name(content_type)).ok()?)?;
    let of_three = times.chunks(3).map(|three| {
        let three: [i64; 3] = three.try_into().ok()?;
        let [start, end, until] = three.map(Timestamp::from_unix);
        Some(Handed {
            content_type,
            window: Window::new(start, end)?,
            until,
        })
    });
    of_three.collect()
}

fn read_listed_at(
    reader: &Reader<'_>,
    content_type: ContentType,
) -> Result<Option<Timestamp>, StoreError> {
    let Some(members) = reader.members(LISTED_AT)? else {
        return Ok(None);
    };
    let at = Reader::of_key(members).optional_time(name(content_type));
    at.map_err(|_| reader.unreadable(LISTED_AT))
}

/// The tenant of a row of the due index, and when a run looks at it: of a row under any layout,
/// because its key says it.
pub(crate) fn due(row: &Item) -> Result<(TenantId, Due), StoreError> {
    let reader = Reader::of_key(row);
    let tenant = keys::parse_partition(reader.text(keys::PK)?);
    let tenant = tenant.ok_or_else(|| reader.unreadable(keys::PK))?;
    Ok((tenant, Due::of(reader.number(keys::TURN)?)))
}

/// What a run changes that could not read or write the row.
pub(crate) fn looked_at(tenant: TenantId, at: Timestamp) -> Change {
    Change::default().set(keys::TURN, number(Due::From(at).number(tenant)))
}

/// `None` where something of it cannot be read.
fn type_feed(content_type: ContentType, members: &Reader<'_>) -> Option<TypeFeed> {
    let progress = match members.optional_time(keys::SINCE).ok()? {
        None => None,
        // How long content settles is a setting's business, which replaces the 0.
        Some(since) => Some(Progress::stored(since, 0, passes(members)?)),
    };
    let refusal = members.optional_parsed::<String>(REFUSAL).ok()?;
    let refusal = refusal.map(|text| {
        let mut all = Refusal::ALL.iter().copied();
        all.find(|refusal| refusal.as_str() == text)
    });
    Some(TypeFeed {
        content_type,
        known: Known {
            started_at: members.optional_time(STARTED_AT).ok()?,
            // An unknown one is damage: it may say that the type is to wait.
            refusal: match refusal {
                Some(refusal) => Some(refusal?),
                None => None,
            },
            webhook: KnownWebhook::default(),
        },
        progress,
        totals: match members.members(TOTALS).ok()? {
            Some(counts) => read_totals(&Reader::of_key(counts)).ok()?,
            None => Totals::default(),
        },
        stored_at: members.optional_time(keys::STORED_AT).ok()?,
        rhythm: match members.optional_number(LONGEST_PAUSE).ok()? {
            Some(seconds) => Rhythm::stored(seconds),
            None => Rhythm::default(),
        },
        listed_at: None,
    })
}

/// What is known of a type's webhook; `None` where it cannot be read.
fn webhook(webhooks: &Reader<'_>, name: &'static str) -> Option<KnownWebhook> {
    let Some(members) = webhooks.members(name).ok()? else {
        return Some(KnownWebhook::default());
    };
    let members = Reader::of_key(members);
    let state = members.optional_parsed::<String>(STATE).ok()??;
    let mut all = WebhookState::ALL.iter().copied();
    let known = all.find(|known| known.as_str() == state);
    Some(KnownWebhook {
        // A later release's word is looked into: it holds up nothing.
        state: known.unwrap_or(WebhookState::Missing),
        tried_at: members.optional_time(TRIED_AT).ok()?,
    })
}

fn passes(members: &Reader<'_>) -> Option<[Unlisted; 4]> {
    let marks: Vec<i64> = as_numbers(members.list(MARKS).ok()?)?;
    let marks: [i64; 4] = marks.try_into().ok()?;
    let gaps = members.list(GAPS).ok()?;
    if !matches!(gaps.len(), 0 | 4) {
        return None;
    }
    let mut passes = Vec::new();
    for (at, mark) in marks.into_iter().enumerate() {
        passes.push(Unlisted {
            mark: Timestamp::from_unix(mark),
            gaps: match gaps.get(at) {
                Some(gaps) => spans(gaps.as_l().ok()?)?,
                None => Spans::default(),
            },
        });
    }
    passes.try_into().ok()
}

pub(super) fn spans(gaps: &[AttributeValue]) -> Option<Spans> {
    let times: Vec<i64> = as_numbers(gaps)?;
    let pairs = times.chunks(2).map(|pair| {
        let [start, end] = pair.try_into().ok()?;
        Window::new(Timestamp::from_unix(start), Timestamp::from_unix(end))
    });
    pairs.collect()
}

pub(super) fn read_totals(counts: &Reader<'_>) -> Result<Totals, StoreError> {
    Ok(Totals {
        listed: counts.count(LISTED)?,
        stored: counts.count(STORED)?,
        lost: counts.count(keys::LOST)?,
        records: counts.count(keys::RECORDS)?,
        repeated: counts.count(keys::REPEATED)?,
        without_id: counts.count(keys::WITHOUT_ID)?,
        dead: counts.count(keys::DEAD)?,
        bytes: counts.count(keys::BYTES)?,
        expired_seconds: counts.count(EXPIRED_SECONDS)?,
        unrepeated_seconds: counts.count(UNREPEATED_SECONDS)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    /// So many gaps of one second, `apart` seconds between the starts.
    fn gaps_of(count: i64, apart: i64) -> Spans {
        let gaps = (0..count).map(|gap| Window::new(at(gap * apart), at(gap * apart + 1)));
        gaps.flatten().collect()
    }

    #[test]
    fn more_gaps_than_are_kept_become_wider_and_none_is_left_out() {
        let most = i64::try_from(MOST_GAPS).unwrap();
        for count in [0, 1, most, most + 1, 2 * most, 2_016] {
            let spans = gaps_of(count, 300);
            let kept: Spans = coarse(&spans).into_iter().collect();
            assert_eq!(kept.windows().len() as i64, count.min(most), "{count}");
            let mut missing = spans;
            kept.windows().iter().for_each(|gap| missing.remove(*gap));
            assert!(missing.is_empty(), "{count}: {missing:?}");
        }
        let mut spans = gaps_of(most, 300);
        spans.insert(Window::new(at(2), at(3)).unwrap());
        let first = coarse(&spans)[0];
        assert_eq!((first.start(), first.end()), (at(0), at(3)), "the closest");
    }
}
