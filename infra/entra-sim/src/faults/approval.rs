//! The fault that stops a plain user on Microsoft's page "Need admin approval":
//! no redirect leads back from it, so that the application never hears of it.

use axum::http::StatusCode;
use axum::response::Response;

use crate::directory::applications::Application;
use crate::directory::tenants::Tenant;
use crate::errors::Refusal;
use crate::faults::Kind;
use crate::server::Site;
use crate::{answer, page};

impl Site {
    /// The page in place of the redirect that would carry `refusal`, if the fault
    /// is set for this tenant. Counted as a refusal all the same.
    pub(crate) fn stopped(
        &self,
        tenant: &Tenant,
        application: &Application,
        refusal: &Refusal,
    ) -> Option<Response> {
        let tenant_id = Some(tenant.tenant_id);
        self.core
            .faults
            .hit_by(Kind::NeedAdminApproval, tenant_id)?;
        self.count_refusal(refusal);
        let page = page::need_admin_approval(&application.registration.display_name);
        Some(answer::html(StatusCode::OK, page))
    }
}
