//! The Activity API of one tenant.

use std::time::Duration;

use async_trait::async_trait;
use auth::{AccessToken, TenantId, Timestamp};

use crate::address::{Address, FeedHost};
use crate::content::Content;
use crate::content_type::ContentType;
use crate::refusal::Refusal;
use crate::subscription::Status;
use crate::webhook::{ListedWebhook, Webhook};
use crate::window::Window;

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The tenant: the path of the request.
    pub tenant: TenantId,
    /// Its plan's host. The token goes nowhere else: not to an [`Address`] on another host, or
    /// of another tenant.
    pub host: &'a FeedHost,
    /// The tenant's token.
    pub token: &'a AccessToken,
}

/// Where a listing goes on.
#[derive(Debug, Clone, Copy)]
pub enum ListedFrom<'a> {
    /// From the beginning of a window. Both times are sent, as `YYYY-MM-DDTHH:MM:SSZ`.
    Window(ContentType, Window),
    /// From a next page.
    Page(&'a Address),
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// The contents, in the order of the answer; none is left out. An entry without a
    /// `contentUri` has an empty address, and fails by itself. One without a `contentId` or with
    /// a `contentCreated` that cannot be read makes the page [`Refusal::Unavailable`]: what cannot
    /// be known again must not count as listed. A `contentType` other than the one asked for says
    /// nothing: the listing's counts.
    pub contents: Vec<Content>,
    /// `NextPageUri`, the header's name in any case; it may come with an empty page.
    pub unverified_next: Option<String>,
    /// The answer's `Date`. An answer without one is [`Refusal::Unavailable`]: what was listed
    /// is counted by Microsoft's clock, never by ours alone.
    pub at: Timestamp,
}

/// The subscriptions of a tenant.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    /// Each with its status.
    pub listed: Vec<(ContentType, Status)>,
    /// The webhooks of those that have one.
    pub webhooks: Vec<(ContentType, ListedWebhook)>,
    /// The answer's `Date`, as of [`ListPage`].
    pub at: Timestamp,
}

/// What is asked of a subscription.
#[derive(Debug, Clone, Copy)]
pub enum Subscribe<'a> {
    /// It starts, or starts again: with this webhook, or without one, which removes what was
    /// there.
    Start(Option<&'a Webhook>),
    /// It stops.
    Stop,
}

/// What a start or a stop was answered.
#[derive(Debug, Clone)]
pub struct Subscribed {
    /// The answer's `Date`: from a start on content is wanted.
    pub at: Timestamp,
    /// The webhook that the answer names.
    pub webhook: Option<ListedWebhook>,
}

/// What was asked was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", .refusal.what_happened())]
pub struct Failure {
    /// What it means.
    pub refusal: Refusal,
    /// The number of the AF code: 20022 for AF20022. `None` where the status alone is known: a
    /// content is then not gone for good.
    pub code: Option<u32>,
    /// `Retry-After`, where the answer has one; it becomes the report's `not_before`.
    pub retry_after: Option<Duration>,
    /// The answer's `Date`, where it has one: what a window is planned again by.
    pub at: Option<Timestamp>,
}

impl Failure {
    /// Of which nothing more is known.
    pub fn of(refusal: Refusal) -> Self {
        Self {
            refusal,
            code: None,
            retry_after: None,
            at: None,
        }
    }
}

/// The bytes of a content, decoded (`Content-Encoding`), in pieces of some kilobytes.
#[async_trait]
pub trait Body: Send {
    /// The next piece; `None` at the end. An answer that ends before its length is a failure,
    /// never an end.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure>;
}

/// The Activity API. `PublisherIdentifier` goes with every request, also with an [`Address`]
/// ([`Address::for_publisher`]), and no redirect is followed.
///
/// Failure policy: every refusal is classed; what is not known is [`Refusal::Unavailable`], and
/// nothing is ever an empty answer that was none.
#[async_trait]
pub trait FeedApi: Send + Sync {
    /// One page of a listing.
    async fn list(&self, who: Request<'_>, from: ListedFrom<'_>) -> Result<ListPage, Failure>;

    /// A content. The answer's status was 200 when this returns.
    async fn content(&self, who: Request<'_>, at: &Address) -> Result<Box<dyn Body>, Failure>;

    /// The subscriptions; types that we do not know are left out.
    async fn subscriptions(&self, who: Request<'_>) -> Result<Subscriptions, Failure>;

    /// Starts a subscription, or stops it. A webhook that cannot be validated
    /// ([`Refusal::WebhookRefused`]) leaves everything as it was.
    async fn subscribe(
        &self,
        who: Request<'_>,
        content_type: ContentType,
        what: Subscribe<'_>,
    ) -> Result<Subscribed, Failure>;
}
