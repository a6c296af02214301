//! App-only tokens: the token itself, what it says, and the record that keeps it.
//!
//! A client is meant to treat an access token as opaque. We read four claims all the
//! same, because Entra ID gives out app-only tokens that carry no permission at all
//! (reference §3.2): a token without the roles that we need is worth nothing to a
//! caller and is never kept. The claims are read, not verified: the token came over
//! TLS from the endpoint that made it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::cause::Cause;
use crate::cloud::Cloud;
use crate::digest::sha256;
use crate::encoding::from_base64url;
use crate::identifiers::{Customer, TenantId};
use crate::resource::Resource;
use crate::secret::{ExposeSecret, SecretString};
use crate::tenant::{Tags, TenantStatus};
use crate::timestamp::Timestamp;
use crate::version::Version;

/// A bearer token (RFC 6750). Its `Debug` shows nothing. Clones share the text, which is
/// wiped with the last of them: a vend from memory makes no copy of it.
#[derive(Clone)]
pub struct AccessToken(Arc<SecretString>);

impl AccessToken {
    /// Wraps what a token endpoint answered.
    pub fn new(text: impl Into<SecretString>) -> Self {
        Self(Arc::new(text.into()))
    }

    /// The token's text, for the one answer or the one seal that it goes into.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// SHA-256 of the token's text: names a token in the audit log without being one.
    pub fn fingerprint(&self) -> [u8; 32] {
        sha256(self.expose().as_bytes())
    }

    /// The claims of an app-only token, read without verification; `None` when the
    /// text is not a JWT with such a payload.
    pub fn unverified_claims(&self) -> Option<AppOnlyClaims> {
        serde_json::from_slice(&self.unverified_payload()?).ok()
    }

    /// The time from which on the token is good by its own word, `nbf`, else `iat`: what an
    /// API compares. Entra ID back-dates both by about 300 s (reference §3.2).
    pub fn unverified_not_before(&self) -> Option<Timestamp> {
        let claims: Value = serde_json::from_slice(&self.unverified_payload()?).ok()?;
        let time = |name| claims.get(name).and_then(Value::as_i64);
        time("nbf")
            .or_else(|| time("iat"))
            .map(Timestamp::from_unix)
    }

    fn unverified_payload(&self) -> Option<Vec<u8>> {
        from_base64url(self.expose().split('.').nth(1)?)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken([REDACTED])")
    }
}

/// What an app-only token says of itself (reference §7).
#[derive(Debug, Clone, Deserialize)]
pub struct AppOnlyClaims {
    /// The tenant; a GUID in every token seen.
    pub tid: TenantId,
    /// The resource: App ID URI or GUID.
    pub aud: String,
    /// Application permissions; absent when none was granted.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Delegated permissions; never in an app-only token. Their presence beside
    /// missing roles tells that the wrong kind of permission was chosen.
    #[serde(default)]
    pub scp: Option<String>,
    /// Entra ID's own name of the token, for its logs.
    #[serde(default)]
    pub uti: Option<String>,
}

/// An app-only token that passed its checks, with the life that counts for us.
#[derive(Debug, Clone)]
pub struct AppOnlyToken {
    /// The token.
    pub access_token: AccessToken,
    /// The local clock before the request plus `expires_in`; never computed from
    /// `iat`, which Entra ID back-dates by about 300 s (reference §3.2).
    pub expires_at: Timestamp,
    /// When it was asked for.
    pub issued_at: Timestamp,
}

impl AppOnlyToken {
    /// Whether the token lives at least `seconds` longer. A token in its last second
    /// counts as dead: it would die on the way.
    pub fn lives_for(&self, seconds: u64, now: Timestamp) -> bool {
        now.seconds_until(self.expires_at) > seconds
    }
}

/// A caller that wants a longer life than Entra ID gives, or another token, must not make us
/// ask for a new one at every vend.
pub const BETWEEN_RENEWALS: Duration = Duration::from_secs(60);

/// What the table keeps for one tenant and one resource. It carries what a vend has
/// to know of the tenant, so that one read serves a vend.
#[derive(Debug, Clone)]
pub struct TokenRecord {
    /// The tenant.
    pub tenant: TenantId,
    /// The resource.
    pub resource: Resource,
    /// Copied from the tenant: the account that it is bound to.
    pub customer: Customer,
    /// Copied from the tenant.
    pub cloud: Cloud,
    /// Copied from the tenant.
    pub status: TenantStatus,
    /// Copied from the tenant.
    pub cause: Option<Cause>,
    /// Copied from the tenant.
    pub tags: Tags,
    /// The token; absent before the first one, after a revocation, and when the
    /// sealed one could not be opened.
    pub token: Option<AppOnlyToken>,
    /// When the refresher takes it up again.
    pub refresh_at: Timestamp,
    /// Failures since the last token.
    pub failures: u32,
    /// After a failure: nobody asks Entra ID before this.
    pub next_attempt_at: Option<Timestamp>,
    /// Why the last attempt failed; `None` after a success.
    pub last_failure: Option<Cause>,
    /// When the first refusal since the last token came that reads as a revocation.
    pub suspected_at: Option<Timestamp>,
    /// The version that was read.
    pub version: Version,
}

impl TokenRecord {
    /// Whether the token was asked for a moment ago and still lives: another would be no
    /// better.
    pub fn is_brand_new(&self, now: Timestamp) -> bool {
        self.token_living_for(0, now)
            .is_some_and(|token| token.issued_at.seconds_until(now) < BETWEEN_RENEWALS.as_secs())
    }

    /// The token, if it lives at least `seconds` longer.
    pub fn token_living_for(&self, seconds: u64, now: Timestamp) -> Option<&AppOnlyToken> {
        self.token
            .as_ref()
            .filter(|token| token.lives_for(seconds, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64url;

    #[test]
    fn shows_nothing_of_itself() {
        let token = AccessToken::new("eyJ0eXAi.secret.signature".to_owned());
        assert_eq!(format!("{token:?}"), "AccessToken([REDACTED])");
    }

    #[test]
    fn reads_the_sample_token_of_the_2016_page() {
        let payload = r#"{"aud":"https://manage.office.com",
            "iss":"https://sts.windows.net/41463f53-8812-40f4-890f-865bf6e35190/",
            "iat":1431655194,"nbf":1431655194,"exp":1431659094,"ver":"1.0",
            "tid":"41463f53-8812-40f4-890f-865bf6e35190",
            "roles":["ServiceHealth.Read","ActivityFeed.Read"],
            "oid":"67cb0334-e242-4783-8028-0f39132fb5ad","appidacr":"1"}"#;
        let token = AccessToken::new(format!("e30.{}.c2ln", base64url(payload.as_bytes())));
        let claims = token.unverified_claims().unwrap();
        assert_eq!(
            claims.tid.to_string(),
            "41463f53-8812-40f4-890f-865bf6e35190"
        );
        assert_eq!(claims.roles, ["ServiceHealth.Read", "ActivityFeed.Read"]);
        let not_before = token.unverified_not_before();
        assert_eq!(not_before, Some(Timestamp::from_unix(1_431_655_194)));
    }

    #[test]
    fn an_opaque_token_has_no_claims() {
        for text in ["", "opaque", "a.b.c", "e30.e30.e30"] {
            assert!(
                AccessToken::new(text.to_owned())
                    .unverified_claims()
                    .is_none(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_token_in_its_last_second_is_dead() {
        let token = AppOnlyToken {
            access_token: AccessToken::new("t".to_owned()),
            expires_at: Timestamp::from_unix(1000),
            issued_at: Timestamp::from_unix(0),
        };
        assert!(token.lives_for(0, Timestamp::from_unix(999)));
        assert!(!token.lives_for(0, Timestamp::from_unix(1000)));
        assert!(!token.lives_for(360, Timestamp::from_unix(640)));
    }
}
