//! The settings of the vending function.

use std::time::Duration;

use auth::caller::{AllowedIssuer, caller_rate};
use auth::inviting::InviteSettings;
use auth::limit::Rate;

use super::entra::{EntraSettings, TokenSettings};
use super::function::FunctionSettings;
use super::identity::{IdentitySettings, read_identity};
use super::invites::read_invites;
use super::issuers::read_issuers;
use super::on_demand::read_function;
use super::reader::Reader;

/// Seconds of an hour.
const HOUR: u64 = 60 * 60;

/// The settings of the vending function.
#[derive(Debug, Clone)]
pub struct VendingSettings {
    /// What it shares with everything that opens tokens.
    pub tokens: TokenSettings,
    /// `VEND_STATE_MAX_AGE_SECONDS`.
    pub state_max_age: Duration,
    /// `POLICY_MAX_AGE_SECONDS`: a new policy is in force after so long at the latest, and a
    /// changed list of issuers holds.
    pub policy_max_age: Duration,
    /// `POLICY_UNREAD_MAX_AGE_SECONDS`: for so long a policy stays in force that cannot be
    /// read again, and a list of issuers.
    pub policy_unread_max_age: Duration,
    /// `VENDING_ISSUERS`: the first issuers, under those of the stored list; none where it is
    /// not set.
    pub issuers: Vec<AllowedIssuer>,
    /// `VENDING_SERVER_ID` and what goes with it: whether a signed `GetCallerIdentity` request
    /// proves a caller.
    pub identity: Option<IdentitySettings>,
    /// `ISSUER_KEYS_MAX_AGE_SECONDS`: an issuer's keys are fetched again every quarter of an
    /// hour, and believed for so long while they cannot be.
    pub issuer_keys_max_age: Duration,
    /// `CALLER_TOKEN_MAX_LIFE_SECONDS`: a caller's token that lives longer proves nothing.
    pub caller_token_max_life: Duration,
    /// `CALLER_BURST` and `CALLER_REQUESTS_PER_SECOND`: how often one proven caller may ask
    /// this process.
    pub caller_rate: Rate,
    /// `ON_DEMAND_FUNCTION`: renews a token that is missing.
    pub on_demand_function: String,
    /// `CONSENT_REDIRECT_URI` and `CONSENT_RETURN_URLS`: what `POST /invites` needs; it
    /// makes none where the former is not set.
    pub invites: Option<InviteSettings>,
}

impl FunctionSettings for VendingSettings {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let tokens = TokenSettings::read(reader);
        let state_max_age = reader.seconds("VEND_STATE_MAX_AGE_SECONDS", 30, 0..=300);
        let policy_max_age = reader.seconds("POLICY_MAX_AGE_SECONDS", 60, 0..=300);
        let policy_unread_max_age =
            reader.seconds("POLICY_UNREAD_MAX_AGE_SECONDS", 900, 60..=86_400);
        let issuers = read_issuers(reader);
        let identity = read_identity(reader);
        let issuer_keys_max_age = reader.seconds(
            "ISSUER_KEYS_MAX_AGE_SECONDS",
            6 * HOUR,
            HOUR / 4..=24 * HOUR,
        );
        let caller_token_max_life = reader.seconds(
            "CALLER_TOKEN_MAX_LIFE_SECONDS",
            24 * HOUR,
            HOUR / 12..=7 * 24 * HOUR,
        );
        let at_once = reader.number("CALLER_BURST", 10_000, 1..=1_000_000);
        let per_second = reader.number("CALLER_REQUESTS_PER_SECOND", 100, 1..=1000);
        let on_demand_function = read_function(reader);
        let cloud = tokens.as_ref().map(|tokens| tokens.entra.authority.cloud);
        let invites = read_invites(reader, cloud.unwrap_or_default());
        Some(Self {
            tokens: tokens?,
            invites,
            state_max_age,
            policy_max_age,
            policy_unread_max_age,
            issuers,
            identity,
            issuer_keys_max_age,
            caller_token_max_life,
            caller_rate: caller_rate(u32::try_from(at_once).unwrap_or(u32::MAX), per_second),
            on_demand_function: on_demand_function?,
        })
    }

    fn entra(&self) -> &EntraSettings {
        &self.tokens.entra
    }

    fn on_demand_function(&self) -> Option<&str> {
        Some(&self.on_demand_function)
    }
}

#[cfg(test)]
#[path = "vending_tests.rs"]
mod tests;
