//! A password as the makers of PFX files spell it: as UTF-16 with a NUL for the derivation of
//! RFC 7292, as UTF-8 for those of PKCS#5.

/// Without `Debug`.
pub(super) struct Password {
    /// Big-endian UTF-16 with the NUL at its end; nothing for an absent password.
    pub(super) wide: Vec<u8>,
    pub(super) utf8: Vec<u8>,
}

impl Password {
    /// Every spelling of `text` that files have, the usual one first.
    pub(super) fn spellings(text: &str) -> Vec<Self> {
        let mut spellings = vec![Self::of(text, wide(text.encode_utf16()))];
        if text.is_empty() {
            // "No password" is not the empty one for Windows and OpenSSL.
            spellings.push(Self::of(text, Vec::new()));
        }
        if !text.is_ascii() {
            // OpenSSL before 1.1.0 took each byte of what was typed for a character.
            spellings.push(Self::of(text, wide(text.bytes().map(u16::from))));
        }
        spellings
    }

    fn of(text: &str, wide: Vec<u8>) -> Self {
        Self {
            wide,
            utf8: text.as_bytes().to_vec(),
        }
    }
}

fn wide(units: impl Iterator<Item = u16>) -> Vec<u8> {
    units.chain([0]).flat_map(u16::to_be_bytes).collect()
}
