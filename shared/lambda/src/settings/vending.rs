//! The settings of the vending function.

use std::time::Duration;

use auth::caller::AllowedIssuer;
use auth::invite::InviteSettings;

use super::{Lookup, Reader, SettingsError, TokenSettings};

/// The settings of the vending function.
#[derive(Debug, Clone)]
pub struct VendingSettings {
    /// What it shares with everything that opens tokens.
    pub tokens: TokenSettings,
    /// `VEND_STATE_MAX_AGE_SECONDS`.
    pub state_max_age: Duration,
    /// `POLICY_MAX_AGE_SECONDS`: a new policy is in force after so long at the latest.
    pub policy_max_age: Duration,
    /// `POLICY_UNREAD_MAX_AGE_SECONDS`: for so long a policy stays in force that cannot be
    /// read again.
    pub policy_unread_max_age: Duration,
    /// `VENDING_ISSUERS`; nobody where it is not set.
    pub issuers: Vec<AllowedIssuer>,
    /// `CONSENT_REDIRECT_URI` and `CONSENT_RETURN_URLS`: what `POST /invites` needs; it
    /// makes none where the former is not set.
    pub invites: Option<InviteSettings>,
}

impl VendingSettings {
    /// Reads the settings; all problems together.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let tokens = TokenSettings::read(&mut reader);
        let state_max_age = reader.seconds("VEND_STATE_MAX_AGE_SECONDS", 30, 0..=300);
        let policy_max_age = reader.seconds("POLICY_MAX_AGE_SECONDS", 60, 0..=300);
        let policy_unread_max_age =
            reader.seconds("POLICY_UNREAD_MAX_AGE_SECONDS", 900, 60..=86_400);
        let issuers = issuers(&mut reader);
        let cloud = tokens.as_ref().map(|tokens| tokens.entra.authority.cloud);
        let invites = InviteSettings::read(&mut reader, cloud.unwrap_or_default());
        let settings = (|| {
            Some(Self {
                tokens: tokens?,
                invites,
                state_max_age,
                policy_max_age,
                policy_unread_max_age,
                issuers,
            })
        })();
        reader.finish(settings)
    }
}

fn issuers(reader: &mut Reader<'_>) -> Vec<AllowedIssuer> {
    let Some(text) = reader.text("VENDING_ISSUERS") else {
        return Vec::new();
    };
    AllowedIssuer::list_from_json(&text).unwrap_or_else(|error| {
        reader.problem("VENDING_ISSUERS", error);
        Vec::new()
    })
}
