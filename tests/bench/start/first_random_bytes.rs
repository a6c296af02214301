//! What the first random bytes of a process cost, and the next ones: a cold function pays the
//! first of them in its first TLS handshake. `tests/bench/RESULTS.md` keeps the figures.
//!
//!     cargo run --release -p tests --features benchmarks --bin bench-first-random-bytes
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement prints what the clock says"
)]

use std::time::Instant;

use auth::ports::Random as _;
use aws::SystemRandom;

fn main() {
    for draw in ["first", "second"] {
        let began = Instant::now();
        let mut bytes = [0u8; 32];
        SystemRandom.fill(&mut bytes);
        let micros = began.elapsed().as_micros();
        println!("the {draw} 32 random bytes of this process: {micros} us");
    }
}
