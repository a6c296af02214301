//! The gzip format (RFC 1952) around deflate.

use miniz_oxide::deflate::compress_to_vec;

/// Method deflate, no flags, no time, unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// Speed over size.
const LEVEL: u8 = 1;

/// The bytes as one gzip member.
pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut member = HEAD.to_vec();
    member.extend(compress_to_vec(bytes, LEVEL));
    member.extend(crc32(bytes).to_le_bytes());
    // The length modulo 2^32.
    let length = u64::try_from(bytes.len()).unwrap_or(0).to_le_bytes();
    member.extend(length.iter().take(4));
    member
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let polynomial = if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
            sum = (sum >> 1) ^ polynomial;
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of CRC-32/ISO-HDLC; the whole is read by other programs in the tests.
    #[test]
    fn the_sum_is_that_of_the_format() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }
}
