//! The function as Lambda starts it: it may have to wait for its secrets. Without them no
//! page of it leads anywhere, so that every one asks to come again before an admin has
//! clicked through Microsoft's for nothing.

use std::sync::Arc;

use auth::cause::CauseCode;
use auth::ports::Clock;
use entra::TrustRoots;
use lambda::pages::PageHeaders;
use lambda::starting::Starting;
use lambda::{request, transport_security};
use lambda_http::{Body, Request, Response};
use wiring::Platform;
use wiring::settings::ConsentFunctionSettings;

use crate::pages::Happened;
use crate::site::Site;
use crate::{ConsentFunction, build, pages, status_of};

/// The consent function, built or waiting.
pub struct StartingConsent {
    starting: Starting<ConsentFunction>,
    site: Site,
    headers: PageHeaders,
    clock: Arc<dyn Clock>,
}

impl StartingConsent {
    /// Starts it. `roots`: as its settings name them; their client may be the platform's too. An
    /// error is one that no later attempt would mend.
    pub async fn start(
        settings: ConsentFunctionSettings,
        platform: Platform,
        roots: TrustRoots,
    ) -> anyhow::Result<Self> {
        let site = build::site(&settings);
        let clock = Arc::clone(&platform.clock);
        let build = move || {
            let (settings, platform) = (settings.clone(), platform.clone());
            let roots = roots.clone();
            async move { ConsentFunction::build(settings, &platform, roots).await }
        };
        Ok(Self {
            starting: Starting::begin("consent", Arc::clone(&clock), build).await?,
            site,
            headers: PageHeaders::new(pages::STYLE),
            clock,
        })
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let id = request::request_id(&request);
        let span = request::span(&request, &id);
        match self.starting.get(&span).await {
            Some(consent) => consent.handle_within(span, &request, &id).await,
            None => {
                let strict = transport_security::of(&request);
                request::watched(span, strict, None, self.come_again(&id)).await
            }
        }
    }

    async fn come_again(&self, id: &str) -> Response<Body> {
        let happened = Happened {
            at: &self.clock.now().to_string(),
            request_id: id,
        };
        let cause = CauseCode::BrokerUnavailable;
        let html = pages::refused(&self.site, &cause.into(), &happened);
        self.headers.page(status_of(cause), html, id)
    }
}
