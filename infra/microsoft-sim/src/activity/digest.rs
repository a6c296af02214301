//! SHA-256 sums, as bytes and as text.

use aws_lc_rs::digest::{Context, SHA256, digest};

/// The sum of all that was added.
pub(crate) fn finished(context: Context) -> [u8; 32] {
    context.finish().as_ref().try_into().unwrap_or_default()
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes)
        .as_ref()
        .try_into()
        .unwrap_or_default()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
