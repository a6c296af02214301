//! Invites (the port `Invites`).

use async_trait::async_trait;
use auth::invite::{Invite, InviteKey};
use auth::ports::{Invites, StoreError};

use super::capacity::Operation;
use super::change::Condition;
use super::items::invite;
use super::requests::Table;

#[async_trait]
impl Invites for Table {
    async fn create_invite(&self, key: &InviteKey, invite: &Invite) -> Result<(), StoreError> {
        // No other writer has this key, and an attempt of the SDK's own whose answer was lost
        // writes the same once more.
        let item = invite::write(invite).into_item(invite::key(key));
        let write = self.put_item(item, Condition::Always, None, Operation::CreateInvite);
        write.await.map(|_| ())
    }

    async fn find_invite(&self, key: &InviteKey) -> Result<Option<Invite>, StoreError> {
        let key = invite::key(key);
        let item = self.get_item(key, Operation::FindInvite, true).await?;
        item.as_ref().map(invite::read).transpose()
    }
}
