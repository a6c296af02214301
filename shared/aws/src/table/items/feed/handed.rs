//! The windows of a tenant that are out.

use auth::Timestamp;
use auth::ports::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use feed::handed::Handed;
use feed::{ContentType, Window};

use super::names::{map, name};
use crate::table::attributes::{Reader, as_numbers, number_list};

pub(super) const HANDED: &str = "handed";

/// For each type, the windows that are out: start, end and the end of the claim, by turns.
pub(super) fn handed(all: &[Handed]) -> Option<AttributeValue> {
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

pub(super) fn read_handed(reader: &Reader<'_>) -> Result<Vec<Handed>, StoreError> {
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
