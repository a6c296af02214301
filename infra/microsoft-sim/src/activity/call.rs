//! A request to the API that has been admitted (`received.rs`): what a handler works on.

use axum::body::Bytes;
use axum::http::HeaderMap;
use uuid::Uuid;

use super::content_type::ContentType;
use super::errors::{AfError, BAD_TYPE, MISSING, NO_PERMISSION, Refused};
use super::subscription::Key;
use crate::faults::{Fault, FaultKind, FaultyEndpoint};
use crate::files::OpenError;
use crate::parameters::Parameters;
use crate::site::Site;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Start,
    Stop,
    List,
    Content,
    Notifications,
    Blob,
    FriendlyNames,
}

/// A request that may be answered.
pub(crate) struct Call {
    pub(crate) site: Site,
    pub(crate) operation: Operation,
    pub(crate) now: u64,
    pub(crate) tenant: Uuid,
    pub(crate) client: Uuid,
    /// What the token grants.
    pub(crate) permissions: Vec<String>,
    /// The last segment of a contentUri, decoded.
    pub(crate) content_id: String,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Parameters,
    pub(crate) body: Bytes,
}

impl Operation {
    /// As errors name it. Assumption `names-of-methods`.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::Start => "StartSubscription",
            Self::Stop => "StopSubscription",
            Self::List => "ListSubscriptions",
            Self::Content => "GetAvailableContent",
            Self::Notifications => "GetNotifications",
            Self::Blob => "GetBlob",
            Self::FriendlyNames => "GetResources",
        }
    }

    /// Which of a fault's endpoints it is.
    pub(crate) fn endpoint(self) -> FaultyEndpoint {
        match self {
            Self::Content => FaultyEndpoint::Content,
            Self::Blob => FaultyEndpoint::Blob,
            _ => FaultyEndpoint::Subscriptions,
        }
    }
}

impl Call {
    /// The type that the query names, if the token may read it.
    pub(crate) fn content_type(&self) -> Result<ContentType, Refused> {
        let named = self.query.get_in_any_case("contentType");
        let named = named.ok_or_else(|| MISSING.because("Missing parameter: contentType."))?;
        let content_type = ContentType::parse(named).ok_or(&BAD_TYPE)?;
        self.require_for(content_type)?;
        Ok(content_type)
    }

    pub(crate) fn require_for(&self, content_type: ContentType) -> Result<(), Refused> {
        match content_type {
            ContentType::DlpAll => self.require("ActivityFeed.ReadDlp"),
            _ => Ok(()),
        }
    }

    pub(crate) fn require(&self, permission: &str) -> Result<(), Refused> {
        if self.permissions.iter().any(|held| held == permission) {
            return Ok(());
        }
        Err(NO_PERMISSION.because(format!(
            "The permission set ({}) sent in the request does not include the expected permission {permission}.",
            self.permissions.join(",")
        )))
    }

    pub(crate) fn key(&self, content_type: ContentType) -> Key {
        Key {
            tenant: self.tenant,
            client: self.client,
            content_type,
        }
    }

    /// A fault of that kind for this tenant, counted as a hit. One that names no endpoint
    /// is for all of this API.
    pub(crate) fn fault(&self, kind: FaultKind) -> Option<Fault> {
        let faults = &self.site.core.faults;
        faults.hit(Some(self.tenant), |fault| self.is_for(fault, kind))
    }

    /// The same, not counted.
    pub(crate) fn sees(&self, kind: FaultKind) -> Option<Fault> {
        let faults = &self.site.core.faults;
        faults.see_any(Some(self.tenant), |fault| self.is_for(fault, kind))
    }

    fn is_for(&self, fault: &Fault, kind: FaultKind) -> bool {
        let here = [FaultyEndpoint::default(), self.operation.endpoint()];
        fault.kind == kind && here.contains(&fault.endpoint)
    }

    /// What faults do to subscriptions before the request is carried out.
    pub(crate) fn apply_faults(&self) -> Result<(), Refused> {
        for kind in [
            FaultKind::SubscriptionVanished,
            FaultKind::SubscriptionDisabled,
            FaultKind::WebhookRemoved,
            FaultKind::WebhookDisabled,
        ] {
            if let Some(fault) = self.sees(kind) {
                self.apply_fault(kind, &fault)?;
            }
        }
        Ok(())
    }

    /// Hits only where there is something to hit.
    fn apply_fault(&self, kind: FaultKind, fault: &Fault) -> Result<(), Refused> {
        let activity = &self.site.core.activity;
        let one = fault.value.as_str().and_then(ContentType::parse);
        let types = one.map_or(ContentType::ALL.to_vec(), |one| vec![one]);
        let keys = types.into_iter().map(|content_type| self.key(content_type));
        let is_there = |key: &Key| {
            let subscription = activity.subscription(*key);
            let is_struck = match kind {
                FaultKind::WebhookRemoved => subscription.webhook().is_some(),
                FaultKind::WebhookDisabled => subscription.called(self.now).is_some(),
                _ => true,
            };
            subscription.is_enabled() && is_struck
        };
        let keys: Vec<Key> = keys.filter(is_there).collect();
        if keys.is_empty() || self.fault(kind).is_none() {
            return Ok(());
        }
        for key in keys {
            activity.change(key, |subscription| match kind {
                FaultKind::SubscriptionVanished => subscription.vanish(self.moment()),
                FaultKind::SubscriptionDisabled => subscription.disable(self.moment()),
                FaultKind::WebhookDisabled => subscription.disable_webhook(),
                _ => subscription.remove_webhook(),
            })?;
        }
        Ok(())
    }

    /// The time of a change, read while nothing else changes: nothing was listed later.
    pub(crate) fn moment(&self) -> u64 {
        self.site.core.clock.unix_seconds()
    }
}

/// The simulator could not keep what it was asked to.
impl From<OpenError> for Refused {
    fn from(error: OpenError) -> Self {
        tracing::error!(%error, "the state of the simulated API cannot be kept");
        AfError::find("AF50000").unwrap_or(&BAD_TYPE).into()
    }
}
