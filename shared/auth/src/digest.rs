//! The one digest of this project, SHA-256 (FIPS 180-4). A certificate's SHA-1 thumbprint
//! is the certificate's own business.

use aws_lc_rs::digest::{SHA256, digest};

/// SHA-256 of these bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::hex;

    #[test]
    fn is_that_of_fips_180_4() {
        let rows = [
            (
                "",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(hex(&sha256(text.as_bytes())), expected);
        }
    }
}
