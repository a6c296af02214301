//! The proof of an AWS role by a signed `GetCallerIdentity` request.
//!
//! What can be checked here is checked first (`caller/identity_request`), at every request.
//! What is left is STS's to say. It is asked once for each proof and process: its answer is
//! remembered until the proof is too old, a refusal for a minute, both by the proof's hash and
//! apart, so that a flood of wrong proofs pushes no right one out.
//!
//! A stranger can make proofs that only STS can tell from right ones. What strangers make us
//! ask is limited, all of them together; an access key that STS has known before has a limit
//! of its own, so that no flood of strangers keeps a caller out that was here. After a failure
//! of STS it is left alone for a moment. Fails closed: without STS nobody is proven anew.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use moka::sync::Cache;

use crate::caller::{IdentityRequest, IdentityRules, SignedBy};
use crate::digest::sha256;
use crate::limit::{Limit, Rate};
use crate::memory::Digest;
use crate::ports::{CallerIdentities, Clock, IdentityError, ProofError, SignedProof};
use crate::timestamp::Timestamp;

/// Proofs that hold and are remembered, at most. Each is a digest, a role with its session and
/// access key (five texts of some hundred bytes together) and what the cache keeps (400):
/// 10,000 take 9 MB.
const PROVEN_MAX: u64 = 10_000;
/// Refusals that are remembered, at most: a digest, a time and a line of words.
const REFUSED_MAX: u64 = 10_000;
/// Access keys that STS has known, at most. Who was here longest ago is a stranger again.
const KNOWN_MAX: u64 = 10_000;
/// A refusal is believed for so long.
const REFUSED_FOR: Duration = Duration::from_secs(60);
/// STS is left alone for so long after it failed.
const PAUSE: Duration = Duration::from_secs(2);
/// What strangers together make a process ask: STS takes 600 requests a second of an account
/// and region (assumption: those of unknown keys count somewhere too), and one warm process
/// is far below that.
const STRANGERS: Rate = Rate::of(50, 100);
/// What one access key makes a process ask that STS has known before.
const KNOWN: Rate = Rate::of(50, 100);

/// What STS said of a proof: who signed it, or why it refuses it and when it said so.
type Verdict = Result<SignedBy, (Cow<'static, str>, Timestamp)>;

/// What the checker of signed requests is built from.
pub struct RoleProofParts {
    /// STS.
    pub identities: Arc<dyn CallerIdentities>,
    /// What a request must be for.
    pub rules: IdentityRules,
    /// Whether a request is fresh.
    pub clock: Arc<dyn Clock>,
}

/// Checks signed requests.
pub struct RoleProof {
    parts: RoleProofParts,
    proven: Cache<Digest, Verdict>,
    refused: Cache<Digest, Verdict>,
    /// Access keys, by their SHA-256, with the time of the last proof.
    known: Cache<Digest, Timestamp>,
    strangers: Limit<()>,
    of_known: Limit<String>,
    /// Seconds since the epoch.
    paused_until: AtomicI64,
}

impl RoleProof {
    /// With an empty memory.
    pub fn new(parts: RoleProofParts) -> Self {
        Self {
            parts,
            proven: Cache::new(PROVEN_MAX),
            refused: Cache::new(REFUSED_MAX),
            known: Cache::new(KNOWN_MAX),
            strangers: Limit::new(STRANGERS, None),
            of_known: Limit::new(KNOWN, None),
            paused_until: AtomicI64::new(0),
        }
    }

    /// Who signed. Asks STS once at most.
    async fn signer(&self, unverified: &str) -> Result<SignedBy, ProofError> {
        let now = self.parts.clock.now();
        // Remembered or not: a proof that is too old is none.
        let request = IdentityRequest::read(unverified, &self.parts.rules, now);
        let request = request.map_err(|unfit| ProofError::Refused(unfit.0))?;
        let digest = sha256(unverified.as_bytes());
        if let Some(Ok(signer)) = self.proven.get(&digest) {
            return Ok(signer);
        }
        if let Some(Err((reason, at))) = self.refused.get(&digest)
            && at <= now
            && now < at + REFUSED_FOR
        {
            return Err(ProofError::Refused(reason));
        }
        self.check_room(&request, now)?;
        let signer = self.asked(&request, now).await.inspect_err(|error| {
            if let ProofError::Refused(reason) = error {
                self.refused.insert(digest, Err((reason.clone(), now)));
            }
        })?;
        self.known
            .insert(sha256(signer.access_key_id.as_bytes()), now);
        self.proven.insert(digest, Ok(signer.clone()));
        Ok(signer)
    }

    /// Whether STS may be asked at the moment.
    fn check_room(&self, request: &IdentityRequest, now: Timestamp) -> Result<(), ProofError> {
        let until = self.paused_until.load(Ordering::Relaxed);
        let pause = i64::try_from(PAUSE.as_secs()).unwrap_or(i64::MAX);
        // A clock that was set back must not make a pause of years.
        if (1..=pause).contains(&until.saturating_sub(now.unix())) {
            return Err(UNAVAILABLE);
        }
        let key = request.access_key_id();
        let taken = if self.known.contains_key(&sha256(key.as_bytes())) {
            self.of_known.take(&key.to_owned(), now)
        } else {
            self.strangers.take(&(), now)
        };
        taken.map_err(|exceeded| {
            if let Some(refused) = exceeded.report {
                tracing::warn!(
                    event = "caller_identity_limited",
                    refused,
                    "more signed requests came than STS is asked about: {refused} were put off"
                );
            }
            ProofError::Unavailable("too many signed requests are being checked: send it again")
        })
    }

    async fn asked(
        &self,
        request: &IdentityRequest,
        now: Timestamp,
    ) -> Result<SignedBy, ProofError> {
        let identity = match self.parts.identities.signer(request).await {
            Ok(identity) => identity,
            Err(IdentityError::Refused(code)) => return Err(refused_by_sts(&code)),
            Err(IdentityError::Unavailable) => {
                let until = now + PAUSE;
                self.paused_until.store(until.unix(), Ordering::Relaxed);
                return Err(UNAVAILABLE);
            }
        };
        let session = identity.role_session();
        let session = session.map_err(|error| ProofError::Refused(error.to_string().into()))?;
        // Fails closed because an account's number says whose it is in its own partition alone.
        match session.partition == request.partition() {
            true => Ok(SignedBy {
                role: session.role,
                session: session.name.to_owned(),
                access_key_id: request.access_key_id().to_owned(),
            }),
            false => Err(ProofError::Refused(
                "the role is of another partition of AWS than the STS that was asked".into(),
            )),
        }
    }
}

const UNAVAILABLE: ProofError = ProofError::Unavailable(
    "AWS STS cannot be asked at the moment who signed the request: send it again",
);

/// STS API reference, "Common Errors".
fn refused_by_sts(code: &str) -> ProofError {
    let means = match code {
        "SignatureDoesNotMatch" => {
            ": the signature is not of this request, or its date is too far from AWS's clock. \
             Sign a POST to the url with the body Action=GetCallerIdentity&Version=2011-06-15"
        }
        "InvalidClientTokenId" => {
            ": AWS does not know the access key, or its session token is not the right one"
        }
        "ExpiredToken" | "ExpiredTokenException" => ": the credentials have expired",
        "RegionDisabledException" => ": the account has not enabled this region",
        _ => "",
    };
    ProofError::Refused(format!("AWS STS refused the signed request ({code}){means}").into())
}

#[async_trait]
impl SignedProof for RoleProof {
    async fn signed_by(&self, unverified: &str) -> Result<SignedBy, ProofError> {
        self.signer(unverified).await
    }
}
