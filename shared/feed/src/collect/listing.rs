//! A window is listed to its last page, or not at all.

use std::collections::BTreeSet;

use auth::Timestamp;
use auth::digest::sha256;

use super::session::Session;
use super::stop::Stop;
use crate::address::{Address, LONGEST};
use crate::content::Content;
use crate::content_type::ContentType;
use crate::ports::{Failure, ListPage, ListedFrom};
use crate::progress::horizon;
use crate::refusal::Refusal;
use crate::window::Window;

/// Contents that are held in memory, and bytes of their addresses. A window with more is listed
/// in parts.
const MOST: usize = 20_000;
const MOST_BYTES: usize = 16 << 20;

/// Pages of one listing; a loop of addresses that never repeat ends here.
const MOST_PAGES: u32 = 5_000;

/// What a window holds.
pub(super) enum Listed {
    /// All of it.
    Whole {
        contents: Vec<Content>,
        /// The first answer's `Date`, or our clock before it, whichever is earlier.
        at: Timestamp,
    },
    /// More than is taken at once.
    TooMuch,
}

impl Session<'_> {
    /// Lists a window.
    pub(super) async fn list(
        &mut self,
        content_type: ContentType,
        window: Window,
    ) -> Result<Listed, Stop> {
        let asked_at = self.now();
        let mut page = self.page(ListedFrom::Window(content_type, window)).await?;
        if page.at < window.end() {
            // Our clock is ahead of Microsoft's: the window is planned again by that.
            return Err(Stop::Refused(Failure {
                at: Some(page.at),
                ..Failure::of(Refusal::WindowRefused)
            }));
        }
        let at = page.at.min(asked_at);
        let mut contents = Vec::new();
        let (mut seen, mut bytes) = (BTreeSet::new(), 0);
        for _ in 0..MOST_PAGES {
            for content in page.contents.drain(..) {
                let content = within_bounds(content, page.at);
                bytes += content.unverified_uri.len();
                contents.push(content);
            }
            if contents.len() > MOST || bytes > MOST_BYTES {
                return Ok(Listed::TooMuch);
            }
            // Also after an empty page: the header alone says whether there is more.
            let Some(next) = page.unverified_next.take() else {
                return Ok(Listed::Whole { contents, at });
            };
            let next = self.checked(&next)?;
            if !seen.insert(sha256(next.as_str().as_bytes())) {
                break;
            }
            page = self.page(ListedFrom::Page(&next)).await?;
        }
        // It names the same page again: nothing of it counts as listed.
        Err(Stop::refused(Refusal::Unavailable))
    }

    /// Fails closed because the tenant's token goes wherever this lets it go.
    pub(super) fn checked(&mut self, unverified: &str) -> Result<Address, Stop> {
        let address = self.turn.host.check(self.turn.tenant, unverified);
        address.map_err(|why| {
            if !std::mem::replace(&mut self.is_address_reported, true) {
                tracing::warn!(
                    event = "activity_address_refused",
                    tenant = %self.turn.tenant,
                    content_type = self.about.map(ContentType::as_str),
                    %why,
                    "an answer named an address that the tenant's token is not sent to: {why}"
                );
            }
            Stop::refused(Refusal::AddressRefused)
        })
    }

    async fn page(&mut self, from: ListedFrom<'_>) -> Result<ListPage, Stop> {
        loop {
            self.may_ask().await?;
            match self.collector.api.list(self.who(), from).await {
                Ok(mut page) => {
                    page.at = self.believed(page.at);
                    return Ok(page);
                }
                Err(failure) if self.has_another_token(&failure).await => {}
                Err(failure) if matches!(from, ListedFrom::Page(_)) => {
                    return Err(Stop::Refused(of_address(failure)));
                }
                Err(failure) => return Err(Stop::Refused(failure)),
            }
        }
    }
}

/// The API refuses a request as wrong whose address it named itself: that is no fault of ours, and
/// says nothing of any other.
pub(super) fn of_address(failure: Failure) -> Failure {
    let refusal = match failure.refusal {
        Refusal::RequestRefused => Refusal::AddressRefused,
        refusal => refusal,
    };
    Failure { refusal, ..failure }
}

/// A content as it is held. A time beyond what can be listed would have batches of all times
/// read; an address that is too long fails by itself in any case, and is not kept.
fn within_bounds(mut content: Content, at: Timestamp) -> Content {
    content.created = content.created.max(horizon(at)).min(at);
    if content.unverified_uri.len() > LONGEST {
        content.unverified_uri = String::new();
    }
    content
}
