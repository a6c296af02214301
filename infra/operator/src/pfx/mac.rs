//! The MAC of a PFX file: HMAC under a key that is derived as RFC 7292 appendix B has it, or as
//! PKCS#5 (PBMAC1, RFC 9579).

use aws_lc_rs::{hmac, pbkdf2};
use pkcs12::kdf::Pkcs12KeyType;
use sha1::Sha1;
use sha1::digest::block_api::BlockSizeUser;
use sha1::digest::{Digest, FixedOutputReset};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use yasna::{ASN1Result, BERReader};

use super::asn1::{Algorithm, algorithm, first};
use super::derivation::{ROUNDS_MAX, Salted};
use super::error::PfxError;
use super::password::Password;

/// id-PBMAC1 and id-PBKDF2 (RFC 8018 appendix A).
const PBMAC1: &[u64] = &[1, 2, 840, 113549, 1, 5, 14];
const PBKDF2: &[u64] = &[1, 2, 840, 113549, 1, 5, 12];
/// hmacWithSHA1 and its successors (RFC 8018 appendix B.1.1); the last number is the digest.
const HMACS: &[u64] = &[1, 2, 840, 113549, 2];
const HMAC_SHA1: u64 = 7;
/// id-sha1; nistAlgorithms' hashes (RFC 5758), the last number is the digest.
const SHA1: &[u64] = &[1, 3, 14, 3, 2, 26];
const SHA2: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 2];
/// Bytes of a key of PBMAC1: RFC 9579 §9 refuses shorter ones, no digest has longer ones.
const KEY_LENGTHS: std::ops::RangeInclusive<usize> = 20..=64;

/// MacData (RFC 7292 §4).
pub(super) struct Mac {
    algorithm: Algorithm,
    value: Vec<u8>,
    salted: Salted,
}

/// The parameters of PBMAC1.
struct Pbmac1 {
    derivation: Derivation,
    hmac: Algorithm,
}

/// Those of PBKDF2.
struct Derivation {
    is_pbkdf2: bool,
    salt: Vec<u8>,
    rounds: u32,
    key_length: usize,
    prf: Option<Algorithm>,
}

impl Mac {
    pub(super) fn read(reader: BERReader<'_, '_>) -> ASN1Result<Self> {
        reader.read_sequence(|fields| {
            let (algorithm, value) = fields.next().read_sequence(|digest| {
                Ok((algorithm(digest.next())?, digest.next().read_bytes()?))
            })?;
            Ok(Self {
                algorithm,
                value,
                salted: Salted {
                    salt: fields.next().read_bytes()?,
                    rounds: fields
                        .read_optional(|reader| reader.read_u32())?
                        .unwrap_or(1),
                },
            })
        })
    }

    /// Refuses content that was changed, or made with another password.
    pub(super) fn verify(&self, content: &[u8], password: &Password) -> Result<(), PfxError> {
        let key = match self.algorithm.oid.as_slice() {
            PBMAC1 => self.pbmac1_key(password)?,
            SHA1 => {
                let algorithm = hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY;
                self.key::<Sha1>(algorithm, password)?
            }
            oid => match oid.strip_prefix(SHA2) {
                Some([1]) => self.key::<Sha256>(hmac::HMAC_SHA256, password)?,
                Some([2]) => self.key::<Sha384>(hmac::HMAC_SHA384, password)?,
                Some([3]) => self.key::<Sha512>(hmac::HMAC_SHA512, password)?,
                Some([4]) => self.key::<Sha224>(hmac::HMAC_SHA224, password)?,
                _ => return Err(PfxError::Unsupported),
            },
        };
        hmac::verify(&key, content, &self.value).map_err(|_| PfxError::WrongPassword)
    }

    fn key<D>(&self, algorithm: hmac::Algorithm, password: &Password) -> Result<hmac::Key, PfxError>
    where
        D: Digest + FixedOutputReset + BlockSizeUser,
    {
        let (kind, length) = (Pkcs12KeyType::Mac, <D as Digest>::output_size());
        let key = self.salted.key::<D>(password, kind, length)?;
        Ok(hmac::Key::new(algorithm, &key))
    }

    fn pbmac1_key(&self, password: &Password) -> Result<hmac::Key, PfxError> {
        let Pbmac1 { derivation, hmac } = first(&self.algorithm.parameters, pbmac1)?;
        let (_, algorithm) = hmac_of(&hmac).ok_or(PfxError::Unsupported)?;
        let prf = match &derivation.prf {
            Some(prf) => hmac_of(prf).ok_or(PfxError::Unsupported)?.0,
            None => pbkdf2::PBKDF2_HMAC_SHA1,
        };
        let rounds = Some(derivation.rounds).filter(|rounds| *rounds <= ROUNDS_MAX);
        let rounds = rounds.and_then(std::num::NonZeroU32::new);
        let is_read = derivation.is_pbkdf2 && KEY_LENGTHS.contains(&derivation.key_length);
        let rounds = rounds.filter(|_| is_read).ok_or(PfxError::Unsupported)?;
        let mut key = vec![0; derivation.key_length];
        pbkdf2::derive(prf, rounds, &derivation.salt, &password.utf8, &mut key);
        Ok(hmac::Key::new(algorithm, &key))
    }
}

fn pbmac1(reader: BERReader<'_, '_>) -> ASN1Result<Pbmac1> {
    reader.read_sequence(|fields| {
        let derivation = fields.next().read_sequence(|derivation| {
            let oid = derivation.next().read_oid()?;
            derivation.next().read_sequence(|parameters| {
                Ok(Derivation {
                    is_pbkdf2: oid.components() == PBKDF2,
                    salt: parameters.next().read_bytes()?,
                    rounds: parameters.next().read_u32()?,
                    key_length: usize::from(parameters.next().read_u16()?),
                    prf: parameters.read_optional(algorithm)?,
                })
            })
        })?;
        Ok(Pbmac1 {
            derivation,
            hmac: algorithm(fields.next())?,
        })
    })
}

fn hmac_of(algorithm: &Algorithm) -> Option<(pbkdf2::Algorithm, hmac::Algorithm)> {
    Some(match algorithm.oid.strip_prefix(HMACS)? {
        [HMAC_SHA1] => (
            pbkdf2::PBKDF2_HMAC_SHA1,
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        ),
        [9] => (pbkdf2::PBKDF2_HMAC_SHA256, hmac::HMAC_SHA256),
        [10] => (pbkdf2::PBKDF2_HMAC_SHA384, hmac::HMAC_SHA384),
        [11] => (pbkdf2::PBKDF2_HMAC_SHA512, hmac::HMAC_SHA512),
        _ => return None,
    })
}
