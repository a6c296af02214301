//! The client of the Activity API: what it sends and where, and what it makes of any answer.

mod af_refusals;
mod arbitrary;
mod bodies;
mod entries;
mod lists;
mod requests;
mod server;
mod simulator;
mod stealing;
mod subscriptions;
mod turns;
mod webhooks;

use std::time::Duration;

use auth::{AccessToken, TenantId, Timestamp};
use feed::address::{Address, FeedHost};
use feed::ports::{Body, Failure, FeedApi as _, ListPage, ListedFrom, Request};
use feed::{ContentType, Window};
use microsoft::{ActivityClient, ActivityParts, ActivityPatience, TrustRoots};
use server::RawApi;

use crate::fake::TENANT;

pub(crate) const PUBLISHER: &str = "6d41e1b2-0000-4000-8000-000000000016";
pub(crate) const OTHER: &str = "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357";
pub(crate) const TOKEN: &str = "eyJ0eXAi.a-token-of-the-tests.c2ln";
/// A `Date`, as a line and as Unix seconds.
pub(crate) const DATE: &str = "Date: Sun, 22 Nov 2026 10:00:00 GMT\r\n";
pub(crate) const DATE_UNIX: i64 = 1_795_341_600;

/// A client, with the host, the tenant and the token that it asks with.
pub(crate) struct Asker {
    pub(crate) client: ActivityClient,
    pub(crate) host: FeedHost,
    pub(crate) tenant: TenantId,
    pub(crate) token: AccessToken,
}

impl Asker {
    pub(crate) fn of(api: &RawApi) -> Self {
        Self::with(&api.base_url, ActivityPatience::default())
    }

    pub(crate) fn with(base_url: &str, patience: ActivityPatience) -> Self {
        Self {
            client: ActivityClient::new(ActivityParts {
                roots: TrustRoots::default(),
                publisher: PUBLISHER.parse().unwrap(),
                patience,
            }),
            host: FeedHost::new(base_url).unwrap(),
            tenant: TENANT.parse().unwrap(),
            token: AccessToken::new(TOKEN.to_owned()),
        }
    }

    pub(crate) fn who(&self) -> Request<'_> {
        Request {
            tenant: self.tenant,
            host: &self.host,
            token: &self.token,
        }
    }

    pub(crate) fn address(&self, path: &str) -> Address {
        let (host, tenant) = (self.host.as_str(), self.tenant);
        let text = format!("{host}/api/v1.0/{tenant}/activity/feed/{path}");
        self.host.check(tenant, &text).unwrap()
    }

    /// A listing of SharePoint, of the hour before [`DATE`].
    pub(crate) async fn list(&self) -> Result<ListPage, Failure> {
        let from = ListedFrom::Window(ContentType::SharePoint, window());
        self.client.list(self.who(), from).await
    }

    /// A content, to its end.
    pub(crate) async fn fetch(&self) -> Result<Vec<u8>, Failure> {
        let address = self.address("audit/1");
        read(self.client.content(self.who(), &address).await?).await
    }
}

pub(crate) fn window() -> Window {
    let at = Timestamp::from_unix;
    Window::new(at(DATE_UNIX - 3_600), at(DATE_UNIX)).unwrap()
}

pub(crate) async fn read(mut body: Box<dyn Body>) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await? {
        bytes.extend(piece);
    }
    // An end stays one.
    assert_eq!(body.next().await, Ok(None));
    Ok(bytes)
}

/// So short that a test can wait for it.
pub(crate) fn impatient() -> ActivityPatience {
    let short = Duration::from_millis(100);
    ActivityPatience {
        head: short,
        piece: short,
        ..ActivityPatience::default()
    }
}
