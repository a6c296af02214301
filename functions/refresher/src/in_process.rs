//! The refresher on demand in the process of those who ask it: one machine's. Requests and
//! answers go through JSON as between two functions in Lambda.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::on_demand::{
    Asker, OnDemandAnswer, OnDemandFunction, OnDemandPorts, OnDemandRequest, event_of,
};
use auth::ports::{Clock, OutOfReach};
use lambda::starting::Starting;
use lambda_runtime::{Context, LambdaEvent};
use wiring::Basis;
use wiring::settings::OnDemandSettings;

use crate::invoked;
use crate::on_demand::RefresherOnDemand;

/// What Lambda leaves the function for a request (template.yaml).
const TIME: Duration = Duration::from_secs(20);

/// Builds it from `basis`. Where its secrets are not there yet, it looks for them at each
/// request, as in Lambda. Each asker's port has its own identity, as its alias has there.
pub async fn in_process(basis: Basis<OnDemandSettings>) -> anyhow::Result<OnDemandPorts> {
    let clock = Arc::clone(&basis.platform.clock);
    let function = Arc::new(Starting::begin(basis).await?);
    Ok(OnDemandPorts::by(|asker| {
        Arc::new(InProcess {
            function: Arc::clone(&function),
            asker,
            clock: Arc::clone(&clock),
        })
    }))
}

struct InProcess {
    function: Arc<Starting<RefresherOnDemand>>,
    asker: Asker,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl OnDemandFunction for InProcess {
    async fn ask(&self, request: &OnDemandRequest) -> Result<OnDemandAnswer, OutOfReach> {
        let event = event_of(request).map_err(|_| OutOfReach::Unreached)?;
        let mut context = Context::default();
        context.invoked_function_arn = invoked::arn_of(self.asker);
        let deadline = (self.clock.now() + TIME).unix();
        context.deadline = u64::try_from(deadline).unwrap_or(0).saturating_mul(1000);
        let answer = self.function.run(&LambdaEvent::new(event, context)).await;
        let answer = serde_json::to_value(answer).map_err(|_| OutOfReach::Unreadable)?;
        serde_json::from_value(answer).map_err(|_| OutOfReach::Unreadable)
    }
}
