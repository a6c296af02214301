//! Keys that this process does not hold: another task keeps them and is asked to sign, as a
//! key management service would be. It does what a test has it do.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::ports::{
    AssertionSigner, CertificateIdentity, Clock, SecretError, SignerVersions, SigningError,
};
use auth::protocol::AssertionForm;
use microsoft::{KeysInSecret, SigningKey};
use tokio::sync::{mpsc, oneshot};

use super::platform::{Certificate, HeldSecrets};

/// Where the key is that signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    /// In this process: the implementation of this crate.
    Here,
    /// In another task.
    Elsewhere,
}

impl Signing {
    pub(crate) const BOTH: [Self; 2] = [Self::Here, Self::Elsewhere];

    /// The versions of the certificate's secret.
    pub(crate) fn versions(
        self,
        secrets: &Arc<HeldSecrets>,
        clock: Arc<dyn Clock>,
    ) -> Arc<dyn SignerVersions> {
        let here = KeysInSecret::new(Arc::clone(secrets) as _, "certificate", clock);
        match self {
            Self::Here => Arc::new(here),
            Self::Elsewhere => Arc::new(Elsewhere(here)),
        }
    }
}

/// The versions of a secret, each kept by another task.
struct Elsewhere(KeysInSecret);

#[async_trait]
impl SignerVersions for Elsewhere {
    async fn current(&self) -> Result<Arc<dyn AssertionSigner>, SecretError> {
        Ok(RemoteKey::kept(self.0.current().await?))
    }

    async fn previous(&self) -> Result<Option<Arc<dyn AssertionSigner>>, SecretError> {
        let previous = self.0.previous().await?;
        Ok(previous.map(|key| RemoteKey::kept(key) as _))
    }
}

/// What the service does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Signs,
    /// Answers with the signature of another message.
    SignsWrongly,
    TimesOut,
    Throttles,
    /// The key may not be used.
    Denies,
    /// The key is disabled.
    Disabled,
    /// Ends without an answer.
    Breaks,
}

struct Request {
    form: AssertionForm,
    message: Vec<u8>,
    answer: oneshot::Sender<Result<Vec<u8>, SigningError>>,
}

/// A key by its certificate, and where to ask for signatures.
pub(crate) struct RemoteKey {
    identity: CertificateIdentity,
    requests: mpsc::UnboundedSender<Request>,
    asked: AtomicU32,
    service: Arc<Mutex<Service>>,
}

impl RemoteKey {
    /// Another task keeps the key of `certificate`.
    pub(crate) fn of(certificate: &Certificate, service: Service) -> Arc<Self> {
        let key: Arc<SigningKey> = Arc::new(certificate.signing_key());
        let kept = Self::kept(key);
        *kept.service.lock().unwrap() = service;
        kept
    }

    fn kept(key: Arc<dyn AssertionSigner>) -> Arc<Self> {
        let (requests, mut asked) = mpsc::unbounded_channel::<Request>();
        let service = Arc::new(Mutex::new(Service::Signs));
        let kept = Arc::new(Self {
            identity: key.identity().clone(),
            requests,
            asked: AtomicU32::new(0),
            service: Arc::clone(&service),
        });
        tokio::spawn(async move {
            while let Some(request) = asked.recv().await {
                let service = *service.lock().unwrap();
                answer(service, &*key, request).await;
            }
        });
        kept
    }

    /// How many signatures were asked for.
    pub(crate) fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(service: Service, key: &dyn AssertionSigner, request: Request) {
    let unavailable = |why: &str| Err(SigningError::Unavailable(why.to_owned()));
    let refused = |why: &str| Err(SigningError::Refused(why.to_owned()));
    let signed = match service {
        Service::Signs => key.sign(request.form, &request.message).await,
        Service::SignsWrongly => key.sign(request.form, b"another message").await,
        Service::TimesOut => unavailable("no answer within 2 s"),
        Service::Throttles => unavailable("ThrottlingException"),
        Service::Denies => refused("AccessDeniedException"),
        Service::Disabled => refused("DisabledException"),
        Service::Breaks => return,
    };
    // A caller that has given up wants no answer.
    let _ = request.answer.send(signed);
}

#[async_trait]
impl AssertionSigner for RemoteKey {
    fn identity(&self) -> &CertificateIdentity {
        &self.identity
    }

    async fn sign(&self, form: AssertionForm, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let (answer, answered) = oneshot::channel();
        let message = message.to_vec();
        let request = Request {
            form,
            message,
            answer,
        };
        let gone = || SigningError::Unavailable("the connection broke".to_owned());
        self.requests.send(request).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// Two versions of a key, as they are.
pub(crate) struct TwoKeys {
    pub(crate) current: Arc<RemoteKey>,
    pub(crate) previous: Option<Arc<RemoteKey>>,
}

#[async_trait]
impl SignerVersions for TwoKeys {
    async fn current(&self) -> Result<Arc<dyn AssertionSigner>, SecretError> {
        Ok(Arc::clone(&self.current) as _)
    }

    async fn previous(&self) -> Result<Option<Arc<dyn AssertionSigner>>, SecretError> {
        Ok(self.previous.clone().map(|key| key as _))
    }
}
