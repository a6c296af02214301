//! Bytes become records: a JSON array that arrives in pieces of any size is cut into its
//! elements, byte for byte, without a tree and in bounded memory.
//!
//! What a reader could not read is never put among the records: it is dead, kept as bytes, and
//! does not stop the rest.

mod grammar;
mod held;
mod id;
mod loose;
mod scanner;
mod text;

pub use id::RecordId;
pub use scanner::{Counts, Dead, HOLD, Scanner, Sink, Torn};

#[cfg(test)]
mod tests;
