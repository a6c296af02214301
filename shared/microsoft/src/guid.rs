//! Identifiers of assertions and of key credentials.

use auth::ports::Random;

/// A fresh GUID (RFC 9562 §5.4), in lower case with hyphens.
pub(crate) fn random_guid(random: &dyn Random) -> String {
    let mut bytes = [0u8; 16];
    random.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}
