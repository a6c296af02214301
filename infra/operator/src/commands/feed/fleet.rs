//! The audit logs of all tenants: how each stands, the sums, and which are worst.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use auth::ports::StoreError;
use auth::{Customer, Fault, TenantId, TenantStatus};
use feed::operate::{Status, TypeStatus};
use feed::refusal::Refusal;
use futures::StreamExt as _;
use serde::Serialize;

use super::place::Feed;
use super::view::State;
use crate::commands::tenants::which::{Which, all};

/// Tenants that are looked at side by side.
const AT_A_TIME: usize = 32;

/// Every tenant's audit log, the worst first.
pub(crate) struct Fleet {
    pub(super) logs: Vec<Log>,
    /// Active tenants of which no run has made a row yet.
    pub(super) not_yet: u64,
    /// Rows that cannot be read.
    pub(super) damaged: Vec<StoreError>,
}

/// One tenant's.
pub(super) struct Log {
    pub(super) status: Status,
    pub(super) customer: Option<Customer>,
}

/// The sums, in JSON.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) collected: u64,
    pub(crate) paused: u64,
    pub(crate) inactive: u64,
    pub(crate) leaving: u64,
    pub(crate) left: u64,
    /// Active, and no run has seen it yet.
    pub(crate) not_yet: u64,
    /// Of those that are collected: listed = stored, nothing lost, nothing late.
    pub(crate) complete: u64,
    /// The greatest, of what only we or Microsoft hold up.
    pub(crate) lag_seconds: u64,
    pub(crate) listed: u64,
    pub(crate) stored: u64,
    pub(crate) open: u64,
    pub(crate) lost: u64,
    pub(crate) expired_seconds: u64,
    pub(crate) records: u64,
    pub(crate) dead: u64,
    pub(crate) silent: u64,
    /// Content types by what they are refused with.
    pub(crate) causes: BTreeMap<&'static str, u64>,
}

/// How bad it is: what the operator can do something about comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    /// The operator must act.
    Ours,
    /// Microsoft refuses, or we are late without a word of why.
    Late,
    /// It has stopped to talk.
    Silent,
    /// The customer must act.
    Customers,
    /// Something was lost once.
    Lost,
    /// The operator wants it so.
    Paused,
    /// Nothing.
    None,
}

impl Fleet {
    /// Reads them all.
    pub(crate) async fn read(feed: &Feed) -> anyhow::Result<Self> {
        let listed = all(feed.tenants.as_ref(), Which::default()).await?;
        let mut damaged = listed.damaged;
        let due = feed.feeds.tenants().await?;
        let has_row: HashMap<TenantId, _> = due.iter().copied().collect();
        let is_missing = |tenant: &&auth::Tenant| {
            tenant.status == TenantStatus::Active && !has_row.contains_key(&tenant.id)
        };
        let not_yet = listed.tenants.iter().filter(is_missing).count() as u64;
        let mut customers: HashMap<_, _> = listed
            .tenants
            .into_iter()
            .map(|tenant| (tenant.id, tenant.customer))
            .collect();
        let found: Vec<_> = futures::stream::iter(due)
            .map(|(tenant, _)| feed.feeds.status(tenant))
            .buffered(AT_A_TIME)
            .collect()
            .await;
        let mut logs = Vec::new();
        for status in found {
            match status {
                Ok(Some(status)) => logs.push(Log {
                    customer: customers.remove(&status.tenant),
                    status,
                }),
                // Its row went between the two.
                Ok(None) => {}
                Err(error @ StoreError::Damaged(_)) => damaged.push(error),
                Err(error) => return Err(error.into()),
            }
        }
        logs.sort_by_key(|log| worst(&log.status));
        Ok(Self {
            logs,
            not_yet,
            damaged,
        })
    }

    /// The sums.
    pub(crate) fn totals(&self) -> Totals {
        let mut all = Totals {
            not_yet: self.not_yet,
            ..Totals::default()
        };
        for Log { status, .. } in &self.logs {
            *match State::of(status) {
                State::Collected => &mut all.collected,
                State::Paused => &mut all.paused,
                State::Inactive => &mut all.inactive,
                State::Leaving => &mut all.leaving,
                State::Left => &mut all.left,
            } += 1;
            let is_complete =
                State::of(status) == State::Collected && status.is_whole(status.usual);
            all.complete += u64::from(is_complete);
            status.types.iter().for_each(|one| all.add(status, one));
        }
        all
    }
}

impl Totals {
    fn add(&mut self, status: &Status, one: &TypeStatus) {
        let is_ours = one.fault() != Some(Fault::Customer);
        if is_ours && State::of(status) == State::Collected {
            self.lag_seconds = self.lag_seconds.max(one.lag);
        }
        self.listed += one.totals.listed;
        self.stored += one.totals.stored;
        self.open += one.open;
        self.lost += one.totals.lost;
        self.expired_seconds += one.totals.expired_seconds;
        self.records += one.totals.records;
        self.dead += one.totals.dead;
        self.silent += u64::from(one.silent_since.is_some());
        if let Some(cause) = one.cause {
            *self.causes.entry(cause.as_str()).or_default() += 1;
        }
    }
}

/// What is wrong with a type.
fn trouble(status: &Status, one: &TypeStatus) -> Trouble {
    if State::of(status) != State::Collected || one.cause == Some(Refusal::Paused) {
        return match State::of(status) {
            State::Inactive => Trouble::Customers,
            _ => Trouble::Paused,
        };
    }
    match one.fault() {
        // A subscription that is missing is started by itself.
        Some(Fault::Ours) if one.cause != Some(Refusal::NotSubscribed) => Trouble::Ours,
        Some(Fault::Customer) => Trouble::Customers,
        _ if one.lag > status.usual || one.open > 0 => Trouble::Late,
        _ if one.silent_since.is_some() => Trouble::Silent,
        _ if one.totals.lost + one.totals.expired_seconds > 0 => Trouble::Lost,
        _ => Trouble::None,
    }
}

/// The worst type of a tenant first; of equal ones the longest lag, then the greatest loss.
fn worst(status: &Status) -> (Trouble, Reverse<u64>, Reverse<u64>, [u8; 16]) {
    let of = |one: &TypeStatus| {
        let lost = one.totals.lost + one.totals.expired_seconds;
        (trouble(status, one), Reverse(one.lag), Reverse(lost))
    };
    let least = (Trouble::None, Reverse(0), Reverse(0));
    let (trouble, lag, lost) = status.types.iter().map(of).min().unwrap_or(least);
    (trouble, lag, lost, *status.tenant.as_bytes())
}

/// The types of a tenant that are worth a line, the worst first.
pub(super) fn troubled(status: &Status) -> Vec<&TypeStatus> {
    let mut types: Vec<_> = status
        .types
        .iter()
        .map(|one| (trouble(status, one), Reverse(one.lag), one))
        .filter(|(trouble, ..)| *trouble != Trouble::None)
        .collect();
    types.sort_by_key(|(trouble, lag, _)| (*trouble, *lag));
    types.into_iter().map(|(_, _, one)| one).collect()
}

#[cfg(test)]
#[path = "fleet_tests.rs"]
mod tests;
