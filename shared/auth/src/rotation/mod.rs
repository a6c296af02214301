//! The rotation of the certificate: Secrets Manager's four steps, and the daily look at what
//! Entra ID holds beside what the secret holds (decision 0073).
//!
//! | file | what |
//! |---|---|
//! | `event.rs` | what the function is called with |
//! | `step.rs` | whether a step is to be done at all, and which |
//! | `creating.rs`, `adding.rs`, `proving.rs`, `finishing.rs` | one step each |
//! | `abandoned.rs` | a rotation that is given up: rolled back |
//! | `drift.rs` | the daily check; the old credential is removed there |
//!
//! Rules that hold everywhere: the current version is touched only after a real token came by the
//! new key; what was done is read, not remembered, so that each step may be repeated at any point;
//! a key credential that the secret does not know is reported and never removed.

mod abandoned;
mod adding;
mod creating;
mod drift;
mod error;
mod event;
mod finishing;
mod proving;
mod step;
mod versions;

use std::sync::Arc;
use std::time::Duration;

use crate::ports::{ApplicationKeys, Certificates, Clock, Pause, SecretVersions};

pub use drift::Drift;
pub use error::RotationError;
pub use event::{RotatorEvent, Step, StepRequest};
pub use step::Done;

/// A rotation that has not finished is given up after so long: an operator who has to add a
/// certificate by hand has a week.
pub const GIVEN_UP_AFTER: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The rotation of one secret.
pub struct Rotation {
    /// The secret's name or ARN.
    pub secret_id: String,
    /// How long the old credential stays registered after a rotation: longer than any function
    /// keeps signing with it, and long enough to go back.
    pub overlap: Duration,
    /// The secret.
    pub versions: Arc<dyn SecretVersions>,
    /// What it holds.
    pub certificates: Arc<dyn Certificates>,
    /// The application.
    pub keys: Arc<dyn ApplicationKeys>,
    /// By which certificates and rotations are old.
    pub clock: Arc<dyn Clock>,
    /// Between two requests for a token.
    pub pause: Arc<dyn Pause>,
}
