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
    /// How their webhooks are called.
    pub webhooks: Webhooks,
}

/// How the webhooks of subscriptions are called.
#[derive(Debug, Clone)]
pub struct Webhooks {
    /// Notifications that are due by the simulated clock are sent every second of the machine's
    /// timer. Otherwise they are sent when `POST /_sim/activity/notify` says so: by a test that
    /// moves the clock.
    pub by_themselves: bool,
    /// Also an address with http on this machine is taken (`localhost`, 127.0.0.0/8, `::1`): for a
    /// run whose own front speaks no TLS. The service takes https alone, and so does the
    /// simulator by default.
    pub plain_loopback: bool,
    /// CAs that are trusted besides the system's, as PEM; empty for none.
    pub extra_roots: String,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            by_themselves: true,
            plain_loopback: false,
            extra_roots: String::new(),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: None,
            tenants: 3,
            token_life_seconds: 3599,
            activity: Scenario::default(),
            webhooks: Webhooks::default(),
        }
    }
}
