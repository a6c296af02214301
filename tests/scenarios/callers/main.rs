//! The callers of the vending endpoint as they are: clients that others wrote, over TLS,
//! with the proofs of the callers' documentation; and that documentation itself, whose
//! snippets are run as they stand there.

mod challenged;
mod clients;
mod outage;
mod page;
mod pages;
mod refused;
mod snippets;
mod stage;
