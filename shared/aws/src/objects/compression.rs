//! How objects are compressed (the port `Encoding`).
//!
//! The same bytes give the same object, in whatever pieces they come: a run that makes an object
//! again finds its own. There is no name and no time in one.

use std::io::Write as _;

use feed::object_key::Format;
use feed::ports::{Encoder, Encoding};
use flate2::GzBuilder;
use flate2::write::GzEncoder;

/// Smaller than what `gzip -1` makes, in less than half of its time (decision 0059).
const GZIP_LEVEL: u32 = 2;
/// What `zstd` takes by itself.
const ZSTD_LEVEL: i32 = 3;
/// How a piece is handed on: what a compressor finds may depend on how much it sees at a time.
const PIECE: usize = 64 * 1024;

/// Gzip and zstd, quick rather than small.
#[derive(Debug, Clone, Copy, Default)]
pub struct Compression;

impl Encoding for Compression {
    fn begin(&self, format: Format) -> Box<dyn Encoder> {
        Box::new(Pieces {
            held: Vec::new(),
            stream: match format {
                Format::Gzip => Stream::Gzip(gzip()),
                Format::Zstd => Stream::Zstd(zstd()),
            },
        })
    }
}

fn gzip() -> GzEncoder<Vec<u8>> {
    // The operating system is part of the header: "unknown" everywhere (RFC 1952).
    let builder = GzBuilder::new().mtime(0).operating_system(255);
    builder.write(Vec::new(), flate2::Compression::new(GZIP_LEVEL))
}

fn zstd() -> zstd::stream::write::Encoder<'static, Vec<u8>> {
    let encoder = zstd::stream::write::Encoder::new(Vec::new(), ZSTD_LEVEL);
    let mut encoder = encoder.unwrap_or_else(|error| in_memory(&error));
    // A reader notices damage, as it does with gzip.
    let checked = encoder.include_checksum(true);
    checked.unwrap_or_else(|error| in_memory(&error));
    encoder
}

/// A writer into memory does not fail, and the levels above are valid.
fn in_memory(error: &std::io::Error) -> ! {
    unreachable!("compressing in memory: {error}")
}

enum Stream {
    Gzip(GzEncoder<Vec<u8>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
}

impl Stream {
    fn write(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let written = match self {
            Stream::Gzip(encoder) => encoder.write_all(bytes),
            Stream::Zstd(encoder) => encoder.write_all(bytes),
        };
        written.unwrap_or_else(|error| in_memory(&error));
        out.append(match self {
            Stream::Gzip(encoder) => encoder.get_mut(),
            Stream::Zstd(encoder) => encoder.get_mut(),
        });
    }

    fn finish(self, out: &mut Vec<u8>) {
        let rest = match self {
            Stream::Gzip(encoder) => encoder.finish(),
            Stream::Zstd(encoder) => encoder.finish(),
        };
        out.append(&mut rest.unwrap_or_else(|error| in_memory(&error)));
    }
}

/// Hands on whole pieces.
struct Pieces {
    held: Vec<u8>,
    stream: Stream,
}

impl Encoder for Pieces {
    fn write(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        if !self.held.is_empty() {
            let missing = (PIECE - self.held.len()).min(bytes.len());
            self.held.extend_from_slice(&bytes[..missing]);
            bytes = &bytes[missing..];
            if self.held.len() < PIECE {
                return;
            }
            self.stream.write(&self.held, out);
            self.held.clear();
        }
        let mut pieces = bytes.chunks_exact(PIECE);
        pieces
            .by_ref()
            .for_each(|piece| self.stream.write(piece, out));
        self.held.extend_from_slice(pieces.remainder());
    }

    fn finish(mut self: Box<Self>, out: &mut Vec<u8>) {
        self.stream.write(&self.held, out);
        self.stream.finish(out);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    const FORMATS: [Format; 2] = [Format::Gzip, Format::Zstd];

    /// `sizes`: of the pieces, over and over.
    fn compressed(format: Format, mut bytes: &[u8], sizes: &[usize]) -> Vec<u8> {
        let (mut encoder, mut out) = (Compression.begin(format), Vec::new());
        for size in sizes.iter().cycle() {
            let (piece, rest) = bytes.split_at((*size).min(bytes.len()));
            encoder.write(piece, &mut out);
            bytes = rest;
            if bytes.is_empty() {
                break;
            }
        }
        encoder.finish(&mut out);
        out
    }

    fn read(format: Format, bytes: &[u8]) -> Vec<u8> {
        let mut read = Vec::new();
        match format {
            Format::Gzip => flate2::read::GzDecoder::new(bytes).read_to_end(&mut read),
            Format::Zstd => zstd::stream::read::Decoder::new(bytes)
                .unwrap()
                .read_to_end(&mut read),
        }
        .unwrap();
        read
    }

    /// Like an audit log: much that comes again, and some that does not.
    fn records(bytes: usize) -> Vec<u8> {
        let mut text = String::new();
        let mut number = 1u64;
        while text.len() < bytes {
            number = number
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            text += &format!("{{\"Id\":\"{number:016x}\",\"Operation\":\"FileAccessed\"}}\n");
        }
        text.truncate(bytes);
        text.into_bytes()
    }

    #[test]
    fn the_same_bytes_give_the_same_object_in_whatever_pieces_they_come() {
        for format in FORMATS {
            for size in [0, 1, 70, PIECE - 1, PIECE, PIECE + 1, 700_000] {
                let bytes = records(size);
                let whole = compressed(format, &bytes, &[size.max(1)]);
                assert_eq!(read(format, &whole), bytes, "{format:?} {size}");
                for sizes in [
                    &[997][..],
                    &[PIECE],
                    &[1, 300_000],
                    &[65_535, 2],
                    &[0, 31, 100_000],
                ] {
                    let other = compressed(format, &bytes, sizes);
                    assert!(other == whole, "{format:?} {size} {sizes:?}");
                }
            }
        }
    }

    #[test]
    fn an_object_holds_no_name_and_no_time() {
        let gzip = compressed(Format::Gzip, b"{}\n", &[3]);
        // RFC 1952: magic, deflate, no flags, no time, no extra flags, unknown system.
        assert_eq!(gzip[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        let zstd = compressed(Format::Zstd, b"{}\n", &[3]);
        assert_eq!(zstd[..4], [0x28, 0xb5, 0x2f, 0xfd]);
        assert!(zstd[4] & 4 == 4, "a checksum at the end");
    }
}
