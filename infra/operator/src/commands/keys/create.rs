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
    webhook_keys: Option<&'static str>,
}

/// What became of one secret.
type Filling = Result<Filled, SecretError>;

/// What became of each.
struct Fillings {
    consent: Filling,
    sealing: Filling,
    webhook: Filling,
}

pub(super) async fn run(mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let place = session.place().await?;
    let (consent, sealing, webhook) = place.settings(|reader| {
        let consent = read_secret_name(DeployedSecret::ConsentKeys, reader);
        let sealing = read_secret_name(DeployedSecret::SealingRing, reader);
        let webhook = read_secret_name(DeployedSecret::WebhookKeys, reader);
        Some((consent?, sealing?, webhook?))
    })?;
    let store = place.secret_store().await;
    let keys = FirstKeys {
        source: store.source,
        sink: store.sink,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    };
    // Each is made also where another one fails.
    let fillings = Fillings {
        consent: keys.consent_keys(&consent).await,
        sealing: keys.sealing_ring(&sealing).await,
        webhook: keys.webhook_keys(&webhook).await,
    };
    if fillings.named().iter().any(|(_, filling)| filling.is_ok()) {
        session.print(&fillings.view(), || fillings.for_a_person())?;
    }
    fillings.failures()
}

impl Fillings {
    fn named(&self) -> [(&'static str, &Filling); 3] {
        [
            ("the consent function's keys", &self.consent),
            ("the sealing ring", &self.sealing),
            ("the webhook's keys", &self.webhook),
        ]
    }

    fn view(&self) -> FirstKeysView {
        let code = |filling: &Filling| match filling {
            Ok(Filled::Made) => Some("made"),
            Ok(Filled::Present) => Some("present"),
            Err(_) => None,
        };
        FirstKeysView {
            consent_keys: code(&self.consent),
            sealing_ring: code(&self.sealing),
            webhook_keys: code(&self.webhook),
        }
    }

    fn for_a_person(&self) -> String {
        let text = |filling: &Filling| match filling {
            Ok(Filled::Made) => Some("made"),
            Ok(Filled::Present) => Some("there already, left as it is"),
            Err(_) => None,
        };
        let fields: Vec<_> = self
            .named()
            .into_iter()
            .filter_map(|(name, filling)| Some((name, text(filling)?.to_owned())))
            .collect();
        output::fields(0, &fields)
    }

    /// Fails with everything that went wrong, in one line.
    fn failures(&self) -> anyhow::Result<()> {
        let failed: Vec<_> = self
            .named()
            .into_iter()
            .filter_map(|(_, filling)| filling.as_ref().err())
            .map(ToString::to_string)
            .collect();
        anyhow::ensure!(
            failed.is_empty(),
            "{}; what was made stays: run it again",
            failed.join("; ")
        );
        Ok(())
    }
}
