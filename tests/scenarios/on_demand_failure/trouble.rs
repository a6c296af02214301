//! What can be wrong with the function that signs.

use std::time::Duration;

use auth::CauseCode;
use auth::on_demand::OnDemandAnswer;
use tests::aws_service::{Act, Fault};

use super::stage::Stage;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Lambda answers, or does not.
    Met(&'static str, Act),
    /// Nothing listens.
    NotThere,
    /// Whether it is ready is answered at the last moment, and then nothing is.
    SlowTwice,
}

/// Just below what is waited for that answer (2 s).
const LAST_MOMENT: Duration = Duration::from_millis(1900);

impl Trouble {
    pub(super) fn all() -> Vec<Self> {
        let unable = OnDemandAnswer::Unable {
            cause: CauseCode::BrokerUnavailable.into(),
        };
        vec![
            Self::Met("throttled", Act::Answer(429, "TooManyRequestsException")),
            Self::Met("at its own limit", says(&OnDemandAnswer::Busy {})),
            Self::Met("slow", Act::Hang),
            Self::Met("out of its own time", says(&OnDemandAnswer::Late {})),
            Self::NotThere,
            Self::Met("cut off", Act::HangUp),
            Self::Met("forbidden", Act::Answer(403, "AccessDeniedException")),
            Self::Met("missing", Act::Answer(404, "ResourceNotFoundException")),
            Self::Met(
                "crashed",
                Act::FunctionError(r#"{"errorType":"Runtime.ExitError"}"#),
            ),
            Self::Met(
                "out of memory",
                Act::FunctionError(r#"{"errorType":"Runtime.OutOfMemory"}"#),
            ),
            Self::Met("another function", Act::Body(r#"{"refreshed":0}"#)),
            Self::Met("without its certificate", says(&unable)),
        ]
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Met(name, _) => name,
            Self::NotThere => "not reached",
            Self::SlowTwice => "slow",
        }
    }

    /// `only`: requests that hold this text, where it is not all of them.
    pub(super) async fn begin(self, stage: &mut Stage, only: Option<&str>) {
        let fault = |only: Option<&str>, act| Fault {
            only: only.map(str::to_owned),
            act,
        };
        match self {
            Self::Met(_, act) => stage.lambda.fail(fault(only, act)),
            Self::NotThere => stage.lambda.go_down().await,
            Self::SlowTwice => {
                let late = Act::Late(LAST_MOMENT);
                stage.lambda.fail(fault(Some(r#"{"ready""#), late));
                stage.lambda.fail_besides(fault(only, Act::Hang));
            }
        }
    }

    /// Whether it can begin between two requests of one step.
    pub(super) fn is_of_one_request(self) -> bool {
        self != Self::NotThere
    }
}

fn says(answer: &OnDemandAnswer) -> Act {
    let text = serde_json::to_string(answer).unwrap();
    Act::Body(Box::leak(text.into_boxed_str()))
}
