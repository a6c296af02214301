//! One program for all targets: `FUZZ_TARGET` names the one that libFuzzer feeds.
//!
//! libFuzzer brings `main` and calls this with each input; what is checked is in
//! `tests::fuzz`. A panic on any thread ends the program, and libFuzzer keeps the input.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use tests::fuzz::{TARGETS, Target};

static CHOSEN: OnceLock<&Target> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    (CHOSEN.get_or_init(chosen).run)(data);
});

fn chosen() -> &'static Target {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
    let found = TARGETS.iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("there is no target {name}"))
}
