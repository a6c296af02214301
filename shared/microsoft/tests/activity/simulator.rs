//! The client against the simulated Microsoft: with a token of its authority, the ordinary way of
//! a tenant's log from the start of its subscriptions to the bytes, and what its faults become.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use auth::Timestamp;
use auth::digest::sha256;
use feed::content::{Content, ContentKey};
use feed::ports::{Failure, FeedApi as _, ListedFrom};
use feed::refusal::Refusal;
use feed::subscription::Status;
use feed::{ContentType, Window};
use microsoft_sim::{Config, KeyCredential, Registration, RequiredResource, Scenario, Simulator};
use serde_json::{Value, json};

use super::{Asker, read};
use crate::fake::platform::{Certificate, HeldSecrets};
use crate::fake::{self, CLIENT, NOW};

const HOUR: u64 = 3_600;
const TYPE: ContentType = ContentType::SharePoint;

struct Clock(AtomicU64);

impl microsoft_sim::Clock for Clock {
    fn unix_seconds(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// One connected tenant, and its client.
struct World {
    asker: Asker,
    clock: Arc<Clock>,
    http: reqwest::Client,
}

impl World {
    async fn start() -> Self {
        let config = Config {
            tenants: 1,
            token_life_seconds: 40 * 24 * HOUR,
            // Several pages a day.
            activity: Scenario {
                page_size: 7,
                records_per_blob: 3,
                ..Scenario::default()
            },
            ..Config::default()
        };
        let clock = Arc::new(Clock(AtomicU64::new(NOW.unsigned_abs())));
        let simulator = Simulator::open(config, clock.clone()).unwrap();
        let certificate = Certificate::create("broker");
        simulator.register(registration(&certificate)).unwrap();
        let tenant = simulator.tenants()[0].tenant_id;
        let client_id = CLIENT.parse().unwrap();
        simulator.grant_admin_consent(client_id, &[tenant]).unwrap();
        let url = serve(simulator).await;
        let entra = fake::client(&url, &HeldSecrets::holding(&certificate)).await;
        let tenant = tenant.to_string().parse().unwrap();
        let token = fake::ask_for(&entra, tenant).await.unwrap();
        let mut asker = Asker::with(&url, Default::default());
        asker.tenant = tenant;
        asker.token = token.access_token;
        Self {
            asker,
            clock,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// With subscriptions, and half a day of content.
    async fn busy() -> Self {
        let world = Self::start().await;
        for one in ContentType::ALL {
            world.subscribe(one, true).await.unwrap();
        }
        world.clock.0.fetch_add(12 * HOUR, Ordering::SeqCst);
        world
    }

    fn window(&self) -> Window {
        let now = self.clock.0.load(Ordering::SeqCst).try_into().unwrap();
        let at = Timestamp::from_unix;
        Window::new(at(now - 12 * 3_600), at(now)).unwrap()
    }

    async fn subscribe(&self, one: ContentType, start: bool) -> Result<Timestamp, Failure> {
        let asker = &self.asker;
        asker.client.subscribe(asker.who(), one, start).await
    }

    /// The first page.
    async fn page(&self) -> Result<feed::ports::ListPage, Failure> {
        let from = ListedFrom::Window(TYPE, self.window());
        self.asker.client.list(self.asker.who(), from).await
    }

    /// Every content of the window, and how many pages named them.
    async fn list(&self, one: ContentType) -> (Vec<Content>, usize) {
        let Asker {
            client,
            host,
            tenant,
            ..
        } = &self.asker;
        let from = ListedFrom::Window(one, self.window());
        let mut page = client.list(self.asker.who(), from).await.unwrap();
        let (mut contents, mut pages) = (page.contents, 1);
        while let Some(next) = page.unverified_next {
            let next = host.check(*tenant, &next).unwrap();
            let from = ListedFrom::Page(&next);
            page = client.list(self.asker.who(), from).await.unwrap();
            contents.extend(std::mem::take(&mut page.contents));
            pages += 1;
        }
        (contents, pages)
    }

    async fn fetch(&self, content: &Content) -> Result<Vec<u8>, Failure> {
        let Asker {
            client,
            host,
            tenant,
            ..
        } = &self.asker;
        let address = host.check(*tenant, &content.unverified_uri).unwrap();
        read(client.content(self.asker.who(), &address).await?).await
    }

    /// What the book says of each content: its SHA-256.
    async fn book(&self, one: ContentType) -> BTreeMap<ContentKey, String> {
        let (host, tenant) = (self.asker.host.as_str(), self.asker.tenant);
        let url = format!("{host}/_sim/activity/blobs?tenant={tenant}&contentType={one}");
        let text = self
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let line = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| line[name].as_str().unwrap().to_owned();
            (ContentKey::of(&text("content_id")), text("sha256"))
        };
        text.lines().map(line).collect()
    }

    async fn fault(&self, fault: Value) {
        let url = format!("{}/_sim/faults", self.asker.host.as_str());
        let mut whole = json!({"times": 1});
        whole
            .as_object_mut()
            .unwrap()
            .extend(fault.as_object().unwrap().clone());
        let response = self.http.post(url).json(&whole).send().await.unwrap();
        assert_eq!(response.status(), 201, "{whole}");
    }

    async fn end_faults(&self) {
        let url = format!("{}/_sim/faults", self.asker.host.as_str());
        self.http.delete(url).send().await.unwrap();
    }
}

fn registration(certificate: &Certificate) -> Registration {
    let der = &certificate.signing_key();
    let credential = KeyCredential::from_certificate_der(&der.certificate().der);
    Registration {
        client_id: CLIENT.parse().unwrap(),
        display_name: "Broker".to_owned(),
        home_tenant: None,
        multi_tenant: true,
        redirect_uris: Vec::new(),
        key_credentials: vec![credential.unwrap()],
        client_secrets: Vec::new(),
        required_roles: vec![RequiredResource {
            resource: "https://manage.office.com".to_owned(),
            roles: vec![
                "ActivityFeed.Read".to_owned(),
                "ActivityFeed.ReadDlp".to_owned(),
            ],
            scopes: Vec::new(),
        }],
        group_membership_claims_directory_role: true,
    }
}

async fn serve(simulator: Simulator) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let public = url.clone();
    tokio::spawn(async move {
        let served = simulator.serve(listener, public, std::future::pending());
        served.await.unwrap();
    });
    url
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_tenants_log_arrives_as_the_simulator_offered_it() {
    let world = World::start().await;
    let (client, who) = (&world.asker.client, world.asker.who());
    assert_eq!(client.subscriptions(who).await.unwrap().listed, []);
    let before = world.page().await.unwrap_err();
    assert_eq!(
        (before.refusal, before.code),
        (Refusal::NotSubscribed, Some(20_022))
    );

    let world = World::busy().await;
    let again = world.subscribe(TYPE, true).await.unwrap_err();
    assert_eq!(
        (again.refusal, again.code),
        (Refusal::AlreadyEnabled, Some(20_024))
    );
    let (client, who) = (&world.asker.client, world.asker.who());
    let mut listed = client.subscriptions(who).await.unwrap().listed;
    listed.sort_by_key(|(one, _)| *one);
    let running = ContentType::ALL.map(|one| (one, Status::Enabled));
    assert_eq!(listed, running);

    let window = world.window();
    for one in ContentType::ALL {
        let (contents, pages) = world.list(one).await;
        let book = world.book(one).await;
        assert!(
            contents.len() > 20 && pages > 3,
            "{one}: {} {pages}",
            contents.len()
        );
        for content in contents {
            assert!(window.contains(content.created), "{one} {content:?}");
            let bytes = world.fetch(&content).await.unwrap();
            assert_eq!(
                hex(&sha256(&bytes)),
                book[&content.key],
                "{one} {content:?}"
            );
        }
    }
    world.subscribe(TYPE, false).await.unwrap();
    let after = world.page().await.unwrap_err();
    assert_eq!(
        after.refusal.step(),
        feed::refusal::Step::Start,
        "{after:?}"
    );
}

#[tokio::test]
async fn faults_of_a_content_are_read_past_or_fail() {
    let world = World::busy().await;
    let content = world.page().await.unwrap().contents.remove(0);
    let whole = world.fetch(&content).await.unwrap();
    use Refusal as R;
    let rows: [(Value, Result<(), R>); 12] = [
        (json!({"kind": "gzip"}), Ok(())),
        (json!({"kind": "slow", "value": 1}), Ok(())),
        // Once more on a fresh connection.
        (json!({"kind": "reset"}), Ok(())),
        (json!({"kind": "reset", "times": 2}), Err(R::Unavailable)),
        (json!({"kind": "truncate"}), Err(R::Unavailable)),
        (json!({"kind": "status", "value": 503}), Err(R::Unavailable)),
        (
            json!({"kind": "status", "value": 401}),
            Err(R::TokenRefused),
        ),
        (
            json!({"kind": "redirect", "value": "https://collector.example/x"}),
            Err(R::Unavailable),
        ),
        (json!({"kind": "throttle"}), Err(R::Throttled)),
        (
            json!({"kind": "af_error", "value": "AF20050"}),
            Err(R::ContentGone),
        ),
        (
            json!({"kind": "af_error", "value": "AF20051"}),
            Err(R::ContentExpired),
        ),
        (
            json!({"kind": "af_error", "value": "AF50000"}),
            Err(R::Unavailable),
        ),
    ];
    for (mut fault, expected) in rows {
        fault["endpoint"] = json!("blob");
        world.fault(fault.clone()).await;
        let found = world.fetch(&content).await;
        let found = found.map(|bytes| assert!(bytes == whole, "{fault}"));
        assert_eq!(
            found.map_err(|failure| failure.refusal),
            expected,
            "{fault}"
        );
        world.end_faults().await;
        assert!(world.fetch(&content).await.unwrap() == whole, "{fault}");
    }
}

#[tokio::test]
async fn faults_of_a_listing_never_look_like_an_empty_one() {
    let world = World::busy().await;
    let count = world.page().await.unwrap().contents.len();
    use Refusal as R;
    let rows: [(Value, Result<(), R>); 12] = [
        (json!({"kind": "gzip"}), Ok(())),
        (json!({"kind": "next_page_url"}), Ok(())),
        (json!({"kind": "object_body"}), Err(R::Unavailable)),
        (json!({"kind": "cut_body"}), Err(R::Unavailable)),
        (json!({"kind": "not_json"}), Err(R::Unavailable)),
        (json!({"kind": "truncate"}), Err(R::Unavailable)),
        (json!({"kind": "throttle"}), Err(R::Throttled)),
        (
            json!({"kind": "af_error", "value": "AF20055"}),
            Err(R::WindowRefused),
        ),
        (
            json!({"kind": "af_error", "value": "AF20031"}),
            Err(R::PageStale),
        ),
        (
            json!({"kind": "af_error", "value": "AF20023"}),
            Err(R::SubscriptionDisabled),
        ),
        (
            json!({"kind": "af_error", "value": "AF10001"}),
            Err(R::RoleMissing),
        ),
        (
            json!({"kind": "subscription_vanished", "value": "Audit.SharePoint"}),
            Err(R::NotSubscribed),
        ),
    ];
    for (mut fault, expected) in rows {
        fault["endpoint"] = json!("content");
        world.fault(fault.clone()).await;
        let found = world.page().await.map(|page| {
            assert_eq!(page.contents.len(), count, "{fault}");
            assert!(page.unverified_next.is_some(), "{fault}");
        });
        assert_eq!(
            found.map_err(|failure| failure.refusal),
            expected,
            "{fault}"
        );
        world.end_faults().await;
    }
}

#[tokio::test]
async fn twisted_addresses_do_not_pass_and_auditing_that_is_off_is_known() {
    let world = World::busy().await;
    let (host, tenant) = (&world.asker.host, world.asker.tenant);
    for twist in [
        "other_host",
        "user_info",
        "other_tenant",
        "parent_path",
        "unicode_host",
    ] {
        world
            .fault(json!({"kind": "content_uri", "value": twist}))
            .await;
        let page = world.page().await.unwrap();
        for content in page.contents {
            assert!(
                host.check(tenant, &content.unverified_uri).is_err(),
                "{twist}"
            );
        }
        if twist == "unicode_host" {
            continue;
        }
        world
            .fault(json!({"kind": "next_page_uri", "value": twist}))
            .await;
        let next = world.page().await.unwrap().unverified_next.unwrap();
        assert!(host.check(tenant, &next).is_err(), "{twist}");
    }
    let world = World::start().await;
    world.fault(json!({"kind": "auditing_off"})).await;
    let off = world.subscribe(TYPE, true).await.unwrap_err();
    assert_eq!((off.refusal, off.code), (Refusal::AuditingOff, None));
}
