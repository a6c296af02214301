//! What `keys rotate`, `status` and `retire` share: which ring of the place, the words for it, and how a
//! refusal is put right.

use std::sync::Arc;

use auth::ports::DeployedSecret;
use auth::ring::{RING_READ_WITHIN, Rotation, RotationError};
use aws::{SystemClock, SystemRandom};
use clap::Args;

use crate::place::read_secret_name;
use crate::session::Session;

/// Which ring a command is about.
#[derive(Debug, Clone, Args)]
pub struct RingArguments {
    /// The ring of the webhook's keys, in place of the sealing ring
    #[arg(long)]
    pub webhook: bool,
    /// The ring of the keys that events are signed with, likewise
    #[arg(long, conflicts_with = "webhook")]
    pub events: bool,
}

impl RingArguments {
    /// The words for it.
    pub(super) fn words(&self) -> &'static Words {
        match (self.webhook, self.events) {
            (true, _) => &WEBHOOK,
            (_, true) => &EVENTS,
            _ => &SEALING,
        }
    }

    /// The words that were used.
    pub(super) fn chosen(&self) -> [(&'static str, bool); 2] {
        [("webhook", self.webhook), ("events", self.events)]
    }
}

/// The words for a ring.
pub(super) struct Words {
    secret: DeployedSecret,
    /// The ring.
    pub(super) ring: &'static str,
    /// What its primary key does.
    pub(super) does: &'static str,
    /// What a key does that is pending.
    pub(super) does_nothing: &'static str,
    /// What older keys do.
    pub(super) older: &'static str,
    /// What its primary, its pending and its older keys do, in the table of `keys status`.
    pub(super) roles: [&'static str; 3],
    /// What a rotation does.
    pub(super) rotation: &'static str,
    /// Why an older key has to stay for a day.
    pub(super) needed: &'static str,
    /// What comes of it when a key is gone.
    pub(super) retired: &'static str,
    /// The command that rotates it.
    pub(super) command: &'static str,
}

const SEALING: Words = Words {
    secret: DeployedSecret::SealingRing,
    ring: "the sealing ring",
    does: "seals",
    does_nothing: "seals nothing",
    older: "open what they sealed",
    roles: [
        "primary: seals and opens",
        "pending: seals nothing yet",
        "older: opens only",
    ],
    rotation: "A key is added, and seals when every function has read it (about 17 minutes \
               later); tokens sealed before still open.",
    needed: "a token that it sealed lives for a day at most",
    retired: "What it sealed does not open any more.",
    command: "operator keys rotate",
};

const WEBHOOK: Words = Words {
    secret: DeployedSecret::WebhookKeys,
    ring: "the webhook's ring",
    does: "makes AuthIDs",
    does_nothing: "makes no AuthID",
    older: "are taken where they made an AuthID",
    roles: [
        "primary: makes and checks",
        "pending: makes nothing yet",
        "older: checks only",
    ],
    rotation: "A key is added, and makes AuthIDs when every function has read it (about 17 \
               minutes later). Within a day each subscription has its new one; until then the \
               old ones are taken, too.",
    needed: "subscriptions get an AuthID of the new key within half a day, and within a day \
             where the first try failed; until then notifications carry one of this key",
    retired: "A notification with an AuthID that it made is refused; what it says is listed in \
              its turn.",
    command: "operator keys rotate --webhook",
};

const EVENTS: Words = Words {
    secret: DeployedSecret::EventKeys,
    ring: "the events' ring",
    does: "signs events first",
    does_nothing: "signs events beside the primary one",
    older: "sign events beside it",
    roles: [
        "primary: signs first",
        "pending: signs too",
        "older: signs too",
    ],
    rotation: "A key is added, and every event carries its signature beside the others'. Give the \
               receiver its secret, and take the old key out when the receiver has it.",
    needed: "functions may not have read the new key yet",
    retired: "A receiver that knows only this key refuses every event from now on.",
    command: "operator keys rotate --events",
};

impl Words {
    /// Another command on the same ring.
    pub(super) fn other(&self, verb: &str) -> String {
        self.command.replacen("rotate", verb, 1)
    }

    /// After an answer that is not yes.
    pub(super) fn unchanged(&self) -> String {
        format!("{} was not changed", self.ring)
    }
}

/// The use case, on the ring of this place.
pub(super) async fn rotation(session: &Session<'_, '_>, words: &Words) -> anyhow::Result<Rotation> {
    let place = session.place().await?;
    let name = place.settings(|reader| read_secret_name(words.secret, reader))?;
    let store = place.secret_store().await;
    Ok(Rotation {
        source: store.source,
        sink: store.sink,
        secret: words.secret,
        name,
        read_within: RING_READ_WITHIN,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    })
}

/// What the use case does not know: how the command is put right.
pub(super) fn failed(error: RotationError, words: &Words) -> anyhow::Error {
    let advice = match &error {
        RotationError::Secret(_) => String::new(),
        RotationError::TooEarly { .. } => ": run it again then".to_owned(),
        RotationError::Overtaken(_) | RotationError::NoSuchKey(_) => {
            format!(": look at it with `{}`", words.other("status"))
        }
        RotationError::IsPrimary(_) => {
            format!(": rotate first, so that another one {}", words.does)
        }
        RotationError::StillNeeded { .. } => format!(": retire it then; {}", words.needed),
        RotationError::UnknownAge(_) => ": rotate first, which writes it down".to_owned(),
    };
    anyhow::anyhow!("{error}{advice}")
}
