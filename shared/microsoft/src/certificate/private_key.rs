//! A private key as a file holds it, before it is parsed for signing: enough to tell
//! which certificate it belongs to, whatever its length.

use std::fmt;

use aws_lc_rs::signature::RsaKeyPair;
use x509_parser::asn1_rs::{Any, FromDer, OctetString, Oid, Sequence, oid};
use x509_parser::x509::AlgorithmIdentifier;

use super::facts::RsaPublicKey;

/// rsaEncryption (RFC 8017 appendix A.1).
const RSA_ENCRYPTION: Oid<'static> = oid!(1.2.840.113549.1.1.1);

/// A private key's DER. Its `Debug` shows the form only.
pub enum PrivateKeyDer {
    /// PrivateKeyInfo (RFC 5208).
    Pkcs8(Vec<u8>),
    /// RSAPrivateKey (RFC 8017 appendix A.1.2).
    Pkcs1(Vec<u8>),
    /// An elliptic curve's key (RFC 5915), which Entra ID takes no certificate for.
    Sec1,
}

impl PrivateKeyDer {
    /// The key pair, checked for consistency; `None` when it is no RSA key of a length
    /// that signs.
    pub(super) fn rsa_key_pair(&self) -> Option<RsaKeyPair> {
        match self {
            Self::Pkcs8(der) => RsaKeyPair::from_pkcs8(der).ok(),
            Self::Pkcs1(der) => RsaKeyPair::from_der(der).ok(),
            Self::Sec1 => None,
        }
    }

    /// The public half that an RSA key states; not checked against the private half.
    /// `None` when it is no RSA key or cannot be read.
    pub(super) fn rsa_public_key(&self) -> Option<RsaPublicKey> {
        match self {
            Self::Pkcs8(der) => stated_public_key(&rsa_key_of_pkcs8(der)?),
            Self::Pkcs1(der) => stated_public_key(der),
            Self::Sec1 => None,
        }
    }
}

impl fmt::Debug for PrivateKeyDer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pkcs8(_) => "Pkcs8(..)",
            Self::Pkcs1(_) => "Pkcs1(..)",
            Self::Sec1 => "Sec1",
        })
    }
}

/// The RSAPrivateKey inside a PrivateKeyInfo: version, algorithm, octets.
fn rsa_key_of_pkcs8(der: &[u8]) -> Option<Vec<u8>> {
    let (_, info) = Sequence::from_der(der).ok()?;
    let (rest, _version) = Any::from_der(info.content.as_ref()).ok()?;
    let (rest, algorithm) = AlgorithmIdentifier::from_der(rest).ok()?;
    let (_, key) = OctetString::from_der(rest).ok()?;
    (algorithm.algorithm == RSA_ENCRYPTION).then(|| key.as_ref().to_vec())
}

/// An RSAPrivateKey begins with version, modulus, public exponent.
fn stated_public_key(der: &[u8]) -> Option<RsaPublicKey> {
    let (_, key) = Sequence::from_der(der).ok()?;
    let (rest, _version) = Any::from_der(key.content.as_ref()).ok()?;
    let (rest, modulus) = Any::from_der(rest).ok()?;
    let (_, exponent) = Any::from_der(rest).ok()?;
    Some(RsaPublicKey::new(modulus.data, exponent.data))
}
