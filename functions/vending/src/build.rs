//! The function, built from its settings. `main` and the one-machine run share this:
//! what differs between them is the platform.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use auth::caller::PrivateIssuers;
use auth::inviting::{InviteSettings, Inviting};
use auth::key_proof::KeyProof;
use auth::ports::TokenStore;
use auth::renew::Renewal;
use auth::vend::{Vend, VendParts};
use aws::{RingSource, SealedTokens};
use entra::{
    CallersParts, CodeCredential, EntraClient, EntraParts, OidcCallers, SigningKeys, TrustRoots,
};
use policy::Policies;
use wiring::Platform;
use wiring::settings::VendingSettings;

use crate::Vending;

/// How long a start waits for what it can be without: time for two answers of an issuer
/// that is well, with a TLS handshake before them.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is fetched before anybody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ahead {
    /// What the function cannot be without.
    Secrets,
    /// What the first request would wait for besides: the policies, and the keys of the
    /// callers' issuers. That these can be had is no condition.
    Everything,
}

impl Vending {
    /// Loads the certificate and the sealing ring, side by side. Without the ring it fails, in
    /// one clear line. A certificate that cannot be had is told in the log and looked for
    /// later: the tokens of the table are handed out without it. `roots`: as the settings name
    /// them.
    pub async fn build(
        settings: VendingSettings,
        platform: &Platform,
        roots: TrustRoots,
        ahead: Ahead,
    ) -> anyhow::Result<Self> {
        let clock = &platform.clock;
        let authority = &settings.tokens.entra.authority;
        let (client_id, authority) = (
            authority.client_id,
            authority.authority_for(authority.cloud),
        );
        let ring = RingSource {
            secrets: Arc::clone(&platform.secrets),
            name: settings.tokens.sealing_keys_secret_id.clone(),
        };
        let authorizer = Arc::new(authorizer(&settings, platform));
        let proof = Arc::new(proof(&settings, &roots, platform, &authorizer)?);
        let (certificate, tokens, ()) = tokio::join!(
            SigningKeys::load(
                Arc::clone(&platform.secrets),
                &settings.tokens.entra.certificate_secret_id,
                Arc::clone(clock),
            ),
            SealedTokens::load(platform.table.clone(), ring, client_id, Arc::clone(clock)),
            prepare(&proof, &authorizer, platform, ahead),
        );
        let secret_max_age = settings.tokens.entra.secret_max_age;
        let tokens: Arc<dyn TokenStore> = Arc::new(tokens?.reading_ring_after(secret_max_age));
        let signing_keys = certificate.unwrap_or_else(|error| {
            let (secrets, clock) = (Arc::clone(&platform.secrets), Arc::clone(clock));
            let name = &settings.tokens.entra.certificate_secret_id;
            SigningKeys::without_one_yet(secrets, name, clock, &error)
        });
        let entra = EntraClient::new(EntraParts {
            config: settings.tokens.entra.authority,
            signing_keys: signing_keys.reading_again_after(secret_max_age),
            code_credential: CodeCredential::Assertion,
            roots,
            clock: Arc::clone(clock),
            random: Arc::clone(&platform.random),
            meter: platform.meter.clone(),
        })?;
        let renewal = Arc::new(Renewal {
            tenants: Arc::new(platform.table.clone()),
            tokens: Arc::clone(&tokens),
            issuer: Arc::new(entra),
            requirements: settings.tokens.entra.requirements,
            schedule: settings.tokens.schedule,
            clock: Arc::clone(clock),
            random: Arc::clone(&platform.random),
        });
        Ok(Self {
            vend: Vend::new(VendParts {
                tokens,
                renewal,
                leases: Arc::new(platform.table.clone()),
                pause: Arc::clone(&platform.pause),
                clock: Arc::clone(clock),
                random: Arc::clone(&platform.random),
                max_state_age: settings.state_max_age,
            }),
            tenants: Arc::new(platform.table.clone()),
            proof,
            authorizer,
            authority,
            keys: Arc::new(KeyProof::new(
                Arc::new(platform.table.clone()),
                Arc::clone(clock),
                settings.state_max_age,
            )),
            inviting: settings
                .invites
                .map(|settings| inviting(settings, platform)),
            clock: Arc::clone(clock),
            meter: platform.meter.clone(),
        })
    }
}

/// Fetches what the first request would wait for, side by side, for as long as a start may
/// take for what it can be without.
async fn prepare(proof: &OidcCallers, policies: &Policies, platform: &Platform, ahead: Ahead) {
    if ahead == Ahead::Everything {
        tokio::join!(
            for_a_moment(proof.prepare(), platform),
            for_a_moment(policies.prepare(), platform),
        );
    }
}

async fn for_a_moment(ahead: impl Future<Output = ()>, platform: &Platform) {
    tokio::select! {
        () = ahead => {}
        () = platform.pause.pause(PATIENCE) => {}
    }
}

/// Who checks callers' tokens.
fn proof(
    settings: &VendingSettings,
    roots: &TrustRoots,
    platform: &Platform,
    policies: &Arc<Policies>,
) -> anyhow::Result<OidcCallers> {
    Ok(OidcCallers::new(CallersParts {
        allowed: &settings.issuers,
        roots,
        clock: Arc::clone(&platform.clock),
        claims_read: Arc::clone(policies) as _,
        keys_max_age: settings.issuer_keys_max_age,
        token_max_life: settings.caller_token_max_life,
    })?)
}

/// Who decides.
fn authorizer(settings: &VendingSettings, platform: &Platform) -> Policies {
    let source = Arc::new(platform.table.clone());
    Policies::new(source, Arc::clone(&platform.clock))
        .with_max_age(settings.policy_max_age)
        .with_unread_max_age(settings.policy_unread_max_age)
        .with_private_issuers(PrivateIssuers::of(&settings.issuers))
}

fn inviting(settings: InviteSettings, platform: &Platform) -> Inviting {
    Inviting {
        settings,
        invites: Arc::new(platform.table.clone()),
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
    }
}
