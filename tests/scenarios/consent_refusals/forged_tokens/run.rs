//! A machine that takes a simulator for the real Entra ID, with a forger between them.

use std::sync::Arc;

use auth::ports::Clock as _;
use microsoft::certificate::{CreatedCertificate, create};
use microsoft_sim::{Config, SimulatedTenant, Simulator, SystemClock};
use tests::stand_in::{RealRun, registration, serve};
use tests::{Browser, Flow, Forger, Genuine, Member, Page, Workshop};
use url::Url;

use super::Row;
use crate::pages::check_history;
use crate::stage::{MACHINE, Refused, Stage};

const CLIENT_ID: &str = "a6099727-6b7b-482c-b509-1df309acc563";
/// The tenant whose tokens are forged: never connected.
const VICTIM: usize = 0;
/// Connected by an untouched token before anything is forged.
const NEIGHBOUR: usize = 1;
/// From here on: one for each token that connects.
const UNCONNECTED: usize = 2;
const TENANTS: usize = UNCONNECTED + 3;

/// A machine, the forger before it, and a tenant that was connected without him.
pub(super) struct ForgedRun {
    machine: Stage,
    forger: Forger,
    people: Vec<SimulatedTenant>,
    flow: Flow,
}

impl ForgedRun {
    pub(super) async fn start(flow: Flow) -> Self {
        let config = Config {
            tenants: TENANTS,
            ..Config::default()
        };
        let simulator = Simulator::open(config, Arc::new(SystemClock)).unwrap();
        let workshop = Workshop::bind().await;
        let url = workshop.url.clone();
        let forger = workshop.in_front_of(serve(&simulator, &url).await).await;
        let created = create("Forged tokens", 30, aws::SystemClock.now()).unwrap();
        let machine = start_machine(&created, &url, flow).await;
        let registered = registration(CLIENT_ID, &machine.ready().consent_url, &created.der);
        simulator.register(registered).unwrap();
        let people = simulator.tenants();
        let consenting: Vec<_> = people.iter().map(|tenant| tenant.tenant_id).collect();
        let client_id = CLIENT_ID.parse().unwrap();
        simulator
            .grant_admin_consent(client_id, &consenting)
            .unwrap();
        let mut run = Self {
            machine,
            forger,
            people,
            flow,
        };
        run.connect_neighbour().await;
        run
    }

    async fn connect_neighbour(&mut self) {
        let admin = self.people[NEIGHBOUR].admin.clone();
        let mut browser = Browser::default();
        self.machine.connect(&mut browser, &admin, self.flow).await;
    }

    /// A token of another sign-in, in another tenant: it connected that one.
    pub(super) fn earlier(&self, member: Member) -> Genuine {
        let mut genuine = self.forger.genuine(member);
        assert_eq!(genuine.len(), 1);
        genuine.remove(0)
    }

    /// An attempt of its own ends on this page, and no tenant has changed.
    pub(super) async fn refuses(&self, row: Row, why: Refused) {
        let mut browser = Browser::default();
        let name = row.name;
        let page = self.end_of_attempt(&mut browser, row, VICTIM).await;
        self.machine.check(name, &page, why).await;
        check_history(&browser, &self.machine.url("/"));
    }

    /// Each connects a tenant of its own.
    pub(super) async fn connects(&self, rows: Vec<Row>) {
        for (index, row) in rows.into_iter().enumerate() {
            self.connects_one(row, UNCONNECTED + index).await;
        }
    }

    async fn connects_one(&self, row: Row, person: usize) {
        let mut browser = Browser::default();
        let name = row.name;
        let tenant = format!("/tenants/{}", self.people[person].tenant_id);
        let before = self.machine.broker.get(&tenant).await;
        assert_eq!(before.status, 404, "{name}: {}", before.body);
        let page = self.end_of_attempt(&mut browser, row, person).await;
        assert_eq!(page.heading(), "Connected", "{name}: {}", page.body);
        let after = self.machine.broker.get(&tenant).await;
        assert_eq!(after.body["status"], "active", "{name}: {}", after.body);
    }

    /// Where an admin ends who says yes to everything.
    async fn end_of_attempt(&self, browser: &mut Browser, row: Row, person: usize) -> Page {
        let admin = &self.people[person].admin;
        let callback = self.machine.signed_in(browser, admin).await;
        self.forger.forge(row.forgery);
        let page = browser.open(callback.as_str()).await;
        assert!(self.forger.has_delivered(), "{}: not forged", row.name);
        if page.heading() != "Connect this organisation?" {
            return page;
        }
        let next = browser.submit(&page.form(), &[]).await;
        match self.is_ours(&next.url) {
            true => next,
            false => tests::admin::accept(browser, &next, admin).await,
        }
    }

    fn is_ours(&self, url: &Url) -> bool {
        url.origin() == self.machine.url("/").origin()
    }

    /// No token that came for a code stands in the log, forged or not.
    pub(super) fn check_log(&self) {
        let log = self.machine.log();
        assert!(log.contains("sign_in_token_refused"), "{log}");
        let handed_out = self.forger.handed_out();
        // Shorter is what was never a token.
        for token in handed_out.iter().filter(|token| token.len() > 40) {
            assert!(!log.contains(token), "{token}");
        }
    }
}

async fn start_machine(created: &CreatedCertificate, authority: &str, flow: Flow) -> Stage {
    let directory = tempfile::tempdir().unwrap();
    let run = RealRun {
        machine: MACHINE,
        directory: directory.path(),
        certificate: created,
        client_id: CLIENT_ID,
        authority: Some(authority),
    };
    let start = run.start().variable("CONSENT_FLOW", flow.as_str());
    let process = start.options(&["--refresh-every", "3600"]).run().await;
    let data = directory.path().join("data");
    Stage::around(process, directory, &data).await
}
