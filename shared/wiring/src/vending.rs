//! What hands out tokens.

use std::sync::Arc;
use std::time::Duration;

use auth::on_demand::{Remote, RenewOnDemand};
use auth::ports::{SecretError, TokenRenewer, TokenStore};
use auth::renew::Renewal;
use auth::requirements::Requirements;
use auth::vend::{Vend, VendParts};

use crate::platform::Platform;
use crate::settings::VendingSettings;
use crate::tokens::sealed_tokens;

/// Loads the sealing ring; without it it fails. It has no certificate: a token is renewed by
/// the function that signs.
pub async fn vend(settings: &VendingSettings, platform: &Platform) -> Result<Vend, SecretError> {
    let of_tokens = &settings.tokens;
    let handed_out = HandedOut {
        tokens: sealed_tokens(of_tokens, platform).await?,
        renewer: Arc::new(Remote(Arc::clone(&platform.on_demand.vending))),
        requirements: of_tokens.entra.requirements.clone(),
        confirm_after: of_tokens.schedule.confirm_after,
    };
    Ok(handed_out.by(platform, settings.state_max_age))
}

/// Hands out the tokens of `renewal`, which renews them itself: the operator's. `max_state_age`:
/// for so long a tenant's state is remembered.
pub fn vend_by(renewal: Renewal, platform: &Platform, max_state_age: Duration) -> Vend {
    let handed_out = HandedOut {
        tokens: Arc::clone(&renewal.tokens),
        requirements: renewal.requirements.clone(),
        confirm_after: renewal.schedule.confirm_after,
        renewer: Arc::new(RenewOnDemand::new(Arc::new(renewal))),
    };
    handed_out.by(platform, max_state_age)
}

struct HandedOut {
    tokens: Arc<dyn TokenStore>,
    renewer: Arc<dyn TokenRenewer>,
    requirements: Requirements,
    confirm_after: Duration,
}

impl HandedOut {
    fn by(self, platform: &Platform, max_state_age: Duration) -> Vend {
        Vend::new(VendParts {
            tokens: self.tokens,
            renewer: self.renewer,
            requirements: self.requirements,
            confirm_after: self.confirm_after,
            leases: Arc::clone(&platform.store.leases),
            pause: Arc::clone(&platform.pause),
            clock: Arc::clone(&platform.clock),
            random: Arc::clone(&platform.random),
            max_state_age,
        })
    }
}
