//! What makes invites, for vending and for the operator's commands.

use std::sync::Arc;

use auth::inviting::{InviteSettings, Inviting};

use crate::platform::Platform;

/// Makes invites whose links lead where the settings say.
pub fn inviting(settings: InviteSettings, platform: &Platform) -> Inviting {
    Inviting {
        settings,
        invites: Arc::clone(&platform.store.invites),
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
    }
}
