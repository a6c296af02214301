//! A notification of Microsoft's: which content types of a tenant have something (protocol notes
//! §4.2).
//!
//! Of what it says, nothing is believed but that it is time to look: no address in it is ever
//! asked, and no content that it names is taken for listed. An item counts when it is of the
//! tenant whose AuthID came with it, for our application, and leads to that tenant's path at a
//! host of the API.

mod item;

use std::collections::BTreeSet;

use auth::{ClientId, TenantId};
use serde::de::DeserializeSeed as _;

use self::item::{Item, Items};
use crate::address::FeedHost;
use crate::content_type::ContentType;

/// Whose notification it has to be.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Whom the AuthID names.
    pub tenant: TenantId,
    /// Our application.
    pub client_id: ClientId,
    /// Where contents are: the API's host of each plan, because a notification does not say of
    /// which plan its tenant is.
    pub hosts: &'a [FeedHost],
}

/// What a notification says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notified {
    /// Where there is something.
    pub types: BTreeSet<ContentType>,
    /// Items, all of them.
    pub items: u64,
    /// Items of content types that we do not know.
    pub unknown: u64,
    /// Items that are not of the tenant, not for us, or that lead elsewhere.
    pub unfit: u64,
}

/// Not a notification: no JSON, not an array of objects, or nested deeper than 32 levels. The
/// text is left out, because its sender chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an array of notifications")]
pub struct NotANotification;

impl Notified {
    /// Whether any item is of the tenant and for us, whatever its type.
    pub fn fits(&self) -> bool {
        self.items > self.unfit
    }

    fn add(&mut self, item: &Item<'_>, expected: &Expected<'_>) {
        self.items += 1;
        match expected.type_of(item) {
            Some(Ok(known)) => {
                self.types.insert(known);
            }
            Some(Err(Unknown)) => self.unknown += 1,
            None => self.unfit += 1,
        }
    }
}

/// Reads the body of a notification, item by item: no more than one is held at a time.
pub fn read(unverified: &str, expected: &Expected<'_>) -> Result<Notified, NotANotification> {
    let mut notified = Notified::default();
    let mut json = serde_json::Deserializer::from_str(unverified);
    Items(|item: &Item<'_>| notified.add(item, expected))
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .map_err(|_| NotANotification)?;
    Ok(notified)
}

/// A content type that we do not know: one that Microsoft has added.
struct Unknown;

impl Expected<'_> {
    /// The type that an item is about; `None` where the item does not fit.
    ///
    /// Fails closed because a field that is missing, twice there or no text fits nothing.
    fn type_of(&self, item: &Item<'_>) -> Option<Result<ContentType, Unknown>> {
        let tenant: TenantId = item.tenant_id.text()?.parse().ok()?;
        let client_id: ClientId = item.client_id.text()?.parse().ok()?;
        let content_type = item.content_type.text()?;
        let uri = item.content_uri.text()?;
        let leads_there = |host: &FeedHost| host.check(self.tenant, uri).is_ok();
        let is_ours = tenant == self.tenant && client_id == self.client_id;
        (is_ours && self.hosts.iter().any(leads_there))
            .then(|| content_type.parse().map_err(|_| Unknown))
    }
}

#[cfg(test)]
mod tests;
