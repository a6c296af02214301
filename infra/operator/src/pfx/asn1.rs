//! The pieces of ASN.1 of which every part of a PFX file is made.

use yasna::{ASN1Result, BERReader, BERReaderSeq, Tag, parse_ber};

use super::ber::first_value;
use super::error::PfxError;

/// AlgorithmIdentifier (RFC 5280 §4.1.1.2).
pub(super) struct Algorithm {
    pub(super) oid: Vec<u64>,
    /// In DER, unread.
    pub(super) parameters: Vec<u8>,
}

/// Reads the first value of some bytes. What follows it is passed over, as other readers do.
pub(super) fn first<T>(
    bytes: &[u8],
    read: impl FnOnce(BERReader<'_, '_>) -> ASN1Result<T>,
) -> Result<T, PfxError> {
    let value = first_value(bytes).ok_or(PfxError::Damaged)?;
    parse_ber(&value, read).map_err(|_| PfxError::Damaged)
}

pub(super) fn algorithm(reader: BERReader<'_, '_>) -> ASN1Result<Algorithm> {
    reader.read_sequence(|fields| {
        let oid = oid(fields)?;
        let parameters = fields.read_optional(|reader| reader.read_der())?;
        Ok(Algorithm {
            oid,
            parameters: parameters.unwrap_or_default(),
        })
    })
}

pub(super) fn oid(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<Vec<u64>> {
    Ok(fields.next().read_oid()?.components().clone())
}

/// The value in `[0]`.
pub(super) fn explicit<T>(
    fields: &mut BERReaderSeq<'_, '_>,
    read: impl FnOnce(BERReader<'_, '_>) -> ASN1Result<T>,
) -> ASN1Result<T> {
    fields.next().read_tagged(Tag::context(0), read)
}

/// Passes over the rest of a sequence.
pub(super) fn skip(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<()> {
    while fields.read_optional(|reader| reader.read_der())?.is_some() {}
    Ok(())
}
