//! The validation of a webhook, within the start that names it.

use serde_json::json;

use super::call::Call;
use super::errors::{AfError, BAD_TYPE, Refused};
use super::post::Message;
use super::webhook::{Webhook, not_validated};
use crate::faults::FaultKind;
use crate::platform::{RandomnessFailed, random_text};

/// Posts a code to the webhook, which need not echo it. Assumption `webhook-validation`.
pub(super) async fn check(call: &Call, webhook: &Webhook) -> Result<(), Refused> {
    let code = random_text::<24>()?;
    let status = match call.fault(FaultKind::WebhookUnreachable) {
        Some(_) => None,
        None => {
            let message = Message {
                address: &webhook.address,
                auth_id: webhook.auth_id.as_deref(),
                validation_code: Some(&code),
                content_type: "application/json; charset=utf-8",
                body: json!({"validationCode": code}).to_string(),
            };
            call.site.core.activity.post.send(message).await
        }
    };
    match status {
        Some(200) => Ok(()),
        Some(other) => Err(not_validated(
            &webhook.address,
            &format!("It answered with {other}."),
        )),
        None => Err(not_validated(&webhook.address, "It did not answer.")),
    }
}

impl From<RandomnessFailed> for Refused {
    fn from(error: RandomnessFailed) -> Self {
        tracing::error!(%error, "no validation code can be made");
        AfError::find("AF50000").unwrap_or(&BAD_TYPE).into()
    }
}
