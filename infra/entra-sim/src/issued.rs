//! The book of the app-only tokens that were issued, for `GET /_sim/issued`: what a
//! token is worth is looked up here and not read from the token.
//!
//! It holds no token, only their ids (`uti`), and of those the newest
//! [`REMEMBERED`]. Numbers run on without a gap, so that whoever reads too
//! seldom sees that he has missed some.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use uuid::Uuid;

/// How many entries are kept: more than any test's fleet renews between two
/// looks, and some 3 MB.
const REMEMBERED: usize = 10_000;

/// One issued token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Entry {
    /// From 1, without a gap.
    pub(crate) number: u64,
    /// The token's own id, as its claim says it.
    pub(crate) uti: String,
    pub(crate) tenant: Uuid,
    /// As it was asked for.
    pub(crate) resource: String,
    pub(crate) roles: Vec<String>,
    /// When it was issued, in Unix seconds (`iat` is back-dated).
    pub(crate) issued_at: u64,
    /// The second in which it is dead, in Unix seconds (`exp`).
    pub(crate) expires_at: u64,
}

/// The book.
#[derive(Default)]
pub(crate) struct Issued(Mutex<Book>);

#[derive(Default)]
struct Book {
    last: u64,
    entries: VecDeque<Entry>,
}

impl Issued {
    /// Enters a token; its number is given here.
    pub(crate) fn enter(&self, entry: Entry) {
        let mut book = self.book();
        book.last += 1;
        let number = book.last;
        book.entries.push_back(Entry { number, ..entry });
        if book.entries.len() > REMEMBERED {
            book.entries.pop_front();
        }
    }

    /// Those with a number above `number` that are still remembered, oldest first.
    pub(crate) fn after(&self, number: u64) -> Vec<Entry> {
        let book = self.book();
        let newer = book.entries.partition_point(|entry| entry.number <= number);
        book.entries.range(newer..).cloned().collect()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_are_forgotten_and_their_numbers_are_missed() {
        let issued = Issued::default();
        for _ in 0..=REMEMBERED {
            issued.enter(Entry {
                number: 0,
                uti: String::new(),
                tenant: Uuid::nil(),
                resource: String::new(),
                roles: Vec::new(),
                issued_at: 0,
                expires_at: 0,
            });
        }
        let numbers: Vec<u64> = issued.after(0).iter().map(|entry| entry.number).collect();
        let newest = u64::try_from(REMEMBERED + 1).unwrap();
        assert_eq!(numbers, (2..=newest).collect::<Vec<_>>());
        assert_eq!(issued.after(newest - 1).len(), 1);
        assert_eq!(issued.after(newest), []);
        assert_eq!(issued.after(u64::MAX), []);
    }
}
