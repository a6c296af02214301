//! Checked sign-ins (the port `SignIns`).

use async_trait::async_trait;
use auth::invite::InviteKey;
use auth::ports::{SignIns, StoreError, Write};
use auth::sign_in::{ReceiptKey, SignIn};

use super::capacity::Operation;
use super::change::Condition;
use super::items::sign_in;
use super::requests::Table;

#[async_trait]
impl SignIns for Table {
    async fn keep_sign_in(&self, key: &ReceiptKey, sign_in: &SignIn) -> Result<(), StoreError> {
        // No other writer has this key, and an attempt of the SDK's own whose answer was lost
        // writes the same once more.
        let item = sign_in::write(sign_in).into_item(sign_in::key(key));
        let write = self.put_item(item, Condition::Always, None, Operation::KeepSignIn);
        write.await.map(|_| ())
    }

    async fn find_sign_in(&self, key: &ReceiptKey) -> Result<Option<SignIn>, StoreError> {
        let key = sign_in::key(key);
        let item = self.get_item(key, Operation::FindSignIn, true).await?;
        item.as_ref().map(sign_in::read).transpose()
    }

    async fn use_sign_in(
        &self,
        key: &ReceiptKey,
        invite: Option<&InviteKey>,
    ) -> Result<Write, StoreError> {
        let (change, first) = sign_in::used_with(invite);
        let (key, change) = (sign_in::key(key), change.on(first));
        self.update_item(key, change, None, Operation::UseSignIn)
            .await
    }
}
