//! A request to the API: what is asked, for whom, and where. The one place that makes the
//! address of a request, which carries the tenant's token.

use auth::TenantId;
use feed::address::Address;
use feed::ports::{ListedFrom, Request};
use feed::{ContentType, Window};
use reqwest::Method;
use url::Url;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    ListContent,
    Content,
    ListSubscriptions,
    Start,
    Stop,
}

impl Operation {
    /// In spans and logs.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Operation::ListContent => "list_content",
            Operation::Content => "content",
            Operation::ListSubscriptions => "list_subscriptions",
            Operation::Start => "start",
            Operation::Stop => "stop",
        }
    }

    pub(super) fn method(self) -> Method {
        match self {
            Operation::Start | Operation::Stop => Method::POST,
            _ => Method::GET,
        }
    }

    /// Whether it may arrive twice. A start may not: 15 minutes lie between two.
    pub(super) fn is_repeatable(self) -> bool {
        self != Operation::Start
    }
}

/// What a request is called in logs: without its token.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    pub(super) operation: Operation,
    pub(super) tenant: TenantId,
}

/// One request.
pub(super) struct Call<'a> {
    pub(super) operation: Operation,
    pub(super) who: Request<'a>,
    /// With the publisher.
    pub(super) url: Url,
    /// JSON; `None` where a request has none. It can hold an AuthID.
    pub(super) body: Option<String>,
}

impl<'a> Call<'a> {
    /// `None`: the address is one that the tenant's token is not sent to.
    pub(super) fn list(
        who: Request<'a>,
        from: ListedFrom<'_>,
        publisher: TenantId,
    ) -> Option<Self> {
        let address = match from {
            ListedFrom::Window(content_type, window) => own(who, &listed(content_type, window)),
            ListedFrom::Page(address) => address.as_str().to_owned(),
        };
        Self::to(Operation::ListContent, who, &address, publisher)
    }

    /// `None` as of [`Call::list`].
    pub(super) fn content(
        who: Request<'a>,
        address: &Address,
        publisher: TenantId,
    ) -> Option<Self> {
        Self::to(Operation::Content, who, address.as_str(), publisher)
    }

    /// `None` as of [`Call::list`].
    pub(super) fn subscriptions(
        operation: Operation,
        who: Request<'a>,
        content_type: Option<ContentType>,
        publisher: TenantId,
    ) -> Option<Self> {
        let path = match operation {
            Operation::Start => "start",
            Operation::Stop => "stop",
            _ => "list",
        };
        let query = content_type.map(|one| format!("?contentType={one}"));
        let path = format!("subscriptions/{path}{}", query.unwrap_or_default());
        Self::to(operation, who, &own(who, &path), publisher)
    }

    pub(super) fn about(&self) -> About {
        About {
            operation: self.operation,
            tenant: self.who.tenant,
        }
    }

    /// Fails closed because a token that went elsewhere cannot be called back: each address is
    /// checked here, our own ones too, for the tenant and the host that the token is of. An
    /// [`Address`] may have been checked for others.
    fn to(
        operation: Operation,
        who: Request<'a>,
        address: &str,
        publisher: TenantId,
    ) -> Option<Self> {
        let address = who.host.check(who.tenant, address).ok()?;
        let url = Url::parse(&address.for_publisher(publisher)).ok()?;
        Some(Self {
            operation,
            who,
            url,
            body: None,
        })
    }
}

/// An address of this tenant's feed.
fn own(who: Request<'_>, path: &str) -> String {
    let (host, tenant) = (who.host.as_str(), who.tenant);
    format!("{host}/api/v1.0/{tenant}/activity/feed/{path}")
}

/// Both times, because the documents differ on the default; in UTC, to the second.
fn listed(content_type: ContentType, window: Window) -> String {
    let (start, end) = (window.start(), window.end());
    format!("subscriptions/content?contentType={content_type}&startTime={start}&endTime={end}")
}

#[cfg(test)]
mod tests {
    use auth::{AccessToken, Cloud, Timestamp};
    use feed::address::FeedHost;

    use super::*;

    const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
    const PUBLISHER: &str = "6d41e1b2-0000-4000-8000-000000000016";

    #[test]
    fn the_cloud_of_a_tenant_decides_the_host() {
        let rows = [
            (Cloud::Public, "https://manage.office.com"),
            (Cloud::Gcc, "https://manage-gcc.office.com"),
            (Cloud::GccHigh, "https://manage.office365.us"),
            (Cloud::Dod, "https://manage.protection.apps.mil"),
        ];
        let token = AccessToken::new("t".to_owned());
        for (cloud, host) in rows {
            let feed_host = FeedHost::of(cloud);
            let who = Request {
                tenant: TENANT.parse().unwrap(),
                host: &feed_host,
                token: &token,
            };
            let publisher = PUBLISHER.parse().unwrap();
            let call = Call::subscriptions(Operation::ListSubscriptions, who, None, publisher);
            let expected = format!(
                "{host}/api/v1.0/{TENANT}/activity/feed/subscriptions/list?PublisherIdentifier={PUBLISHER}"
            );
            assert_eq!(call.unwrap().url.as_str(), expected);
        }
    }

    /// No time of ours is so large; it is no request then, and no panic.
    #[test]
    fn a_window_whose_times_cannot_be_written_is_not_asked_for() {
        let (token, host) = (
            AccessToken::new("t".to_owned()),
            FeedHost::of(Cloud::Public),
        );
        let who = Request {
            tenant: TENANT.parse().unwrap(),
            host: &host,
            token: &token,
        };
        let at = Timestamp::from_unix;
        let window = Window::new(at(i64::MAX - 1), at(i64::MAX)).unwrap();
        let from = ListedFrom::Window(ContentType::Exchange, window);
        assert!(Call::list(who, from, PUBLISHER.parse().unwrap()).is_none());
    }
}
