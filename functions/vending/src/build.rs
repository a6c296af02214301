//! The function, built from its settings: what it is besides handing out tokens.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use auth::caller::CallerLimits;
use auth::key_proof::KeyProof;
use auth::ports::PolicySource;
use lambda::function::{Ahead, Function};
use policy::Policies;
use wiring::settings::VendingSettings;
use wiring::{Asked, Basis, Platform};

use crate::Vending;

/// How long a start waits for what it can be without: time for two answers of an issuer
/// that is well, with a TLS handshake before them.
const PATIENCE: Duration = Duration::from_secs(1);

impl Function for Vending {
    const NAME: &'static str = "vending";
    type Settings = VendingSettings;

    /// It has no certificate, and is not there without the sealing ring.
    async fn build(basis: Basis<VendingSettings>, ahead: Ahead) -> anyhow::Result<Self> {
        let Basis {
            settings,
            platform,
            roots,
        } = basis;
        let roles = wiring::roles(&settings, &platform, &roots)?;
        let issuers = Arc::new(wiring::issuers(&settings, &platform));
        let policies = policies(&settings, &platform).with_issuers(issuers.clone());
        let policies = Arc::new(policies);
        let asked = Asked {
            issuers: issuers.clone(),
            claims_read: policies.clone(),
        };
        let proof = wiring::callers(&settings, &platform, &roots, asked)?;
        let keys = async {
            if issuers.prepare().await {
                proof.prepare().await;
            }
        };
        let (vend, ()) = tokio::join!(wiring::vend(&settings, &platform), async {
            if ahead == Ahead::Everything {
                tokio::join!(
                    for_a_moment(keys, &platform),
                    for_a_moment(policies.prepare(), &platform),
                );
            }
        });
        let authority = &settings.tokens.entra.authority;
        Ok(Self {
            vend: vend?,
            tenants: Arc::clone(&platform.store.tenants),
            proof: Arc::new(proof),
            limits: CallerLimits::new(settings.caller_rate),
            roles: roles.map(|roles| Arc::new(roles) as _),
            authorizer: policies,
            authority: authority.authority_for(authority.cloud),
            keys: Arc::new(KeyProof::new(
                Arc::clone(&platform.store.caller_keys),
                Arc::clone(&platform.clock),
                settings.state_max_age,
            )),
            inviting: settings
                .invites
                .map(|settings| wiring::inviting(settings, &platform)),
            clock: platform.clock,
            meter: platform.meter,
        })
    }
}

/// Fetches what the first request would wait for, for as long as a start may take for what
/// it can be without.
async fn for_a_moment(ahead: impl Future<Output = ()>, platform: &Platform) {
    tokio::select! {
        () = ahead => {}
        () = platform.pause.pause(PATIENCE) => {}
    }
}

/// Who decides.
fn policies(settings: &VendingSettings, platform: &Platform) -> Policies {
    let source: Arc<dyn PolicySource> = platform.store.policies.clone();
    Policies::new(source, Arc::clone(&platform.clock))
        .with_max_age(settings.policy_max_age)
        .with_unread_max_age(settings.policy_unread_max_age)
}
