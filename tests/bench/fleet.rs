//! Many tenants, connected and with tokens, written by the production adapter.

use std::time::Duration;

use auth::ports::{Connecting, Settlement, Tenants as _, TokenStore, Write};
use auth::token::{AccessToken, AppOnlyToken};
use auth::turns::Look;
use auth::{Cloud, Resource, Tenant, TenantId, Timestamp};
use aws::Table;
use futures::StreamExt as _;

use crate::policy_text;

/// Requests at a time.
const AT_A_TIME: usize = 16;
/// Bytes of a token: an app-only token of Entra ID with two roles has 1,200 to 1,500.
pub(crate) const TOKEN_BYTES: usize = 1_400;

/// The one resource.
pub(crate) fn resource() -> Resource {
    Cloud::Public.management_resource()
}

/// Tenants that exist in no simulator; the same at each call.
pub(crate) fn tenants(count: usize) -> Vec<TenantId> {
    let id = |number: usize| format!("00000000-0000-4000-8000-{number:012x}");
    (1..=count).map(|n| id(n).parse().unwrap()).collect()
}

/// Writes them as connected, each due at `due_at`.
pub(crate) async fn connect(table: &Table, tenants: &[TenantId], due_at: Timestamp) {
    write(table, tenants.iter().map(|id| tenant(*id, due_at)), due_at).await;
}

/// Writes them as the policies of `policy_text` want them: of its customer, and labelled.
pub(crate) async fn connect_labelled(table: &Table, tenants: &[TenantId], due_at: Timestamp) {
    let (name, value) = policy_text::LABEL;
    let labelled = tenants.iter().map(|id| Tenant {
        customer: policy_text::CUSTOMER.parse().unwrap(),
        tags: [(name.to_owned(), value.to_owned())].into(),
        ..tenant(*id, due_at)
    });
    write(table, labelled, due_at).await;
}

async fn write(table: &Table, tenants: impl Iterator<Item = Tenant>, due_at: Timestamp) {
    let mut writes = futures::stream::iter(tenants)
        .map(|tenant| async move {
            table
                .connect(Connecting::new(&tenant, &[resource()], due_at))
                .await
        })
        .buffer_unordered(AT_A_TIME);
    while let Some(write) = writes.next().await {
        assert_eq!(write.unwrap(), Write::Done);
    }
}

/// Gives each of them a token that lives an hour from `now` and is due at `refresh_at`, in its
/// slot's turn.
pub(crate) async fn settle(
    tokens: &dyn TokenStore,
    tenants: &[TenantId],
    now: Timestamp,
    refresh_at: Timestamp,
) {
    write_tokens(tokens, tenants, now, (refresh_at, Look::AtItsTurns)).await;
}

/// The same, and the next run renews it.
pub(crate) async fn settle_due(tokens: &dyn TokenStore, tenants: &[TenantId], now: Timestamp) {
    write_tokens(tokens, tenants, now, (now, Look::From(now))).await;
}

async fn write_tokens(
    tokens: &dyn TokenStore,
    tenants: &[TenantId],
    now: Timestamp,
    (refresh_at, look): (Timestamp, Look),
) {
    let mut writes = futures::stream::iter(tenants)
        .map(|id| async move {
            let record = tokens.read(*id, &resource()).await.unwrap().unwrap();
            let token = token(now);
            let settlement = Settlement::Token {
                token: &token,
                refresh_at,
                look,
            };
            tokens.settle(&record, settlement).await
        })
        .buffer_unordered(AT_A_TIME);
    while let Some(write) = writes.next().await {
        assert_eq!(write.unwrap(), Write::Done);
    }
}

fn tenant(id: TenantId, now: Timestamp) -> Tenant {
    Tenant {
        roles: vec!["ActivityFeed.Read".to_owned()],
        ..Tenant::connected(id, now)
    }
}

/// No real token, but as long as one.
pub(crate) fn token(now: Timestamp) -> AppOnlyToken {
    AppOnlyToken {
        access_token: AccessToken::new("t".repeat(TOKEN_BYTES)),
        expires_at: now + Duration::from_secs(3_599),
        issued_at: now,
    }
}
