//! Subscriptions: what is wanted against what the API lists.
//!
//! Content that is made while there is no subscription is lost for good, so that a missing one
//! is started at once and none is stopped but for a tenant that leaves. Starting one type too
//! often is refused: 15 minutes lie between two starts, for each tenant and type (protocol
//! notes §3, §10).

use std::time::Duration;

use auth::Timestamp;

use crate::content_type::ContentType;
use crate::refusal::{Refusal, Step};
use crate::webhook::{KnownWebhook, has_passed};

/// Between two starts of one tenant and type.
const BETWEEN_STARTS: Duration = Duration::from_secs(15 * 60);

/// Between two starts where somebody has to act first: a permission, the audit log.
const BETWEEN_HELD_STARTS: Duration = Duration::from_secs(60 * 60);

/// What the API says of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Running. An entry without a status is, too (protocol notes §3).
    Enabled,
    /// Disabled or expired, or in a state that we do not know.
    Disabled,
}

impl Status {
    /// The status of a list's entry.
    pub fn of(text: Option<&str>) -> Self {
        match text {
            None => Status::Enabled,
            Some(text) if text.eq_ignore_ascii_case("enabled") => Status::Enabled,
            Some(_) => Status::Disabled,
        }
    }
}

/// What the ledger says of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// When it was last started, with success or without.
    pub started_at: Option<Timestamp>,
    /// What the last start, listing or fetch was refused with; `None` after a success.
    pub refusal: Option<Refusal>,
    /// How its webhook is.
    pub webhook: KnownWebhook,
}

impl Known {
    /// Whether one that runs may be started again for its webhook's sake.
    pub fn may_renew(self, now: Timestamp) -> bool {
        self.webhook.may_try(now) && has_passed(self.started_at, BETWEEN_STARTS, now)
    }
}

/// What is to be done for one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is running: list.
    Collect,
    /// Start it now.
    Start,
    /// Nothing before this, and why it does not run.
    Wait {
        /// When to start it again.
        until: Timestamp,
        /// Why it does not run.
        because: Refusal,
    },
    /// The tenant leaves: stop it.
    Stop,
    /// There is nothing to do.
    Nothing,
}

/// What is to be done for a type. `leaves`: the tenant is removed, or its feed is.
pub fn reconcile(
    content_type: ContentType,
    listed: &[(ContentType, Status)],
    known: Known,
    leaves: bool,
    now: Timestamp,
) -> Action {
    // A type may be listed twice; one that runs is enough.
    let is_enabled = listed.contains(&(content_type, Status::Enabled));
    let is_listed = listed.iter().any(|(other, _)| *other == content_type);
    if leaves {
        return if is_listed {
            Action::Stop
        } else {
            Action::Nothing
        };
    }
    if is_enabled {
        return Action::Collect;
    }
    let because = because(known.refusal, is_listed);
    let pause = if matches!(because.step(), Step::HoldType | Step::HoldTenant) {
        BETWEEN_HELD_STARTS
    } else {
        BETWEEN_STARTS
    };
    match known.started_at {
        Some(at) if !has_passed(Some(at), pause, now) => Action::Wait {
            until: at + pause,
            because,
        },
        _ => Action::Start,
    }
}

/// Why a type does not run: what a start was refused with says more than the list.
fn because(refusal: Option<Refusal>, is_listed: bool) -> Refusal {
    let held = refusal.filter(|refusal| {
        matches!(
            refusal.step(),
            Step::HoldType | Step::HoldTenant | Step::Later
        )
    });
    held.unwrap_or(if is_listed {
        Refusal::SubscriptionDisabled
    } else {
        Refusal::NotSubscribed
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::WebhookState;

    const NOW: i64 = 1_000_000;
    const TYPE: ContentType = ContentType::Exchange;

    fn at(unix: i64) -> Timestamp {
        Timestamp::from_unix(unix)
    }

    fn wait(until: i64, because: Refusal) -> Action {
        Action::Wait {
            until: at(until),
            because,
        }
    }

    #[test]
    fn what_is_wanted_runs_or_is_started_or_waits_with_a_cause() {
        use Refusal as R;
        let enabled = [(TYPE, Status::Enabled)];
        let disabled = [(TYPE, Status::Disabled)];
        let both = [(TYPE, Status::Disabled), (TYPE, Status::Enabled)];
        let other = [(ContentType::General, Status::Enabled)];
        // The list, seconds since the last start, its refusal, the action.
        type Row<'a> = (
            &'a [(ContentType, Status)],
            Option<i64>,
            Option<Refusal>,
            Action,
        );
        let rows: [Row<'_>; 19] = [
            (&enabled, None, None, Action::Collect),
            (&both, None, None, Action::Collect),
            (&enabled, Some(1), Some(R::RoleMissing), Action::Collect),
            (&[], None, None, Action::Start),
            (&other, None, None, Action::Start),
            (&disabled, None, None, Action::Start),
            (&[], Some(0), None, wait(NOW + 900, R::NotSubscribed)),
            (&[], Some(899), None, wait(NOW + 1, R::NotSubscribed)),
            (&[], Some(900), None, Action::Start),
            (
                &disabled,
                Some(60),
                None,
                wait(NOW + 840, R::SubscriptionDisabled),
            ),
            (
                &disabled,
                Some(60),
                Some(R::AlreadyEnabled),
                wait(NOW + 840, R::SubscriptionDisabled),
            ),
            (
                &[],
                Some(900),
                Some(R::AuditingOff),
                wait(NOW + 2_700, R::AuditingOff),
            ),
            (&[], Some(3_600), Some(R::AuditingOff), Action::Start),
            (
                &[],
                Some(60),
                Some(R::RoleMissing),
                wait(NOW + 3_540, R::RoleMissing),
            ),
            (
                &[],
                Some(60),
                Some(R::Unavailable),
                wait(NOW + 840, R::Unavailable),
            ),
            // Our clock was ahead by a day, or by a second.
            (&[], Some(-86_400), None, Action::Start),
            (&[], Some(-86_400), Some(R::AuditingOff), Action::Start),
            (&[], Some(-1), None, Action::Start),
            (&[], None, Some(R::AuditingOff), Action::Start),
        ];
        for (listed, ago, refusal, expected) in rows {
            let known = Known {
                started_at: ago.map(|ago| at(NOW - ago)),
                refusal,
                webhook: KnownWebhook::default(),
            };
            let found = reconcile(TYPE, listed, known, false, at(NOW));
            assert_eq!(found, expected, "{listed:?} {known:?}");
        }
    }

    #[test]
    fn a_start_for_the_webhooks_sake_waits_for_the_last_start_and_longer_for_one_that_failed() {
        // Seconds since the last start, and since one that did not help; whether one may carry
        // the webhook, and whether one may be sent for its sake.
        let rows = [
            (None, None, true, true),
            (Some(900), None, true, true),
            (Some(899), None, true, false),
            (Some(0), None, true, false),
            (None, Some(3_599), false, false),
            (Some(3_599), Some(3_599), false, false),
            (Some(3_600), Some(3_600), true, true),
            (Some(60), Some(3_600), true, false),
            (Some(60), Some(60), false, false),
            // Our clock was ahead.
            (Some(-1), Some(-1), true, true),
            (Some(-86_400), None, true, true),
            (None, Some(-86_400), true, true),
        ];
        for (started, tried, may_try, may_renew) in rows {
            let state = WebhookState::Missing;
            let ago = |ago: Option<i64>| ago.map(|ago| at(NOW - ago));
            let known = Known {
                started_at: ago(started),
                refusal: None,
                webhook: KnownWebhook {
                    state,
                    tried_at: ago(tried),
                },
            };
            let found = (known.webhook.may_try(at(NOW)), known.may_renew(at(NOW)));
            assert_eq!(found, (may_try, may_renew), "{started:?} {tried:?}");
        }
    }

    #[test]
    fn a_tenant_that_leaves_has_what_it_has_stopped() {
        let rows = [
            (vec![(TYPE, Status::Enabled)], Action::Stop),
            (vec![(TYPE, Status::Disabled)], Action::Stop),
            (vec![(ContentType::Dlp, Status::Enabled)], Action::Nothing),
            (vec![], Action::Nothing),
        ];
        for (listed, expected) in rows {
            let found = reconcile(TYPE, &listed, Known::default(), true, at(NOW));
            assert_eq!(found, expected, "{listed:?}");
        }
    }

    #[test]
    fn no_sequence_of_starts_is_closer_than_15_minutes() {
        let (mut known, mut starts) = (Known::default(), Vec::new());
        for minute in 0..2_000 {
            let now = at(NOW + minute * 60);
            if reconcile(TYPE, &[], known, false, now) == Action::Start {
                starts.push(now);
                known.started_at = Some(now);
            }
        }
        assert!(
            starts
                .windows(2)
                .all(|pair| pair[0].seconds_until(pair[1]) >= 900)
        );
        assert!(starts.len() > 130);
    }

    #[test]
    fn a_status_is_read_in_any_case_and_an_unknown_one_does_not_run() {
        let rows = [
            (None, Status::Enabled),
            (Some("enabled"), Status::Enabled),
            (Some("Enabled"), Status::Enabled),
            (Some("disabled"), Status::Disabled),
            (Some("expired"), Status::Disabled),
            (Some(""), Status::Disabled),
            (Some("paused"), Status::Disabled),
        ];
        for (text, expected) in rows {
            assert_eq!(Status::of(text), expected, "{text:?}");
        }
    }
}
