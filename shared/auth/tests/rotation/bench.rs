//! A rotation and everything that it stands on, with Secrets Manager's part.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::{HeldClock, HeldVersions, Pause, Stage};
use auth::rotation::{Done, Rotation, RotationError, Step, StepRequest};
use auth::secret::ExposeSecret as _;

use super::application::{Application, Names, secret};

pub(super) const SECRET: &str = "broker/certificate";
pub(super) const ARN: &str =
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:broker/certificate-AbCdEf";
pub(super) const NOW: i64 = 1_800_000_000;
pub(super) const DAY: i64 = 86_400;
pub(super) const STEPS: [Step; 4] = [
    Step::CreateSecret,
    Step::SetSecret,
    Step::TestSecret,
    Step::FinishSecret,
];

/// Waiting moves the clock.
struct Moves(Arc<HeldClock>);

#[async_trait]
impl Pause for Moves {
    async fn pause(&self, duration: Duration) {
        self.0.pass(duration);
    }
}

pub(super) struct Bench {
    pub(super) clock: Arc<HeldClock>,
    pub(super) versions: Arc<HeldVersions>,
    pub(super) application: Arc<Application>,
    pub(super) rotation: Rotation,
}

impl Bench {
    /// The secret holds `old`, which is registered.
    pub(super) fn new() -> Self {
        let clock = Arc::new(HeldClock::at(NOW));
        let versions = Arc::new(HeldVersions::rotated(&secret("old", NOW - 100 * DAY)));
        let application = Arc::new(Application::with(&["old"], &clock));
        let rotation = Rotation {
            secret_id: SECRET.to_owned(),
            overlap: Duration::from_secs(86_400),
            versions: versions.clone(),
            certificates: Arc::new(Names::by(&clock)),
            keys: application.clone(),
            clock: clock.clone(),
            pause: Arc::new(Moves(Arc::clone(&clock))),
        };
        Self {
            clock,
            versions,
            application,
            rotation,
        }
    }

    /// One step of the rotation with this token, with 300 s for it.
    pub(super) async fn step(&self, step: Step, token: &str) -> Result<Done, RotationError> {
        self.step_of(ARN, step, token).await
    }

    pub(super) async fn step_of(
        &self,
        secret_id: &str,
        step: Step,
        token: &str,
    ) -> Result<Done, RotationError> {
        let request = StepRequest {
            secret_id: secret_id.to_owned(),
            client_request_token: token.to_owned(),
            step,
        };
        self.rotation.step(&request, Duration::from_secs(300)).await
    }

    /// The four steps in a row; ends at the first that fails, as Secrets Manager does.
    pub(super) async fn rotate(&self, token: &str) -> Result<(), RotationError> {
        assert!(self.versions.begin(token), "another rotation is under way");
        for step in STEPS {
            self.step(step, token).await?;
        }
        Ok(())
    }

    /// The name of the certificate with this label.
    pub(super) fn holds(&self, stage: Stage) -> Option<String> {
        let value = self.versions.value(stage)?;
        let (name, _) = value.expose_secret().split_once('@')?;
        Some(name.to_owned())
    }

    pub(super) fn current(&self) -> String {
        self.holds(Stage::Current).unwrap()
    }
}
