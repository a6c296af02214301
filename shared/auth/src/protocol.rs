//! The choices that the protocol leaves to a deployment, each with the setting that
//! makes it. Plain data: what they do is written where they are used.

use std::str::FromStr;

use url::Url;

use crate::cloud::Cloud;
use crate::identifiers::ClientId;

/// A setting names something that is not one of its choices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {0}")]
pub struct UnknownChoice(&'static str);

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? } expected $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl FromStr for $name {
            type Err = UnknownChoice;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok($name::$variant),)+
                    _ => Err(UnknownChoice($expected)),
                }
            }
        }
    };
}

choice! {
    /// `ENTRA_TOKEN_ENDPOINT`: which token endpoint is asked for app-only tokens.
    TokenEndpoint {
        /// `/{tenant}/oauth2/token`, with `resource=`: the form of 2016.
        V1 = "v1",
        /// `/{tenant}/oauth2/v2.0/token`, with `scope=`.
        V2 = "v2",
    } expected "v1, v2"
}

choice! {
    /// `ENTRA_ASSERTION`: how the client assertion is signed.
    AssertionForm {
        /// RSASSA-PSS with SHA-256 and the certificate's SHA-256 thumbprint (`x5t#S256`).
        Ps256 = "ps256",
        /// RSASSA-PKCS1-v1_5 with SHA-256 and the SHA-1 thumbprint (`x5t`): the form of 2016.
        Rs256 = "rs256",
    } expected "ps256, rs256"
}

choice! {
    /// `CONSENT_FLOW`: how an admin connects a tenant.
    ConsentFlow {
        /// One round trip through `/common/oauth2/authorize`, as the page of 2016 prints it.
        V1 = "v1",
        /// Sign-in, confirmation, then `/{tenant}/v2.0/adminconsent`.
        V2 = "v2",
    } expected "v1, v2"
}

choice! {
    /// `CONSENT_MODE`: who may start.
    ConsentMode {
        /// Only who holds an invite.
        Invite = "invite",
        /// Anybody; a tenant is then bound to itself and nothing else.
        Open = "open",
    } expected "invite, open"
}

/// Everything that says how Entra ID is spoken to.
#[derive(Debug, Clone)]
pub struct AuthorityConfig {
    /// `ENTRA_CLIENT_ID`.
    pub client_id: ClientId,
    /// `ENTRA_CLOUD`: the default for tenants that name none.
    pub cloud: Cloud,
    /// `ENTRA_AUTHORITY`: an authority instead of the cloud's own, for every cloud.
    pub authority: Option<Url>,
    /// `ENTRA_TOKEN_ENDPOINT`.
    pub token_endpoint: TokenEndpoint,
    /// `ENTRA_ASSERTION`.
    pub assertion: AssertionForm,
}

impl AuthorityConfig {
    /// The authority's base URL for a tenant of `cloud`, without a trailing slash.
    pub fn authority_for(&self, cloud: Cloud) -> String {
        match &self.authority {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => cloud.authority().to_owned(),
        }
    }
}
