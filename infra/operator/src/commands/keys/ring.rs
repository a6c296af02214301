//! What the forms of `keys rotate` share: the ring of the place, and how a refusal is put
//! right.

use std::sync::Arc;

use auth::ports::DeployedSecret;
use auth::ring::{RING_READ_WITHIN, Rotation, RotationError};
use aws::{SystemClock, SystemRandom};

use crate::place::read_secret_name;
use crate::session::Session;

/// After an answer that is not yes.
pub(super) const UNCHANGED: &str = "the sealing ring was not changed";

/// The use case, on the ring of this place.
pub(super) async fn rotation(session: &Session<'_, '_>) -> anyhow::Result<Rotation> {
    let place = session.place().await?;
    let name = place.settings(|reader| read_secret_name(DeployedSecret::SealingRing, reader))?;
    let store = place.secret_store().await;
    Ok(Rotation {
        source: store.source,
        sink: store.sink,
        name,
        read_within: RING_READ_WITHIN,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    })
}

/// What the use case does not know: how the command is put right.
pub(super) fn failed(error: RotationError) -> anyhow::Error {
    let advice = match &error {
        RotationError::Secret(_) => "",
        RotationError::TooEarly { .. } => ": run it again then",
        RotationError::Overtaken(_) | RotationError::NoSuchKey(_) => {
            ": look at it with `operator keys rotate --status`"
        }
        RotationError::IsPrimary(_) => ": rotate first, so that another one seals",
        RotationError::StillNeeded { .. } => ": retire it then",
        RotationError::UnknownAge(_) => ": rotate first, which writes it down",
    };
    anyhow::anyhow!("{error}{advice}")
}
