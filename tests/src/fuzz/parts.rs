//! An input that stands for several things: parts between lines of three dashes.

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
