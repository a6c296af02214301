//! The page in JSON.

use std::collections::BTreeMap;

use auth::Timestamp;
use serde::Serialize;

use super::attention;
use super::parts::{Certificate, Parts, Policies, Ring, Tenants};
use crate::commands::feed::fleet::Totals;
use crate::commands::runs::{RunView, view as run_view};

/// The page in JSON. A part that cannot be read is null, and `unread` says why.
#[derive(Serialize)]
pub(super) struct PageView<'a> {
    at: String,
    tenants: Option<&'a Tenants>,
    last_run: Option<RunView<'a>>,
    feed: Option<&'a Totals>,
    certificate: Option<&'a Certificate>,
    rings: Option<&'a [Ring]>,
    policy: Option<&'a Policies>,
    unread: BTreeMap<&'static str, &'a str>,
    /// What wants attention, each with what to do.
    attention: Vec<String>,
}

/// The same in JSON.
pub(super) fn view(parts: &Parts, now: Timestamp) -> PageView<'_> {
    PageView {
        at: now.to_string(),
        tenants: parts.tenants.as_ref().ok(),
        last_run: (parts.last_run.as_ref().ok())
            .and_then(Option::as_ref)
            .map(run_view),
        feed: parts.feed.as_ref().ok(),
        certificate: parts.certificate.as_ref().ok(),
        rings: parts.rings.as_deref().ok(),
        policy: parts.policy.as_ref().ok(),
        unread: parts.unread(),
        attention: attention::all(parts, now),
    }
}
