//! The whole job over TLS (`--tls`), for clients that trust the data directory's CA and
//! no other; and what a CA that cannot be used does to a start.

mod clock;
mod job;
mod real_entra;
mod refused;
mod stage;
