//! The book of the app-only tokens that were issued, for `GET /_sim/issued`: what a
//! token is worth is looked up here and not read from the token.
//!
//! It holds no token, only their ids (`uti`), and of those the newest
//! [`REMEMBERED`]. Numbers run on without a gap, so that a reader that comes too
//! seldom sees that it has missed some.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use uuid::Uuid;

/// How many tokens are kept: more than any test's fleet renews between two
/// looks, and some 3 MB.
const REMEMBERED: usize = 10_000;

/// One issued token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct BookedToken {
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

/// An issued token under its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct NumberedToken {
    /// From 1, without a gap.
    number: u64,
    #[serde(flatten)]
    token: BookedToken,
}

/// The book.
#[derive(Default)]
pub(crate) struct Issued(Mutex<Book>);

#[derive(Default)]
struct Book {
    last: u64,
    tokens: VecDeque<NumberedToken>,
}

impl Issued {
    /// Enters a token under the next number.
    pub(crate) fn enter(&self, token: BookedToken) {
        let mut book = self.book();
        book.last += 1;
        let number = book.last;
        book.tokens.push_back(NumberedToken { number, token });
        if book.tokens.len() > REMEMBERED {
            book.tokens.pop_front();
        }
    }

    /// Those with a number above `number` that are still remembered, oldest first.
    pub(crate) fn after(&self, number: u64) -> Vec<NumberedToken> {
        let book = self.book();
        let newer = book.tokens.partition_point(|token| token.number <= number);
        book.tokens.range(newer..).cloned().collect()
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
            issued.enter(BookedToken {
                uti: String::new(),
                tenant: Uuid::nil(),
                resource: String::new(),
                roles: Vec::new(),
                issued_at: 0,
                expires_at: 0,
            });
        }
        let numbers: Vec<u64> = issued.after(0).iter().map(|token| token.number).collect();
        let newest = u64::try_from(REMEMBERED + 1).unwrap();
        assert_eq!(numbers, (2..=newest).collect::<Vec<_>>());
        assert_eq!(issued.after(newest - 1).len(), 1);
        assert_eq!(issued.after(newest), []);
        assert_eq!(issued.after(u64::MAX), []);
    }
}
