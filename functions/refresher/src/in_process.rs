//! The refresher on demand in the process of those who ask it: one machine's. Requests and
//! answers go through JSON as between two functions in Lambda.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::on_demand::{OnDemandAnswer, OnDemandFunction, OnDemandRequest};
use auth::ports::{Clock, OutOfReach};
use lambda::starting::Starting;
use lambda_runtime::{Context, LambdaEvent};
use wiring::Basis;
use wiring::settings::OnDemandSettings;

use crate::on_demand::RefresherOnDemand;

/// What Lambda leaves the function for a request (template.yaml).
const TIME: Duration = Duration::from_secs(20);

/// Builds it from `basis`. Where its secrets are not there yet, it looks for them at each
/// request, as in Lambda.
pub async fn in_process(
    basis: Basis<OnDemandSettings>,
) -> anyhow::Result<Arc<dyn OnDemandFunction>> {
    let clock = Arc::clone(&basis.platform.clock);
    let function = Starting::begin(basis).await?;
    Ok(Arc::new(InProcess { function, clock }))
}

struct InProcess {
    function: Starting<RefresherOnDemand>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl OnDemandFunction for InProcess {
    async fn ask(&self, request: &OnDemandRequest) -> Result<OnDemandAnswer, OutOfReach> {
        let event = serde_json::to_value(request).map_err(|_| OutOfReach::Unreached)?;
        let mut context = Context::default();
        let deadline = (self.clock.now() + TIME).unix();
        context.deadline = u64::try_from(deadline).unwrap_or(0).saturating_mul(1000);
        let answer = self.function.run(&LambdaEvent::new(event, context)).await;
        let answer = serde_json::to_value(answer).map_err(|_| OutOfReach::Unreadable)?;
        serde_json::from_value(answer).map_err(|_| OutOfReach::Unreadable)
    }
}
