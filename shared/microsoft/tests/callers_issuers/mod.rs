//! What is asked of callers' issuers: who is on the list alone, no oftener than promised,
//! and nowhere to which anybody else leads.

mod changed;
mod fetches;
mod headers;
mod list;
