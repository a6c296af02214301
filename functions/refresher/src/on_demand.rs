//! The same program on demand: one request, one answer. A scheduled run is refused here, as a
//! request is by the function of the schedule. What a request may have done is decided in
//! `auth::on_demand`.

use std::sync::Arc;
use std::time::Duration;

use auth::CauseCode;
use auth::Timestamp;
use auth::on_demand::{OnDemand, OnDemandAnswer, OnDemandRequest};
use auth::ports::{Clock, Meter, Pause};
use lambda::function::{Ahead, AnswersEvents, Function};
use lambda_runtime::LambdaEvent;
use serde::Deserialize as _;
use serde_json::Value;
use tracing::Span;
use wiring::Basis;
use wiring::settings::OnDemandSettings;

/// Kept back from the time that Lambda leaves, for the answer. Both times are whole seconds, so
/// that up to one of these is lost.
const MARGIN: Duration = Duration::from_secs(2);

/// The function, as `main` builds it.
pub struct RefresherOnDemand {
    on_demand: OnDemand,
    clock: Arc<dyn Clock>,
    pause: Arc<dyn Pause>,
    meter: Option<Arc<dyn Meter>>,
}

impl Function for RefresherOnDemand {
    const NAME: &'static str = "on-demand";
    type Settings = OnDemandSettings;

    async fn build(basis: Basis<OnDemandSettings>, _ahead: Ahead) -> anyhow::Result<Self> {
        let Basis {
            settings,
            platform,
            roots,
        } = basis;
        Ok(Self {
            on_demand: wiring::on_demand(&settings, &platform, roots).await?,
            clock: platform.clock,
            pause: platform.pause,
            meter: platform.meter,
        })
    }
}

impl AnswersEvents for RefresherOnDemand {
    type Report = OnDemandAnswer;

    fn span(event: &LambdaEvent<Value>) -> Span {
        tracing::error_span!(
            "on_demand",
            request_id = event.context.request_id,
            otel.kind = "server",
            faas.trigger = "other",
        )
    }

    /// Answers before Lambda ends it: what was begun by then is given up.
    async fn answer(&self, event: &LambdaEvent<Value>) -> OnDemandAnswer {
        let Some(request) = request_of(&event.payload) else {
            tracing::error!(
                event = "on_demand_refused",
                "an event that is no request: is the schedule's target this function?"
            );
            return OnDemandAnswer::NotTaken {};
        };
        let answer = tokio::select! {
            answer = self.on_demand.answer(request) => answer,
            () = self.pause.pause(self.time_left(event.context.deadline)) => {
                tracing::error!(event = "on_demand_late", "a request took too long, and was given up");
                OnDemandAnswer::Late {}
            }
        };
        if let Some(meter) = &self.meter {
            meter.flush();
        }
        answer
    }

    fn not_started() -> OnDemandAnswer {
        OnDemandAnswer::Unable {
            cause: CauseCode::BrokerUnavailable.into(),
        }
    }
}

impl RefresherOnDemand {
    /// `deadline_ms`: when Lambda ends the request, in Unix milliseconds.
    fn time_left(&self, deadline_ms: u64) -> Duration {
        let seconds = i64::try_from(deadline_ms / 1000).unwrap_or(i64::MAX);
        let left = self
            .clock
            .now()
            .seconds_until(Timestamp::from_unix(seconds));
        Duration::from_secs(left).saturating_sub(MARGIN)
    }
}

/// A request, to the letter; `None` for everything else.
pub(crate) fn request_of(event: &Value) -> Option<OnDemandRequest> {
    OnDemandRequest::deserialize(event).ok()
}
