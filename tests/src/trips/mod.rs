//! Round trips: the functions as programs of their own, each with an AWS in front of it that
//! writes down what it is asked, and the paths that people and callers take through them.
//! Tables are those of a one-machine run, whose Entra ID counts what it is asked.
//!
//! It judges nothing: `tests/scenarios/trips` says what each path may ask, and the benchmark
//! `trips` what it costs.

mod desk;
mod front;
mod paths;
mod program;
mod stage;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

pub use paths::walk;

/// The programs, and how the CPU time of a process is known.
#[derive(Clone, Copy)]
pub struct Walk<'a> {
    /// The file of `consent`, `refresher` or `vending`.
    pub program: &'a dyn Fn(&str) -> PathBuf,
    /// CPU time of a process by its id.
    pub time_of: fn(u32) -> Duration,
    /// How many tenants take each warm path; two at least.
    pub tenants: usize,
}

/// What one path asked and cost.
#[derive(Debug)]
pub struct Path {
    /// What happens.
    pub name: &'static str,
    /// Functions are started in it.
    pub starts: bool,
    /// Each request of one time, by who asks or who is asked, and how often.
    pub asked: BTreeMap<String, u32>,
    /// CPU time of one time, by function.
    pub cpu: Vec<(&'static str, Duration)>,
}
