//! What the refresher does: a run of renewals, and what is reported of the fleet after it.

use std::sync::Arc;

use auth::ports::SigningCertificate;
use auth::refresh::Refresh;
use auth::watch::{Watch, WatchParts};
use aws::UnitCounter;
use microsoft::{CodeCredential, TrustRoots};

use crate::authority::{client, signing_keys};
use crate::platform::Platform;
use crate::settings::{RefresherSettings, TokenSettings};
use crate::tokens::{renewal_of, sealed_tokens};

/// Loads the certificate and the sealing ring, side by side; without either it fails. There
/// is something to watch where the platform has a meter.
pub async fn refresh(
    settings: &RefresherSettings,
    platform: &Platform,
    roots: TrustRoots,
) -> anyhow::Result<(Refresh, Option<Watch>)> {
    let spending = Arc::new(UnitCounter::default());
    let platform = &platform.clone().metered(spending.clone());
    let (of_tokens, signing) = (&settings.renewal.tokens, settings.renewal.signing());
    let (keys, tokens) = tokio::join!(
        signing_keys(&signing, platform),
        sealed_tokens(of_tokens, platform),
    );
    let (keys, tokens) = (keys?, tokens?);
    let by = (keys, CodeCredential::Assertion);
    let entra = client(&of_tokens.entra, platform, roots, by)?;
    let watch = watch(of_tokens, platform, entra.signing_keys());
    let renewal = renewal_of(of_tokens, platform, Arc::clone(&tokens), Arc::new(entra));
    let refresh = Refresh {
        tokens,
        leases: Arc::clone(&platform.store.leases),
        runs: Arc::clone(&platform.store.runs),
        spending: Some(spending),
        renewal: Arc::new(renewal),
        concurrency: settings.concurrency,
        clock: Arc::clone(&platform.clock),
        pause: Arc::clone(&platform.pause),
    };
    Ok((refresh, watch))
}

fn watch(
    settings: &TokenSettings,
    platform: &Platform,
    certificate: Arc<dyn SigningCertificate>,
) -> Option<Watch> {
    let meter = platform.meter.as_ref()?;
    Some(Watch::new(WatchParts {
        tenants: Arc::clone(&platform.store.tenants),
        schedule: settings.schedule,
        certificate,
        meter: Arc::clone(meter),
        clock: Arc::clone(&platform.clock),
    }))
}
