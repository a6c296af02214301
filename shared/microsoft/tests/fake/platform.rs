//! Secrets held in the hand.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{SecretError, SecretSource};
use auth::secret::{ExposeSecret as _, SecretString};
use microsoft::SigningKey;
use microsoft::certificate::create;
use serde_json::json;

use super::NOW;

/// A certificate with its key, as the secret holds them.
pub(crate) struct Certificate {
    secret: String,
}

impl Certificate {
    pub(crate) fn create(name: &str) -> Self {
        Self::create_at(name, NOW)
    }

    /// Valid for thirty days from `at`. One of a name is made once: most of a test's time goes
    /// into keys.
    pub(crate) fn create_at(name: &str, at: i64) -> Self {
        static MADE: LazyLock<Mutex<HashMap<(String, i64), String>>> =
            LazyLock::new(Mutex::default);
        let mut made = MADE.lock().unwrap();
        let secret = made.entry((name.to_owned(), at)).or_insert_with(|| {
            let created = create(name, 30, Timestamp::from_unix(at)).unwrap();
            let key = created.private_key_pem.expose_secret();
            json!({"certificate": created.certificate_pem, "private_key": key}).to_string()
        });
        Self {
            secret: secret.clone(),
        }
    }

    pub(crate) fn signing_key(&self) -> SigningKey {
        let secret = SecretString::from(self.secret.clone());
        SigningKey::from_secret(&secret, Timestamp::from_unix(NOW)).unwrap()
    }
}

/// The certificate's secret with its versions; counts how often it is read.
#[derive(Default)]
pub(crate) struct HeldSecrets {
    current: Mutex<Option<String>>,
    previous: Mutex<Option<String>>,
    reads: AtomicU32,
}

impl HeldSecrets {
    pub(crate) fn holding(current: &Certificate) -> Arc<Self> {
        let held = Self::default();
        *held.current.lock().unwrap() = Some(current.secret.clone());
        Arc::new(held)
    }

    /// As the secrets manager does it: what was current becomes the previous version.
    pub(crate) fn rotate(&self, next: &Certificate) {
        let before = self.current.lock().unwrap().replace(next.secret.clone());
        *self.previous.lock().unwrap() = before;
    }

    /// From now on nothing can be read.
    pub(crate) fn lose(&self) {
        *self.current.lock().unwrap() = None;
    }

    pub(crate) fn reads(&self) -> u32 {
        self.reads.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl SecretSource for HeldSecrets {
    async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let current = self.current.lock().unwrap().clone();
        let missing = || SecretError::Missing {
            name: name.to_owned(),
            hint: String::new(),
        };
        current.map(SecretString::from).ok_or_else(missing)
    }

    async fn read_previous(&self, _: &str) -> Result<Option<SecretString>, SecretError> {
        Ok(self
            .previous
            .lock()
            .unwrap()
            .clone()
            .map(SecretString::from))
    }
}
