//! The item of an invite. Its key is the SHA-256 of the id in the link: a row opens nothing.

use std::time::Duration;

use auth::invite::{Invite, InviteKey};
use auth::ports::StoreError;
use auth::{TenantId, Timestamp};

use crate::table::attributes::{Reader, text, time};
use crate::table::change::{Change, Condition};
use crate::table::keys::{self, Item};

const RETURN_URL: &str = "return_url";
const USED_AT: &str = "used_at";
const USED_BY: &str = "used_by";
const VOUCHED: &str = "vouched";

const PREFIX: &str = "INVITE#";
const SORT: &str = "INVITE";

/// How long after its end an invite is kept, so that an old link still shows that it has
/// expired. DynamoDB deletes by the real clock and within days: it decides nothing.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// An invite that no tenant was bound with yet.
pub(crate) const UNUSED: Condition = Condition::Without(USED_BY);

pub(crate) fn key(invite: &InviteKey) -> Item {
    keys::key(format!("{PREFIX}{invite}"), SORT)
}

/// All attributes but the key.
pub(crate) fn write(invite: &Invite) -> Change {
    Change::default()
        .layout()
        .set(keys::CUSTOMER, text(&invite.customer))
        .put(keys::TENANT_ID, invite.tenant.map(text))
        .put(VOUCHED, invite.vouched.then(|| text(true)))
        .put(keys::CLOUD, invite.cloud.map(text))
        .set(keys::CREATED_AT, time(invite.created_at))
        .set(keys::EXPIRES_AT, time(invite.expires_at))
        .set(keys::TTL, time(invite.expires_at + KEPT_AFTER_EXPIRY))
        .put(RETURN_URL, invite.return_url.as_ref().map(text))
        .put(USED_BY, invite.used_by.map(text))
}

/// What binding `tenant` changes in the invite.
pub(crate) fn used_by(tenant: TenantId, at: Timestamp) -> Change {
    Change::default()
        .set(USED_BY, text(tenant))
        .set(USED_AT, time(at))
}

pub(crate) fn read(item: &Item) -> Result<Invite, StoreError> {
    let reader = Reader::of(item)?;
    Ok(Invite {
        customer: reader.customer()?,
        tenant: reader.optional_parsed(keys::TENANT_ID)?,
        vouched: reader.optional_parsed(VOUCHED)?.unwrap_or(false),
        cloud: reader.optional_parsed(keys::CLOUD)?,
        created_at: reader.time(keys::CREATED_AT)?,
        expires_at: reader.time(keys::EXPIRES_AT)?,
        return_url: reader.optional_parsed(RETURN_URL)?,
        used_by: reader.optional_parsed(USED_BY)?,
    })
}
