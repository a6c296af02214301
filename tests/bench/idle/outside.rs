//! What is outside of the collector, and counts what it is asked: an Activity API with nothing to
//! list, and a vending function whose tokens are renewed in their turns.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use auth::TenantId;
use auth::caller::IdentityRules;
use auth::ports::{Clock as _, HeldClock};
use auth::secret::SecretString;
use auth::turns::{Slot, Turns};
use aws::{
    Endpoint, OwnProof, OwnProofParts, SystemPause, VendedTokens, VendedTokensParts, connect,
};
use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use feed::ContentType;
use feed::address::Address;
use feed::ports::{
    Body, Failure, FeedApi, ListPage, ListedFrom, Request, Subscribe, Subscribed, Subscriptions,
};
use feed::refusal::Refusal;
use feed::subscription::Status;
use microsoft::TrustRoots;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::fleet::TOKEN_BYTES;

/// As the refresher does by its default settings.
const RENEWED_EVERY: Duration = Duration::from_secs(1_979);
const LIFE: Duration = Duration::from_secs(3_599);

pub(super) struct Outside {
    clock: Arc<HeldClock>,
    listings: AtomicU64,
    others: AtomicU64,
    vends: AtomicU64,
}

impl Outside {
    pub(super) fn new(clock: Arc<HeldClock>) -> Self {
        Self {
            clock,
            listings: AtomicU64::new(0),
            others: AtomicU64::new(0),
            vends: AtomicU64::new(0),
        }
    }

    /// Listings, other requests to the API, vends.
    pub(super) fn counts(&self) -> impl Iterator<Item = &AtomicU64> {
        [&self.listings, &self.others, &self.vends].into_iter()
    }
}

#[async_trait]
impl FeedApi for Outside {
    async fn list(&self, _: Request<'_>, _: ListedFrom<'_>) -> Result<ListPage, Failure> {
        self.listings.fetch_add(1, Ordering::Relaxed);
        Ok(ListPage {
            contents: Vec::new(),
            unverified_next: None,
            at: self.clock.now(),
        })
    }

    async fn content(&self, _: Request<'_>, _: &Address) -> Result<Box<dyn Body>, Failure> {
        Err(Failure::of(Refusal::Unavailable))
    }

    async fn subscriptions(&self, _: Request<'_>) -> Result<Subscriptions, Failure> {
        self.others.fetch_add(1, Ordering::Relaxed);
        let enabled = ContentType::DEFAULT
            .iter()
            .map(|one| (*one, Status::Enabled));
        Ok(Subscriptions {
            listed: enabled.collect(),
            webhooks: Vec::new(),
            at: self.clock.now(),
        })
    }

    async fn subscribe(
        &self,
        _: Request<'_>,
        _: ContentType,
        _: Subscribe<'_>,
    ) -> Result<Subscribed, Failure> {
        self.others.fetch_add(1, Ordering::Relaxed);
        Ok(Subscribed {
            at: self.clock.now(),
            webhook: None,
        })
    }
}

/// The real caller of vending, over HTTP.
pub(super) async fn tokens(outside: &Arc<Outside>) -> VendedTokens {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().route("/{tenant}/oauth2/v2.0/token", post(vended));
    let routes = routes.with_state(Arc::clone(outside));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let secret = SecretString::from("0".repeat(40));
    let connection = connect(&Endpoint::Local(url.clone())).await;
    let url = url.parse().unwrap();
    VendedTokens::new(VendedTokensParts {
        client: TrustRoots::default().http_client_at(&url).unwrap(),
        url,
        proof: OwnProof::new(OwnProofParts {
            connection: connection.signing_as("AKIATESTTESTTESTTEST", &secret),
            rules: IdentityRules {
                server_id: "vending".parse().unwrap(),
                regions: "us-east-1".parse().unwrap(),
            },
        }),
        clock: outside.clock.clone(),
        pause: Arc::new(SystemPause),
    })
}

async fn vended(State(outside): State<Arc<Outside>>, Path(tenant): Path<TenantId>) -> Json<Value> {
    outside.vends.fetch_add(1, Ordering::Relaxed);
    let now = outside.clock.now();
    let issued_at = Turns::every(RENEWED_EVERY).last(Slot::of(tenant), now);
    Json(json!({
        "token_type": "Bearer",
        "expires_in": now.seconds_until(issued_at + LIFE),
        "access_token": "t".repeat(TOKEN_BYTES),
    }))
}
