use std::io;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::header::{HeaderName, HeaderValue};

use super::*;

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Decodes what comes in pieces of `size`; the longest piece that came out.
fn decoded(bytes: &[u8], size: usize) -> io::Result<(Vec<u8>, usize)> {
    let (mut decoder, mut whole, mut longest) = (Decoder::default(), Vec::new(), 0);
    for piece in bytes.chunks(size) {
        decoder.push(piece.to_vec());
        while let Some(piece) = decoder.take()? {
            longest = longest.max(piece.len());
            whole.extend(piece);
        }
    }
    decoder.finish()?;
    while let Some(piece) = decoder.take()? {
        whole.extend(piece);
    }
    Ok((whole, longest))
}

#[test]
fn a_body_is_the_same_however_it_is_packed_and_cut() {
    let text: Vec<u8> = (0..20_000_u32).flat_map(u32::to_le_bytes).collect();
    let (head, tail) = text.split_at(33_333);
    let rows: [(&str, Vec<u8>, &[u8]); 8] = [
        ("plain", text.clone(), &text),
        ("packed", packed(&text), &text),
        ("two members", [packed(head), packed(tail)].concat(), &text),
        (
            "an empty member first",
            [packed(b""), packed(&text)].concat(),
            &text,
        ),
        ("nothing", Vec::new(), b""),
        ("nothing, packed", packed(b""), b""),
        ("one byte", vec![0x1f], b"\x1f"),
        ("nearly packed", b"\x1f[1]".to_vec(), b"\x1f[1]"),
    ];
    for (what, bytes, expected) in rows {
        for size in [1, 2, 7, 4_096, usize::MAX] {
            let (whole, _) = decoded(&bytes, size).unwrap();
            assert!(whole == expected, "{what} {size}");
        }
    }
}

#[test]
fn damage_is_an_error_and_never_an_end() {
    let whole = packed(&b"a record, and another one".repeat(1_000));
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        bytes
    };
    let rows: [(&str, Vec<u8>); 9] = [
        ("its head alone", whole[..5].to_vec()),
        ("no data", whole[..10].to_vec()),
        ("half", whole[..whole.len() / 2].to_vec()),
        ("without its check value", whole[..whole.len() - 8].to_vec()),
        ("one byte short", whole[..whole.len() - 1].to_vec()),
        ("another check value", flipped(whole.len() - 6)),
        ("another length", flipped(whole.len() - 2)),
        ("another method", flipped(2)),
        ("more behind it", [&whole[..], b"[1]"].concat()),
    ];
    for (what, bytes) in rows {
        for size in [1, 13, usize::MAX] {
            assert!(decoded(&bytes, size).is_err(), "{what} {size}");
        }
    }
}

#[test]
fn what_grows_a_thousandfold_comes_out_in_small_pieces() {
    let bomb = packed(&vec![b' '; 16 << 20]);
    assert!(bomb.len() < 20_000);
    let (whole, longest) = decoded(&bomb, usize::MAX).unwrap();
    assert_eq!(whole.len(), 16 << 20);
    assert!(longest <= 128 * 1024, "{longest}");
}

#[test]
fn an_encoding_that_was_not_asked_for_is_not_understood() {
    let rows: [(&[&str], bool); 12] = [
        (&[], true),
        (&["gzip"], true),
        (&["x-gzip"], true),
        (&["GZip"], true),
        (&["identity"], true),
        (&[""], true),
        (&["identity, gzip"], true),
        (&["gzip, gzip"], false),
        (&["gzip", "gzip"], false),
        (&["br"], false),
        (&["gzip", "deflate"], false),
        (&["zstd;q=1"], false),
    ];
    for (values, expected) in rows {
        let mut headers = HeaderMap::new();
        for value in values {
            let name = HeaderName::from_static("content-encoding");
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        assert_eq!(is_understood(&headers), expected, "{values:?}");
    }
}
