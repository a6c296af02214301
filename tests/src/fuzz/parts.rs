//! What is in an input: parts between lines of three dashes, and JSON.

use serde_json::Value;

const SEPARATOR: &[u8] = b"\n---\n";

/// The first `N` parts; those that are missing are empty. The last holds the rest.
pub(super) fn parts<const N: usize>(data: &[u8]) -> [&[u8]; N] {
    let mut rest = Some(data);
    std::array::from_fn(|index| {
        let Some(left) = rest else {
            return &[][..];
        };
        let at = left
            .windows(SEPARATOR.len())
            .position(|bytes| bytes == SEPARATOR)
            .filter(|_| index + 1 < N);
        rest = at.map(|at| &left[at + SEPARATOR.len()..]);
        &left[..at.unwrap_or(left.len())]
    })
}

/// JSON as a reader sees it that looks at some members alone: the others may hold any bytes.
pub(super) fn json(text: &[u8]) -> Option<Value> {
    serde_json::from_str(&String::from_utf8_lossy(text)).ok()
}
