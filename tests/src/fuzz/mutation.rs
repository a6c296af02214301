//! Mutations of a corpus, the same in every run: what an ordinary test can try of fuzzing.

use super::chance::Sequence;

/// Texts that parsers trip over.
const TRIPS: &[&[u8]] = &[
    b"",
    b"\0",
    b"\r\n",
    b"\"",
    b"\\",
    b"%00",
    b"%ff",
    b"..",
    b"//",
    b"@",
    b"/*",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"null",
    b"[]",
    b"{}",
    b"((((((((",
    b"\x1b[2J",
    b"\xff",
    "\u{2028}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{2000}".as_bytes(),
];

/// The longest input that is made.
const LONGEST: usize = 8 * 1024;

/// An endless row of inputs made from a corpus.
pub struct Mutations<'a> {
    corpus: &'a [Vec<u8>],
    chance: Sequence,
}

impl<'a> Mutations<'a> {
    /// Of this corpus, which is not empty.
    pub fn of(corpus: &'a [Vec<u8>]) -> Self {
        Self {
            corpus,
            chance: Sequence::from_seed(14),
        }
    }

    fn mutate(&self, input: &mut Vec<u8>) {
        let at = self.chance.below(input.len() + 1);
        let end = at + self.chance.below((input.len() - at).min(64) + 1);
        match self.chance.below(7) {
            0 if at < input.len() => input[at] ^= 1 << self.chance.below(8),
            1 if at < input.len() => input[at] = self.chance.next().to_le_bytes()[0],
            2 => drop(input.drain(at..end)),
            3 => {
                let again = input[at..end].to_vec();
                input.splice(at..at, again);
            }
            4 => {
                let other = &self.corpus[self.chance.below(self.corpus.len())];
                let from = self.chance.below(other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            5 => input.truncate(at),
            _ => {
                let trip = TRIPS[self.chance.below(TRIPS.len())];
                input.splice(at..at, trip.iter().copied());
            }
        }
        input.truncate(LONGEST);
    }
}

impl Iterator for Mutations<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut input = self.corpus[self.chance.below(self.corpus.len())].clone();
        for _ in 0..=self.chance.below(3) {
            self.mutate(&mut input);
        }
        Some(input)
    }
}
