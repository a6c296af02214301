//! The certificates of a rotation: made for the secret, and read from it as the functions do.

use std::sync::Arc;

use auth::ports::{Certificates, Clock, KeptCertificate};
use auth::secret::SecretString;

use super::create::create;
use super::signing_key::SigningKey;

/// Makes self-signed certificates over RSA keys of 2048 bits.
pub struct SelfSigned {
    /// The common name of the subject.
    pub common_name: String,
    /// How long each is valid, in days.
    pub days: u32,
    /// When they begin.
    pub clock: Arc<dyn Clock>,
}

impl Certificates for SelfSigned {
    fn make(&self) -> Result<SecretString, String> {
        let made = create(&self.common_name, self.days, self.clock.now());
        made.map(|made| made.secret())
            .map_err(|error| error.to_string())
    }

    fn open(&self, secret: &SecretString) -> Result<KeptCertificate, String> {
        let key = SigningKey::from_secret(secret, self.clock.now());
        let key = key.map_err(|error| error.to_string())?;
        let facts = key.certificate();
        Ok(KeptCertificate {
            der: facts.der.clone(),
            starts_at: facts.not_before,
            signer: Arc::new(key),
        })
    }
}
