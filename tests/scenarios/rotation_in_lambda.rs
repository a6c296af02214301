//! The rotator's program in Lambda rotates a certificate in Secrets Manager (both ministack's)
//! while callers vend and a refresher renews without a pause. Entra ID and Graph are those of a
//! one-machine run, and so is the table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code: a panic is how it fails"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use auth::ports::Clock as _;
use auth::refresh::RefreshReport;
use auth::vend::DEFAULT_MIN_TTL;
use auth::{Resource, TenantId};
use aws::{Endpoint, SystemClock};
use lambda::function::AnswersEvents as _;
use lambda_runtime::{Context, LambdaEvent};
use local::{Machine, Options, Parts};
use microsoft_sim::Registration;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::deployed::{function_binary, variables};
use tests::ministack::Function;
use tests::neighbour::{Neighbour, table_of};
use tests::played_rotation::PlayedRotation;
use tests::secret_rotation::{SECRET, STEPS, settled};
use tests::{Ministack, connect_tenant, in_process};
use vending::Vending;

const TENANTS: usize = 10;
const CALLERS: usize = 50;
/// What Lambda leaves the rotator for a step (template.yaml), in seconds.
const STEP_TIME: u32 = 300;
/// What it leaves a run of the refresher.
const RUN_TIME: i64 = 240;

struct Stage {
    machine: Machine,
    cloud: Ministack,
    variables: BTreeMap<String, String>,
    /// Functions whose certificate is the account's.
    neighbour: Neighbour,
    tenants: Vec<TenantId>,
    /// Vends so far, and renewals by the refresher.
    vends: AtomicUsize,
    renewals: AtomicUsize,
    _directory: TempDir,
}

impl Stage {
    async fn open() -> Self {
        let directory = tests::clock::directory();
        let (machine, cloud) = tokio::join!(run(directory.path()), Ministack::start());
        let run = std::fs::read(directory.path().join("run.json")).unwrap();
        let run: Value = serde_json::from_slice(&run).unwrap();
        for file in std::fs::read_dir(directory.path().join("secrets")).unwrap() {
            let file = file.unwrap();
            let text = std::fs::read_to_string(file.path()).unwrap();
            let name = file.file_name().into_string().unwrap();
            cloud.create_secret(&name, &text).await;
        }
        let ready = in_process::ready(&machine);
        let mut tenants = Vec::new();
        for (index, tenant) in ready.simulated_tenants.iter().enumerate() {
            connect_tenant(&ready, index).await;
            tenants.push(tenant.tenant_id.parse().unwrap());
        }
        let account = aws::connect(&Endpoint::Local(cloud.endpoint.clone())).await;
        let (secrets, table) = (Arc::new(account.secrets()), table_of(directory.path()));
        let clock = Arc::new(SystemClock);
        let neighbour = Neighbour::with_secrets(secrets, &table, directory.path(), clock).await;
        let stage = Self {
            variables: rotator_variables(&run, &cloud, &machine),
            machine,
            cloud,
            neighbour,
            tenants,
            vends: AtomicUsize::new(0),
            renewals: AtomicUsize::new(0),
            _directory: directory,
        };
        stage.deploy().await;
        stage
    }

    async fn deploy(&self) {
        let rotator = Function {
            name: "rotator",
            binary: &function_binary("rotator"),
            timeout: STEP_TIME,
            variables: &self.variables,
        };
        self.cloud.create_function(&rotator).await;
    }

    /// The function's process ends, and the next event starts another one.
    async fn kill(&self) {
        let variables = &self.variables;
        self.cloud.set_variables("rotator", variables).await;
    }

    /// Does `work` while callers vend and every token is renewed again and again.
    async fn while_in_use(&self, work: impl Future<Output = ()>) {
        let ended = AtomicBool::new(false);
        let vending: Vending = self.neighbour.vending().await;
        let callers = (0..CALLERS).map(|caller| {
            let tenant = self.tenants[caller % TENANTS];
            self.vend_until(&ended, &vending, tenant)
        });
        let work = async {
            work.await;
            ended.store(true, Ordering::SeqCst);
        };
        let callers = futures::future::join_all(callers);
        tokio::join!(work, callers, self.renew_until(&ended));
    }

    async fn vend_until(&self, ended: &AtomicBool, vending: &Vending, tenant: TenantId) {
        let resource: Resource = "https://manage.office.com".parse().unwrap();
        while !ended.load(Ordering::SeqCst) {
            let vended = vending.vend.vend(tenant, &resource, DEFAULT_MIN_TTL).await;
            vended.unwrap_or_else(|refusal| panic!("{tenant}: {refusal}"));
            self.vends.fetch_add(1, Ordering::SeqCst);
            // A vend from memory waits for nothing: the others have their turn.
            tokio::task::yield_now().await;
        }
    }

    async fn renew_until(&self, ended: &AtomicBool) {
        while !ended.load(Ordering::SeqCst) {
            let renewed = self.renew().await;
            self.renewals.fetch_add(renewed, Ordering::SeqCst);
        }
    }

    /// Every token is due, and a refresher that has just started signs with the secret as it is.
    /// How many it renews: a caller's vend may come before it.
    async fn renew(&self) -> usize {
        for tenant in &self.tenants {
            // Stale where such a vend has just renewed it.
            let _ = self.neighbour.make_due(*tenant).await;
        }
        let mut context = Context::default();
        let deadline = (SystemClock.now().unix() + RUN_TIME) * 1000;
        context.deadline = u64::try_from(deadline).unwrap();
        let refresher = self.neighbour.refresher().await;
        let event = LambdaEvent::new(json!({}), context);
        let report: RefreshReport = refresher.run(&event).await;
        assert_eq!((report.failed, report.ended_early), (0, None), "{report:?}");
        report.refreshed as usize
    }

    fn registration(&self) -> Registration {
        let client_id = self.machine.ready.client_id.parse().unwrap();
        let simulator = self.machine.simulator().unwrap();
        simulator.registration(client_id).unwrap()
    }

    /// Entra ID takes the newest key credential alone.
    fn drop_older_credentials(&self) {
        let mut registration = self.registration();
        let newest = registration.key_credentials.pop().unwrap();
        registration.key_credentials = vec![newest];
        let simulator = self.machine.simulator().unwrap();
        simulator.register(registration).unwrap();
    }
}

async fn run(data_dir: &std::path::Path) -> Machine {
    let options = Options {
        simulated_tenants: TENANTS,
        ..in_process::options(data_dir)
    };
    let parts = Parts::new(Arc::new(SystemClock));
    Machine::start(&options, parts).await.unwrap()
}

fn rotator_variables(
    run: &Value,
    cloud: &Ministack,
    machine: &Machine,
) -> BTreeMap<String, String> {
    let mut variables = variables(run, cloud);
    let home = settled(machine).to_string();
    variables.insert("ENTRA_HOME_TENANT".to_owned(), home);
    let graph = machine.ready.entra_url.clone();
    variables.insert("ENTRA_GRAPH_URL".to_owned(), graph);
    variables
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_rotates_while_callers_vend_and_tokens_are_renewed() {
    let stage = Stage::open().await;
    let rotation = PlayedRotation::enable(&stage.cloud, SECRET).await;
    let before = stage.neighbour.thumbprint().await;
    stage
        .while_in_use(rotation.rotate("11111111-2222-4333-8444-555555555555"))
        .await;
    let after = stage.neighbour.thumbprint().await;
    assert_ne!(before, after);
    assert_eq!(stage.registration().key_credentials.len(), 2);
    let counted = [&stage.vends, &stage.renewals].map(|count| count.load(Ordering::SeqCst));
    assert!(counted.iter().all(|count| *count > 0), "{counted:?}");
    println!(
        "{} vends and {} renewals: none failed",
        counted[0], counted[1]
    );

    stage.drop_older_credentials();
    assert_eq!(stage.renew().await, TENANTS, "by the new key alone");
}

/// After each step its process is killed, and the rotation begins at its first step again.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_goes_on_where_it_was_killed() {
    let stage = Stage::open().await;
    let rotation = PlayedRotation::enable(&stage.cloud, SECRET).await;
    let cut = async {
        for (number, _) in STEPS.iter().enumerate() {
            let token = format!("11111111-2222-4333-8444-55555555555{number}");
            rotation.begin(&token).await;
            for step in &STEPS[..=number] {
                assert_eq!(rotation.step(step, &token).await, None, "{step}");
            }
            stage.kill().await;
            rotation.finish(&token).await;
        }
    };
    stage.while_in_use(cut).await;
    assert_eq!(stage.registration().key_credentials.len(), 1 + STEPS.len());
    let drift = stage
        .cloud
        .invoke("rotator", &json!({"check": "credentials"}))
        .await;
    assert!(!drift.failed, "{drift:?}");
    assert_eq!(
        drift.answer["drift"]["current_missing"],
        json!(false),
        "{drift:?}"
    );
}
