//! An application whose keys are names, and certificates that are a name and a date.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::Timestamp;
use auth::cause::{Cause, CauseCode};
use auth::ports::{
    ApplicationKeys, AssertionSigner, CertificateIdentity, Certificates, Clock, HeldClock,
    KeptCertificate, KeysError, RegisteredKey, SigningError,
};
use auth::protocol::AssertionForm;
use auth::secret::{ExposeSecret as _, SecretString};

/// Signs nothing; its thumbprint is its name.
struct Named(CertificateIdentity);

#[async_trait]
impl AssertionSigner for Named {
    fn identity(&self) -> &CertificateIdentity {
        &self.0
    }

    async fn sign(&self, _: AssertionForm, _: &[u8]) -> Result<Vec<u8>, SigningError> {
        Ok(Vec::new())
    }
}

/// Makes `made-1@NOW`, `made-2@NOW`, …
pub(super) struct Names {
    pub(super) clock: Arc<HeldClock>,
    made: AtomicU32,
}

impl Names {
    pub(super) fn by(clock: &Arc<HeldClock>) -> Self {
        Self {
            clock: Arc::clone(clock),
            made: AtomicU32::new(0),
        }
    }
}

/// What a secret holds of a certificate that was made then.
pub(super) fn secret(name: &str, starts_at: i64) -> SecretString {
    format!("{name}@{starts_at}").into()
}

impl Certificates for Names {
    fn make(&self) -> Result<SecretString, String> {
        let number = self.made.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(secret(&format!("made-{number}"), self.clock.now().unix()))
    }

    fn open(&self, secret: &SecretString) -> Result<KeptCertificate, String> {
        let text = secret.expose_secret();
        let (name, starts_at) = text.split_once('@').ok_or("no certificate")?;
        let starts_at = Timestamp::from_unix(starts_at.parse().map_err(|_| "no date")?);
        let identity = CertificateIdentity {
            sha1_thumbprint: name.to_owned(),
            sha256_thumbprint: name.to_owned(),
            expires_at: Timestamp::from_unix(i64::MAX),
        };
        Ok(KeptCertificate {
            signer: Arc::new(Named(identity)),
            der: name.as_bytes().to_vec(),
            starts_at,
        })
    }
}

/// How one request ends otherwise than it should.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cut {
    /// It does not arrive.
    Before,
    /// It is carried out, and the answer is lost.
    After,
}

/// The application: names of keys, and from which second on the token endpoint knows each.
pub(super) struct Application {
    clock: Arc<HeldClock>,
    keys: Mutex<BTreeMap<String, i64>>,
    /// Seconds until the token endpoint knows a new key.
    pub(super) lag: AtomicI64,
    /// What an addition is answered with, in place of being done.
    pub(super) refuses: Mutex<Option<KeysError>>,
    /// Which request ends otherwise, counted from 0.
    pub(super) cut: Mutex<Option<(u32, Cut)>>,
    asked: AtomicU32,
    /// The keys of what was asked for, in order.
    pub(super) proven: Mutex<Vec<String>>,
}

impl Application {
    pub(super) fn with(keys: &[&str], clock: &Arc<HeldClock>) -> Self {
        Self {
            clock: Arc::clone(clock),
            keys: Mutex::new(keys.iter().map(|key| ((*key).to_owned(), 0)).collect()),
            lag: AtomicI64::new(0),
            refuses: Mutex::new(None),
            cut: Mutex::new(None),
            asked: AtomicU32::new(0),
            proven: Mutex::default(),
        }
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap().keys().cloned().collect()
    }

    pub(super) fn register(&self, name: &str) {
        let known_from = self.clock.now().unix() + self.lag.load(Ordering::SeqCst);
        self.keys
            .lock()
            .unwrap()
            .insert(name.to_owned(), known_from);
    }

    pub(super) fn forget(&self, name: &str) {
        self.keys.lock().unwrap().remove(name);
    }

    pub(super) fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    fn token_for(&self, key: &str) -> Result<(), KeysError> {
        let keys = self.keys.lock().unwrap();
        let known = keys
            .get(key)
            .is_some_and(|from| *from <= self.clock.now().unix());
        match known {
            true => Ok(()),
            false => Err(KeysError::NoToken(
                Cause::from(CauseCode::CredentialRefused).into(),
            )),
        }
    }

    /// Carries out what is asked with this key's token, unless this request is cut.
    fn answer<T>(
        &self,
        by: &Arc<dyn AssertionSigner>,
        work: impl FnOnce() -> Result<T, KeysError>,
    ) -> Result<T, KeysError> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        let cut = *self.cut.lock().unwrap();
        let cut = cut.filter(|(at, _)| *at == number).map(|(_, cut)| cut);
        let lost = || KeysError::Unavailable {
            reason: "cut".into(),
            retry_after: None,
        };
        if cut == Some(Cut::Before) {
            return Err(lost());
        }
        self.token_for(&by.identity().sha1_thumbprint)?;
        let done = work()?;
        match cut {
            Some(_) => Err(lost()),
            None => Ok(done),
        }
    }
}

#[async_trait]
impl ApplicationKeys for Application {
    async fn registered(
        &self,
        by: Arc<dyn AssertionSigner>,
    ) -> Result<Vec<RegisteredKey>, KeysError> {
        let registered = |name: String| RegisteredKey {
            key_id: format!("id of {name}"),
            sha1_thumbprint: Some(name),
        };
        self.answer(&by, || {
            Ok(self.keys().into_iter().map(registered).collect())
        })
    }

    async fn add(&self, by: Arc<dyn AssertionSigner>, der: &[u8]) -> Result<(), KeysError> {
        self.answer(&by, || {
            if let Some(refusal) = &*self.refuses.lock().unwrap() {
                return Err(refusal.clone());
            }
            self.register(std::str::from_utf8(der).unwrap());
            Ok(())
        })
    }

    async fn remove(&self, by: Arc<dyn AssertionSigner>, key_id: &str) -> Result<(), KeysError> {
        let name = key_id.strip_prefix("id of ").unwrap();
        self.answer(&by, || {
            self.forget(name);
            Ok(())
        })
    }

    async fn proves(&self, key: Arc<dyn AssertionSigner>) -> Result<(), KeysError> {
        let name = key.identity().sha1_thumbprint.clone();
        self.answer(&key, || {
            self.proven.lock().unwrap().push(name);
            Ok(())
        })
    }
}
