//! A type's subscription in a turn: started where it does not run.

use auth::Timestamp;

use super::session::Session;
use super::stop::Stop;
use crate::content_type::ContentType;
use crate::ledger::TypeFeed;
use crate::ports::{Failure, Subscribe, Subscribed, Subscriptions};
use crate::progress::{Progress, horizon};
use crate::refusal::{Refusal, Step};
use crate::subscription::{Action, reconcile};

impl Session<'_> {
    /// The subscriptions of the tenant.
    pub(super) async fn subscriptions(&mut self) -> Result<Subscriptions, Stop> {
        self.about = None;
        loop {
            self.may_ask().await?;
            match self.collector.api.subscriptions(self.who()).await {
                Ok(mut listed) => {
                    listed.at = self.believed(listed.at);
                    return Ok(listed);
                }
                Err(failure) if self.has_another_token(&failure).await => {}
                Err(failure) => return Err(Stop::Refused(failure)),
            }
        }
    }

    /// Does what is to be done for one type; until when it waits.
    pub(super) async fn subscribe(
        &mut self,
        feed: &mut TypeFeed,
        listed: &Subscriptions,
    ) -> Result<Option<Timestamp>, Stop> {
        let now = self.now();
        let leaves = self.turn.leaves;
        let found = reconcile(feed.content_type, &listed.listed, feed.known, leaves, now);
        match found {
            Action::Collect => {
                feed.known.refusal = None;
                // It ran before we knew it: all that can still be fetched is wanted.
                self.begins(feed, horizon(listed.at));
            }
            Action::Start => self.start(feed, listed.at).await?,
            Action::Wait { until, because } => {
                feed.known.refusal = Some(because);
                return Ok(Some(until));
            }
            Action::Stop => self.stop(feed.content_type).await?,
            Action::Nothing => {}
        }
        Ok(None)
    }

    /// One that does not run is stopped.
    async fn stop(&mut self, content_type: ContentType) -> Result<(), Stop> {
        match self.ask(content_type, Subscribe::Stop).await? {
            Err(failure) if failure.refusal != Refusal::NotSubscribed => {
                Err(Stop::Refused(failure))
            }
            _ => Ok(()),
        }
    }

    /// `listed_at`: Microsoft's clock.
    async fn start(&mut self, feed: &mut TypeFeed, listed_at: Timestamp) -> Result<(), Stop> {
        match self.start_with_webhook(feed).await? {
            Ok(started) => {
                let at = self.believed(started.at);
                feed.known.refusal = None;
                self.begins(feed, at - self.collector.before_start);
            }
            Err(failure) if failure.refusal == Refusal::AlreadyEnabled => {
                let at = self.believed(failure.at.unwrap_or(listed_at));
                feed.known.refusal = None;
                self.begins(feed, horizon(at));
            }
            Err(failure) => return Err(Stop::Refused(failure)),
        }
        Ok(())
    }

    /// One that stood still goes on where it was: what it missed is listed, or expires.
    fn begins(&self, feed: &mut TypeFeed, since: Timestamp) {
        let settle = self.collector.settle;
        feed.progress
            .get_or_insert_with(|| Progress::beginning(since, settle));
    }

    pub(super) async fn ask(
        &mut self,
        content_type: ContentType,
        what: Subscribe<'_>,
    ) -> Result<Result<Subscribed, Failure>, Stop> {
        self.about = Some(content_type);
        loop {
            self.may_ask().await?;
            let api = &self.collector.api;
            match api.subscribe(self.who(), content_type, what).await {
                Err(failure) if self.has_another_token(&failure).await => {}
                answer => return Ok(answer),
            }
        }
    }
}

/// Whether a type's subscription has to be looked at: it costs a request, which an idle tenant
/// is spared.
pub(super) fn is_in_doubt(feed: &TypeFeed) -> bool {
    let held = |refusal: Refusal| {
        matches!(
            refusal.step(),
            Step::Start | Step::HoldType | Step::HoldTenant
        )
    };
    feed.progress.is_none() || feed.known.refusal.is_some_and(held)
}
