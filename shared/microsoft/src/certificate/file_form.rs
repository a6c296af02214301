//! What a file is, told by its content and never by its name: `.cer` is DER as often
//! as PEM, and `.p12` has been seen on everything.

use std::fmt;

use auth::text::{NotText, decoded};
use x509_parser::asn1_rs::{Any, FromDer as _, Tag};
use x509_parser::certificate::X509Certificate;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::error::CertificateError;
use super::pem::{BEGIN, unwrapped, without_armour};

/// The first byte of every binary form (X.690 §8.9).
const SEQUENCE: u8 = 0x30;

/// First bytes of Java's keystore formats, JKS and JCEKS.
const JAVA_KEYSTORES: [[u8; 4]; 2] = [[0xfe, 0xed, 0xfe, 0xed], [0xce, 0xce, 0xce, 0xce]];

/// id-signedData of PKCS#7, encoded.
const SIGNED_DATA: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02,
];

/// A file that can hold a certificate, and its private key with it: its `Debug` shows
/// the form only.
#[derive(Clone, PartialEq, Eq)]
pub enum FileForm {
    /// PEM text (RFC 7468), with whatever stands around its blocks.
    Pem(String),
    /// One certificate, DER.
    Der(Vec<u8>),
    /// PKCS#12 (RFC 7292), DER. Opened elsewhere: it takes a password.
    Pfx(Vec<u8>),
}

impl FileForm {
    /// Recognises the form. Every form is taken in plain base64 too, and text in the
    /// UTF-16 that PowerShell writes. Refuses what can hold no certificate, by name
    /// where it is known.
    pub fn recognise(bytes: &[u8]) -> Result<Self, CertificateError> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(CertificateError::Empty);
        }
        let text = match decoded(bytes) {
            Ok(text) => text,
            Err(reason @ (NotText::Utf32 | NotText::Utf16 { .. })) => {
                return Err(CertificateError::NotText(reason));
            }
            // Tools write names in any encoding between the blocks.
            Err(_) => String::from_utf8_lossy(bytes).into_owned(),
        };
        if blocks_begun(bytes) != text.matches(BEGIN).count() {
            return Err(CertificateError::TwoEncodings);
        }
        if let Some(pem) = unwrapped(&text) {
            return Ok(Self::Pem(pem.into_owned()));
        }
        match without_armour(&text) {
            Some(inside) if inside.first() == Some(&SEQUENCE) => binary(&inside),
            _ if is_text(&text) => Err(CertificateError::NoCertificate),
            _ => binary(bytes),
        }
    }
}

impl fmt::Debug for FileForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pem(_) => "Pem(..)",
            Self::Der(_) => "Der(..)",
            Self::Pfx(_) => "Pfx(..)",
        })
    }
}

/// In UTF-8 and UTF-16 alike: without its NULs, ASCII is the same in both.
fn blocks_begun(bytes: &[u8]) -> usize {
    let narrow: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&narrow).matches(BEGIN).count()
}

fn is_text(text: &str) -> bool {
    !text.contains(char::REPLACEMENT_CHARACTER)
        && text.chars().all(|c| c.is_whitespace() || !c.is_control())
}

fn binary(bytes: &[u8]) -> Result<FileForm, CertificateError> {
    if JAVA_KEYSTORES.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(CertificateError::JavaKeystore);
    }
    if X509Certificate::from_der(bytes).is_ok() {
        return Ok(FileForm::Der(bytes.to_vec()));
    }
    let content = content_of_sequence(bytes).ok_or(CertificateError::NotRecognised)?;
    match content {
        // PFX version 3 (RFC 7292 §4).
        [0x02, 0x01, 0x03, ..] => Ok(FileForm::Pfx(bytes.to_vec())),
        // Versions of PrivateKeyInfo, RSAPrivateKey and ECPrivateKey.
        [0x02, 0x01, 0x00 | 0x01, ..] => Err(CertificateError::PrivateKeyOnly),
        _ if content.starts_with(SIGNED_DATA) => Err(CertificateError::Pkcs7),
        _ if X509CertificationRequest::from_der(bytes).is_ok() => {
            Err(CertificateError::SigningRequest)
        }
        _ if SubjectPublicKeyInfo::from_der(bytes).is_ok() => Err(CertificateError::PublicKeyOnly),
        _ if is_encrypted_key(content) => Err(CertificateError::PrivateKeyOnly),
        _ => Err(CertificateError::NotRecognised),
    }
}

/// What follows the header of a SEQUENCE, also when the file ends too early.
fn content_of_sequence(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        // The indefinite form of BER, and lengths below 128.
        [0x30, 0..=0x80, content @ ..] => Some(content),
        [0x30, length @ 0x81..=0x84, rest @ ..] => rest.get(usize::from(length & 0x0f)..),
        _ => None,
    }
}

/// EncryptedPrivateKeyInfo (RFC 5208 §6): algorithm, octets.
fn is_encrypted_key(content: &[u8]) -> bool {
    let octets = AlgorithmIdentifier::from_der(content)
        .ok()
        .and_then(|(rest, _)| Any::from_der(rest).ok());
    octets.is_some_and(|(rest, any)| rest.is_empty() && any.tag() == Tag::OctetString)
}
