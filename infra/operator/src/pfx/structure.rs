//! What is where in a PFX file (RFC 7292 §4, RFC 5652 §8), in BER: Firefox and Bouncy Castle
//! write lengths that are not said at the beginning, and strings in pieces. Attributes of a bag
//! are left out: which certificate a key belongs to is seen by the key itself.

use yasna::{ASN1Error, ASN1ErrorKind, ASN1Result, BERReader, BERReaderSeq, Tag};

use super::asn1::{algorithm, explicit, first, oid, skip};
use super::encryption::Encrypted;
use super::error::PfxError;
use super::mac::Mac;

/// The version of RFC 7292, the only one.
const VERSION: i64 = 3;
/// id-data and id-encryptedData (RFC 5652 §4 and §8).
const DATA: &[u64] = &[1, 2, 840, 113549, 1, 7, 1];
const ENCRYPTED_DATA: &[u64] = &[1, 2, 840, 113549, 1, 7, 6];
/// The kinds of bags (RFC 7292 §4.2); the last number is the kind.
const BAGS: &[u64] = &[1, 2, 840, 113549, 1, 12, 10, 1];
const KEY_BAG: u64 = 1;
const SHROUDED_KEY_BAG: u64 = 2;
const CERTIFICATE_BAG: u64 = 3;
const SAFE_CONTENTS_BAG: u64 = 6;
/// x509Certificate (RFC 7292 §4.2.3).
const X509: &[u64] = &[1, 2, 840, 113549, 1, 9, 22, 1];

/// The outside.
pub(super) struct Pfx {
    /// What the MAC is of: the AuthenticatedSafe.
    pub(super) content: Vec<u8>,
    pub(super) mac: Option<Mac>,
}

/// Bags, plain or encrypted.
pub(super) enum Safe {
    Plain(Vec<u8>),
    Encrypted(Encrypted),
    Other,
}

/// What a bag holds.
pub(super) enum Bag {
    Certificate(Vec<u8>),
    Key(Vec<u8>),
    ShroudedKey(Encrypted),
    Bags(Vec<u8>),
    Other,
}

impl Pfx {
    pub(super) fn read(file: &[u8]) -> Result<Self, PfxError> {
        let (content, mac) = first(file, |reader| {
            reader.read_sequence(|fields| {
                if fields.next().read_i64()? != VERSION {
                    return Err(ASN1Error::new(ASN1ErrorKind::Invalid));
                }
                let content = fields
                    .next()
                    .read_sequence(|info| match oid(info)?.as_slice() {
                        DATA => explicit(info, |reader| reader.read_bytes()).map(Some),
                        // Signed with a key in a MAC's place.
                        _ => skip(info).map(|()| None),
                    })?;
                Ok((content, fields.read_optional(Mac::read)?))
            })
        })?;
        Ok(Self {
            content: content.ok_or(PfxError::Unsupported)?,
            mac,
        })
    }
}

/// The parts of an AuthenticatedSafe.
pub(super) fn safes(content: &[u8]) -> Result<Vec<Safe>, PfxError> {
    first(content, |reader| {
        reader.collect_sequence_of(|reader| {
            reader.read_sequence(|info| match oid(info)?.as_slice() {
                DATA => explicit(info, |reader| reader.read_bytes()).map(Safe::Plain),
                ENCRYPTED_DATA => explicit(info, encrypted_data).map(Safe::Encrypted),
                _ => skip(info).map(|()| Safe::Other),
            })
        })
    })
}

/// The bags of SafeContents.
pub(super) fn bags(contents: &[u8]) -> Result<Vec<Bag>, PfxError> {
    first(contents, |reader| {
        reader.collect_sequence_of(|reader| {
            reader.read_sequence(|bag| {
                let kind = oid(bag)?;
                let kind = kind.strip_prefix(BAGS).unwrap_or_default();
                let value = explicit(bag, |reader| match kind {
                    [KEY_BAG] => reader.read_der().map(Bag::Key),
                    [SHROUDED_KEY_BAG] => reader.read_sequence(encrypted).map(Bag::ShroudedKey),
                    [CERTIFICATE_BAG] => reader.read_sequence(certificate),
                    [SAFE_CONTENTS_BAG] => reader.read_der().map(Bag::Bags),
                    _ => reader.read_der().map(|_| Bag::Other),
                })?;
                skip(bag)?;
                Ok(value)
            })
        })
    })
}

/// A decrypted PrivateKeyInfo without what follows it; `None` where it is none.
pub(super) fn key(decrypted: &[u8]) -> Option<Vec<u8>> {
    let begins_as_one = |reader: BERReader<'_, '_>| {
        reader.read_sequence(|fields| {
            fields.next().read_i64()?;
            algorithm(fields.next())?;
            fields.next().read_bytes()?;
            skip(fields)
        })
    };
    first(decrypted, begins_as_one).ok()?;
    first(decrypted, |reader| reader.read_der()).ok()
}

fn encrypted_data(reader: BERReader<'_, '_>) -> ASN1Result<Encrypted> {
    reader.read_sequence(|fields| {
        let _version = fields.next().read_i64()?;
        let content = fields.next().read_sequence(|info| {
            oid(info)?;
            let algorithm = algorithm(info.next())?;
            let content = Tag::context(0);
            let bytes = info.read_optional(|reader| {
                reader.read_tagged_implicit(content, |reader| reader.read_bytes())
            })?;
            Ok(Encrypted {
                algorithm,
                bytes: bytes.unwrap_or_default(),
            })
        })?;
        skip(fields)?;
        Ok(content)
    })
}

/// EncryptedPrivateKeyInfo (RFC 5208 §6).
fn encrypted(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<Encrypted> {
    Ok(Encrypted {
        algorithm: algorithm(fields.next())?,
        bytes: fields.next().read_bytes()?,
    })
}

fn certificate(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<Bag> {
    match oid(fields)?.as_slice() {
        X509 => explicit(fields, |reader| reader.read_bytes()).map(Bag::Certificate),
        _ => skip(fields).map(|()| Bag::Other),
    }
}
