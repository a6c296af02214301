//! The item of an operator's action: written before the action with all but its end, which is
//! added once.

use auth::Timestamp;
use auth::operator_action::{Actor, Deed, KEPT_FOR, OperatorAction, Outcome};
use auth::ports::{Begun, StoreError};

use crate::table::attributes::{Reader, text, texts, time};
use crate::table::change::{Change, Condition};
use crate::table::keys::{self, Item};

const ACTOR: &str = "actor";
const COMMAND: &str = "command";
const NAME: &str = "name";
const OPTIONS: &str = "options";
const BEGAN_AT: &str = "began_at";
const ENDED_AT: &str = "ended_at";
pub(crate) const OUTCOME: &str = "outcome";

const PREFIX: &str = "AUDIT#";
/// Of a time in RFC 3339, the day.
const DAY: usize = 10;

/// The actions of a day: a few, of a few operators.
pub(crate) fn partition(day: &str) -> String {
    format!("{PREFIX}{day}")
}

pub(crate) fn day(at: Timestamp) -> String {
    at.to_string().chars().take(DAY).collect()
}

/// Where an action that begins at `at` is written; in the order of time. `mark`: no other
/// writer has it.
pub(crate) fn begun(at: Timestamp, mark: &str) -> Begun {
    Begun {
        day: day(at),
        id: format!("{at}#{mark}"),
    }
}

pub(crate) fn key(begun: &Begun) -> Item {
    keys::key(partition(&begun.day), &*begun.id)
}

pub(crate) fn write(deed: &Deed, by: &Actor, at: Timestamp, mark: &str) -> Item {
    let options: Vec<String> = deed.options.iter().map(ToString::to_string).collect();
    Change::default()
        .layout()
        .set(ACTOR, text(&by.0))
        .set(COMMAND, text(deed.command))
        .put(keys::TENANT_ID, deed.tenant.map(text))
        .put(keys::CUSTOMER, deed.customer.as_ref().map(text))
        .put(NAME, deed.name.as_ref().map(text))
        .set(OPTIONS, texts(&options))
        .set(BEGAN_AT, time(at))
        .set(keys::MARK, text(mark))
        .set(keys::TTL, time(at + KEPT_FOR))
        .into_item(key(&begun(at, mark)))
}

/// What its end adds.
pub(crate) fn ended(outcome: Outcome, at: Timestamp) -> Change {
    Change::default()
        .set(OUTCOME, text(outcome.as_str()))
        .set(ENDED_AT, time(at))
}

/// It is there, and has no end.
pub(crate) fn is_open() -> Condition {
    Condition::Without(OUTCOME)
}

pub(crate) fn read(item: &Item) -> Result<OperatorAction, StoreError> {
    let reader = Reader::of(item)?;
    let ended_at = reader.optional_time(ENDED_AT)?;
    let outcome: Option<String> = reader.optional_parsed(OUTCOME)?;
    let outcome = match outcome {
        Some(word) => Some(Outcome::of(&word).ok_or_else(|| reader.unreadable(OUTCOME))?),
        None => None,
    };
    let has_customer = item.contains_key(keys::CUSTOMER);
    Ok(OperatorAction {
        actor: reader.text(ACTOR)?.to_owned(),
        command: reader.text(COMMAND)?.to_owned(),
        tenant: reader.optional_parsed(keys::TENANT_ID)?,
        customer: has_customer.then(|| reader.customer()).transpose()?,
        name: reader.optional_parsed(NAME)?,
        options: reader.texts(OPTIONS)?,
        began_at: reader.time(BEGAN_AT)?,
        ended: ended_at.zip(outcome),
    })
}
