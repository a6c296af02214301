//! Secrets Manager's part in the rotation of the certificate, on a one-machine run: the four
//! steps as events of the rotator, repeated where one fails, with the labels moved as AWS
//! documents it ("How rotation works", Secrets Manager user guide). What becomes current is put
//! into the run's secret, where its functions read it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::{
    Clock, HeldVersions, Pause, SecretError, SecretSink as _, SecretSource as _, SecretVersions,
    Stage, VersionList, Write,
};
use auth::protocol::{AssertionForm, AuthorityConfig, TokenEndpoint};
use auth::rotation::Rotation;
use auth::secret::{ExposeSecret as _, SecretString};
use auth::{Cloud, Timestamp};
use aws::{SecretFiles, SystemRandom};
use lambda::function::AnswersEvents as _;
use lambda_runtime::{Context, LambdaEvent};
use local::Machine;
use microsoft::certificate::SelfSigned;
use microsoft::{GraphClient, GraphParts, TrustRoots};
use microsoft_sim::Simulator;
use rotator::{Report, Rotator};
use serde_json::{Value, json};
use uuid::Uuid;

/// The secret of a one-machine run.
pub const SECRET: &str = "certificate";
/// What the function has for a step (template.yaml).
const STEP_TIME: Duration = Duration::from_secs(300);
/// How often Secrets Manager begins a step again before the rotation counts as failed.
pub const ATTEMPTS: u32 = 5;
/// How long a version stays registered after it was current.
pub const OVERLAP: Duration = Duration::from_secs(12 * 60 * 60);
/// The steps in their order.
pub const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];
const GRAPH: &str = "https://graph.microsoft.com";

/// The rotation of one run's certificate.
pub struct SecretRotation {
    /// The function, as Lambda has it.
    pub rotator: Rotator,
    /// The secret.
    pub secret: Arc<RunSecret>,
    clock: Arc<dyn Clock>,
}

/// The run's secret with its versions.
pub struct RunSecret {
    /// The labels.
    pub held: HeldVersions,
    files: SecretFiles,
}

impl SecretRotation {
    /// Of this run, whose data are there. The application becomes one of the run's first tenant
    /// and may read itself.
    pub async fn of(
        machine: &Machine,
        data_dir: &Path,
        (clock, pause): (Arc<dyn Clock>, Arc<dyn Pause>),
    ) -> Self {
        let home = settled(machine);
        let files = SecretFiles::new(data_dir.join("secrets"));
        let first = files.read(SECRET).await.unwrap();
        let secret = Arc::new(RunSecret {
            held: HeldVersions::rotated(&first),
            files,
        });
        let graph = graph(machine, home, &clock);
        let rotation = Rotation {
            secret_id: SECRET.to_owned(),
            overlap: OVERLAP,
            versions: secret.clone(),
            certificates: Arc::new(SelfSigned {
                common_name: "Rotated".to_owned(),
                days: 180,
                clock: Arc::clone(&clock),
            }),
            keys: Arc::new(graph),
            clock: Arc::clone(&clock),
            pause,
        };
        Self {
            rotator: Rotator {
                rotation,
                clock: Arc::clone(&clock),
                meter: None,
            },
            secret,
            clock,
        }
    }

    /// A whole rotation; each step that fails is begun again, as Secrets Manager does.
    pub async fn rotate(&self, token: &str) {
        self.begin(token);
        for step in STEPS {
            let mut failure = None;
            for _ in 0..ATTEMPTS {
                failure = self.step(step, token).await.failure;
                if failure.is_none() {
                    break;
                }
            }
            assert_eq!(failure, None, "{step}");
        }
        self.check_finished(token);
    }

    /// The pending version, without a value, as RotateSecret leaves it.
    pub fn begin(&self, token: &str) {
        assert!(self.secret.held.begin(token), "a rotation is under way");
    }

    /// One step, once.
    pub async fn step(&self, step: &str, token: &str) -> Report {
        let event = json!({
            "Step": step,
            "SecretId": SECRET,
            "ClientRequestToken": token,
            "RotationToken": "for roles of other accounts",
        });
        self.invoke(event).await
    }

    /// The daily check.
    pub async fn check(&self) -> Report {
        self.invoke(json!({"check": "credentials"})).await
    }

    /// Any event.
    pub async fn invoke(&self, event: Value) -> Report {
        let mut context = Context::default();
        let deadline = (self.clock.now() + STEP_TIME).unix();
        context.deadline = u64::try_from(deadline).unwrap() * 1000;
        self.rotator.run(&LambdaEvent::new(event, context)).await
    }

    /// What Secrets Manager looks at after the last step: the new version is current, and what
    /// is pending is the same or nothing.
    pub fn check_finished(&self, token: &str) {
        let labels = self.secret.held.labels();
        assert_eq!(labels.with(Stage::Current), Some(token));
        assert_eq!(labels.unfinished(), None);
    }

    /// Certificate and key of the version with this label, PEM.
    pub fn pair(&self, stage: Stage) -> (String, String) {
        let value = self.secret.held.value(stage).expect("a version");
        let value: Value = serde_json::from_str(value.expose_secret()).unwrap();
        let text = |name: &str| value[name].as_str().unwrap().to_owned();
        (text("certificate"), text("private_key"))
    }
}

/// The application of a run becomes one of the run's first tenant, its home.
pub fn settled(machine: &Machine) -> Uuid {
    let simulator = machine.simulator().expect("a simulated Entra ID");
    let client_id = machine.ready.client_id.parse().unwrap();
    let home = simulator.tenants()[0].tenant_id;
    let mut registration = simulator.registration(client_id).unwrap();
    registration.home_tenant = Some(home);
    simulator.register(registration).unwrap();
    may_rotate(simulator, client_id, home);
    home
}

/// Its role at home lets the application read and rotate itself.
pub fn may_rotate(simulator: &Simulator, client_id: Uuid, home: Uuid) {
    let role = (GRAPH, "Application.ReadWrite.OwnedBy");
    simulator.assign_role(client_id, home, role).unwrap();
}

fn graph(machine: &Machine, home: Uuid, clock: &Arc<dyn Clock>) -> GraphClient {
    let entra: url::Url = machine.ready.entra_url.parse().unwrap();
    let ca_file = machine.ready.ca_file.as_deref();
    GraphClient::new(GraphParts {
        config: AuthorityConfig {
            client_id: machine.ready.client_id.parse().unwrap(),
            cloud: Cloud::Public,
            authority: Some(entra.clone()),
            token_endpoint: TokenEndpoint::V2,
            assertion: AssertionForm::Ps256,
        },
        home: home.to_string().parse().unwrap(),
        url: Some(entra),
        roots: TrustRoots::load(ca_file.map(Path::new)).unwrap(),
        clock: Arc::clone(clock),
        random: Arc::new(SystemRandom),
    })
    .unwrap()
}

impl RunSecret {
    /// Put into the secret by hand, past every rotation.
    pub async fn put(&self, id: &str, value: &SecretString, now: Timestamp) {
        self.held.put(id, value, now);
        self.files.write(SECRET, value).await.unwrap();
    }
}

#[async_trait]
impl SecretVersions for RunSecret {
    async fn list(&self, name: &str) -> Result<VersionList, SecretError> {
        self.held.list(name).await
    }

    async fn read_version(
        &self,
        name: &str,
        id: &str,
    ) -> Result<Option<SecretString>, SecretError> {
        self.held.read_version(name, id).await
    }

    async fn write_pending(
        &self,
        name: &str,
        id: &str,
        value: &SecretString,
    ) -> Result<Write, SecretError> {
        self.held.write_pending(name, id, value).await
    }

    /// The run's files move with the labels.
    async fn make_current(&self, name: &str, id: &str, before: &str) -> Result<Write, SecretError> {
        let moved = self.held.make_current(name, id, before).await?;
        if moved == Write::Done {
            let value = self.held.value(Stage::Current).expect("it was just moved");
            self.files.write(name, &value).await?;
        }
        Ok(moved)
    }

    async fn drop_pending(&self, name: &str, id: &str) -> Result<(), SecretError> {
        self.held.drop_pending(name, id).await
    }
}
