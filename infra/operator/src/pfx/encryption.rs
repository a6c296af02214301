//! What a password encrypts in a PFX file: by the schemes of PKCS#12 (RFC 7292 appendix C) with
//! 3DES or RC2, or by PBES2 (RFC 8018 §6.2). RC4 is left to OpenSSL.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, KeyInit, KeyIvInit as _};
use des::{TdesEde2, TdesEde3};
use pkcs5::pbes2::{Kdf, Parameters};
use pkcs12::kdf::Pkcs12KeyType;
use rc2::Rc2;
use sha1::Sha1;

use super::asn1::{Algorithm, first};
use super::derivation::{ROUNDS_MAX, Salted};
use super::error::PfxError;
use super::password::Password;

/// pkcs-12PbeIds; the last number is the scheme.
const PKCS12: &[u64] = &[1, 2, 840, 113549, 1, 12, 1];
/// id-PBES2.
const PBES2: &[u64] = &[1, 2, 840, 113549, 1, 5, 13];
/// Bytes of an initialization vector of the old ciphers.
const IV: usize = 8;
/// What scrypt may take (RFC 7914 §2), in bytes.
const SCRYPT_MAX: u64 = 256 * 1024 * 1024;

/// Something encrypted, with how.
pub(super) struct Encrypted {
    pub(super) algorithm: Algorithm,
    pub(super) bytes: Vec<u8>,
}

impl Encrypted {
    pub(super) fn open(&self, password: &Password) -> Result<Vec<u8>, PfxError> {
        match self.algorithm.oid.strip_prefix(PKCS12) {
            Some([3]) => self.pkcs12::<TdesEde3>(password, 24),
            Some([4]) => self.pkcs12::<TdesEde2>(password, 16),
            Some([5]) => self.pkcs12::<Rc2>(password, 16),
            Some([6]) => self.pkcs12::<Rc2>(password, 5),
            None if self.algorithm.oid == PBES2 => self.pbes2(password),
            _ => Err(PfxError::Unsupported),
        }
    }

    fn pkcs12<C>(&self, password: &Password, key_length: usize) -> Result<Vec<u8>, PfxError>
    where
        C: KeyInit + BlockCipherDecrypt,
    {
        let salted = self.salted()?;
        let key = salted.key::<Sha1>(password, Pkcs12KeyType::EncryptionKey, key_length)?;
        let iv = salted.key::<Sha1>(password, Pkcs12KeyType::Iv, IV)?;
        let cipher = cbc::Decryptor::<C>::new_from_slices(&key, &iv);
        let cipher = cipher.map_err(|_| PfxError::Unsupported)?;
        // A wrong key makes wrong padding.
        let decrypted = cipher.decrypt_padded_vec::<Pkcs7>(&self.bytes);
        decrypted.map_err(|_| PfxError::WrongPassword)
    }

    /// The parameters of the schemes of PKCS#12.
    fn salted(&self) -> Result<Salted, PfxError> {
        first(&self.algorithm.parameters, |reader| {
            reader.read_sequence(|fields| {
                Ok(Salted {
                    salt: fields.next().read_bytes()?,
                    rounds: fields.next().read_u32()?,
                })
            })
        })
    }

    fn pbes2(&self, password: &Password) -> Result<Vec<u8>, PfxError> {
        let parameters: Parameters = pkcs5::der::Decode::from_der(&self.algorithm.parameters)
            .map_err(|_| PfxError::Unsupported)?;
        if !is_affordable(&parameters.kdf) {
            return Err(PfxError::Unsupported);
        }
        parameters
            .decrypt(&password.utf8, &self.bytes)
            .map_err(|error| match error {
                pkcs5::Error::DecryptFailed => PfxError::WrongPassword,
                _ => PfxError::Unsupported,
            })
    }
}

fn is_affordable(kdf: &Kdf) -> bool {
    match kdf {
        Kdf::Pbkdf2(pbkdf2) => pbkdf2.iteration_count <= ROUNDS_MAX,
        Kdf::Scrypt(scrypt) => {
            let memory = 128_u64
                .checked_mul(scrypt.cost_parameter)
                .and_then(|bytes| bytes.checked_mul(scrypt.block_size.into()))
                .and_then(|bytes| bytes.checked_mul(scrypt.parallelization.into()));
            memory.is_some_and(|bytes| bytes <= SCRYPT_MAX)
        }
        _ => false,
    }
}
