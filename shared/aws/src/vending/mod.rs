//! Tokens for the collector, asked of the vending function over HTTP as any other service asks
//! (decision 0062). This process opens no stored token: it has neither the sealing ring nor the
//! certificate, and what it may have is said by a policy.
//!
//! It owns the request, the reading of its answer (`answer.rs`), the proof (`proof.rs`) and
//! what is kept of the tokens (`kept.rs`). What a refusal means to a tenant's feed is the port's
//! word. A token goes into memory and into the caller's hands: never into a log.

mod answer;
mod kept;
mod proof;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use auth::encoding::hex;
use auth::limit::{Limit, Rate};
use auth::ports::{Clock, Pause};
use auth::secret::ExposeSecret as _;
use auth::{AccessToken, TenantId};
use feed::ports::{NoToken, Tokens};
use reqwest::Url;

use self::answer::{Kind, Refusal};
use self::kept::{Kept, KeptTokens};
pub use self::proof::{OwnProof, OwnProofParts};
use crate::http::{HttpClient, no_answer};

/// The whole of a request and its repetition. Vending answers within the 25 s that it has, and
/// the HTTP API within 30.
const PATIENCE: Duration = Duration::from_secs(30);
/// Vending asks for no longer pause (`Retry-After`).
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// After a request without an answer no other is begun for so long: those who come wait until then.
const REST: Duration = Duration::from_secs(5);
/// An answer with a token has 2 to 4 KB.
const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// The management API by its application's ID: vending takes the host of the tenant's cloud.
const SCOPE: &str = "c5393580-f805-4401-95e8-94b7a6ef2fc2/.default";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Asks the vending function for tokens.
pub struct VendedTokens {
    parts: VendedTokensParts,
    kept: KeptTokens,
    /// Milliseconds by [`Clock::since_start`] until which nothing is asked.
    rests_until: AtomicU64,
    /// Lines of the log about refusals that all tenants would have, and about what passes.
    lines: [Limit<()>; 2],
}

/// What it asks with.
pub struct VendedTokensParts {
    /// Follows no redirect.
    pub client: HttpClient,
    /// `VENDING_URL`: https, or http on this machine.
    pub url: Url,
    /// Proves this process.
    pub proof: OwnProof,
    /// Says how long a token lives.
    pub clock: Arc<dyn Clock>,
    /// Waits for `Retry-After`.
    pub pause: Arc<dyn Pause>,
}

impl VendedTokens {
    /// Makes no request until a token is wanted.
    pub fn new(parts: VendedTokensParts) -> Self {
        Self {
            parts,
            kept: KeptTokens::default(),
            rests_until: AtomicU64::new(0),
            lines: [(); 2].map(|()| Limit::new(Rate::of(1, 60_000), None)),
        }
    }

    /// Asks, and once more where that can help within [`PATIENCE`].
    async fn ask(&self, tenant: TenantId, rejected: Option<&AccessToken>) -> Result<Kept, NoToken> {
        let clock = &self.parts.clock;
        let ends = clock.since_start() + PATIENCE;
        let mut outcome = self.once(tenant, rejected, PATIENCE).await;
        if let Err(failure) = &outcome
            && let Some(pause) = self.worth_another_try(failure)
        {
            if !pause.is_zero() {
                self.parts.pause.pause(pause).await;
            }
            let left = ends.saturating_sub(clock.since_start());
            outcome = self.once(tenant, rejected, left).await;
        }
        outcome.map_err(|failure| self.no_token(tenant, &failure))
    }

    /// After which pause.
    fn worth_another_try(&self, failure: &Failure) -> Option<Duration> {
        match failure {
            // Lambda freezes a function, and its connections die meanwhile.
            Failure::Unanswered { may_pass: true, .. } => Some(Duration::ZERO),
            Failure::Unanswered { .. } => None,
            Failure::Refused(refusal) => match refusal.kind {
                // Made some minutes ago, with credentials that are over by now.
                Kind::Unproven if self.parts.proof.forget() => Some(Duration::ZERO),
                Kind::Busy(after) => Some(after?.min(PAUSE_MAX)),
                _ => None,
            },
        }
    }

    /// One request.
    async fn once(
        &self,
        tenant: TenantId,
        rejected: Option<&AccessToken>,
        patience: Duration,
    ) -> Result<Kept, Failure> {
        let now = self.parts.clock.now();
        let proof = self.parts.proof.text(now).await;
        let proof = proof.map_err(|why| Failure::unanswered(why, false))?;
        let base = self.parts.url.as_str().trim_end_matches('/');
        let url = format!("{base}/{tenant}/oauth2/v2.0/token");
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("scope", SCOPE),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", proof.expose_secret()),
        ];
        let digest = rejected.map(|token| hex(&token.fingerprint()));
        form.extend(digest.as_deref().map(|digest| ("rejected", digest)));
        let request = self.parts.client.post(url).timeout(patience).form(&form);
        // A life counts from before the request.
        let answer = Answered::to(request, &self.parts.url).await?;
        answer::read(answer.status, answer.retry_after, &answer.body, now).map_err(Failure::Refused)
    }

    fn no_token(&self, tenant: TenantId, failure: &Failure) -> NoToken {
        match failure {
            Failure::Unanswered { why, .. } => self.leave_alone(tenant, why),
            Failure::Refused(refusal) => {
                self.report(tenant, refusal);
                if let Kind::Held(cause) = refusal.kind {
                    return NoToken::Held(cause);
                }
            }
        }
        NoToken::Later
    }

    /// For how long vending is still left alone.
    fn rest(&self) -> Duration {
        let until = Duration::from_millis(self.rests_until.load(Ordering::Relaxed));
        until.saturating_sub(self.parts.clock.since_start())
    }

    /// Waits while vending is left alone: one request without an answer is no word about the
    /// tenants that come after it. If another one had no answer meanwhile, that counts for all
    /// who waited.
    async fn may_ask(&self) -> bool {
        let rest = self.rest();
        if !rest.is_zero() {
            self.parts.pause.pause(rest).await;
        }
        self.rest().is_zero()
    }

    fn leave_alone(&self, tenant: TenantId, why: &str) {
        let until = self.parts.clock.since_start() + REST;
        let until = u64::try_from(until.as_millis()).unwrap_or(u64::MAX);
        self.rests_until.store(until, Ordering::Relaxed);
        tracing::warn!(
            event = "feed_token_unanswered",
            tenant = %tenant,
            why,
            "the vending function did not give the collector a token: {why}. Check VENDING_URL"
        );
    }

    /// A line may be written, about so many: one a minute at most.
    fn line(&self, lines: &Limit<()>) -> Option<u64> {
        match lines.take(&(), self.parts.clock.now()) {
            Ok(()) => Some(1),
            Err(exceeded) => exceeded.report,
        }
    }

    /// It passes by itself. If it does not, the run says that the fleet has no tokens; this line
    /// says why.
    fn report_busy(&self, tenant: TenantId, refusal: &Refusal) {
        let [_, passing] = &self.lines;
        let Some(count) = self.line(passing) else {
            return;
        };
        tracing::warn!(
            event = "feed_token_unanswered",
            tenant = %tenant,
            status = refusal.status,
            error = refusal.error,
            vending_request_id = refusal.request_id,
            count,
            "the vending function did not give the collector a token ({} {})",
            refusal.status,
            refusal.error
        );
    }

    /// What an operator has to mend. A tenant that is not active has its cause in its row.
    fn report(&self, tenant: TenantId, refusal: &Refusal) {
        let advice = match refusal.kind {
            Kind::Held(_) => return,
            Kind::Busy(_) => return self.report_busy(tenant, refusal),
            Kind::Unproven => "check VENDING_SERVER_ID, VENDING_STS_REGIONS and the clock",
            Kind::Denied => "the policy lacks the collector: infra/policies/collector.cedar",
            Kind::Odd => "check VENDING_URL, and that ENTRA_RESOURCES has the management API",
        };
        let [refused, _] = &self.lines;
        let Some(count) = self.line(refused) else {
            return;
        };
        tracing::error!(
            event = "feed_token_refused",
            tenant = %tenant,
            status = refusal.status,
            error = refusal.error,
            vending_request_id = refusal.request_id,
            count,
            "the vending function refuses the collector ({} {}): {advice}",
            refusal.status,
            refusal.error
        );
    }
}

#[async_trait]
impl Tokens for VendedTokens {
    async fn token(
        &self,
        tenant: TenantId,
        rejected: Option<&AccessToken>,
    ) -> Result<AccessToken, NoToken> {
        let now = self.parts.clock.now();
        let kept = self.kept.other_than(rejected, tenant);
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_good(now)) {
            return Ok(kept.token.clone());
        }
        let lives = kept.as_ref().is_some_and(|kept| kept.lives(now));
        let may_ask = if lives {
            self.rest().is_zero()
        } else {
            self.may_ask().await
        };
        let asked = if may_ask {
            self.ask(tenant, rejected).await
        } else {
            Err(NoToken::Later)
        };
        match asked {
            // Fails closed because the API does not take this one.
            Ok(vended) if rejected.is_some_and(|token| vended.is(token)) => Err(NoToken::Later),
            Ok(vended) => {
                let token = vended.token.clone();
                self.kept.keep(tenant, vended);
                Ok(token)
            }
            Err(NoToken::Later) => {
                let living = kept.filter(|kept| kept.lives(self.parts.clock.now()));
                living.map(|kept| kept.token.clone()).ok_or(NoToken::Later)
            }
            Err(held @ NoToken::Held(_)) => {
                self.kept.forget(tenant);
                Err(held)
            }
        }
    }
}

/// There is no token.
enum Failure {
    /// No answer came. `why` is a text for the log.
    Unanswered {
        why: String,
        /// Another connection may do better.
        may_pass: bool,
    },
    Refused(Refusal),
}

impl Failure {
    fn unanswered(why: impl Into<String>, may_pass: bool) -> Self {
        let why = why.into();
        Self::Unanswered { why, may_pass }
    }
}

/// An answer, read whole.
struct Answered {
    status: u16,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

impl Answered {
    async fn to(request: reqwest::RequestBuilder, url: &Url) -> Result<Self, Failure> {
        let failed = |error| {
            let none = no_answer(url, &error);
            Failure::unanswered(none.to_string(), none.fault.may_pass_at_once())
        };
        let mut response = request.send().await.map_err(failed)?;
        let after = response.headers().get(reqwest::header::RETRY_AFTER);
        // In seconds: vending writes no date.
        let after = after.and_then(|after| after.to_str().ok()?.parse().ok());
        let mut answer = Self {
            status: response.status().as_u16(),
            retry_after: after.map(Duration::from_secs),
            body: Vec::new(),
        };
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if answer.body.len() + chunk.len() > ANSWER_MAX_BYTES {
                return Err(Failure::unanswered("the answer is too large", false));
            }
            answer.body.extend_from_slice(&chunk);
        }
        Ok(answer)
    }
}
