//! What every scenario starts from: a table of its own, a clock and secrets in the
//! hand, and short ways to make tenants and tokens.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::sync::Arc;

use auth::ports::{
    Connecting, HeldClock, Listing, Random as _, Settlement, StoreError, Tenants as _,
    TokenStore as _, Write,
};
use auth::token::{AccessToken, AppOnlyToken, TokenRecord};
use auth::turns::Look;
use auth::{Cause, CauseCode, Cloud, Resource, Tenant, TenantId, TenantStatus, Timestamp};
use aws::{Connection, ControlTable, RingSource, SealedTokens, SystemRandom, Table};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use super::held::{CapacityTally, HeldSecrets};
use crate::due_pages::{all_at_turns, all_due};

/// When every scenario begins.
pub(super) const NOW: Timestamp = Timestamp::from_unix(1_431_655_194);
pub(super) const CLIENT: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";
const RING: &str = "ring";

/// An attempt that failed; the token stays.
pub(super) const FAILED: Settlement<'_> = Settlement::Failure {
    next_attempt_at: Timestamp::from_unix(NOW.unix() + 60),
    refresh_at: Timestamp::from_unix(NOW.unix() + 60),
    failures: 3,
    cause: &Cause {
        code: CauseCode::Unavailable,
        aadsts: Some(90033),
        also: Vec::new(),
    },
    suspected_at: None,
    drop_token: false,
};

/// Names of records.
type Keys = Vec<(TenantId, Resource)>;

/// A row as the engine holds it.
pub(super) type Row = HashMap<String, AttributeValue>;

pub(super) struct World {
    pub(super) client: Client,
    pub(super) name: String,
    pub(super) table: Table,
    pub(super) control: ControlTable,
    pub(super) tokens: Arc<SealedTokens>,
    pub(super) tally: Arc<CapacityTally>,
    pub(super) clock: Arc<HeldClock>,
    pub(super) secrets: Arc<HeldSecrets>,
}

impl World {
    pub(super) async fn new(connection: &Connection) -> Self {
        let name = format!("contract-{}", hex(&random()));
        let tally = Arc::new(CapacityTally::default());
        let table = connection
            .table(name.clone(), Arc::new(SystemRandom))
            .with_meter(tally.clone());
        table.create().await.unwrap();
        let control = ControlTable::name_beside(&name);
        let control = connection
            .control_table(control, Arc::new(SystemRandom))
            .with_meter(tally.clone());
        control.create().await.unwrap();
        let clock = Arc::new(HeldClock::at(NOW.unix()));
        let secrets = Arc::new(HeldSecrets::default());
        secrets.hold("a", &["a"]);
        World {
            client: connection.dynamodb(),
            name,
            tokens: Arc::new(open(&table, &secrets, &clock, CLIENT).await),
            table,
            control,
            tally,
            clock,
            secrets,
        }
    }

    /// The token store of another process.
    pub(super) async fn open(&self, client_id: &str) -> SealedTokens {
        open(&self.table, &self.secrets, &self.clock, client_id).await
    }

    /// A new tenant with a record for each of `resources`, connected.
    pub(super) async fn connected(&self, resources: &[Resource]) -> Tenant {
        let tenant = tenant(TenantStatus::Active);
        self.connect(&tenant, resources).await
    }

    pub(super) async fn connect(&self, tenant: &Tenant, resources: &[Resource]) -> Tenant {
        let write = self
            .table
            .connect(Connecting::new(tenant, resources, NOW))
            .await;
        assert_eq!(write.unwrap(), Write::Done);
        self.find(tenant.id).await
    }

    pub(super) async fn find(&self, tenant: TenantId) -> Tenant {
        self.table.find(tenant).await.unwrap().unwrap()
    }

    pub(super) async fn read(&self, tenant: TenantId, resource: &Resource) -> TokenRecord {
        self.tokens.read(tenant, resource).await.unwrap().unwrap()
    }

    /// The record of `tenant` with `text` as its token.
    pub(super) async fn holding(
        &self,
        tenant: TenantId,
        resource: &Resource,
        text: &str,
    ) -> TokenRecord {
        let record = self.read(tenant, resource).await;
        let token = token(text);
        let settlement = Settlement::Token {
            token: &token,
            refresh_at: at(2_700),
            look: Look::AtItsTurns,
        };
        let write = self.tokens.settle(&record, settlement).await.unwrap();
        assert_eq!(write, Write::Done);
        self.read(tenant, resource).await
    }

    /// The keys of a shard that wait for no turn, in pages of so many rows.
    pub(super) async fn due_of(&self, shard: u32, now: Timestamp, rows: u32) -> Keys {
        all_due(self.tokens.as_ref(), shard, now, rows)
            .await
            .unwrap()
    }

    /// The keys of a shard that wait for the turns of these slots, in pages of so many rows.
    pub(super) async fn in_turn(&self, shard: u32, slots: &RangeInclusive<u8>, rows: u32) -> Keys {
        let found = all_at_turns(self.tokens.as_ref(), shard, slots, rows).await;
        found.unwrap()
    }

    /// Every key of every shard that waits for no turn.
    pub(super) async fn due(&self, now: Timestamp) -> Vec<(TenantId, Resource)> {
        let mut due = Vec::new();
        for shard in 0..self.tokens.shards() {
            due.extend(self.due_of(shard, now, 100).await);
        }
        due
    }

    /// Every key that waits for its turn.
    pub(super) async fn at_turns(&self) -> Vec<(TenantId, Resource)> {
        let mut found = Vec::new();
        for shard in 0..self.tokens.shards() {
            found.extend(self.in_turn(shard, &(0..=255), 100).await);
        }
        found
    }

    /// Every tenant of a listing, page by page, and the errors of damaged rows.
    pub(super) async fn list(&self, mut listing: Listing) -> (Vec<TenantId>, Vec<StoreError>) {
        let (mut listed, mut errors) = (Vec::new(), Vec::new());
        loop {
            let page = self.table.list(&listing).await.unwrap();
            assert!(page.tenants.len() <= listing.examine as usize);
            listed.extend(page.tenants.iter().map(|tenant| tenant.id));
            errors.extend(page.damaged);
            match page.next {
                Some(next) => listing.after = Some(next),
                None => return (listed, errors),
            }
        }
    }

    /// Everything in the table.
    pub(super) async fn scan(&self) -> Vec<Row> {
        self.rows_of(&self.name).await
    }

    /// The same without the events that wait.
    pub(super) async fn beside_events(&self) -> Vec<Row> {
        let mut rows = self.scan().await;
        rows.retain(|row| !row["pk"].as_s().unwrap().starts_with("OUTBOX#"));
        rows
    }

    /// Everything in the control table.
    pub(super) async fn control_rows(&self) -> Vec<Row> {
        self.rows_of(&self.control_name()).await
    }

    pub(super) fn control_name(&self) -> String {
        ControlTable::name_beside(&self.name)
    }

    async fn rows_of(&self, table: &str) -> Vec<Row> {
        let scan = self.client.scan().table_name(table).send().await;
        scan.unwrap().items.unwrap_or_default()
    }

    /// The raw item of a record.
    pub(super) async fn raw(&self, tenant: TenantId, resource: &Resource) -> Row {
        let sk = AttributeValue::S(format!("TOKEN#{resource}"));
        let pk = AttributeValue::S(format!("T#{tenant}"));
        let item = self.client.get_item().table_name(&self.name);
        let item = item.key("pk", pk).key("sk", sk).send().await.unwrap();
        item.item.unwrap()
    }

    /// Sets one attribute of a record behind the store's back.
    pub(super) async fn tamper(
        &self,
        tenant: TenantId,
        resource: &Resource,
        name: &str,
        value: AttributeValue,
    ) {
        let mut item = self.raw(tenant, resource).await;
        item.insert(name.to_owned(), value);
        self.put(item).await;
    }

    /// Writes a row behind the store's back.
    pub(super) async fn put(&self, row: Row) {
        self.put_into(&self.name, row).await;
    }

    /// The same of the control table.
    pub(super) async fn put_control(&self, row: Row) {
        self.put_into(&self.control_name(), row).await;
    }

    async fn put_into(&self, table: &str, row: Row) {
        let put = self.client.put_item().table_name(table);
        put.set_item(Some(row)).send().await.unwrap();
    }
}

async fn open(
    table: &Table,
    secrets: &Arc<HeldSecrets>,
    clock: &Arc<HeldClock>,
    client_id: &str,
) -> SealedTokens {
    let source = RingSource {
        secrets: secrets.clone(),
        name: RING.to_owned(),
    };
    let client_id = client_id.parse().unwrap();
    SealedTokens::load(table.clone(), source, client_id, clock.clone())
        .await
        .unwrap()
}

/// Seconds after the beginning.
pub(super) const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(NOW.unix() + seconds)
}

pub(super) fn tenant(status: TenantStatus) -> Tenant {
    tenant_with(tenant_id(), status)
}

pub(super) fn tenant_with(id: TenantId, status: TenantStatus) -> Tenant {
    Tenant {
        status,
        ..Tenant::connected(id, NOW)
    }
}

pub(super) fn tenant_id() -> TenantId {
    let hex = hex(&random());
    let groups = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    groups.join("-").parse().unwrap()
}

pub(super) fn management() -> Resource {
    Cloud::Public.management_resource()
}

pub(super) fn graph() -> Resource {
    "https://graph.microsoft.com".parse().unwrap()
}

pub(super) fn token(text: &str) -> AppOnlyToken {
    AppOnlyToken {
        access_token: AccessToken::new(text.to_owned()),
        expires_at: at(3_599),
        issued_at: NOW,
    }
}

/// The text of a record's token.
pub(super) fn text_of(record: &TokenRecord) -> Option<&str> {
    let token = record.token.as_ref();
    token.map(|token| token.access_token.expose())
}

/// Runs `attempt` eight times at once and tells how often each outcome came.
pub(super) async fn eight_times<T, F>(attempt: impl Fn(u32) -> F) -> BTreeMap<String, usize>
where
    T: std::fmt::Debug + Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..8 {
        tasks.spawn(attempt(number));
    }
    let mut outcomes = BTreeMap::new();
    while let Some(outcome) = tasks.join_next().await {
        *outcomes
            .entry(format!("{:?}", outcome.unwrap()))
            .or_default() += 1;
    }
    outcomes
}

/// What [`eight_times`] tells when one writer won and the others were told so.
pub(super) fn one_done_seven_stale() -> BTreeMap<String, usize> {
    BTreeMap::from([("Done".to_owned(), 1), ("Stale".to_owned(), 7)])
}

fn random() -> [u8; 16] {
    let mut bytes = [0u8; 16];
    SystemRandom.fill(&mut bytes);
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
