//! The one-machine run, as `cargo run` starts it, for tests that need it as a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    local::command::main()
}
