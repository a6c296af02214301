//! A real browser: Debian's Chromium, steered by its own chromedriver, and axe-core as
//! the judge of what it shows.
//!
//! The driver's protocol (W3C WebDriver) is spoken here in a few requests, without a
//! client crate: thirtyfour turns serde_json's `preserve_order` on for everything that
//! is built with the tests, so that the functions would write JSON in another order
//! than where they are deployed; fantoccini brings a crate under the MPL.

mod axe;
mod driver;
mod profile;
mod session;

pub use axe::{Axe, Verdict, Violation};
pub use driver::Chromedriver;
pub use profile::{Profile, Screen};
pub use session::{Refused, Session, Tab};

use std::time::Duration;

/// A loaded machine is slow; what has not come after this never will.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often the browser is asked whether it has come.
pub const TICK: Duration = Duration::from_millis(50);

/// What `tests/run` has put into this variable.
fn installed(variable: &str) -> String {
    aws::environment(variable).unwrap_or_else(|| {
        panic!("{variable} is not set: run tests/run, which installs the browser and its judge")
    })
}
