//! A run under a moved clock, with invites and whoever uses them.

use std::collections::BTreeMap;
use std::sync::Arc;

use auth::ports::Clock as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::admin::{accept, sign_in};
use tests::neighbour::Neighbour;
use tests::process::Person;
use tests::{Browser, Flow, MovedRun, Page, operate};
use url::Url;

/// A run and its data directory.
pub(super) struct Stage {
    pub(super) run: MovedRun,
    table: Neighbour,
    pub(super) directory: TempDir,
    pub(super) flow: Flow,
    /// Where the clock stood at first.
    pub(super) began: i64,
}

impl Stage {
    /// Invites are asked for.
    pub(super) async fn invited(flow: Flow) -> Self {
        Self::start(flow, &[("CONSENT_MODE", "invite")]).await
    }

    /// Anybody may start.
    pub(super) async fn open(flow: Flow) -> Self {
        Self::start(flow, &[]).await
    }

    pub(super) async fn start(flow: Flow, variables: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut environment: BTreeMap<String, String> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        environment.insert("CONSENT_FLOW".to_owned(), flow.as_str().to_owned());
        let lookup = move |name: &str| environment.get(name).cloned();
        // The operator's commands live by the system's clock: this one begins with it.
        let began = aws::SystemClock.now().unix();
        let run = MovedRun::start_at(directory.path(), 3, began, lookup).await;
        let table = Neighbour::of(directory.path(), Arc::new(aws::SystemClock)).await;
        Self {
            run,
            table,
            began,
            directory,
            flow,
        }
    }

    pub(super) fn person(&self, index: usize) -> &Person {
        &self.run.broker.ready.simulated_tenants[index]
    }

    /// The tenant's own metadata say so; a commercial one's say nothing.
    pub(super) async fn lives_in(&self, index: usize, plan: &str) -> String {
        let tenant = self.run.tenant(index);
        let broker = &self.run.broker;
        broker
            .fault("region_sub_scope", Some(&tenant), json!(plan))
            .await
    }

    /// A link for `customer`.
    pub(super) async fn invite(&self, customer: &str) -> String {
        self.invite_with(json!({"customer": customer})).await
    }

    pub(super) async fn invite_with(&self, body: Value) -> String {
        self.run.broker.invite(body).await
    }

    /// A link for `customer` and the tenant at `index` that the operator vouches for.
    pub(super) async fn vouched(&self, customer: &str, index: usize) -> String {
        let tenant = self.run.tenant(index);
        self.operator_invite(&[customer, "--tenant", &tenant]).await
    }

    /// The operator's `invite`.
    pub(super) async fn operator_invite(&self, arguments: &[&str]) -> String {
        let line = [&["--json", "invite"], arguments].concat();
        let made: Value = serde_json::from_str(&self.operator(&line).await).unwrap();
        made["consent_url"].as_str().unwrap().to_owned()
    }

    /// An admin clicks through everything; gives the page that it ends on.
    pub(super) async fn connect(&self, link: &str, account: &str) -> Page {
        tests::connect(&mut Browser::default(), link, account, self.flow).await
    }

    /// From the link to the page after the sign-in.
    pub(super) async fn sign_in(&self, browser: &mut Browser, link: &str, account: &str) -> Page {
        sign_in(browser, link, account).await
    }

    /// The same without `prompt` in Microsoft's address, which asks nobody for consent in
    /// a tenant that has consented before.
    pub(super) async fn sign_in_unprompted(&self, link: &str, account: &str) -> Page {
        let mut browser = Browser::default();
        self.sign_in_unprompted_in(&mut browser, link, account)
            .await
    }

    /// The same in a browser that goes on.
    pub(super) async fn sign_in_unprompted_in(
        &self,
        browser: &mut Browser,
        link: &str,
        account: &str,
    ) -> Page {
        let authority = self.authority(browser, link).await;
        let mut stripped = authority.clone();
        let kept = authority.query_pairs().filter(|(name, _)| name != "prompt");
        stripped.query_pairs_mut().clear().extend_pairs(kept);
        let page = browser.open(stripped.as_str()).await;
        accept(browser, &page, account).await
    }

    /// Where the start of an attempt sends the browser in the end.
    pub(super) async fn authority(&self, browser: &mut Browser, link: &str) -> Url {
        let form = browser.open(link).await.form();
        browser.way_out(&form).await
    }

    /// What the table holds of a tenant, as a caller sees it; null where it has none.
    pub(super) async fn tenant(&self, index: usize) -> Value {
        let shown = self
            .run
            .broker
            .get(&format!("/tenants/{}", self.run.tenant(index)))
            .await;
        match shown.status {
            200 => shown.body,
            404 => Value::Null,
            other => panic!("{other}: {}", shown.body),
        }
    }

    /// Every tenant of the table to the letter.
    pub(super) async fn tenants(&self) -> Vec<String> {
        self.table.tenants().await
    }

    /// Whether the table marks this as used.
    pub(super) async fn is_marked(&self, id: &str) -> bool {
        self.table
            .platform
            .store
            .single_use
            .was_used(id)
            .await
            .unwrap()
    }

    /// The page refuses for this cause, and `before` is what the table still holds.
    pub(super) async fn refused(&self, row: &str, page: &Page, cause: &str, before: &[String]) {
        assert_eq!(page.cause(), cause, "{row}: {}", page.body);
        assert_eq!(self.tenants().await, before, "{row}");
    }

    /// Runs a command of the operator's on this run; gives what it printed.
    pub(super) async fn operator(&self, command: &[&str]) -> String {
        operate(self.directory.path(), command).await
    }
}
