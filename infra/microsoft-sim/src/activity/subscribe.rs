//! `/subscriptions/start`, `/stop` and `/list`.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::call::Call;
use super::content_type::ContentType;
use super::errors::{Refused, auditing_off};
use super::subscription::Subscription;
use super::webhook::Webhook;
use crate::answer;
use crate::faults::FaultKind;

/// `POST /subscriptions/start?contentType=`
pub(crate) fn start(call: &Call) -> Result<Response, Refused> {
    let content_type = call.content_type()?;
    let core = &call.site.core;
    let off = core
        .faults
        .hit_by(FaultKind::AuditingOff, Some(call.tenant));
    if off.is_some() {
        return Err(auditing_off(call.tenant));
    }
    let webhook = Webhook::read(&call.body, call.now)?;
    let backlog = core.activity.scenario.backlog_seconds;
    let started = core
        .activity
        .change(call.key(content_type), |subscription| {
            subscription.start(webhook, call.now, backlog)?;
            Ok::<_, Refused>(shown(content_type, subscription, "enabled", call.now))
        })?;
    Ok(answer::json(StatusCode::OK, &started?))
}

/// `POST /subscriptions/stop?contentType=`: empty both ways.
pub(crate) fn stop(call: &Call) -> Result<Response, Refused> {
    let key = call.key(call.content_type()?);
    let activity = &call.site.core.activity;
    activity.change(key, |subscription| subscription.stop(call.now))?;
    Ok(Response::new(Body::empty()))
}

/// `GET /subscriptions/list`
pub(crate) fn list(call: &Call) -> Result<Response, Refused> {
    let all = call.site.core.activity.of(call.tenant, call.client);
    let shown: Vec<Value> = all
        .iter()
        .filter_map(|(content_type, subscription)| {
            let status = subscription.listed()?;
            Some(shown(*content_type, subscription, status, call.now))
        })
        .collect();
    Ok(answer::json(StatusCode::OK, &json!(shown)))
}

fn shown(content_type: ContentType, subscription: &Subscription, status: &str, now: u64) -> Value {
    let webhook = subscription.webhook();
    json!({
        "contentType": content_type.facts().name,
        "status": status,
        "webhook": webhook.map(|webhook| webhook.to_json(now)),
    })
}
