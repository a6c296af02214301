//! The webhooks of an API that is held in memory, and the AuthIDs that they are started with.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use auth::TenantId;
use auth::secret::SecretString;
use feed::ContentType;
use feed::collect::WebhookPlace;
use feed::ports::AuthIds;
use feed::refusal::Refusal;
use feed::webhook::{ListedWebhook, Webhook, WebhookStatus};

use super::TENANT;

pub(crate) const ADDRESS: &str = "https://broker.example/feed/webhook";
pub(crate) const AUTH_ID: &str = "k1";

/// A start that arrived: its type, whether it carried a webhook, and when.
pub(crate) type Start = (ContentType, bool, i64);

/// What the API holds of webhooks.
#[derive(Default)]
pub(crate) struct Webhooks {
    pub(crate) set: BTreeMap<ContentType, ListedWebhook>,
    /// What a start with a webhook is refused with.
    pub(crate) refuses: Option<Refusal>,
    /// A start takes what it is given, and forgets the webhook.
    pub(crate) forgets: bool,
    pub(crate) starts: Vec<Start>,
}

impl Webhooks {
    /// What the start is refused with for its webhook's sake.
    pub(super) fn start(
        &mut self,
        content_type: ContentType,
        sent: Option<&Webhook>,
        now: i64,
    ) -> Option<Refusal> {
        self.starts.push((content_type, sent.is_some(), now));
        let Some(sent) = sent else {
            self.set.remove(&content_type);
            return None;
        };
        if self.refuses.is_some() {
            return self.refuses;
        }
        if !self.forgets {
            self.set.insert(content_type, listed(sent));
        }
        None
    }

    /// The starts since somebody asked.
    pub(crate) fn taken(&mut self) -> Vec<Start> {
        std::mem::take(&mut self.starts)
    }
}

fn listed(sent: &Webhook) -> ListedWebhook {
    ListedWebhook {
        address: sent.address.to_string(),
        auth_id: Some(sent.auth_id.clone()),
        expires_at: None,
        status: WebhookStatus::Enabled,
    }
}

/// The webhook of a collector, at this address, with AuthIDs of this key.
pub(crate) fn place(address: &str, key: &str) -> WebhookPlace {
    WebhookPlace {
        address: address.parse().unwrap(),
        auth_ids: Arc::new(Key(Some(key.to_owned()))),
    }
}

/// One whose keys cannot be read.
pub(crate) fn without_keys() -> WebhookPlace {
    WebhookPlace {
        auth_ids: Arc::new(Key(None)),
        ..place(ADDRESS, AUTH_ID)
    }
}

struct Key(Option<String>);

#[async_trait]
impl AuthIds for Key {
    async fn auth_id(&self, tenant: TenantId) -> Option<SecretString> {
        assert_eq!(tenant.to_string(), TENANT);
        self.0.clone().map(Into::into)
    }
}
