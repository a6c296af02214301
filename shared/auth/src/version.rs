//! The version of a row of the table.

/// A version that fences writes: whoever writes must have read this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(pub String);
