//! A simulated Microsoft with one connected tenant, and the client that asks for its log.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use auth::Timestamp;
use feed::content::{Content, ContentKey};
use feed::ports::{Failure, FeedApi as _, ListedFrom, Subscribe, Subscribed};
use feed::{ContentType, Window};
use microsoft_sim::{
    Config, KeyCredential, Registration, RequiredResource, Scenario, Simulator, Webhooks,
};
use serde_json::{Value, json};

use crate::activity::{Asker, read};
use crate::fake::platform::{Certificate, HeldSecrets};
use crate::fake::{self, CLIENT, NOW};

const HOUR: u64 = 3_600;
pub(super) const TYPE: ContentType = ContentType::SharePoint;

struct Clock(AtomicU64);

impl microsoft_sim::Clock for Clock {
    fn unix_seconds(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// One connected tenant, and its client.
pub(crate) struct World {
    pub(crate) asker: Asker,
    clock: Arc<Clock>,
    http: reqwest::Client,
}

impl World {
    pub(crate) async fn start() -> Self {
        let config = Config {
            tenants: 1,
            token_life_seconds: 40 * 24 * HOUR,
            // Several pages a day.
            activity: Scenario {
                page_size: 7,
                records_per_blob: 3,
                ..Scenario::default()
            },
            // Hooks are of these tests, and called when they say so.
            webhooks: Webhooks {
                by_themselves: false,
                plain_loopback: true,
                ..Webhooks::default()
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
    pub(super) async fn busy() -> Self {
        let world = Self::start().await;
        for one in ContentType::ALL {
            world.start_type(one).await.unwrap();
        }
        world.clock.0.fetch_add(12 * HOUR, Ordering::SeqCst);
        world
    }

    pub(super) fn window(&self) -> Window {
        let now = self.clock.0.load(Ordering::SeqCst).try_into().unwrap();
        let at = Timestamp::from_unix;
        Window::new(at(now - 12 * 3_600), at(now)).unwrap()
    }

    pub(super) async fn start_type(&self, one: ContentType) -> Result<(), Failure> {
        self.subscribe(one, Subscribe::Start(None)).await.map(drop)
    }

    pub(crate) async fn subscribe(
        &self,
        one: ContentType,
        what: Subscribe<'_>,
    ) -> Result<Subscribed, Failure> {
        let asker = &self.asker;
        asker.client.subscribe(asker.who(), one, what).await
    }

    /// The first page.
    pub(super) async fn page(&self) -> Result<feed::ports::ListPage, Failure> {
        let from = ListedFrom::Window(TYPE, self.window());
        self.asker.client.list(self.asker.who(), from).await
    }

    /// Every content of the window, and how many pages named them.
    pub(super) async fn list(&self, one: ContentType) -> (Vec<Content>, usize) {
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

    pub(super) async fn fetch(&self, content: &Content) -> Result<Vec<u8>, Failure> {
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
    pub(super) async fn book(&self, one: ContentType) -> BTreeMap<ContentKey, String> {
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

    pub(crate) async fn fault(&self, fault: Value) {
        let url = format!("{}/_sim/faults", self.asker.host.as_str());
        let mut whole = json!({"times": 1});
        whole
            .as_object_mut()
            .unwrap()
            .extend(fault.as_object().unwrap().clone());
        let response = self.http.post(url).json(&whole).send().await.unwrap();
        assert_eq!(response.status(), 201, "{whole}");
    }

    pub(super) async fn end_faults(&self) {
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
