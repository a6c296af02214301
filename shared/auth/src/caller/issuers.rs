//! The OpenID Connect issuers whose tokens prove a caller. Nothing is asked of an issuer that
//! is not on the list.

use url::Url;

/// One entry of `VENDING_ISSUERS`: an OIDC issuer whose tokens prove a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedIssuer {
    /// The `iss` claim, compared to the letter.
    pub issuer: String,
    /// The audience that its tokens must carry: one of this broker's own.
    pub audience: String,
    /// Where its discovery document is: `{issuer}/.well-known/openid-configuration`
    /// unless the entry says otherwise (a cluster whose issuer URL is not reachable).
    pub configuration_url: Url,
    /// `"private": true`: everyone who has a token of it belongs to the operator, so that a
    /// policy may permit its workloads by any claim.
    pub private: bool,
}
