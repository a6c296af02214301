//! A one-machine run in the process of the test.

use std::path::Path;

use local::{Machine, Options};

use crate::ReadyLine;

/// On free ports, in `data_dir`; its schedule never comes by itself.
pub fn options(data_dir: &Path) -> Options {
    Options {
        port: 0,
        entra_port: 0,
        data_dir: data_dir.to_owned(),
        scheduled: false,
        ..Options::default()
    }
}

/// Its ready line, as another process would read it.
pub fn ready(machine: &Machine) -> ReadyLine {
    serde_json::from_value(serde_json::to_value(&machine.ready).unwrap()).unwrap()
}
