//! Bodies in the gzip format (RFC 1952).

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

/// The bytes as one gzip member.
pub(crate) fn packed(bytes: &[u8], level: Compression) -> Vec<u8> {
    let mut member = GzEncoder::new(Vec::new(), level);
    let written = member.write_all(bytes).and_then(|()| member.finish());
    written.unwrap_or_else(|error| unreachable!("a writer into memory does not fail: {error}"))
}
