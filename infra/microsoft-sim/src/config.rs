//! What a simulator is opened with.

use std::path::PathBuf;

use crate::activity::scenario::Scenario;

/// Settings of a [`Simulator`](crate::Simulator).
#[derive(Debug, Clone)]
pub struct Config {
    /// Where tenants, registrations, consents and the signing key are kept;
    /// `None` keeps them in memory for as long as the simulator lives.
    pub data_dir: Option<PathBuf>,
    /// Simulated customer tenants made at the first start. A directory that
    /// exists already keeps the tenants that it has.
    pub tenants: usize,
    /// `expires_in` of every access token, in seconds, unless the fault
    /// `token_life` says otherwise. Above two hours, answers of the v2.0
    /// endpoint carry `refresh_in` as well.
    pub token_life_seconds: u64,
    /// What the simulated tenants' audit logs are like.
    pub activity: Scenario,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: None,
            tenants: 3,
            token_life_seconds: 3599,
            activity: Scenario::default(),
        }
    }
}
