//! What a function is built from. Where its settings come from and what it stands on is
//! decided here, and nowhere in the function.

use microsoft::TrustRoots;

use crate::platform::Platform;
use crate::settings::{FunctionSettings, Lookup, SettingsError, read};

/// The settings of one function, its platform and the CAs that it trusts. Clones share the
/// connections.
#[derive(Clone)]
pub struct Basis<S> {
    /// What the environment says.
    pub settings: S,
    /// Table, secrets, time and chance.
    pub platform: Platform,
    /// CAs trusted besides the system's, as the settings name them; their HTTP client may be
    /// the platform's too.
    pub roots: TrustRoots,
}

impl<S: FunctionSettings> Basis<S> {
    /// On AWS itself. An error is one that only another deployment mends.
    pub async fn on_aws(environment: Lookup<'_>) -> anyhow::Result<Self> {
        let settings: S = read(environment, S::read)?;
        let entra = settings.entra();
        let roots = entra.trust_roots()?;
        let (client, on_demand) = (roots.http_client()?, settings.on_demand_function());
        let platform = Platform::on_aws(&entra.tables, on_demand, client).await;
        Ok(Self {
            settings,
            platform,
            roots,
        })
    }

    /// On a platform that is there: one machine's, or a test's.
    pub fn on(platform: &Platform, environment: Lookup<'_>) -> anyhow::Result<Self> {
        let settings: S = read(environment, S::read)?;
        Ok(Self {
            roots: settings.entra().trust_roots()?,
            platform: platform.clone(),
            settings,
        })
    }

    /// Of another function on the same platform. It shares the HTTP clients: making one is a
    /// good part of a start.
    pub fn beside<T: FunctionSettings>(
        &self,
        environment: Lookup<'_>,
    ) -> Result<Basis<T>, SettingsError> {
        Ok(Basis {
            settings: read(environment, T::read)?,
            platform: self.platform.clone(),
            roots: self.roots.clone(),
        })
    }
}
