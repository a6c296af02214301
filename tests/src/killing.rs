//! The function that signs, on demand, for a consent and a vending of a test: one request of a
//! kind is answered by the deployed program in a process of its own, which is killed at a named
//! step; every other one in this process. Who asks sees what Lambda says of a process that ended.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use auth::on_demand::{Asker, OnDemandAnswer, OnDemandFunction, OnDemandPorts, OnDemandRequest};
use auth::ports::OutOfReach;
use serde_json::Value;

use crate::Broker;
use crate::doomed::{Death, Doomed};
use crate::neighbour::ON_DEMAND;

/// What Lambda leaves it for a request (template.yaml).
const TIME: Duration = Duration::from_secs(20);

/// Which request is meant.
pub type Kind = fn(&OnDemandRequest) -> bool;

/// A request whose process was killed.
pub struct Killed {
    /// As it was asked.
    pub request: OnDemandRequest,
    /// What the process logged, each a JSON object.
    pub lines: Vec<Value>,
    /// Requests to Entra ID for tokens by that process.
    pub asked: u64,
}

/// The function.
pub struct Killing {
    /// The refresher's binary.
    pub binary: &'static str,
    /// The run's.
    pub data_dir: PathBuf,
    /// The run.
    pub broker: Broker,
    /// The function that answers everything else.
    pub alive: OnDemandPorts,
    next: Mutex<Option<(Kind, Death)>>,
    killed: Mutex<Option<Killed>>,
}

impl Killing {
    /// Nothing is killed yet.
    pub fn new(
        binary: &'static str,
        data_dir: PathBuf,
        broker: Broker,
        alive: OnDemandPorts,
    ) -> Self {
        Self {
            binary,
            data_dir,
            broker,
            alive,
            next: Mutex::default(),
            killed: Mutex::default(),
        }
    }

    /// The next request of this kind is killed so.
    pub fn kill_next(&self, kind: Kind, death: Death) {
        *self.next.lock().unwrap() = Some((kind, death));
    }

    /// The request that was killed.
    pub fn killed(&self) -> Killed {
        let killed = self.killed.lock().unwrap().take();
        killed.expect("a request was killed")
    }

    /// Requests for tokens that Entra ID has had.
    pub async fn asked(&self) -> u64 {
        let stats = self.broker.stats().await;
        let counted = |name: &str| stats[name].as_u64().unwrap();
        counted("app_only_requests") + counted("code_redemptions")
    }

    fn due(&self, request: &OnDemandRequest) -> Option<Death> {
        let mut next = self.next.lock().unwrap();
        let meant = next.take_if(|(is_meant, _)| is_meant(request));
        meant.map(|(_, death)| death)
    }
}

#[async_trait]
impl OnDemandFunction for Killing {
    async fn ask(&self, request: &OnDemandRequest) -> Result<OnDemandAnswer, OutOfReach> {
        let asker = if Asker::Consent.may_ask(request) {
            Asker::Consent
        } else {
            Asker::Vending
        };
        let Some(death) = self.due(request) else {
            return self.alive.of(asker).ask(request).await;
        };
        let doomed = Doomed {
            binary: self.binary,
            data_dir: &self.data_dir,
            variables: &[("ON_DEMAND", "true")],
            name: &format!("{ON_DEMAND}:{}", asker.alias()),
            event: serde_json::to_value(request).unwrap(),
            time: TIME,
        };
        let before = self.asked().await;
        let lines = doomed.die(&self.broker, death).await;
        *self.killed.lock().unwrap() = Some(Killed {
            request: request.clone(),
            lines,
            asked: self.asked().await - before,
        });
        Err(match death {
            // The answer is lost on its way.
            Death::Answered => OutOfReach::Late,
            _ => OutOfReach::Failed,
        })
    }
}
