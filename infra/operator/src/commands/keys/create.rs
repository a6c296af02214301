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
    /// Not there where the place names no such secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_keys: Option<Option<&'static str>>,
}

/// What became of one secret.
type Filling = Result<Filled, SecretError>;

/// What became of each.
struct Fillings {
    consent: Filling,
    sealing: Filling,
    webhook: Filling,
    /// `None` where the place names no such secret: events go to no webhook.
    events: Option<Filling>,
}

pub(super) async fn run(mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let place = session.place().await?;
    let (consent, sealing, webhook, events) = place.settings(|reader| {
        let consent = read_secret_name(DeployedSecret::ConsentKeys, reader);
        let sealing = read_secret_name(DeployedSecret::SealingRing, reader);
        let webhook = read_secret_name(DeployedSecret::WebhookKeys, reader);
        let events = reader.secret_name(DeployedSecret::EventKeys.variable());
        let events = events.filter(|name| !name.is_empty());
        Some((consent?, sealing?, webhook?, events))
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
        events: match &events {
            Some(name) => Some(keys.event_keys(name).await),
            None => None,
        },
    };
    if fillings.named().iter().any(|(_, filling)| filling.is_ok()) {
        session.print(&fillings.view(), || fillings.for_a_person())?;
    }
    fillings.failures()
}

impl Fillings {
    fn named(&self) -> Vec<(&'static str, &Filling)> {
        let always = [
            ("the consent function's keys", &self.consent),
            ("the sealing ring", &self.sealing),
            ("the webhook's keys", &self.webhook),
        ];
        let events = self.events.as_ref();
        let events = events.map(|events| ("the keys that sign events", events));
        always.into_iter().chain(events).collect()
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
            event_keys: self.events.as_ref().map(code),
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
