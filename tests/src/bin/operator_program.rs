//! The operator's program, for tests that need it as a process: with variables of its own.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    operator::program::main().await
}
