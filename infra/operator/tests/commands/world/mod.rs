//! The world of a command: the stand-in for a one-machine run, what its table holds, and a
//! command line that is run on it.

mod directory;
mod line;
mod records;
mod refusing;

pub(crate) use directory::{CLIENT, OTHER, REDIRECT_URI, TENANT, World};
pub(crate) use line::{Ran, run};
pub(crate) use records::tenant;
