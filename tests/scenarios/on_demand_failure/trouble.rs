//! What can be wrong with the function that signs.

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
}

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
        }
    }

    /// `only`: requests that hold this text, where it is not all of them.
    pub(super) async fn begin(self, stage: &mut Stage, only: Option<&str>) {
        match self {
            Self::Met(_, act) => stage.lambda.fail(Fault {
                only: only.map(str::to_owned),
                act,
            }),
            Self::NotThere => stage.lambda.go_down().await,
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
