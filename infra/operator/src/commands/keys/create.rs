//! `keys create`: the first values of the secrets that hold keys of our own. It asks
//! nobody: what is there already is left as it is.

use std::sync::Arc;

use auth::first_keys::{Filled, FirstKeys};
use auth::ports::{DeployedSecret, SecretError};
use aws::{SystemClock, SystemRandom};
use serde::Serialize;

use crate::commands::Session;
use crate::output;
use crate::place::read_secret_name;

/// What became of each secret in JSON: `made`, `present`, or null where it failed.
#[derive(Serialize)]
struct CreatedView {
    consent_keys: Option<&'static str>,
    sealing_ring: Option<&'static str>,
}

type Outcome = Result<Filled, SecretError>;

pub(super) async fn run(session: Session<'_, '_>) -> anyhow::Result<()> {
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
    // One that fails keeps nobody from the other.
    let consent = keys.consent_keys(&consent).await;
    let sealing = keys.sealing_ring(&sealing).await;
    if consent.is_ok() || sealing.is_ok() {
        tell(session, &consent, &sealing)?;
    }
    failures([consent, sealing])
}

fn tell(session: Session<'_, '_>, consent: &Outcome, sealing: &Outcome) -> anyhow::Result<()> {
    let out = &mut *session.console.out;
    if session.json {
        let code = |outcome: &Outcome| match outcome {
            Ok(Filled::Made) => Some("made"),
            Ok(Filled::Present) => Some("present"),
            Err(_) => None,
        };
        return output::json(
            out,
            &CreatedView {
                consent_keys: code(consent),
                sealing_ring: code(sealing),
            },
        );
    }
    let rows = [
        ("the consent function's keys", consent),
        ("the sealing ring", sealing),
    ];
    let told = |(what, outcome): &(&'static str, &Outcome)| match outcome {
        Ok(Filled::Made) => Some((*what, "made".to_owned())),
        Ok(Filled::Present) => Some((*what, "there already, left as it is".to_owned())),
        Err(_) => None,
    };
    let fields: Vec<_> = rows.iter().filter_map(told).collect();
    Ok(out.write_all(output::fields(0, &fields).as_bytes())?)
}

/// Fails with everything that went wrong, in one line.
fn failures(outcomes: [Outcome; 2]) -> anyhow::Result<()> {
    let failed: Vec<_> = outcomes
        .into_iter()
        .filter_map(Result::err)
        .map(|error| error.to_string())
        .collect();
    match failed.is_empty() {
        true => Ok(()),
        false => anyhow::bail!("{}; what was made stays: run it again", failed.join("; ")),
    }
}
