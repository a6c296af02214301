//! Invites (the port `Invites`). The key is the SHA-256 of the id in the link: a row
//! opens nothing.

use std::time::Duration;

use async_trait::async_trait;
use auth::invite::{Invite, InviteKey};
use auth::ports::{Invites, StoreError};
use auth::{TenantId, Timestamp};

use super::change::Change;
use super::item::{Reader, text, time};
use super::{Item, Operation, Table, Units, keys};

/// How long after its end an invite is kept, so that who opens an old link is told that it
/// has expired. DynamoDB deletes by the real clock and within days: it decides nothing.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(30 * 24 * 60 * 60);

#[async_trait]
impl Invites for Table {
    async fn create_invite(&self, key: &InviteKey, invite: &Invite) -> Result<(), StoreError> {
        // Without a condition: nobody else has this key, and an attempt of the SDK's own whose
        // answer was lost writes the same once more.
        let done = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(write(key, invite)))
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await;
        let done = done.map_err(|error| self.failed(Operation::CreateInvite, &error))?;
        let consumed = done.consumed_capacity.as_slice();
        self.consumed(Operation::CreateInvite, Units::Write, consumed);
        Ok(())
    }

    async fn find_invite(&self, key: &InviteKey) -> Result<Option<Invite>, StoreError> {
        let item = self
            .get(keys::invite(key), Operation::FindInvite, true)
            .await?;
        item.as_ref().map(read).transpose()
    }
}

/// What binding `tenant` changes in the invite.
pub(super) fn used_by(tenant: TenantId, at: Timestamp) -> Change {
    Change::default()
        .set(keys::USED_BY, text(tenant))
        .set(keys::USED_AT, time(at))
}

pub(super) fn write(key: &InviteKey, invite: &Invite) -> Item {
    let mut item = keys::invite(key);
    let always = [
        (keys::CUSTOMER, text(&invite.customer)),
        (keys::CREATED_AT, time(invite.created_at)),
        (keys::EXPIRES_AT, time(invite.expires_at)),
        (keys::TTL, time(invite.expires_at + KEPT_AFTER_EXPIRY)),
    ];
    let sometimes = [
        (keys::TENANT_ID, invite.tenant.map(text)),
        (keys::CLOUD, invite.cloud.map(text)),
        (keys::VOUCHED, invite.vouched.then(|| text(true))),
        (keys::RETURN_URL, invite.return_url.as_ref().map(text)),
        (keys::USED_BY, invite.used_by.map(text)),
    ];
    let sometimes = sometimes
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let attributes = always.into_iter().chain(sometimes);
    item.extend(attributes.map(|(name, value)| (name.to_owned(), value)));
    item
}

pub(super) fn read(item: &Item) -> Result<Invite, StoreError> {
    let reader = Reader(item);
    Ok(Invite {
        customer: reader.customer()?,
        tenant: reader.optional_parsed(keys::TENANT_ID)?,
        vouched: reader.optional_parsed(keys::VOUCHED)?.unwrap_or(false),
        cloud: reader.optional_parsed(keys::CLOUD)?,
        created_at: reader.time(keys::CREATED_AT)?,
        expires_at: reader.time(keys::EXPIRES_AT)?,
        return_url: reader.optional_parsed(keys::RETURN_URL)?,
        used_by: reader.optional_parsed(keys::USED_BY)?,
    })
}
