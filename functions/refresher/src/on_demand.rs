//! The same program on demand: one request, one answer. A scheduled run is refused here, as a
//! request is by the function of the schedule. Who asks is read off the alias that was invoked.
//! What a request may have done is decided in `auth::on_demand`.

use std::sync::Arc;
use std::time::Duration;

use auth::CauseCode;
use auth::Timestamp;
use auth::deliver::{Delivery, TIME_OF_A_REQUEST};
use auth::on_demand::{AskerRequestId, OnDemand, OnDemandAnswer, request_of};
use auth::ports::{Clock, Meter, Pause};
use lambda::function::{Ahead, AnswersEvents, Function};
use lambda_runtime::LambdaEvent;
use serde_json::Value;
use tracing::Span;
use wiring::settings::{FunctionSettings as _, OnDemandSettings};
use wiring::{Basis, OutboxOf};

use crate::invoked;

/// Kept back from the time that Lambda leaves, for the answer. Both times are whole seconds, so
/// that up to one of these is lost.
const MARGIN: Duration = Duration::from_secs(2);

/// The function, as `main` builds it.
pub struct RefresherOnDemand {
    on_demand: OnDemand,
    delivery: Delivery,
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
        let events = (&settings.events, settings.entra().secret_max_age);
        Ok(Self {
            delivery: wiring::delivery(OutboxOf::Tenants, events, &platform, &roots)?,
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
        let asking = request_of(&event.payload).and_then(|(_, id)| id);
        tracing::error_span!(
            "on_demand",
            request_id = event.context.request_id,
            asker_request_id = asking.as_ref().map(AskerRequestId::as_str),
            otel.kind = "server",
            faas.trigger = "other",
        )
    }

    /// Answers before Lambda ends it: what was begun by then is given up.
    async fn answer(&self, event: &LambdaEvent<Value>) -> OnDemandAnswer {
        let Some((request, _)) = request_of(&event.payload) else {
            tracing::error!(
                event = "on_demand_refused",
                "an event that is no request: is the schedule's target this function?"
            );
            return OnDemandAnswer::NotTaken {};
        };
        let asker = invoked::asker(&event.context.invoked_function_arn);
        let answer = tokio::select! {
            answer = self.on_demand.answer(asker, request) => answer,
            () = self.pause.pause(self.time_left(event.context.deadline)) => {
                tracing::error!(event = "on_demand_late", "a request took too long, and was given up");
                OnDemandAnswer::Late {}
            }
        };
        // Somebody waits for the answer, and Lambda freezes what is left to do after it.
        let left = self.time_left(event.context.deadline);
        let time = TIME_OF_A_REQUEST.min(left);
        self.delivery.written_here(time).await;
        if let Some(meter) = &self.meter {
            meter.flush();
        }
        answer
    }

    fn not_started(_: &LambdaEvent<Value>) -> OnDemandAnswer {
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
