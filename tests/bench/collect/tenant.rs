//! A tenant with a backlog: what its simulated log is like, and what it offers.

use std::time::Duration;

use auth::ports::{Clock as _, Pause as _};
use aws::{SystemClock, SystemPause};
use serde_json::{Value, json};
use tests::{Broker, connect_tenant};
use url::Url;

use super::Size;
use crate::world::World;

/// The one type that is collected.
pub(super) const CONTENT_TYPE: &str = "Audit.Exchange";

/// A tenant that has just connected.
pub(super) struct Connected {
    broker: Broker,
    tenant: String,
}

/// Every content that it offers, and how to have them.
pub(super) struct Contents {
    pub(super) urls: Vec<Url>,
    pub(super) token: String,
    pub(super) bytes: u64,
}

/// The scenario and the fault that makes the large content have to be there before the first start.
pub(super) async fn connected(world: &World, index: usize, size: Size) -> Connected {
    let broker = Broker::of(&world.ready);
    let tenant = world.ready.simulated_tenants[index].tenant_id.clone();
    let scenario = json!({
        "tenant": tenant,
        "named": "backlog",
        "backlog_seconds": size.hours * 3_600,
        "records_per_blob": size.records,
    });
    let url = format!("{}/_sim/activity/scenario", world.ready.entra_url);
    let set = broker.client.put(url).body(scenario.to_string()).send();
    assert_eq!(set.await.unwrap().status().as_u16(), 200);
    broker
        .single_fault("huge_blob", &tenant, json!(size.large))
        .await;
    // What is offered in the same second is not altered.
    let set_at = SystemClock.now();
    while SystemClock.now() <= set_at {
        SystemPause.pause(Duration::from_millis(20)).await;
    }
    connect_tenant(&world.ready, index).await;
    Connected { broker, tenant }
}

impl Connected {
    pub(super) async fn contents(&self) -> Contents {
        let ready = &self.broker.ready;
        let base = format!(
            "{}/api/v1.0/{}/activity/feed/audit",
            ready.entra_url, self.tenant
        );
        let book = format!(
            "{}/_sim/activity/blobs?tenant={}&contentType={CONTENT_TYPE}",
            ready.entra_url, self.tenant
        );
        let text = self.broker.client.get(book).send().await.unwrap();
        let text = text.text().await.unwrap();
        let (mut urls, mut bytes) = (Vec::new(), 0);
        for line in text.lines() {
            let blob: Value = serde_json::from_str(line).unwrap();
            bytes += blob["bytes"].as_u64().unwrap();
            let id = blob["content_id"].as_str().unwrap();
            let publisher = [("PublisherIdentifier", &ready.client_id)];
            urls.push(Url::parse_with_params(&format!("{base}/{id}"), publisher).unwrap());
        }
        Contents {
            urls,
            token: self.broker.vend(&self.tenant).await.token().to_owned(),
            bytes,
        }
    }
}
