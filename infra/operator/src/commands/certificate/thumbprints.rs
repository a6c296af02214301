//! A certificate's thumbprints in the forms that are asked for: those of portals, of
//! manifests and of assertions.

use microsoft::certificate::CertificateFacts;
use serde::Serialize;

use crate::output;

/// Thumbprints in JSON.
#[derive(Serialize)]
pub(super) struct Digests {
    pub(super) sha1_hex: String,
    sha1_base64: String,
    /// `x5t`.
    sha1_base64url: String,
    sha256_hex: String,
    /// `x5t#S256`.
    sha256_base64url: String,
}

impl Digests {
    pub(super) fn of(certificate: &CertificateFacts) -> Self {
        let thumbprints = certificate.thumbprints();
        Self {
            sha1_hex: thumbprints.sha1.hex(),
            sha1_base64: thumbprints.sha1.base64(),
            sha1_base64url: thumbprints.sha1.base64url(),
            sha256_hex: thumbprints.sha256.hex(),
            sha256_base64url: thumbprints.sha256.base64url(),
        }
    }

    /// A heading and a line for each.
    pub(super) fn for_a_person(&self) -> String {
        let lines = output::fields(
            2,
            &[
                ("SHA-1, hex", self.sha1_hex.clone()),
                ("SHA-1, base64", self.sha1_base64.clone()),
                ("SHA-1, base64url (x5t)", self.sha1_base64url.clone()),
                ("SHA-256, hex", self.sha256_hex.clone()),
                (
                    "SHA-256, base64url (x5t#S256)",
                    self.sha256_base64url.clone(),
                ),
            ],
        );
        format!("thumbprints\n{lines}")
    }
}
