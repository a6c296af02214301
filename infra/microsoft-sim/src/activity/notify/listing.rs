//! `/subscriptions/notifications`: the attempts that were made, several for a content, in any
//! order.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::attempts::Attempt;
use super::notification::described;
use crate::activity::call::Call;
use crate::activity::chance::Chance;
use crate::activity::errors::Refused;
use crate::activity::shape::shaped;
use crate::activity::subscribe::names;
use crate::activity::window::Window;
use crate::moment;

/// `GET /subscriptions/notifications?contentType=&startTime=&endTime=`, by contentCreated.
/// Assumption `list-of-notifications`.
pub(crate) fn list(call: &Call) -> Result<Response, Refused> {
    let content_type = call.content_type()?;
    let window = Window::read(&call.query, call.now, || false)?;
    let key = call.key(content_type);
    let activity = &call.site.core.activity;
    activity.subscription(key).check()?;
    let mut attempts = activity.notices.attempts(key);
    let range = window.start * 1000..window.end * 1000;
    attempts.retain(|attempt| range.contains(&attempt.blob.created_ms));
    let seed = activity.scenario(call.tenant).seed;
    attempts.sort_by_key(|attempt| Chance::of(&[seed, attempt.number]).draw());
    let name = names(call)(content_type);
    let shown = attempts.iter().map(|attempt| shown(call, &name, attempt));
    let shown = Value::from_iter(shown);
    Ok(shaped(call, StatusCode::OK, shown.to_string().into_bytes()))
}

fn shown(call: &Call, name: &str, attempt: &Attempt) -> Value {
    let mut shown = described(&call.site.base_url, call.tenant, name, &attempt.blob);
    shown["notificationSent"] = json!(moment::with_milliseconds(attempt.sent_at * 1000));
    let status = if attempt.is_success {
        "success"
    } else {
        "failed"
    };
    shown["notificationStatus"] = json!(status);
    shown
}
