//! Who asks: a client in another process than the one that is measured.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::StreamExt as _;
use reqwest::Client;
use serde_json::json;

use super::process::Addresses;
use crate::child::{Running, role};
use crate::cpu::{memory_of, time_of};
use crate::report::micros_each;
use crate::world::World;
use tests::issuer::Issuer;

/// Callers at a time, each on a connection of its own.
pub(super) const AT_A_TIME: usize = 8;

/// A measured process and those who ask it.
pub(super) struct Load {
    process: Running,
    pub(super) addresses: Addresses,
    client: Client,
    tenants: Vec<String>,
    each: usize,
    asked: AtomicUsize,
}

impl Load {
    /// A process over this world's table, asked for its `tenants` in turn, `each` requests
    /// a turn.
    pub(super) async fn start(
        world: &World,
        issuer: &Issuer,
        tenants: Vec<String>,
        each: usize,
    ) -> Self {
        let mut command = role("vend-process");
        command.arg(world.directory.path()).arg(issuer.list());
        let process = Running::start(command).await;
        Self {
            addresses: serde_json::from_str(&process.line).unwrap(),
            process,
            client: Client::builder().no_proxy().build().unwrap(),
            tenants,
            each,
            asked: AtomicUsize::new(0),
        }
    }

    /// A turn without proofs in the requests: whoever answers there says who signed.
    pub(super) async fn signed(&self, address: &str) -> f64 {
        self.turn(address, self.each, |_| None).await
    }

    /// A turn with these proofs, one after another.
    pub(super) async fn bearing(&self, address: &str, proofs: &[String]) -> f64 {
        let proof = |number: usize| Some(proofs[number % proofs.len()].as_str());
        self.turn(address, self.each, proof).await
    }

    /// A turn of the same tokens by batches of all tenants, for each of them. Signed.
    pub(super) async fn batched(&self, address: &str) -> f64 {
        let items = self
            .tenants
            .iter()
            .map(|tenant| json!({"tenant_id": tenant, "resource": "https://manage.office.com"}));
        let body = json!({"tokens": items.collect::<Vec<_>>()}).to_string();
        let batches = self.each.div_ceil(self.tenants.len()).max(1);
        let before = time_of(self.process.id());
        for _ in 0..batches {
            let asked = self.client.post(format!("{address}/tokens"));
            let answer = asked.body(body.clone()).send().await.unwrap();
            let answer = answer.text().await.unwrap();
            let tokens = answer.matches("access_token").count();
            assert_eq!(tokens, self.tenants.len(), "{answer}");
        }
        let passed = time_of(self.process.id()) - before;
        micros_each(passed, batches * self.tenants.len())
    }

    /// Asks for every tenant once.
    pub(super) async fn ask_for_all(&self, address: &str) {
        self.turn(address, self.tenants.len(), |_| None).await;
    }

    /// Resident memory of the process, in MiB.
    pub(super) fn memory(&self) -> f64 {
        memory_of(self.process.id(), "VmRSS") as f64 / 1024.0
    }

    /// CPU microseconds of the serving process for each of `count` requests.
    async fn turn<'p>(
        &self,
        address: &str,
        count: usize,
        proof: impl Fn(usize) -> Option<&'p str>,
    ) -> f64 {
        let id = self.process.id();
        let proof = &proof;
        let before = time_of(id);
        futures::stream::iter(0..count)
            .for_each_concurrent(AT_A_TIME, async |number| {
                let asked = self.asked.fetch_add(1, Ordering::Relaxed);
                let tenant = &self.tenants[asked % self.tenants.len()];
                self.request(
                    &format!("{address}/{tenant}/oauth2/v2.0/token"),
                    proof(number),
                )
                .await;
            })
            .await;
        micros_each(time_of(id) - before, count)
    }

    async fn request(&self, url: &str, proof: Option<&str>) {
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", tests::broker::SCOPE),
        ];
        let mut request = self.client.post(url).form(&form);
        if let Some(proof) = proof {
            request = request.bearer_auth(proof);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        assert!(
            status.is_success() && body.contains("access_token"),
            "{status}: {body}"
        );
    }
}
