//! `/subscriptions/start`, `/stop` and `/list`.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::call::Call;
use super::content_type::ContentType;
use super::errors::{Refused, auditing_off};
use super::shape::shaped;
use super::validation;
use super::webhook::Webhook;
use crate::faults::FaultKind;

/// `POST /subscriptions/start?contentType=`: a webhook is validated before anything changes.
pub(crate) fn start(call: &Call) -> BoxFuture<'_, Result<Response, Refused>> {
    Box::pin(started(call))
}

async fn started(call: &Call) -> Result<Response, Refused> {
    let content_type = call.content_type()?;
    let core = &call.site.core;
    let off = core
        .faults
        .hit_by(FaultKind::AuditingOff, Some(call.tenant));
    if off.is_some() {
        // The hit can have been its last.
        core.note_auditing()?;
        return Err(auditing_off(call.tenant));
    }
    let activity = &core.activity;
    let webhook = Webhook::read(&call.body, call.now, activity.plain_loopback)?;
    let key = call.key(content_type);
    let subscription = activity.subscription(key);
    subscription.check_change(webhook.as_ref(), call.now)?;
    if let Some(webhook) = &webhook {
        // Assumption `unvalidated-start`.
        validation::check(call, webhook).await?;
    }
    let backlog = activity.scenario(call.tenant).backlog_seconds;
    activity.change(key, |subscription| {
        subscription.start(webhook.clone(), call.moment(), backlog)
    })??;
    let name = names(call)(content_type);
    let started = shown(&name, webhook.as_ref(), Some("enabled"), call.now);
    Ok(shaped(
        call,
        StatusCode::OK,
        started.to_string().into_bytes(),
    ))
}

/// `POST /subscriptions/stop?contentType=`: empty both ways.
pub(crate) fn stop(call: &Call) -> Result<Response, Refused> {
    let key = call.key(call.content_type()?);
    let activity = &call.site.core.activity;
    activity.change(key, |subscription| subscription.stop(call.moment()))?;
    Ok(Response::new(Body::empty()))
}

/// `GET /subscriptions/list`
pub(crate) fn list(call: &Call) -> Result<Response, Refused> {
    let all = call.site.core.activity.of(call.tenant, call.client);
    let all = all.iter().filter_map(|(content_type, subscription)| {
        Some((content_type, subscription, subscription.listed()?))
    });
    let listed: Vec<_> = all.collect();
    let name = names(call);
    let has_status = listed.is_empty() || call.fault(FaultKind::WithoutStatus).is_none();
    let shown = listed.iter().map(|(content_type, subscription, status)| {
        let status = has_status.then_some(*status);
        shown(
            &name(**content_type),
            subscription.webhook(),
            status,
            call.now,
        )
    });
    let shown = Value::from_iter(shown);
    Ok(shaped(call, StatusCode::OK, shown.to_string().into_bytes()))
}

/// How this answer writes the names of types.
pub(crate) fn names(call: &Call) -> impl Fn(ContentType) -> String + use<> {
    let is_odd = call.fault(FaultKind::OddCase).is_some();
    move |content_type| {
        if is_odd {
            content_type.in_odd_case()
        } else {
            content_type.facts().name.to_owned()
        }
    }
}

fn shown(content_type: &str, webhook: Option<&Webhook>, status: Option<&str>, now: u64) -> Value {
    let mut shown = json!({
        "contentType": content_type,
        "webhook": webhook.map(|webhook| webhook.to_json(now)),
    });
    if let Some(status) = status {
        shown["status"] = json!(status);
    }
    shown
}
