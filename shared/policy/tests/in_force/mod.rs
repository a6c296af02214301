//! The policies of a function: what is read, for how long it is believed, and what a
//! candidate beside it can and cannot do.

mod ages;
mod candidates;
mod claims;
mod logged;
mod reading;
mod stage;
