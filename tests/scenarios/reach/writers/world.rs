//! A run, and somebody who writes rows of its tables as he likes.

use std::collections::HashMap;
use std::path::Path;

use aws::Endpoint;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use tempfile::TempDir;
use tests::jwt::claims;
use tests::{Browser, MovedRun, operate};

/// `VEND_STATE_MAX_AGE_SECONDS` and `POLICY_MAX_AGE_SECONDS` where nobody sets them, and one more.
pub(super) const READ_AGAIN: i64 = 61;

pub(super) type Row = HashMap<String, AttributeValue>;

pub(super) struct World {
    pub(super) run: MovedRun,
    pub(super) directory: TempDir,
    client: Client,
}

impl World {
    /// Two tenants, each with a token in the table and in vending's memory.
    pub(super) async fn serving() -> Self {
        let world = Self::start(&[]).await;
        for index in [0, 1] {
            let page = world.run.connect(&mut Browser::default(), index).await;
            assert_eq!(page.heading(), "Connected", "{}", page.body);
            assert_eq!(world.vend(index).await, 200);
        }
        world
    }

    pub(super) async fn start(variables: &'static [(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let find = |name: &str| variables.iter().find(|(variable, _)| *variable == name);
        let lookup = move |name: &str| find(name).map(|(_, value)| (*value).to_owned());
        // The operator's commands live by the system's clock.
        let now = auth::ports::Clock::now(&aws::SystemClock).unix();
        let run = MovedRun::start_at(directory.path(), 2, now, lookup).await;
        let endpoint = Endpoint::Local(run.broker.ready.table_endpoint.clone());
        let client = aws::connect(&endpoint).await.dynamodb();
        Self {
            run,
            directory,
            client,
        }
    }

    /// The status with which vending answers once it has read everything again.
    pub(super) async fn vend_later(&self, index: usize) -> u16 {
        self.run.clock.advance(READ_AGAIN);
        self.vend(index).await
    }

    async fn vend(&self, index: usize) -> u16 {
        self.run.broker.vend(&self.run.tenant(index)).await.status
    }

    pub(super) async fn operate(&self, command: &[&str]) {
        operate(self.directory.path(), command).await;
    }

    /// Every row of a table whose partition begins so.
    pub(super) async fn rows(&self, table: &str, prefix: &str) -> Vec<Row> {
        let rows = self.client.scan().table_name(table).send().await.unwrap();
        let mut rows = rows.items.unwrap_or_default();
        rows.retain(|row| row["pk"].as_s().unwrap().starts_with(prefix));
        rows
    }

    /// The rows of a tenant: its own first, then its token's.
    pub(super) async fn of_tenant(&self, index: usize) -> [Row; 2] {
        let prefix = format!("T#{}", self.run.tenant(index));
        let mut rows = self.rows(&self.tenants(), &prefix).await;
        rows.sort_by_key(|row| row["sk"].as_s().unwrap().clone());
        rows.try_into().unwrap()
    }

    /// Writes a row whole, whatever is there.
    pub(super) async fn put(&self, table: &str, row: Row) {
        let put = self.client.put_item().table_name(table).set_item(Some(row));
        put.send().await.unwrap();
    }

    pub(super) async fn delete(&self, table: &str, (pk, sk): (&str, &str)) {
        let delete = self.client.delete_item().table_name(table);
        delete
            .key("pk", text(pk))
            .key("sk", text(sk))
            .send()
            .await
            .unwrap();
    }

    /// Writes these attributes into all rows of a tenant.
    pub(super) async fn forge(&self, index: usize, values: &[(&str, &str)]) {
        for mut row in self.of_tenant(index).await {
            for (name, value) in values {
                row.insert((*name).to_owned(), text(value));
            }
            self.put(&self.tenants(), row).await;
        }
    }

    pub(super) fn tenants(&self) -> String {
        self.run.broker.ready.table_name.clone()
    }

    /// Where policies and caller keys are: their own table, as far as there is one.
    pub(super) fn control(&self) -> String {
        let of_run = setting(self.directory.path(), "CONTROL_TABLE_NAME");
        of_run.unwrap_or_else(|| self.tenants())
    }

    /// From now on the run's own caller gets what meets this condition, and nothing else.
    pub(super) async fn permit_where(&self, condition: &str) {
        self.put_policy(&self.permit(condition)).await;
    }

    /// A policy that permits the run's own caller everything.
    pub(super) fn permit_of_anything(&self) -> String {
        self.permit("true")
    }

    fn permit(&self, condition: &str) -> String {
        let caller = claims(&self.run.broker.ready.caller_token);
        format!(
            "@id(\"some\")\npermit (principal is Workload, action == Action::\"vend\", resource is Tenant)\n\
             when {{ principal.issuer == {} && principal.subject == {} }}\nwhen {{ {condition} }};\n",
            caller["iss"], caller["sub"]
        )
    }

    /// Who may have what, from now on.
    pub(super) async fn put_policy(&self, text: &str) {
        tests::put_policy(self.directory.path(), text, &[]).await;
    }
}

fn setting(directory: &Path, name: &str) -> Option<String> {
    let run: Value =
        serde_json::from_slice(&std::fs::read(directory.join("run.json")).unwrap()).unwrap();
    run["settings"][name].as_str().map(str::to_owned)
}

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
