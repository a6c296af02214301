//! What policies do: how a text is read, which texts are taken, what a set decides, and why.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod arbitrary;
mod decide;
mod examples;
mod explain;
mod lints;
mod text;
mod values;
mod world;
