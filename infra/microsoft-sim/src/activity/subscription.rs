//! One subscription: its states, and when content became available under it.
//!
//! Content is offered that became available while the subscription was enabled; what came
//! while it was not is lost for good, as the reference says.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::content_type::ContentType;
use super::errors::{DISABLED, NO_CHANGE, NO_SUBSCRIPTION, Refused};
use super::webhook::Webhook;

/// Seconds between two starts.
const BETWEEN_STARTS: u64 = 15 * 60;

/// Whose subscription it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) tenant: Uuid,
    pub(crate) client: Uuid,
    pub(crate) content_type: ContentType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    /// Stopped, vanished or never there.
    #[default]
    Absent,
    Enabled,
    /// By the service or an admin of the tenant.
    Disabled,
    /// /start said "enabled", nothing else does (assumption `start-too-soon`).
    Claimed,
}

/// A stretch of time, end-exclusive, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Period {
    pub(crate) from: u64,
    /// `None` while it lasts.
    pub(crate) to: Option<u64>,
}

/// A subscription as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subscription {
    status: Status,
    webhook: Option<Webhook>,
    /// When a start was last taken, in Unix seconds.
    started_at: Option<u64>,
    enabled: Vec<Period>,
}

impl Period {
    pub(crate) fn contains(self, moment: u64) -> bool {
        self.from <= moment && self.to.is_none_or(|to| moment < to)
    }
}

impl Subscription {
    /// /start: creates, enables again, or changes the webhook; without a webhook it removes
    /// the one that was there.
    pub(crate) fn start(
        &mut self,
        webhook: Option<Webhook>,
        now: u64,
        backlog: u64,
    ) -> Result<(), Refused> {
        if self.status == Status::Enabled && self.webhook == webhook {
            return Err((&NO_CHANGE).into());
        }
        let last = self.started_at.replace(now);
        self.webhook = webhook;
        let too_soon = last.is_some_and(|last| now < last.saturating_add(BETWEEN_STARTS));
        if self.status == Status::Enabled {
            return Ok(());
        }
        // Assumption `start-too-soon`.
        if too_soon {
            self.status = Status::Claimed;
            return Ok(());
        }
        self.status = Status::Enabled;
        let backlog = if last.is_none() { backlog } else { 0 };
        let from = now.saturating_sub(backlog);
        self.enabled.push(Period { from, to: None });
        Ok(())
    }

    /// /stop, also of one that vanishes. What is not there stops as well.
    pub(crate) fn stop(&mut self, now: u64) {
        self.end(now);
        self.webhook = None;
        self.status = Status::Absent;
    }

    /// The service or an admin disables it; a new start enables it.
    pub(crate) fn disable(&mut self, now: u64) {
        if self.status == Status::Enabled {
            self.end(now);
            self.status = Status::Disabled;
        }
    }

    fn end(&mut self, now: u64) {
        if let Some(last) = self.enabled.last_mut() {
            last.to.get_or_insert(now);
        }
    }

    /// Whether content may be listed and fetched now.
    pub(crate) fn check(&self) -> Result<(), Refused> {
        match self.status {
            Status::Enabled => Ok(()),
            Status::Absent => Err((&NO_SUBSCRIPTION).into()),
            Status::Disabled | Status::Claimed => Err((&DISABLED).into()),
        }
    }

    /// Its status in a list; `None` where the list is without it.
    pub(crate) fn listed(&self) -> Option<&'static str> {
        match self.status {
            Status::Enabled => Some("enabled"),
            Status::Disabled => Some("disabled"),
            Status::Absent | Status::Claimed => None,
        }
    }

    pub(crate) fn webhook(&self) -> Option<&Webhook> {
        self.webhook.as_ref()
    }

    /// Whether content that became available then is offered.
    pub(crate) fn covers(&self, available_at: u64) -> bool {
        self.enabled
            .iter()
            .any(|period| period.contains(available_at))
    }

    /// From when on there can be content, in Unix seconds; `None` where it never began.
    pub(crate) fn since(&self) -> Option<u64> {
        self.enabled.first().map(|period| period.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_768_435_200;

    fn seen(subscription: &Subscription) -> (Option<&'static str>, &'static str) {
        let check = subscription.check().map_err(|refused| refused.error.code);
        (subscription.listed(), check.err().unwrap_or("fine"))
    }

    fn hook() -> Option<Webhook> {
        Webhook::read(br#"{"webhook":{"address":"https://a.example"}}"#, NOW).unwrap()
    }

    #[test]
    fn states_follow_each_other_as_documented() {
        type Act = fn(&mut Subscription, u64) -> Result<(), Refused>;
        let start: Act = |subscription, at| subscription.start(None, at, 60);
        let hooked: Act = |subscription, at| subscription.start(hook(), at, 60);
        let stop: Act = |subscription, at| {
            subscription.stop(at);
            Ok(())
        };
        let disable: Act = |subscription, at| {
            subscription.disable(at);
            Ok(())
        };
        let enabled = (Some("enabled"), "fine");
        let mut subscription = Subscription::default();
        assert_eq!(seen(&subscription), (None, "AF20022"));
        for (minute, act, answer, expected) in [
            (0, start, None, enabled),
            (1, start, Some("AF20024"), enabled),
            (2, hooked, None, enabled),
            (3, hooked, Some("AF20024"), enabled),
            (4, start, None, enabled),
            (5, disable, None, (Some("disabled"), "AF20023")),
            (6, disable, None, (Some("disabled"), "AF20023")),
            (19, start, None, enabled),
            (20, stop, None, (None, "AF20022")),
            (21, start, None, (None, "AF20023")),
            (35, start, None, (None, "AF20023")),
            (50, start, None, enabled),
            (51, stop, None, (None, "AF20022")),
            (52, stop, None, (None, "AF20022")),
            (53, disable, None, (None, "AF20022")),
        ] {
            let outcome = act(&mut subscription, NOW + minute * 60);
            let code = outcome.err().map(|refused| refused.error.code);
            assert_eq!((code, seen(&subscription)), (answer, expected), "{minute}");
        }
        for (minute, covered) in [
            (-2, false),
            (-1, true),
            (0, true),
            (4, true),
            (5, false),
            (18, false),
            (19, true),
            (20, false),
            (36, false),
            (50, true),
            (51, false),
        ] {
            let moment = NOW.checked_add_signed(minute * 60).unwrap();
            assert_eq!(subscription.covers(moment), covered, "{minute}");
        }
    }
}
