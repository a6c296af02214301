//! One subscription: its states, and what is offered under it.
//!
//! Content is offered that became available while the subscription was enabled; what came
//! while it was not is lost for good, and a start after a stop begins then, as the reference
//! says.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::content_type::ContentType;
use super::errors::{DISABLED, NO_CHANGE, NO_SUBSCRIPTION, Refused};
use super::period::Period;
use super::webhook::Webhook;

/// Seconds between two starts, and between a stop and a start that works.
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

/// A time in which it was enabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Enabled {
    /// Content that became available in it is offered.
    #[serde(flatten)]
    period: Period,
    /// The start: what was available before it is offered from then on.
    #[serde(default)]
    started_at: u64,
    /// The stop after which it is offered no more (assumption `restart-begins-then`).
    #[serde(default)]
    withdrawn_at: Option<u64>,
}

/// Since when, and until when, a subscription offers content. Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) from: u64,
    /// End-exclusive; `None` while it does.
    pub(crate) withdrawn_at: Option<u64>,
    /// The start that it goes back to.
    pub(crate) started_at: u64,
}

/// A subscription as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subscription {
    status: Status,
    webhook: Option<Webhook>,
    /// When a start was last taken, in Unix seconds.
    started_at: Option<u64>,
    /// When it was last stopped by request, in Unix seconds.
    #[serde(default)]
    stopped_at: Option<u64>,
    enabled: Vec<Enabled>,
}

impl Subscription {
    /// Whether a start with this webhook changes anything; one that does not is refused.
    /// Assumption `unchanged-webhook`.
    pub(crate) fn check_change(&self, webhook: Option<&Webhook>, now: u64) -> Result<(), Refused> {
        let is_there = match (&self.webhook, webhook) {
            (Some(there), Some(wanted)) => there.is_as(wanted, now),
            (there, wanted) => there.is_none() && wanted.is_none(),
        };
        if self.status == Status::Enabled && is_there {
            return Err((&NO_CHANGE).into());
        }
        Ok(())
    }

    /// /start: creates, enables again, or changes the webhook; without a webhook it removes
    /// the one that was there.
    pub(crate) fn start(
        &mut self,
        webhook: Option<Webhook>,
        now: u64,
        backlog: u64,
    ) -> Result<(), Refused> {
        self.check_change(webhook.as_ref(), now)?;
        let last = self.started_at.replace(now);
        let recent = |moment: Option<u64>| {
            moment.is_some_and(|moment| now < moment.saturating_add(BETWEEN_STARTS))
        };
        // Assumption `start-too-soon`: also of a webhook that changes.
        if recent(last) || recent(self.stopped_at) {
            if self.status != Status::Enabled {
                self.status = Status::Claimed;
            }
            return Ok(());
        }
        self.webhook = webhook;
        if self.status == Status::Enabled {
            return Ok(());
        }
        self.status = Status::Enabled;
        let backlog = if last.is_none() { backlog } else { 0 };
        self.enabled.push(Enabled {
            period: Period {
                from: now.saturating_sub(backlog),
                to: None,
            },
            started_at: now,
            withdrawn_at: None,
        });
        Ok(())
    }

    /// /stop. What is not there stops as well.
    pub(crate) fn stop(&mut self, now: u64) {
        if self.status != Status::Absent {
            self.stopped_at = Some(now);
        }
        self.vanish(now);
    }

    /// It is gone, without a request: a start brings it back at once.
    pub(crate) fn vanish(&mut self, now: u64) {
        self.end(now);
        for enabled in &mut self.enabled {
            enabled.withdrawn_at.get_or_insert(now);
        }
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

    /// The webhook is gone, the subscription is not (office-365-management-api#179).
    pub(crate) fn remove_webhook(&mut self) {
        self.webhook = None;
    }

    /// The webhook is not called any more; the subscription goes on.
    pub(crate) fn disable_webhook(&mut self) {
        if let Some(webhook) = &mut self.webhook {
            webhook.disable();
        }
    }

    /// What becomes available in this second may have been listed already.
    fn end(&mut self, now: u64) {
        if let Some(last) = self.enabled.last_mut() {
            last.period.to.get_or_insert(now.saturating_add(1));
        }
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.status == Status::Enabled
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

    /// The webhook, where it is called now.
    pub(crate) fn called(&self, now: u64) -> Option<&Webhook> {
        let webhook = self.webhook().filter(|webhook| webhook.is_called(now));
        webhook.filter(|_| self.is_enabled())
    }

    /// How content is offered that became available then, if it ever was.
    pub(crate) fn offer(&self, available_at: u64) -> Option<Offer> {
        let mut newest = self.enabled.iter().rev();
        let enabled = newest.find(|enabled| enabled.period.contains(available_at))?;
        Some(Offer {
            from: available_at.max(enabled.started_at),
            withdrawn_at: enabled.withdrawn_at,
            started_at: enabled.started_at,
        })
    }

    /// From when on what is first offered later than `after` can have become available, in Unix
    /// seconds.
    pub(crate) fn available_since(&self, after: u64) -> u64 {
        let later = self
            .enabled
            .iter()
            .filter(|enabled| enabled.started_at > after);
        let first = later.map(|enabled| enabled.period.from).min();
        first.map_or(after, |from| from.min(after))
    }

    /// From when on there can be content, in Unix seconds; `None` where it never began.
    pub(crate) fn since(&self) -> Option<u64> {
        self.enabled.first().map(|enabled| enabled.period.from)
    }
}

#[cfg(test)]
#[path = "subscription_tests.rs"]
mod tests;
