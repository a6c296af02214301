//! One token request on its way through the checks: what all of them look at.

use std::sync::Arc;

use super::request::TokenRequest;
use crate::authority::{Authority, Version};
use crate::claims::Validity;
use crate::directory::Snapshot;
use crate::directory::applications::Application;
use crate::errors::Refusal;
use crate::site::{Core, Site};
use crate::standing;

pub(super) struct Call<'a> {
    pub(super) site: &'a Site,
    /// Unix seconds.
    pub(super) now: u64,
    pub(super) version: Version,
    pub(super) authority: Authority,
    pub(super) directory: &'a Snapshot,
}

impl Call<'_> {
    pub(super) fn core(&self) -> &Core {
        &self.site.core
    }

    /// The application that the request names.
    pub(super) fn application(
        &self,
        request: &TokenRequest<'_>,
    ) -> Result<&Arc<Application>, Refusal> {
        let place = self
            .authority
            .tenant()
            .map_or("Microsoft", |tenant| &tenant.display_name);
        standing::registered(&request.client_id, place, self.directory)
    }

    /// When a token of this tenant is issued now, and how long it lives.
    pub(super) fn validity(&self, tenant_id: uuid::Uuid) -> Validity {
        Validity {
            now: self.now,
            life: self.core().token_life(tenant_id),
        }
    }
}
