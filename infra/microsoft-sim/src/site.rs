//! What every handler of the simulator shares: its state at one base URL, and the three
//! ways in which a refusal is answered. Handlers use this file; it uses none of them.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use uuid::Uuid;

use crate::activity::state::Activity;
use crate::codes::Codes;
use crate::config::Config;
use crate::directory::Directory;
use crate::directory::applications::Application;
use crate::directory::tenants::Tenant;
use crate::errors::Refusal;
use crate::exchange::Exchange;
use crate::faults::{FaultKind, Faults};
use crate::files::{self, OpenError};
use crate::graph::added::AddedKeys;
use crate::issued::Issued;
use crate::keys::SigningKey;
use crate::platform::Clock;
use crate::stats::Stats;
use crate::{answer, page};

/// The simulator at one base URL.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) core: Arc<Core>,
    /// Without a closing slash.
    pub(crate) base_url: Arc<str>,
}

/// The simulator's state, the same at every base URL.
pub(crate) struct Core {
    /// Life of an access token in seconds, where no fault sets another.
    token_life: u64,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) directory: Directory,
    pub(crate) signing_key: SigningKey,
    pub(crate) codes: Codes,
    pub(crate) faults: Faults,
    pub(crate) stats: Stats,
    pub(crate) issued: Issued,
    pub(crate) activity: Activity,
    pub(crate) added_keys: AddedKeys,
}

impl Core {
    pub(crate) fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let data_dir = config.data_dir.as_deref();
        if let Some(path) = data_dir {
            files::make_directory(path)?;
        }
        let core = Self {
            token_life: config.token_life_seconds,
            activity: Activity::open(&config, clock.unix_seconds())?,
            clock,
            directory: Directory::open(data_dir, config.tenants)?,
            signing_key: SigningKey::open(data_dir)?,
            codes: Codes::default(),
            faults: Faults::default(),
            stats: Stats::default(),
            issued: Issued::default(),
            added_keys: AddedKeys::default(),
        };
        // No fault outlives the process.
        core.note_auditing()?;
        Ok(core)
    }

    /// Writes down in which tenants auditing is off: asked whenever a fault begins or ends.
    pub(crate) fn note_auditing(&self) -> Result<(), OpenError> {
        let directory = self.directory.snapshot();
        self.activity.note_auditing(|auditing| {
            let now = self.clock.unix_seconds();
            for tenant in directory.tenants() {
                let tenant = tenant.tenant_id;
                let off = self.faults.see(FaultKind::AuditingOff, Some(tenant));
                auditing.note(tenant, off.is_some(), now);
            }
        })
    }

    /// Life of an access token that this tenant is issued now, in seconds.
    pub(crate) fn token_life(&self, tenant_id: Uuid) -> u64 {
        self.faults
            .hit_by(FaultKind::TokenLife, Some(tenant_id))
            .map_or(self.token_life, |fault| fault.number_or(self.token_life))
    }
}

impl Site {
    pub(crate) fn new(core: Arc<Core>, base_url: &str) -> Self {
        let base_url = Arc::from(base_url.trim_end_matches('/'));
        Self { core, base_url }
    }

    pub(crate) fn begin(&self, headers: &HeaderMap) -> Exchange {
        Exchange::begin(self.core.clock.as_ref(), headers)
    }

    /// Counts a refusal, however it is answered.
    pub(crate) fn count_refusal(&self, refusal: &Refusal) {
        self.core
            .stats
            .count(|counts| *counts.refused.entry(refusal.code()).or_default() += 1);
    }

    /// A refusal as JSON.
    pub(crate) fn refuse(&self, refusal: &Refusal, exchange: &Exchange) -> Response {
        self.count_refusal(refusal);
        exchange.mark(refusal.to_json(exchange, &self.base_url))
    }

    /// A refusal as a page: the redirect URI is not to be trusted, or not known.
    pub(crate) fn refuse_on_page(&self, refusal: &Refusal, exchange: &Exchange) -> Response {
        self.count_refusal(refusal);
        // Assumption `error-pages-are-400`.
        let page = page::refusal(&refusal.description(exchange));
        exchange.mark(answer::html(StatusCode::BAD_REQUEST, page))
    }

    /// A refusal as Microsoft's page "Need admin approval", if that fault is set for the
    /// tenant. No redirect leads back from it, so the application never hears of the refusal.
    pub(crate) fn need_admin_approval(
        &self,
        tenant: &Tenant,
        application: &Application,
        refusal: &Refusal,
    ) -> Option<Response> {
        let tenant_id = Some(tenant.tenant_id);
        self.core
            .faults
            .hit_by(FaultKind::NeedAdminApproval, tenant_id)?;
        self.count_refusal(refusal);
        let page = page::need_admin_approval(&application.registration.display_name);
        Some(answer::html(StatusCode::OK, page))
    }
}
