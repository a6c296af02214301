//! The log of what was really answered: each body of a content that was sent whole.
//!
//! It is made of the bytes that were handed to the connection, not of the generator, so that
//! it and the book can be held against each other. In memory, for the life of the process.

use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use super::content_type::ContentType;

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) tenant: Uuid,
    pub(crate) client: Uuid,
    pub(crate) content_type: ContentType,
    pub(crate) content_id: String,
    /// Of the body before it was packed.
    pub(crate) sha256: [u8; 32],
    pub(crate) bytes: u64,
    /// When its last byte was handed to the connection, in Unix seconds.
    pub(crate) at: u64,
}

/// The answers, in their order.
#[derive(Default)]
pub(crate) struct Answered(Mutex<Vec<Answer>>);

impl Answered {
    pub(crate) fn add(&self, answer: Answer) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(answer);
    }

    pub(crate) fn chosen(&self, wanted: impl Fn(&Answer) -> bool) -> Vec<Answer> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .filter(|answer| wanted(answer))
            .cloned()
            .collect()
    }
}
