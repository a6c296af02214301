//! `keys create`: the first values of the secrets that hold the broker's own keys. It asks no
//! person: what is there already is left as it is.

use std::sync::Arc;

use auth::first_keys::{Filled, FirstKeys};
use auth::ports::{DeployedSecret, SecretError};
use aws::{SystemClock, SystemRandom};
use serde::Serialize;

use crate::output;
use crate::place::read_secret_name;
use crate::session::Session;

/// What became of each secret in JSON: `made`, `present`, or null where it failed.
#[derive(Serialize)]
struct FirstKeysView {
    consent_keys: Option<&'static str>,
    sealing_ring: Option<&'static str>,
}

/// What became of one secret.
type Filling = Result<Filled, SecretError>;

pub(super) async fn run(mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let place = session.place().await?;
    let (consent, sealing) = place.settings(|reader| {
        let consent = read_secret_name(DeployedSecret::ConsentKeys, reader);
        let sealing = read_secret_name(DeployedSecret::SealingRing, reader);
        Some((consent?, sealing?))
    })?;
    let store = place.secret_store().await;
    let keys = FirstKeys {
        source: store.source,
        sink: store.sink,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    };
    // Each is made also where the other one fails.
    let consent = keys.consent_keys(&consent).await;
    let sealing = keys.sealing_ring(&sealing).await;
    if consent.is_ok() || sealing.is_ok() {
        session.print(&view(&consent, &sealing), || {
            for_a_person(&consent, &sealing)
        })?;
    }
    failures([consent, sealing])
}

fn view(consent: &Filling, sealing: &Filling) -> FirstKeysView {
    let code = |filling: &Filling| match filling {
        Ok(Filled::Made) => Some("made"),
        Ok(Filled::Present) => Some("present"),
        Err(_) => None,
    };
    FirstKeysView {
        consent_keys: code(consent),
        sealing_ring: code(sealing),
    }
}

fn for_a_person(consent: &Filling, sealing: &Filling) -> String {
    let text = |filling: &Filling| match filling {
        Ok(Filled::Made) => Some("made"),
        Ok(Filled::Present) => Some("there already, left as it is"),
        Err(_) => None,
    };
    let rows = [
        ("the consent function's keys", text(consent)),
        ("the sealing ring", text(sealing)),
    ];
    let fields: Vec<_> = rows
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?.to_owned())))
        .collect();
    output::fields(0, &fields)
}

/// Fails with everything that went wrong, in one line.
fn failures(fillings: [Filling; 2]) -> anyhow::Result<()> {
    let failed: Vec<_> = fillings
        .into_iter()
        .filter_map(Result::err)
        .map(|error| error.to_string())
        .collect();
    anyhow::ensure!(
        failed.is_empty(),
        "{}; what was made stays: run it again",
        failed.join("; ")
    );
    Ok(())
}
