//! The least that a renewal costs, written by hand: one signature, one POST, and one write of a
//! kilobyte through the SDK's client with the settings of ours. Nothing is read, checked, sealed
//! or judged.

use std::time::Duration;

use auth::ports::Clock as _;
use aws::SystemClock;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::StreamExt as _;

use crate::cpu::own_time;
use crate::place::Place;
use crate::refresh::floor::{Floor, Prepared};
use crate::report::micros_each;

/// With its key and names a row of one write unit, as an ordinary token's is.
const BYTES: usize = 850;

/// The loop by hand.
pub(super) struct Hand {
    floor: Floor,
    client: Client,
    table: String,
}

/// What one turn of it cost.
pub(super) struct Turn {
    /// CPU microseconds per token.
    pub(super) cpu_micros: f64,
    /// From the signature to the written item, in the mean.
    pub(super) latency_seconds: f64,
}

impl Hand {
    pub(super) async fn new(place: &Place) -> Self {
        Self {
            floor: Floor::new(place).await,
            client: place.dynamodb().await,
            table: place.variables["TABLE_NAME"].clone(),
        }
    }

    /// Asks for each tenant once, so many at a time.
    pub(super) async fn turn(&self, tenants: &[String], at_a_time: usize) -> Turn {
        let prepared: Vec<_> = (tenants.iter())
            .map(|id| (id, self.floor.prepare(id)))
            .collect();
        let before = own_time();
        let latency = futures::stream::iter(&prepared)
            .map(|(id, one)| self.one(id, one))
            .buffer_unordered(at_a_time)
            .fold(Duration::ZERO, async |sum, took| sum + took)
            .await;
        Turn {
            cpu_micros: micros_each(own_time() - before, tenants.len()),
            latency_seconds: latency.as_secs_f64() / tenants.len() as f64,
        }
    }

    async fn one(&self, tenant: &str, prepared: &Prepared) -> Duration {
        let began = SystemClock.since_start();
        self.floor.token(prepared).await;
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let written = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(&format!("HAND#{tenant}")))
            .key("sk", text("HAND"))
            .update_expression("SET #sealed = :sealed")
            .expression_attribute_names("#sealed", "sealed")
            .expression_attribute_values(":sealed", AttributeValue::B(Blob::new(vec![7; BYTES])))
            .send();
        written.await.unwrap();
        SystemClock.since_start() - began
    }
}
