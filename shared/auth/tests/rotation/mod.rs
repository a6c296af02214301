//! The rotation of the certificate under ports held in memory: its four steps, what stops them,
//! and the daily check.

mod application;
mod bench;
mod cut;
mod drift;
mod steps;
