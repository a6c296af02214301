//! BER as DER has it (X.690 §8.1 and §10.1): lengths that are said at the beginning, in as few
//! bytes as they take. The readers that it feeds see no other, nor one that leads out of the
//! bytes.

/// Values within values. A PFX file has a dozen.
const DEPTH_MAX: u8 = 32;
/// Marks a value of values.
const CONSTRUCTED: u8 = 0x20;
/// A tag number that needs more bytes: no format here has one.
const LONG_TAG: u8 = 0x1f;
/// The end of a value whose length is not said.
const END: &[u8] = &[0, 0];
/// Bytes of a length: files are smaller.
const LENGTH_BYTES_MAX: usize = 4;

/// The first value of some bytes; what follows it is left out. `None` where it is none.
pub(super) fn first_value(bytes: &[u8]) -> Option<Vec<u8>> {
    value(bytes, 0).map(|(value, _)| value)
}

/// A value, and what follows it.
fn value(bytes: &[u8], depth: u8) -> Option<(Vec<u8>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (length, rest) = length(rest)?;
    if depth > DEPTH_MAX || tag & LONG_TAG == LONG_TAG {
        return None;
    }
    match (tag & CONSTRUCTED != 0, length) {
        (false, Some(length)) => {
            let (content, rest) = rest.split_at_checked(length)?;
            Some((encoded(*tag, content), rest))
        }
        (true, Some(length)) => {
            let (inside, rest) = rest.split_at_checked(length)?;
            let (content, _) = values(inside, &[], depth)?;
            Some((encoded(*tag, &content), rest))
        }
        (true, None) => {
            let (content, rest) = values(rest, END, depth)?;
            Some((encoded(*tag, &content), rest))
        }
        (false, None) => None,
    }
}

/// Values up to `end`, or to the end of the bytes where that is empty; and what follows it.
fn values<'b>(bytes: &'b [u8], end: &[u8], depth: u8) -> Option<(Vec<u8>, &'b [u8])> {
    let mut content = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        match rest.strip_prefix(end) {
            Some(after) if !end.is_empty() || rest.is_empty() => return Some((content, after)),
            _ => {}
        }
        let (one, after) = value(rest, depth + 1)?;
        content.extend(one);
        rest = after;
    }
}

/// `Some(None)`: a length that is not said.
fn length(bytes: &[u8]) -> Option<(Option<usize>, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let count = usize::from(first & 0x7f);
    match first {
        0x80 => Some((None, rest)),
        0..0x80 => Some((Some(count), rest)),
        _ if count > LENGTH_BYTES_MAX => None,
        _ => {
            let (bytes, rest) = rest.split_at_checked(count)?;
            let length = bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            Some((Some(length), rest))
        }
    }
}

fn encoded(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let length = &length[zeros..];
    let mut value = vec![tag];
    match (length, content.len()) {
        ([], _) => value.push(0),
        ([short], 0..0x80) => value.push(*short),
        _ => {
            // At most 8, the bytes of a usize.
            value.push(0x80 | length.len().to_le_bytes()[0]);
            value.extend(length);
        }
    }
    value.extend(content);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name, bytes, and the value that they begin with.
    type Row<'b> = (&'static str, &'b [u8], Option<&'b [u8]>);

    #[test]
    fn every_length_is_made_definite_and_no_other_value_is() {
        let nested = [vec![0x30; 1], vec![0x80]].concat().repeat(40);
        let deep = [nested, END.repeat(40)].concat();
        let rows: [Row<'_>; 17] = [
            ("short", b"\x04\x01a", Some(b"\x04\x01a")),
            ("empty", b"\x30\0", Some(b"\x30\0")),
            ("more bytes", b"\x04\x01ab", Some(b"\x04\x01a")),
            ("longer length", b"\x04\x82\0\x01a", Some(b"\x04\x01a")),
            ("indefinite", b"\x30\x80\x05\0\0\0", Some(b"\x30\x02\x05\0")),
            ("indefinite, empty", b"\x30\x80\0\0xx", Some(b"\x30\0")),
            (
                "in another",
                b"\x30\x80\x30\x80\x05\0\0\0\0\0",
                Some(b"\x30\x04\x30\x02\x05\0"),
            ),
            (
                "in a definite one",
                b"\x30\x06\x30\x80\x05\0\0\0",
                Some(b"\x30\x04\x30\x02\x05\0"),
            ),
            (
                "zeros in a string",
                b"\x30\x80\x04\x02\0\0\0\0",
                Some(b"\x30\x04\x04\x02\0\0"),
            ),
            ("nothing", b"", None),
            ("a tag alone", b"\x30", None),
            ("cut", b"\x04\x02a", None),
            ("no end", b"\x30\x80\x05\0", None),
            ("primitive and indefinite", b"\x04\x80a\0\0", None),
            ("a long tag", b"\x3f\x81\x01\0", None),
            (
                "a length of the whole memory",
                b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff",
                None,
            ),
            ("too deep", &deep, None),
        ];
        for (row, bytes, expected) in rows {
            assert_eq!(first_value(bytes).as_deref(), expected, "{row}");
        }
        for length in [0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
            let value = encoded(0x04, &vec![0; length]);
            assert_eq!(first_value(&value), Some(value), "{length}");
        }
    }
}
