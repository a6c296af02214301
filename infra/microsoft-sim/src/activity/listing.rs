//! `/subscriptions/content`: which blobs a window has, page by page.
//!
//! In the order of availability. A page in the middle can be empty, a blob can be named
//! twice, and NextPageUri has the form that was seen of the service: `/api/v1/`, names in
//! lower case, no PublisherIdentifier.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::addresses::Addresses;
use super::blob::Blob;
use super::call::Call;
use super::chance::Chance;
use super::errors::{BAD_PAGE, Refused};
use super::scenario::Scenario;
use super::shape::shaped;
use super::subscribe::names;
use super::subscription::Key;
use super::window::Window;
use crate::faults::FaultKind;
use crate::moment;

/// A nextPage is taken for that many seconds. Assumption `life-of-a-page`.
const PAGE_LIFE: u64 = 3600;

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Page {
    offset: usize,
    /// The page before was left empty.
    after_empty: bool,
    /// How many pages came after the last one.
    round: u64,
    issued_at: u64,
}

/// A window of one log, which a nextPage is bound to.
struct Listing<'a> {
    call: &'a Call,
    key: Key,
    window: Window,
}

/// `GET /subscriptions/content?contentType=&startTime=&endTime=`
pub(crate) fn respond(call: &Call) -> Result<Response, Refused> {
    let content_type = call.content_type()?;
    let cut_short = || call.fault(FaultKind::PartialWindow).is_some();
    let window = Window::read(&call.query, call.now, cut_short)?;
    let key = call.key(content_type);
    call.site.core.activity.subscription(key).check()?;
    let listing = Listing { call, key, window };
    let page = listing.page()?;
    let (entries, next) = listing.read(page);
    let addresses = Addresses::of(call, entries.len());
    let shown = Value::from_iter(listing.shown(&entries, &addresses));
    let mut response = shaped(call, StatusCode::OK, shown.to_string().into_bytes());
    if let Some(next) = next.or_else(|| listing.one_more(page, entries.len())) {
        let repeated = call.fault(FaultKind::SamePage).is_some();
        let next = if repeated { page } else { next };
        let address = addresses.next_page(&listing.query(next));
        if let Ok(value) = HeaderValue::try_from(address) {
            response.headers_mut().insert(paging_header(call), value);
        }
    }
    Ok(response)
}

/// The name that the reference has, or the one of its older text.
fn paging_header(call: &Call) -> HeaderName {
    match call.fault(FaultKind::NextPageUrl) {
        Some(_) => HeaderName::from_static("nextpageurl"),
        None => HeaderName::from_static("nextpageuri"),
    }
}

impl Listing<'_> {
    /// Every entry of the window, in order; those with an end are listed until the window
    /// cannot reach them (assumption `expired-content-is-listed`).
    fn entries(&self) -> Vec<Blob> {
        let activity = &self.call.site.core.activity;
        let subscription = activity.subscription(self.key);
        let Window { start, end } = self.window;
        let mut blobs: Vec<Blob> = activity
            .log(self.key)
            .created_between(start * 1000, end * 1000)
            .filter(|blob| {
                let offer = activity.offer(self.key, &subscription, blob, self.call.now);
                offer.is_some_and(|offer| offer.withdrawn_at.is_none())
            })
            .collect();
        blobs.sort_by_key(|blob| (blob.available_at, blob.created_ms));
        let named = blobs.into_iter().flat_map(|blob| {
            let times = if blob.named_twice { 2 } else { 1 };
            std::iter::repeat_n(blob, times)
        });
        named.collect()
    }

    /// The entries of that page, and where the next one begins.
    fn read(&self, page: Page) -> (Vec<Blob>, Option<Page>) {
        let entries = self.entries();
        let rest = entries.get(page.offset..).unwrap_or_default();
        let size = self.scenario().page_size.max(1);
        let next = |offset, after_empty| Page {
            offset,
            after_empty,
            round: 0,
            issued_at: self.call.now,
        };
        if !rest.is_empty() && !page.after_empty && self.is_empty_page(page.offset) {
            return (Vec::new(), Some(next(page.offset, true)));
        }
        let shown: Vec<Blob> = rest.iter().take(size).cloned().collect();
        let more = rest.len() > shown.len();
        (shown, more.then(|| next(page.offset + size, false)))
    }

    /// A page after the last one, empty and never seen before, as often as a fault asks for it.
    fn one_more(&self, page: Page, entries: usize) -> Option<Page> {
        self.call.fault(FaultKind::EndlessPages)?;
        Some(Page {
            offset: page.offset + entries,
            after_empty: true,
            round: page.round + 1,
            issued_at: self.call.now,
        })
    }

    fn scenario(&self) -> Scenario {
        self.call.site.core.activity.scenario(self.key.tenant)
    }

    /// A fifth of the pages after the first comes empty. Assumption `empty-pages`.
    fn is_empty_page(&self, offset: usize) -> bool {
        offset > 0 && self.chance(offset, &[]).one_in(5)
    }

    fn shown(&self, blobs: &[Blob], addresses: &Addresses<'_>) -> Vec<Value> {
        if blobs.is_empty() {
            return Vec::new();
        }
        let content_type = names(self.call)(self.key.content_type);
        let shown = blobs.iter().map(|blob| {
            let (content_id, content_uri) = addresses.content(&blob.content_id);
            json!({
                "contentType": content_type,
                "contentId": content_id,
                "contentUri": content_uri,
                "contentCreated": moment::with_milliseconds(blob.created_ms),
                "contentExpiration": moment::with_milliseconds(blob.expires_ms),
            })
        });
        shown.collect()
    }

    fn page(&self) -> Result<Page, Refused> {
        let Some(text) = self.call.query.get_in_any_case("nextPage") else {
            return Ok(Page {
                offset: 0,
                after_empty: false,
                round: 0,
                issued_at: self.call.now,
            });
        };
        let page = Page::parse(text).filter(|page| {
            let age = self.call.now.checked_sub(page.issued_at);
            age.is_some_and(|age| age < PAGE_LIFE) && self.mark(*page) == text
        });
        page.ok_or_else(|| BAD_PAGE.because(format!("Invalid nextPage Input: {text}.")))
    }

    fn query(&self, page: Page) -> String {
        let Window { start, end } = self.window;
        form_urlencoded::Serializer::new(String::new())
            .append_pair("contenttype", self.key.content_type.facts().name)
            .append_pair("starttime", &moment::without_zone(start))
            .append_pair("endtime", &moment::without_zone(end))
            .append_pair("nextpage", &self.mark(page))
            .finish()
    }

    /// The page as text, bound to tenant, type and window.
    fn mark(&self, page: Page) -> String {
        let Page {
            offset,
            after_empty,
            round,
            issued_at,
        } = page;
        let flag = u64::from(after_empty);
        let seal = self.chance(offset, &[flag, round, issued_at]).draw();
        format!("{offset}-{flag}-{round}-{issued_at}-{seal:016x}")
    }

    fn chance(&self, offset: usize, further: &[u64]) -> Chance {
        let (high, low) = self.key.tenant.as_u64_pair();
        let offset = u64::try_from(offset).unwrap_or(u64::MAX);
        let Window { start, end } = self.window;
        let kind = self.key.content_type.number();
        let parts = [self.scenario().seed, high, low, kind, start, end, offset];
        Chance::of(&[&parts, further].concat())
    }
}

impl Page {
    /// Its seal is not looked at.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let offset = parts.next()?.parse().ok()?;
        let after_empty = parts.next()? == "1";
        let round = parts.next()?.parse().ok()?;
        let issued_at = parts.next()?.parse().ok()?;
        Some(Self {
            offset,
            after_empty,
            round,
            issued_at,
        })
    }
}
