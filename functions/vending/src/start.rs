//! The function as Lambda starts it: it may have to wait for its secrets, and says so to
//! whoever comes meanwhile. A request leaves its line in the audit log all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auth::ports::Clock;
use entra::TrustRoots;
use lambda::starting::Starting;
use lambda::{request, transport_security};
use lambda_http::{Body, Request, Response};
use wiring::Platform;
use wiring::settings::VendingSettings;

use crate::audit::Entry;
use crate::build::Ahead;
use crate::path::Path;
use crate::routes::Destination;
use crate::{Vending, refusal};

/// The vending function, built or waiting.
pub struct StartingVending {
    starting: Starting<Vending>,
    clock: Arc<dyn Clock>,
}

impl StartingVending {
    /// Starts it. `roots`: as its settings name them; their client may be the platform's too. An
    /// error is one that no later attempt would mend.
    pub async fn start(
        settings: VendingSettings,
        platform: Platform,
        roots: TrustRoots,
    ) -> anyhow::Result<Self> {
        let clock = Arc::clone(&platform.clock);
        let attempted = AtomicBool::new(false);
        let build = move || {
            let (settings, platform) = (settings.clone(), platform.clone());
            let roots = roots.clone();
            // Later attempts are for what is missing.
            let ahead = match attempted.swap(true, Ordering::Relaxed) {
                false => Ahead::Everything,
                true => Ahead::Secrets,
            };
            async move { Vending::build(settings, &platform, roots, ahead).await }
        };
        Ok(Self {
            starting: Starting::begin("vending", Arc::clone(&clock), build).await?,
            clock,
        })
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let began = self.clock.since_start();
        let id = request::request_id(&request);
        let span = request::span(&request, &id);
        match self.starting.get(&span).await {
            Some(vending) => vending.handle_within(span, request, id).await,
            None => {
                let strict = transport_security::of(&request);
                let answer = self.come_again(&request, &id, began);
                request::watched(span, strict, None, answer).await
            }
        }
    }

    async fn come_again(&self, request: &Request, id: &str, began: Duration) -> Response<Body> {
        let path = Path::of(request);
        let destination = Destination::of(&path);
        if let Some(destination) = destination {
            request::on_route(destination.takes().1);
        }
        let error = refusal::broker_unavailable();
        if let Some(Destination::Audited(audited)) = destination {
            let entry = Entry::new(audited.route(), id, began);
            entry.write(self.clock.since_start(), Some(&error));
        }
        refusal::answer(&error, &path, id)
    }
}
