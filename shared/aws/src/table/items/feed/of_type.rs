//! One content type of a tenant: how far its listings came, and how its subscription is.

use auth::Timestamp;
use auth::ports::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use feed::ContentType;
use feed::ledger::{Totals, TypeFeed};
use feed::pass::Pass;
use feed::progress::{Progress, Unlisted};
use feed::refusal::Refusal;
use feed::rhythm::Rhythm;
use feed::spans::Spans;
use feed::subscription::Known;
use feed::webhook::KnownWebhook;

use super::gaps::{gaps, spans};
use super::names::{map, name};
use super::totals::{TOTALS, read_totals, totals};
use crate::table::attributes::{Reader, as_numbers, number, number_list, text, time};
use crate::table::keys;

const GAPS: &str = "gaps";
pub(super) const LISTED_AT: &str = "listed_at";
const LONGEST_PAUSE: &str = "longest_pause";
const MARKS: &str = "marks";
const REFUSAL: &str = "refusal";
const STARTED_AT: &str = "started_at";

pub(super) fn of_type(one: &TypeFeed) -> AttributeValue {
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

/// For each type, up to when it was listed; nothing where none was.
pub(super) fn listed_at(types: &[TypeFeed]) -> Option<AttributeValue> {
    let of_type = |content_type| {
        let mut types = types.iter();
        let one = types.find(|one| one.content_type == content_type);
        one.and_then(|one| one.listed_at).map(time)
    };
    let is_any = types.iter().any(|one| one.listed_at.is_some());
    is_any.then(|| map(ContentType::ALL.map(|one| (name(one), of_type(one)))))
}

/// `None` where something of it cannot be read.
pub(super) fn type_feed(content_type: ContentType, members: &Reader<'_>) -> Option<TypeFeed> {
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

pub(super) fn read_listed_at(
    reader: &Reader<'_>,
    content_type: ContentType,
) -> Result<Option<Timestamp>, StoreError> {
    let Some(members) = reader.members(LISTED_AT)? else {
        return Ok(None);
    };
    let at = Reader::of_key(members).optional_time(name(content_type));
    at.map_err(|_| reader.unreadable(LISTED_AT))
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
