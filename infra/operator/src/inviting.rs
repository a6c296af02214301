//! What the commands that make consent links stand on: the settings of invites and the
//! use case, wired as in the vending function.

use std::sync::Arc;

use auth::inviting::{InviteSettings, Inviting};
use wiring::Platform;
use wiring::settings::{Reader, read_invites};

const CONSENT_REDIRECT_URI: &str = "CONSENT_REDIRECT_URI";

/// Reads the settings of invites. `None` comes with a problem that says what to set.
pub(crate) fn read(reader: &mut Reader<'_>) -> Option<InviteSettings> {
    let cloud = reader.optional("ENTRA_CLOUD").unwrap_or_default();
    let settings = read_invites(reader, cloud);
    if reader.text(CONSENT_REDIRECT_URI).is_none() {
        reader.problem(
            CONSENT_REDIRECT_URI,
            "is not set: it holds the registered reply URL \
             (https://HOST/consent/callback), from which consent links are made",
        );
    }
    settings
}

/// The use case.
pub(crate) fn inviting(settings: InviteSettings, platform: &Platform) -> Inviting {
    Inviting {
        settings,
        invites: Arc::new(platform.table.clone()),
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
    }
}
