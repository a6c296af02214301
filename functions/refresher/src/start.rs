//! The function as Lambda starts it: it may have to wait for its secrets. A run that comes
//! meanwhile ends at once, and the next one tries again.

use auth::refresh::{EndedEarly, RefreshReport};
use entra::TrustRoots;
use lambda::starting::Starting;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use wiring::Platform;
use wiring::settings::RefresherSettings;

use crate::Refresher;

/// The refresher, built or waiting.
pub struct StartingRefresher {
    starting: Starting<Refresher>,
}

impl StartingRefresher {
    /// Starts it. `roots`: as its settings name them; their client may be the platform's too. An
    /// error is one that no later attempt would mend.
    pub async fn start(
        settings: RefresherSettings,
        platform: Platform,
        roots: TrustRoots,
    ) -> anyhow::Result<Self> {
        let clock = platform.clock.clone();
        let build = move || {
            let (settings, platform) = (settings.clone(), platform.clone());
            let roots = roots.clone();
            async move { Refresher::build(settings, &platform, roots).await }
        };
        let starting = Starting::begin("refresher", clock, build).await?;
        Ok(Self { starting })
    }

    /// One run. Never fails, as [`Refresher::handle`].
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<RefreshReport, Error> {
        let span = crate::span(&event.context);
        Ok(match self.starting.get(&span).await {
            Some(refresher) => refresher.handle_within(span, &event.context).await,
            None => RefreshReport {
                ended_early: Some(EndedEarly::NotStarted),
                ..RefreshReport::default()
            },
        })
    }
}
