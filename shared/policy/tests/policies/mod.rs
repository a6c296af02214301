//! What policies do: how a text is read, which texts are taken, what a set decides, and why.

mod arbitrary;
mod decide;
mod examples;
mod explain;
mod lints;
mod text;
mod values;
