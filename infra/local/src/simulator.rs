//! The simulated Entra ID of one machine, with our application registered in it.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use auth::consent::RegisteredPermissions;
use auth::ports::Clock;
use auth::requirements::Requirements;
use auth::{ClientId, Cloud, Resource};
use microsoft::SigningKey;
use microsoft_sim::{Config, KeyCredential, Registration, RequiredResource, Simulator, Webhooks};
use tokio::task::JoinHandle;

use crate::entrance::Entrance;
use crate::options::Options;
use crate::ready::SimulatedPerson;
use crate::tls::Tls;

/// The run's clock, as the simulator asks for it.
struct SharedClock(Arc<dyn Clock>);

impl microsoft_sim::Clock for SharedClock {
    fn unix_seconds(&self) -> u64 {
        u64::try_from(self.0.now().unix()).unwrap_or(0)
    }
}

/// What is registered.
pub(crate) struct Application<'a> {
    pub(crate) client_id: ClientId,
    pub(crate) redirect_uri: String,
    pub(crate) signing_key: &'a SigningKey,
    pub(crate) roles: &'a [String],
    /// What tokens are wanted for besides the management API.
    pub(crate) further: &'a [Resource],
}

/// What the application requires of Microsoft Graph, where tokens for it are wanted.
const GRAPH_ROLES: [&str; 2] = ["AuditLog.Read.All", "Directory.Read.All"];

/// Opens the simulator's directory. It calls webhooks by itself where anything runs by itself.
pub(crate) fn open(
    directory: PathBuf,
    options: &Options,
    tls: Option<&Tls>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Simulator> {
    let config = Config {
        data_dir: Some(directory),
        tenants: options.simulated_tenants,
        token_life_seconds: options.token_life,
        webhooks: Webhooks {
            by_themselves: options.scheduled,
            // The front of this machine is what it calls, and speaks no TLS otherwise.
            plain_loopback: tls.is_none(),
            extra_roots: tls.map(|tls| tls.ca_pem.clone()).unwrap_or_default(),
        },
        ..Config::default()
    };
    Ok(Simulator::open(config, Arc::new(SharedClock(clock)))?)
}

/// `CONSENT_REGISTERED_PERMISSIONS` of what is registered here; `None` where a role that is
/// required has a name that no permission has.
pub(crate) fn listed(requirements: &Requirements, cloud: Cloud) -> Option<String> {
    let further = requirements.resources(cloud).into_iter().skip(1);
    let further = further.flat_map(|api| GRAPH_ROLES.map(|role| format!("{api}/{role}")));
    let own = management_roles(requirements.roles());
    let list = own.into_iter().chain(further).collect::<Vec<_>>().join(",");
    list.parse::<RegisteredPermissions>().ok().map(|_| list)
}

/// What the registration guide asks for, whatever is required of a token.
fn management_roles(required: &[String]) -> Vec<String> {
    let mut roles = required.to_vec();
    roles.extend([
        "ActivityFeed.Read".to_owned(),
        "ActivityFeed.ReadDlp".to_owned(),
    ]);
    roles.sort();
    roles.dedup();
    roles
}

/// Registers our application, with today's reply URL and certificate.
pub(crate) fn register(simulator: &Simulator, application: &Application<'_>) -> anyhow::Result<()> {
    let certificate = application.signing_key.certificate();
    let further = application.further.iter().map(|resource| RequiredResource {
        resource: resource.to_string(),
        roles: GRAPH_ROLES.map(str::to_owned).to_vec(),
        scopes: Vec::new(),
    });
    let management = RequiredResource {
        resource: Cloud::Public.management_api().to_owned(),
        roles: management_roles(application.roles),
        scopes: Vec::new(),
    };
    simulator.register(Registration {
        client_id: application.client_id.to_string().parse()?,
        display_name: "Token broker on one machine".to_owned(),
        home_tenant: None,
        multi_tenant: true,
        redirect_uris: vec![application.redirect_uri.clone()],
        key_credentials: vec![KeyCredential::from_certificate_der(&certificate.der)?],
        client_secrets: Vec::new(),
        required_roles: std::iter::once(management).chain(further).collect(),
        group_membership_claims_directory_role: true,
    })?;
    Ok(())
}

/// Serves it until `shutdown`. Plain connections stay TCP streams that it knows: a fault of
/// its own resets them.
pub(crate) fn serve(
    simulator: &Simulator,
    entrance: Entrance,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    let simulator = simulator.clone();
    let Entrance { tcp, tls, base_url } = entrance;
    tokio::spawn(async move {
        let served = match tls {
            None => simulator.serve_on(tcp, base_url, shutdown).await,
            Some(tls) => {
                simulator
                    .serve_on(tls.listen(tcp), base_url, shutdown)
                    .await
            }
        };
        if let Err(error) = served {
            tracing::error!(event = "simulator_stopped", %error, "the simulated Entra ID stopped");
        }
    })
}

/// Tenants and people, for the ready line.
pub(crate) fn people(simulator: &Simulator) -> Vec<SimulatedPerson> {
    simulator
        .tenants()
        .into_iter()
        .map(|tenant| SimulatedPerson {
            tenant_id: tenant.tenant_id.to_string(),
            admin: tenant.admin,
            user: tenant.user,
        })
        .collect()
}
