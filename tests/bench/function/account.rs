//! What a function finds in its account: its secret, and two tables that differ in their
//! policies alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use auth::TenantId;
use auth::ports::Clock as _;
use aws::{ControlTable, Endpoint, SystemClock, SystemRandom, Table};
use serde_json::{Value, json};
use tests::Ministack;
use tests::gateway_event::post;
use tests::issuer::Issuer;

use crate::fleet;
use crate::place::Place;
use crate::policy_text;
use crate::vend::process::{one_id, signed_by};
use crate::world::World;

/// The table with one policy, which is for the caller.
pub(crate) const ONE_POLICY: &str = "one-policy";
/// The table with 200 policies.
pub(crate) const MANY_POLICIES: &str = "many-policies";
/// One file instead of a directory of them, as the template sets it for Lambda.
const CA_BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// An account with tenants whose tokens are in its tables.
pub(crate) struct Account {
    /// The function's, without the table's name.
    pub(crate) variables: BTreeMap<String, String>,
    issuer: Issuer,
    tenants: Vec<TenantId>,
    _world: World,
    _cloud: Ministack,
}

impl Account {
    /// An account with so many tenants in each table.
    pub(crate) async fn open(tenants: usize) -> Self {
        let (world, cloud, issuer) =
            tokio::join!(World::start(1), Ministack::start(), Issuer::start());
        let place = Place::of(world.directory.path());
        let name = &place.variables["SEALING_KEYS_SECRET_ID"];
        let text = std::fs::read_to_string(place.secrets_directory.join(name)).unwrap();
        cloud.create_secret(name, &text).await;
        let one = format!(
            "@id(\"bench\") permit(principal is Workload, action, resource) \
             when {{ principal.issuer == \"{}\" }};",
            &issuer.url
        );
        let many = policy_text::mixed(&issuer.url);
        let tenants = fleet::tenants(tenants);
        for (name, text) in [(ONE_POLICY, one), (MANY_POLICIES, many)] {
            let connection = aws::connect(&Endpoint::Local(cloud.endpoint.clone())).await;
            let control = ControlTable::name_beside(name);
            let control = connection.control_table(control, Arc::new(SystemRandom));
            control.create().await.unwrap();
            policy_text::put(&control, text).await;
            let table = connection.table(name, Arc::new(SystemRandom));
            fill(&place, &table, &tenants).await;
        }
        Self {
            variables: variables(&place, &cloud, &issuer),
            issuer,
            tenants,
            _world: world,
            _cloud: cloud,
        }
    }

    /// A request for a token of each tenant, by a workload with one proof.
    pub(crate) fn vends(&self) -> Vec<Value> {
        let proof = self.issuer.token_with(1, &policy_text::WORKLOAD);
        let vend = |tenant| {
            let mut event = vend_event(tenant);
            event["headers"]["authorization"] = json!(format!("Bearer {proof}"));
            event
        };
        self.tenants.iter().map(vend).collect()
    }

    /// A request for a token of each tenant, by a role that has signed it: only the table
    /// with many policies permits it.
    pub(crate) fn signed_vends(&self) -> Vec<Value> {
        let vend = |tenant| {
            let mut event = vend_event(tenant);
            event["requestContext"]["authorizer"] = json!(signed_by(&one_id()));
            event
        };
        self.tenants.iter().map(vend).collect()
    }
}

fn vend_event(tenant: &TenantId) -> Value {
    let form = format!(
        "grant_type=client_credentials&scope={}",
        tests::broker::SCOPE
    );
    post(&format!("/{tenant}/oauth2/v2.0/token"), &form)
}

/// A table with tenants whose tokens live an hour.
async fn fill(place: &Place, table: &Table, ids: &[TenantId]) {
    table.create().await.unwrap();
    let now = SystemClock.now();
    fleet::connect_labelled(table, ids, now).await;
    let tokens = place.tokens(table.clone()).await;
    let later = now + Duration::from_secs(1_900);
    fleet::settle(&tokens, ids, now, later).await;
}

fn variables(place: &Place, cloud: &Ministack, issuer: &Issuer) -> BTreeMap<String, String> {
    let mut variables = place.variables.clone();
    let of_lambda = [
        ("AWS_ENDPOINT_URL", cloud.endpoint.as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_LAMBDA_FUNCTION_NAME", "vending"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("SSL_CERT_FILE", CA_BUNDLE),
        ("VENDING_ISSUERS", &issuer.list()),
    ];
    for (name, value) in of_lambda {
        variables.insert(name.to_owned(), value.to_owned());
    }
    variables
}
