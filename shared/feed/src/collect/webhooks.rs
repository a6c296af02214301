//! The webhooks of a tenant's subscriptions in a turn: put back where they do not work.
//!
//! After the newest window of each type, because it can wait: a webhook only wakes. A
//! subscription that runs goes on whatever is answered here.

use auth::Timestamp;

use super::session::Session;
use super::stop::Stop;
use super::subscribing::is_in_doubt;
use super::{Halt, WebhookPlace};
use crate::ledger::{TenantFeed, TypeFeed};
use crate::ports::{Failure, Subscribe, Subscribed, Subscriptions};
use crate::refusal::Refusal;
use crate::subscription::Status;
use crate::webhook::{KnownWebhook, Webhook, WebhookState, judge};

impl Session<'_> {
    /// Looks at the webhooks that are in doubt, and where a place for them is configured at those
    /// of the types that are `late` in this turn, and puts back what is not as it should be.
    /// `listed`: the list, where this turn has asked for it.
    pub(super) async fn webhooks(
        &mut self,
        feed: &mut TenantFeed,
        late: &[usize],
        listed: Option<Subscriptions>,
    ) -> Result<(), Halt> {
        let mut to_see = Vec::new();
        for (index, one) in feed.types.iter().enumerate() {
            if self.sees_to(one, late.contains(&index)) {
                to_see.push(index);
            }
        }
        if to_see.is_empty() {
            return Ok(());
        }
        let wanted = self.wanted().await;
        if let Wanted::Unknown = wanted {
            let tried = KnownWebhook::tried(WebhookState::NoKeys, self.now());
            for (index, one) in feed.types.iter_mut().enumerate() {
                if to_see.contains(&index) && !one.known.webhook.is_well(true) {
                    one.known.webhook = tried;
                }
            }
            return Ok(());
        }
        let wanted = wanted.webhook();
        let listed = match listed {
            Some(listed) => listed,
            None => match self.subscriptions().await {
                Ok(listed) => listed,
                Err(stop) => return goes_on(stop),
            },
        };
        for index in to_see {
            let Some(one) = feed.types.get_mut(index) else {
                continue;
            };
            if let Err(stop) = self.see_to(one, &listed, wanted.as_ref()).await {
                goes_on(stop)?;
            }
        }
        Ok(())
    }

    fn sees_to(&self, one: &TypeFeed, is_late: bool) -> bool {
        let is_wanted = self.collector.webhook.is_some();
        let known = one.known;
        !self.turn.leaves
            && self.collector.types.contains(&one.content_type)
            && !is_in_doubt(one)
            && known.may_renew(self.now())
            && (!known.webhook.is_well(is_wanted) || (is_wanted && is_late))
    }

    /// Starts a subscription that runs again, if its webhook is not as it should be.
    async fn see_to(
        &mut self,
        one: &mut TypeFeed,
        listed: &Subscriptions,
        wanted: Option<&Webhook>,
    ) -> Result<(), Stop> {
        let content_type = one.content_type;
        if !listed.listed.contains(&(content_type, Status::Enabled)) {
            // Its listing will say so.
            return Ok(());
        }
        let of_type = listed.webhooks.iter();
        let of_type = of_type.filter(|(other, _)| *other == content_type);
        let webhooks = of_type.map(|(_, webhook)| webhook);
        let found = KnownWebhook::of(judge(webhooks, wanted, listed.at));
        if found.is_well(wanted.is_some()) {
            one.known.webhook = found;
            return Ok(());
        }
        let now = self.now();
        // Written down before it is asked: a start can take longer than the turn has.
        one.known.started_at = Some(now);
        one.known.webhook = KnownWebhook::tried(found.state, now);
        tracing::info!(
            event = "feed_webhook_renewed", tenant = %self.turn.tenant, %content_type,
            found = found.state.as_str(),
            "a subscription is started again for its webhook's sake"
        );
        let answer = self.ask(content_type, Subscribe::Start(wanted)).await?;
        one.known.webhook = after(&answer, wanted, one.known.webhook, now);
        match answer {
            Err(failure) if failure.refusal == Refusal::Throttled => Err(Stop::Refused(failure)),
            _ => Ok(()),
        }
    }

    /// Starts a subscription that does not run: with its webhook, and without it where that is
    /// refused. What is collected does not wait for a webhook.
    pub(super) async fn start_with_webhook(
        &mut self,
        one: &mut TypeFeed,
    ) -> Result<Result<Subscribed, Failure>, Stop> {
        let now = self.now();
        one.known.started_at = Some(now);
        let content_type = one.content_type;
        let carried = match self.wanted().await {
            Wanted::Nothing => None,
            // It failed within the hour: what is known of it stays.
            _ if !one.known.webhook.may_try(now) => {
                return self.ask(content_type, Subscribe::Start(None)).await;
            }
            Wanted::Unknown => {
                one.known.webhook = KnownWebhook::tried(WebhookState::NoKeys, now);
                return self.ask(content_type, Subscribe::Start(None)).await;
            }
            Wanted::Webhook(webhook) => {
                // Written down before it is asked: a start can take longer than the turn has.
                one.known.webhook = KnownWebhook::tried(WebhookState::Missing, now);
                Some(webhook)
            }
        };
        let carried = carried.as_ref();
        let answer = self.ask(content_type, Subscribe::Start(carried)).await?;
        one.known.webhook = after(&answer, carried, one.known.webhook, now);
        match answer {
            Err(failure) if failure.refusal == Refusal::WebhookRefused && carried.is_some() => {
                self.ask(content_type, Subscribe::Start(None)).await
            }
            answer => Ok(answer),
        }
    }

    async fn wanted(&self) -> Wanted {
        let Some(WebhookPlace { address, auth_ids }) = &self.collector.webhook else {
            return Wanted::Nothing;
        };
        match auth_ids.auth_id(self.turn.tenant).await {
            Some(auth_id) => Wanted::Webhook(Webhook {
                address: address.clone(),
                auth_id,
            }),
            None => Wanted::Unknown,
        }
    }
}

/// The webhook that a tenant's subscriptions are to have.
enum Wanted {
    /// None is configured.
    Nothing,
    Webhook(Webhook),
    /// One is configured, and its AuthID cannot be made.
    Unknown,
}

impl Wanted {
    fn webhook(self) -> Option<Webhook> {
        match self {
            Wanted::Webhook(webhook) => Some(webhook),
            Wanted::Nothing | Wanted::Unknown => None,
        }
    }
}

/// How the webhook is after a start with it, or without one. `before`: where the answer does not
/// say.
fn after(
    answer: &Result<Subscribed, Failure>,
    sent: Option<&Webhook>,
    before: KnownWebhook,
    now: Timestamp,
) -> KnownWebhook {
    let well = KnownWebhook::of(match sent {
        Some(_) => WebhookState::Enabled,
        None => WebhookState::None,
    });
    match answer {
        Ok(answer) => {
            let state = judge(&answer.webhook, sent, answer.at);
            if state == well.state {
                well
            } else {
                KnownWebhook::tried(state, now)
            }
        }
        // It is there as it was asked for.
        Err(failure) if failure.refusal == Refusal::AlreadyEnabled => well,
        Err(failure) if failure.refusal == Refusal::WebhookRefused => {
            KnownWebhook::tried(WebhookState::NotValidated, now)
        }
        Err(_) => before,
    }
}

/// A refusal here holds up no type, but for one that is of the tenant's quota.
fn goes_on(stop: Stop) -> Result<(), Halt> {
    match stop {
        Stop::Halt(halt) => Err(halt),
        Stop::Refused(failure) if failure.refusal == Refusal::Throttled => Err(Halt::Throttled),
        Stop::Refused(_) => Ok(()),
    }
}
