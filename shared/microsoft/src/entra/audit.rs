//! The audit line of a signature: one for each, before the request is sent, whatever the log
//! level of the rest (telemetry keeps the target `audit` on). It names the assertion by its
//! `jti` and never holds one. The request in which it was made is in the line through the span.

use auth::ports::{CertificateIdentity, SigningError};
use url::Url;

use super::purpose::Purpose;

/// A signature that was asked for.
pub(super) struct Signature<'a> {
    pub(super) purpose: Purpose<'a>,
    /// The token endpoint that the assertion is for.
    pub(super) url: &'a Url,
    pub(super) certificate: &'a CertificateIdentity,
    /// The assertion's `jti`.
    pub(super) id: &'a str,
}

impl Signature<'_> {
    /// Writes the line.
    pub(super) fn write<T>(&self, outcome: &Result<T, SigningError>) {
        let reason = outcome.as_ref().err();
        let outcome = match reason {
            None => "signed",
            Some(SigningError::Refused(_)) => "refused",
            Some(SigningError::Unavailable(_)) => "unavailable",
        };
        let purpose = self.purpose.as_str();
        tracing::info!(
            target: "audit",
            event = "assertion_signed",
            outcome,
            purpose,
            tenant = self.purpose.tenant().map(display),
            resource = self.purpose.resource().map(display),
            audience = self.url.host_str(),
            certificate = self.certificate.sha256_thumbprint,
            jti = self.id,
            reason = reason.map(display),
            "assertion {outcome}"
        );
    }
}
