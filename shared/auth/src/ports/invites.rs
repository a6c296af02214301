//! Invites. They are used up by [`Tenants::connect`](super::Tenants::connect), in the
//! transaction that binds a tenant.

use async_trait::async_trait;

use super::store::StoreError;
use crate::invite::{Invite, InviteKey};

/// The invites of the table.
///
/// Failure policy: a [`StoreError`] leaves the table as it was.
#[async_trait]
pub trait Invites: Send + Sync {
    /// Keeps a new invite.
    async fn create_invite(&self, key: &InviteKey, invite: &Invite) -> Result<(), StoreError>;

    /// The invite; `None` when there is none, or none any more. Strongly consistent.
    async fn find_invite(&self, key: &InviteKey) -> Result<Option<Invite>, StoreError>;
}
