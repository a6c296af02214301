//! What the function is called with: by Secrets Manager a step, by the schedule the daily check.

use serde::Deserialize;
use serde_json::Value;

/// A step of a rotation, as Secrets Manager names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Make the new version.
    CreateSecret,
    /// Have it accepted.
    SetSecret,
    /// Try it.
    TestSecret,
    /// Make it current.
    FinishSecret,
}

impl Step {
    /// As Secrets Manager writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::CreateSecret => "createSecret",
            Step::SetSecret => "setSecret",
            Step::TestSecret => "testSecret",
            Step::FinishSecret => "finishSecret",
        }
    }
}

/// One call of Secrets Manager. More members may come (`RotationToken`), and are not read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StepRequest {
    /// The secret, by its ARN.
    pub secret_id: String,
    /// The id of the version that is to become current.
    pub client_request_token: String,
    /// Which step.
    pub step: Step,
}

/// What the rotator is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RotatorEvent {
    /// A step of a rotation.
    Step(StepRequest),
    /// The daily check: `{"check":"credentials"}`.
    Check,
}

impl RotatorEvent {
    /// Reads an event; `None`: it is neither, and nothing is done.
    pub fn read(event: &Value) -> Option<Self> {
        if event.get("check").and_then(Value::as_str) == Some("credentials") {
            return Some(Self::Check);
        }
        StepRequest::deserialize(event).ok().map(Self::Step)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_a_step_or_the_check_and_anything_else_is_neither() {
        let step = |step: &str| json!({"SecretId": "arn", "ClientRequestToken": "t", "Step": step, "RotationToken": "r"});
        for known in [
            Step::CreateSecret,
            Step::SetSecret,
            Step::TestSecret,
            Step::FinishSecret,
        ] {
            let expected = RotatorEvent::Step(StepRequest {
                secret_id: "arn".into(),
                client_request_token: "t".into(),
                step: known,
            });
            assert_eq!(RotatorEvent::read(&step(known.as_str())), Some(expected));
        }
        let check = json!({"check": "credentials"});
        assert_eq!(RotatorEvent::read(&check), Some(RotatorEvent::Check));
        for neither in [
            step("deleteSecret"),
            step(""),
            json!({"SecretId": "arn", "Step": "setSecret"}),
            json!({"check": "all"}),
            json!({}),
            json!(null),
            json!("createSecret"),
        ] {
            assert_eq!(RotatorEvent::read(&neither), None, "{neither}");
        }
    }
}
