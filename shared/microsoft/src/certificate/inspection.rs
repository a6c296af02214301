//! Everything about the certificate of a file that an operator asks: which one counts,
//! what it says, whether its key is there, and what Entra ID would object to.

use auth::Timestamp;

use super::bundle::{Bundle, Choice, Chosen};
use super::error::{CertificateError, RSA_MIN_BITS};
use super::facts::{CertificateFacts, PublicKeyKind};

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The certificate that counts.
    pub certificate: CertificateFacts,
    /// Its place in the file, counted from 0.
    pub index: usize,
    /// Why it counts.
    pub choice: Choice,
    /// The certificates of the file that do not count, in its order.
    pub others: Vec<CertificateFacts>,
    /// How many private keys the file holds.
    pub private_keys: usize,
    /// Whether one of them belongs to the certificate.
    pub private_key: PrivateKeyState,
    /// Why Entra ID would not take an assertion under it now, and what is wrong with the
    /// key of the file.
    pub problems: Vec<CertificateError>,
}

/// Whether the certificate's private key is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateKeyState {
    /// The file holds no private key.
    Absent,
    /// The file holds the one that belongs to the certificate.
    Matches,
    /// Every key of the file belongs to something else.
    Mismatch,
    /// There is one, but it is encrypted and cannot be compared.
    Encrypted,
    /// There is one, but it is damaged or no RSA key.
    Unusable,
    /// There is one, but the certificate is not for an RSA key.
    NotCompared,
}

/// Where in its validity a certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It begins in so many days, counted up.
    NotYet(i64),
    /// It ends in so many whole days.
    Valid(i64),
    /// It ended so many whole days ago.
    Expired(i64),
}

impl Bundle {
    /// Inspects the certificate that counts. Whether a private key is at hand is no
    /// problem by itself: what is registered is the certificate alone.
    pub fn inspect(&self, now: Timestamp) -> Inspection {
        let chosen = self.chosen(now);
        let private_key = self.state_of_key(chosen);
        let mut problems = chosen.certificate.problems(now);
        problems.extend(match private_key {
            PrivateKeyState::Mismatch => Some(CertificateError::KeyMismatch),
            PrivateKeyState::Encrypted => Some(CertificateError::EncryptedKey),
            PrivateKeyState::Unusable => Some(CertificateError::UnusableKey),
            PrivateKeyState::Absent | PrivateKeyState::Matches | PrivateKeyState::NotCompared => {
                None
            }
        });
        let mut others = self.certificates().to_vec();
        others.remove(chosen.index);
        Inspection {
            certificate: chosen.certificate.clone(),
            index: chosen.index,
            choice: chosen.choice,
            others,
            private_keys: self.private_key_count(),
            private_key,
            problems,
        }
    }

    fn state_of_key(&self, chosen: Chosen<'_>) -> PrivateKeyState {
        let Chosen {
            certificate, key, ..
        } = chosen;
        let too_short = matches!(certificate.key, PublicKeyKind::Rsa(bits) if bits < RSA_MIN_BITS);
        match key {
            // Nothing signs with a short one, so only what it states can be compared.
            Some(key) if too_short || key.rsa_key_pair().is_some() => PrivateKeyState::Matches,
            Some(_) => PrivateKeyState::Unusable,
            None if self.private_key_count() == 0 => PrivateKeyState::Absent,
            None if certificate.rsa.is_none() => PrivateKeyState::NotCompared,
            None if self.encrypted_keys > 0 => PrivateKeyState::Encrypted,
            None if self
                .private_keys
                .iter()
                .all(|key| key.rsa_public_key().is_none()) =>
            {
                PrivateKeyState::Unusable
            }
            None => PrivateKeyState::Mismatch,
        }
    }
}

impl CertificateFacts {
    /// Where in its validity it is. A certificate is over at the second `notAfter`.
    pub fn validity(&self, now: Timestamp) -> Validity {
        let (begin, end) = (self.not_before.unix(), self.not_after.unix());
        let now = now.unix();
        if now >= end {
            Validity::Expired((now - end) / DAY)
        } else if now < begin {
            Validity::NotYet((begin - now + DAY - 1) / DAY)
        } else {
            Validity::Valid((end - now) / DAY)
        }
    }
}
