//! What all pages of a deployment have in common; needs no secret.

use auth::consent::RegisteredPermissions;
use auth::protocol::{ConsentFlow, ConsentMode};
use auth::requirements::Requirements;
use auth::{Cloud, Resource};
use wiring::settings::ConsentFunctionSettings;

use crate::permissions::{Permission, listed};

/// How the pages name the company that asks, unless `CONSENT_COMPANY_NAME` does.
const UNNAMED_COMPANY: &str = "This service";

/// What all pages of a deployment have in common.
#[derive(Debug, Clone)]
pub struct Site {
    /// `CONSENT_COMPANY_NAME`.
    pub company: Option<String>,
    /// `CONSENT_REGISTERED_PERMISSIONS`: what the landing page lists.
    pub registered: Option<RegisteredPermissions>,
    /// What it lists without that; and the APIs that tokens are kept for.
    pub requirements: Requirements,
    /// The deployment's own.
    pub cloud: Cloud,
    /// Of these pages, without a trailing slash.
    pub origin: String,
    /// Whether anybody can begin at `/consent`, without an invite.
    pub open: bool,
    /// Which pages of Microsoft's the admin will see.
    pub flow: ConsentFlow,
}

impl Site {
    /// As the settings have it.
    pub(crate) fn of(settings: &ConsentFunctionSettings) -> Self {
        Self {
            company: settings.company.clone(),
            registered: settings.registered.clone(),
            requirements: settings.entra.requirements.clone(),
            cloud: settings.entra.authority.cloud,
            origin: settings.redirect_uri.origin(),
            open: settings.mode == ConsentMode::Open,
            flow: settings.flow,
        }
    }

    /// Who asks.
    pub(crate) fn company(&self) -> &str {
        self.company.as_deref().unwrap_or(UNNAMED_COMPANY)
    }

    /// The pages are at `http://`, as on one machine without `--tls`.
    pub(crate) fn is_without_tls(&self) -> bool {
        self.origin.starts_with("http:")
    }

    /// What the landing page lists.
    pub(crate) fn permissions(&self) -> Vec<Permission<'_>> {
        let kept = self.requirements.resources(self.cloud);
        let further = kept.get(1..).unwrap_or_default();
        listed(self.registered.as_ref(), &self.requirements, further)
    }

    /// Whether the audit log of a tenant of `cloud` is read with the tokens that are kept.
    pub(crate) fn reads_audit_log(&self, cloud: Cloud) -> bool {
        let resources = self.requirements.resources(cloud);
        resources.iter().any(Resource::is_management_api)
    }
}
