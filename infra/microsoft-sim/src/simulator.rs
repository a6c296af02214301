//! The simulator as a program holds it: open, register, grant, serve.

use std::future::{Future, IntoFuture as _};
use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::{Listener, ListenerExt as _};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::activity::notify;
use crate::config::Config;
use crate::connection::{Peer, Watched};
use crate::directory::applications::RegisterError;
use crate::directory::resources::Resource;
use crate::directory::tenants::Role;
use crate::files::OpenError;
use crate::platform::Clock;
use crate::registration::Registration;
use crate::server;
use crate::site::{Core, Site};

/// A simulated Microsoft Entra ID. Clones share one directory.
#[derive(Clone)]
pub struct Simulator {
    core: Arc<Core>,
    /// Webhooks are called without being asked to.
    notifies: bool,
}

/// A simulated customer tenant, as the sign-in page lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedTenant {
    /// The tenant's GUID.
    pub tenant_id: Uuid,
    /// User principal name of its Global Administrator.
    pub admin: String,
    /// User principal name of a user without any role.
    pub user: String,
}

/// Why consent could not be granted.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The application is not registered.
    #[error("application {0} is not registered")]
    UnknownApplication(Uuid),
    /// The tenant does not exist.
    #[error("tenant {0} does not exist")]
    UnknownTenant(Uuid),
    /// The resource does not exist.
    #[error("{0} is no resource that this directory knows")]
    UnknownResource(String),
    /// The consent could not be kept.
    #[error(transparent)]
    Storage(#[from] OpenError),
    /// No identifier could be drawn.
    #[error(transparent)]
    Randomness(#[from] crate::platform::RandomnessFailed),
}

impl Simulator {
    /// Loads the data directory, or makes tenants, people and a signing key at
    /// the first start. A file that is damaged is named in the error and left
    /// untouched.
    pub fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let notifies = config.webhooks.by_themselves;
        let core = Arc::new(Core::open(config, clock)?);
        Ok(Self { core, notifies })
    }

    /// Registers an application, or replaces the one with this client ID.
    /// Consents that it has been given stay.
    pub fn register(&self, registration: Registration) -> Result<(), RegisterError> {
        self.core
            .directory
            .change(|directory| directory.register(registration))
    }

    /// The registration with this client ID.
    pub fn registration(&self, client_id: Uuid) -> Option<Registration> {
        self.core
            .directory
            .snapshot()
            .application(client_id)
            .map(|application| application.registration.clone())
    }

    /// The simulated tenants, in a stable order.
    pub fn tenants(&self) -> Vec<SimulatedTenant> {
        self.core
            .directory
            .snapshot()
            .tenants()
            .iter()
            .map(|tenant| SimulatedTenant {
                tenant_id: tenant.tenant_id,
                admin: tenant.first(Role::GlobalAdministrator).to_owned(),
                user: tenant.first(Role::User).to_owned(),
            })
            .collect()
    }

    /// Grants what the application requires in each of these tenants, as their
    /// admins would by signing in: for fleets that are too many to click.
    pub fn grant_admin_consent(&self, client_id: Uuid, tenants: &[Uuid]) -> Result<(), GrantError> {
        let now = self.core.clock.unix_seconds();
        self.core.directory.change(|directory| {
            let application = directory
                .application(client_id)
                .cloned()
                .ok_or(GrantError::UnknownApplication(client_id))?;
            for tenant_id in tenants {
                if directory.tenant(&tenant_id.to_string()).is_none() {
                    return Err(GrantError::UnknownTenant(*tenant_id));
                }
                directory.change_principal(*tenant_id, client_id, |principal| {
                    principal.grant_required(&application, now);
                })?;
            }
            Ok::<_, GrantError>(())
        })?;
        for tenant_id in tenants {
            self.core.faults.end_by_consent(*tenant_id);
        }
        Ok(())
    }

    /// An admin of the tenant assigns the application one role of a resource, whether or not
    /// the registration asks for it.
    pub fn assign_role(
        &self,
        client_id: Uuid,
        tenant: Uuid,
        (resource, role): (&str, &str),
    ) -> Result<(), GrantError> {
        let now = self.core.clock.unix_seconds();
        let resource =
            Resource::find(resource).ok_or_else(|| GrantError::UnknownResource(resource.into()))?;
        self.core.directory.change(|directory| {
            directory.change_principal(tenant, client_id, |principal| {
                principal.assign_role(resource, role, now);
            })?;
            Ok::<_, GrantError>(())
        })
    }

    /// Answers requests until `shutdown` resolves and open requests are done.
    ///
    /// `base_url` is how clients reach the listener, without a closing slash:
    /// it stands in issuers, discovery documents and assertion audiences.
    pub async fn serve(
        &self,
        listener: TcpListener,
        base_url: String,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let prompt = listener.tap_io(|stream| {
            // Small answers must not wait for the peer's acknowledgement.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY was refused");
            }
        });
        self.serve_on(prompt, base_url, shutdown).await
    }

    /// The same on any listener, for instance one that speaks TLS. The fault
    /// `reset` is a TCP RST on a plain [`TcpStream`](tokio::net::TcpStream)
    /// only; elsewhere the connection ends abruptly, without an answer.
    pub async fn serve_on<L>(
        &self,
        listener: L,
        base_url: String,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()>
    where
        L: Listener<Addr = SocketAddr>,
    {
        let site = Site::new(Arc::clone(&self.core), &base_url);
        let service = server::router(&site).into_make_service_with_connect_info::<Peer>();
        let served = axum::serve(Watched(listener), service).with_graceful_shutdown(shutdown);
        if !self.notifies {
            return served.await;
        }
        tokio::select! {
            served = served.into_future() => served,
            never = notify::by_itself(site) => match never {},
        }
    }
}
