//! Sends what is due: when it is asked to, or by itself every second.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use futures::StreamExt as _;
use futures::stream;
use serde::Serialize;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use super::gathering::gather;
use super::notification::Notification;
use super::waiting::Failed;
use crate::activity::post::Message;
use crate::activity::subscription::Key;
use crate::answer;
use crate::faults::{Fault, FaultKind, FaultyEndpoint};
use crate::site::Site;

/// Notifications that are under way at the same time.
const AT_ONCE: usize = 16;
/// How often it is looked for something that is due.
const EVERY: Duration = Duration::from_secs(1);

/// What a pass did.
#[derive(Debug, Default, Serialize)]
struct Passed {
    /// Answered with 200.
    sent: u64,
    /// Sent, and not so answered.
    failed: u64,
    /// Notifications that are due later.
    waiting: usize,
}

/// `POST /_sim/activity/notify`: sends what is due by the clock of this moment, and answers once
/// nothing is.
pub(crate) async fn asked(State(site): State<Site>) -> Response {
    let passed = pass(&site).await;
    answer::json(StatusCode::OK, &json!(passed))
}

/// Sends what is due every second, for as long as it is polled.
pub(crate) async fn by_itself(site: Site) -> Infallible {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        pass(&site).await;
    }
}

async fn pass(site: &Site) -> Passed {
    let notices = &site.core.activity.notices;
    let _alone = notices.alone().await;
    let mut passed = Passed::default();
    loop {
        let now = site.core.clock.unix_seconds();
        gather(site, now);
        let due = notices.due(now);
        if due.is_empty() {
            passed.waiting = notices.waiting();
            return passed;
        }
        let sending = due.into_iter().map(|one| send(site, one));
        let mut outcomes = stream::iter(sending).buffer_unordered(AT_ONCE);
        while let Some(outcome) = outcomes.next().await {
            match outcome {
                Some(true) => passed.sent += 1,
                Some(false) => passed.failed += 1,
                None => {}
            }
        }
    }
}

/// Whether it was answered with 200; `None` where it is not sent: its webhook is not called any
/// more.
async fn send(site: &Site, notification: Notification) -> Option<bool> {
    let (core, key) = (&site.core, notification.key);
    let subscription = core.activity.subscription(key);
    let Some(webhook) = subscription.called(core.clock.unix_seconds()) else {
        core.activity.notices.drop_all(key);
        return None;
    };
    let tenant = Some(key.tenant);
    let unreachable = core.faults.hit_by(FaultKind::WebhookUnreachable, tenant);
    let status = match unreachable {
        Some(_) => None,
        None => {
            let message = Message {
                address: &webhook.address,
                auth_id: webhook.auth_id.as_deref(),
                validation_code: None,
                content_type: notification.content_type,
                body: notification.body(&site.base_url, &name(site, key)),
            };
            core.activity.post.send(message).await
        }
    };
    let now = core.clock.unix_seconds();
    if status == Some(200) {
        let notices = &core.activity.notices;
        notices.succeeded(key, &notification.blobs, now);
        return Some(true);
    }
    if core.activity.notices.failed(notification, now) == Failed::Disables {
        disable(site, key);
    }
    Some(false)
}

fn disable(site: &Site, key: Key) {
    let activity = &site.core.activity;
    activity.notices.drop_all(key);
    let changed = activity.change(key, |subscription| subscription.disable_webhook());
    if let Err(error) = changed {
        tracing::error!(%error, "the state of the simulated API cannot be kept");
    }
}

/// The type's name, as this notification writes it.
fn name(site: &Site, key: Key) -> String {
    let is_odd = |fault: &Fault| {
        fault.kind == FaultKind::OddCase && fault.endpoint == FaultyEndpoint::default()
    };
    match site.core.faults.hit(Some(key.tenant), is_odd) {
        Some(_) => key.content_type.in_odd_case(),
        None => key.content_type.facts().name.to_owned(),
    }
}
