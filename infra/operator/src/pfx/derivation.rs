//! Keys that are derived from a password as RFC 7292 appendix B has it, with as much work as a
//! file may ask for.

use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use sha1::digest::block_api::BlockSizeUser;
use sha1::digest::{Digest, FixedOutputReset};

use super::error::PfxError;
use super::password::Password;

/// Rounds of a key derivation that a file may ask for: a second's work. Windows and OpenSSL write
/// 2,000, keytool 10,000.
pub(super) const ROUNDS_MAX: u32 = 1_000_000;

/// What a key is derived with besides the password.
pub(super) struct Salted {
    pub(super) salt: Vec<u8>,
    pub(super) rounds: u32,
}

impl Salted {
    /// A key of `length` bytes, with `D` as the digest.
    pub(super) fn key<D>(
        &self,
        password: &Password,
        kind: Pkcs12KeyType,
        length: usize,
    ) -> Result<Vec<u8>, PfxError>
    where
        D: Digest + FixedOutputReset + BlockSizeUser,
    {
        let rounds = Some(self.rounds).filter(|rounds| *rounds <= ROUNDS_MAX);
        let rounds = rounds.and_then(|rounds| i32::try_from(rounds).ok());
        let rounds = rounds.ok_or(PfxError::Unsupported)?;
        Ok(derive_key::<D>(
            &password.wide,
            &self.salt,
            kind,
            rounds,
            length,
        ))
    }
}
