//! An audit log as scripts see it, and in a person's words. The names are part of the outside
//! surface.

use auth::{Customer, Fault, TenantId};
use feed::due::{Due, Hold};
use feed::operate::{Status, TypeStatus};
use feed::refusal::Refusal;
use feed::webhook::WebhookState;
use serde::Serialize;

use crate::time_span::spelled;

/// A tenant's audit log in JSON. Times are RFC 3339 in UTC.
#[derive(Debug, Serialize)]
pub(super) struct LogView<'a> {
    pub(super) tenant_id: TenantId,
    pub(super) customer: Option<&'a Customer>,
    state: State,
    /// Listed = stored, nothing is lost and nothing is late.
    complete: bool,
    /// From one of its turns to the next: longer for one that is quiet.
    every_seconds: u64,
    pub(super) types: Vec<TypeView>,
}

/// Whether it is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// In its turns.
    Collected,
    /// The operator holds it back.
    Paused,
    /// The tenant is not active.
    Inactive,
    /// Its subscriptions are being stopped.
    Leaving,
    /// Its subscriptions are stopped.
    Left,
}

impl State {
    pub(super) fn of(status: &Status) -> Self {
        match status.due {
            _ if status.is_paused => State::Paused,
            Due::Held(Hold::Left) => State::Left,
            _ if status.leaves.is_some() => State::Leaving,
            Due::Held(Hold::Paused) => State::Paused,
            Due::Held(Hold::Inactive) => State::Inactive,
            Due::InTurn(_) | Due::From(_) => State::Collected,
        }
    }

    /// As a person reads it.
    pub(super) fn spelled(self) -> &'static str {
        match self {
            State::Collected => "collected",
            State::Paused => "paused by the operator",
            State::Inactive => "not collected: the tenant is not active",
            State::Leaving => "leaving: its subscriptions are being stopped",
            State::Left => "left: its subscriptions are stopped",
        }
    }
}

/// One content type in JSON.
#[derive(Debug, Serialize)]
pub(super) struct TypeView {
    content_type: &'static str,
    /// Content is wanted from here on; null until its subscription runs.
    since: Option<String>,
    /// For how long the oldest second that waits has been ready.
    lag_seconds: u64,
    /// How many seconds wait.
    waiting_seconds: u64,
    /// Contents that listings named.
    listed: u64,
    /// Of these, those that were fetched and are durable.
    stored: u64,
    /// Of these, those that wait.
    open: u64,
    /// Of these, those that can no longer be fetched.
    lost: u64,
    /// Seconds that expired before they were stored.
    expired_seconds: u64,
    records: u64,
    repeated: u64,
    without_id: u64,
    /// Pieces that are no JSON; kept as bytes.
    dead: u64,
    bytes: u64,
    stored_at: Option<String>,
    /// It used to talk, and has not since then.
    silent_since: Option<String>,
    cause: Option<&'static str>,
    /// Whose turn it is.
    fault: Option<Fault>,
    what_happened: Option<&'static str>,
    next_step: Option<&'static str>,
    /// How its webhook was found, or left, the last time; null where it has none of ours.
    webhook: Option<WebhookView>,
}

/// A type's webhook in JSON.
#[derive(Debug, Serialize)]
struct WebhookView {
    state: &'static str,
    /// Who has to act where it stays so; null where no one has to.
    fault: Option<Fault>,
    what_happened: &'static str,
    next_step: &'static str,
}

impl WebhookView {
    fn of(state: WebhookState) -> Option<Self> {
        (state != WebhookState::None).then(|| Self {
            state: state.as_str(),
            fault: state.fault(),
            what_happened: state.what_happened(),
            next_step: state.next_step(),
        })
    }
}

impl From<&TypeStatus> for TypeView {
    fn from(one: &TypeStatus) -> Self {
        let totals = one.totals;
        Self {
            content_type: one.content_type.as_str(),
            since: one.since.map(|at| at.to_string()),
            lag_seconds: one.lag,
            waiting_seconds: one.behind,
            listed: totals.listed,
            stored: totals.stored,
            open: one.open,
            lost: totals.lost,
            expired_seconds: totals.expired_seconds,
            records: totals.records,
            repeated: totals.repeated,
            without_id: totals.without_id,
            dead: totals.dead,
            bytes: totals.bytes,
            stored_at: one.stored_at.map(|at| at.to_string()),
            silent_since: one.silent_since.map(|at| at.to_string()),
            cause: one.cause.map(Refusal::as_str),
            fault: one.fault(),
            what_happened: one.cause.map(Refusal::what_happened),
            next_step: one.next_step(),
            webhook: WebhookView::of(one.webhook),
        }
    }
}

impl<'a> LogView<'a> {
    pub(super) fn of(status: &Status, customer: Option<&'a Customer>) -> Self {
        Self {
            tenant_id: status.tenant,
            customer,
            state: State::of(status),
            complete: status.is_whole(status.usual),
            every_seconds: status.period.as_secs(),
            types: status.types.iter().map(TypeView::from).collect(),
        }
    }
}

/// A tenant's audit log in one line: `collected, lag 5m, listed 10 = stored 10`.
pub(crate) fn short(status: &Status) -> String {
    let types = &status.types;
    let sum = |of: fn(&TypeStatus) -> u64| types.iter().map(of).sum::<u64>();
    let lag = types.iter().map(|one| one.lag).max().unwrap_or(0);
    let state = State::of(status).spelled();
    let counts = counts(
        sum(|one| one.totals.listed),
        sum(|one| one.totals.stored),
        sum(|one| one.open),
        sum(|one| one.totals.lost),
    );
    let causes = types.iter().filter_map(|one| one.cause);
    let mut causes: Vec<_> = causes.map(Refusal::as_str).collect();
    causes.dedup();
    let why = if causes.is_empty() { "" } else { ", " };
    format!(
        "{state}, lag {}, {counts}{why}{}",
        spelled(lag),
        causes.join(", ")
    )
}

/// The one equation that says whether all is there.
pub(super) fn counts(listed: u64, stored: u64, open: u64, lost: u64) -> String {
    let mut text = format!("listed {listed} = stored {stored}");
    for (count, word) in [(open, "waiting"), (lost, "lost")] {
        if count > 0 {
            text += &format!(" + {word} {count}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_equation_names_what_is_missing_alone() {
        let rows = [
            ((0, 0, 0, 0), "listed 0 = stored 0"),
            ((5, 5, 0, 0), "listed 5 = stored 5"),
            ((5, 3, 2, 0), "listed 5 = stored 3 + waiting 2"),
            ((5, 3, 0, 2), "listed 5 = stored 3 + lost 2"),
            ((5, 0, 4, 1), "listed 5 = stored 0 + waiting 4 + lost 1"),
        ];
        for ((listed, stored, open, lost), text) in rows {
            assert_eq!(counts(listed, stored, open, lost), text);
        }
    }
}
