//! The audit line: one for each decision (a request for a token, a listing or an invite, each
//! item of a batch), granted or refused, whatever the log level of the rest (telemetry keeps the
//! target `audit` on). It says who, proven how, may what by which policy, how the request was
//! answered and how long that took, and names the token by its SHA-256 and its `uti`; it never
//! holds one.
//!
//! Beside that stands where the request came from (`evidence.rs`), also of one that proved no
//! caller.

use std::time::Duration;

use auth::caller::{Caller, CallerName, CandidateDecision, Decision, Route, SignedBy, Workload};
use auth::encoding::hex;
use auth::vend::Vended;
use auth::{Customer, Resource, TenantId, Timestamp};
use lambda::answer::ApiError;
use lambda_http::Request;
use lambda_http::http::StatusCode;

use crate::evidence::{self, Signer};

/// What is known of a request so far; written when it is answered.
pub(crate) struct Entry<'r> {
    route: Route,
    request: &'r Request,
    request_id: &'r str,
    began: Duration,
    /// How many tokens are asked for.
    items: u32,
    caller: Option<(String, &'static str)>,
    /// Whose token has an id.
    workload: Option<Workload>,
    /// Who signed the request that STS was asked about.
    signer: Option<Signer<'static>>,
    tenant: Option<TenantId>,
    customer: Option<Customer>,
    resource: Option<Resource>,
    decision: Option<Decision>,
    /// Of all that was asked; that the candidate would deny counts for more than that it
    /// would permit.
    candidate: Option<CandidateDecision>,
    given: Given,
}

/// What the caller got, besides a yes.
enum Given {
    Nothing,
    Token(Handed),
    /// So many tenants.
    Listing(usize),
}

/// The token that was handed out, by its names.
struct Handed {
    source: &'static str,
    sha256: String,
    uti: Option<String>,
    expires_at: Timestamp,
}

impl<'r> Entry<'r> {
    /// `began`: the clock's reading when the request came.
    pub(crate) fn new(
        route: Route,
        request: &'r Request,
        request_id: &'r str,
        began: Duration,
    ) -> Self {
        Self {
            route,
            request,
            request_id,
            began,
            items: 1,
            caller: None,
            workload: None,
            signer: None,
            tenant: None,
            customer: None,
            resource: None,
            decision: None,
            candidate: None,
            given: Given::Nothing,
        }
    }

    /// One for an item of a batch, whose caller is proven.
    pub(crate) fn of_item(&self) -> Self {
        Self {
            caller: self.caller.clone(),
            workload: self.workload.clone(),
            signer: self.signer.clone(),
            ..Self::new(self.route, self.request, self.request_id, self.began)
        }
    }

    /// The clock's reading when the request came.
    pub(crate) fn began(&self) -> Duration {
        self.began
    }

    /// So many tokens are asked for, each of which counts.
    pub(crate) fn asking_for_many(&mut self, items: usize) {
        self.items = u32::try_from(items).unwrap_or(u32::MAX);
    }

    pub(crate) fn items(&self) -> u32 {
        self.items
    }

    pub(crate) fn route(&self) -> Route {
        self.route
    }

    pub(crate) fn request_id(&self) -> &'r str {
        self.request_id
    }

    /// `proof`: how the caller was proven.
    pub(crate) fn by(&mut self, caller: &Caller, proof: &'static str) {
        self.caller = Some((caller.to_string(), proof));
        if let Caller::Workload(workload) = caller {
            self.workload = Some(workload.clone());
        }
    }

    /// What STS says of who signed, besides the role: evidence, and the caller's own choice.
    pub(crate) fn signed_by(&mut self, signer: &SignedBy) {
        self.signer = Some(Signer::of(signer));
    }

    pub(crate) fn of(&mut self, tenant: TenantId) {
        self.tenant = Some(tenant);
    }

    pub(crate) fn of_customer(&mut self, customer: &Customer) {
        self.customer = Some(customer.clone());
    }

    pub(crate) fn asking_for(&mut self, resource: &Resource) {
        self.resource = Some(resource.clone());
    }

    pub(crate) fn decided(&mut self, decision: Decision) {
        self.tried(&decision);
        self.decision = Some(decision);
    }

    /// What the candidate policy would have decided, where that differs.
    pub(crate) fn tried(&mut self, decision: &Decision) {
        let denies = |candidate: &CandidateDecision| !candidate.allows;
        if !self.candidate.as_ref().is_some_and(denies) {
            self.candidate = decision.candidate.clone().or(self.candidate.take());
        }
    }

    /// One of a listing's decisions: the line names every policy that showed a tenant, each
    /// once.
    pub(crate) fn decided_of_many(&mut self, decision: &Decision) {
        self.tried(decision);
        let so_far = self.decision.get_or_insert_with(|| Decision {
            policies: Vec::new(),
            ..decision.clone()
        });
        if decision.allows() {
            let new = decision.policies.iter();
            let new = new.filter(|id| !so_far.policies.contains(id));
            let new: Vec<_> = new.cloned().collect();
            so_far.policies.extend(new);
        }
    }

    pub(crate) fn listed(&mut self, tenants: usize) {
        self.given = Given::Listing(tenants);
    }

    pub(crate) fn handed(&mut self, vended: &Vended) {
        self.customer = Some(vended.customer.clone());
        self.given = Given::Token(Handed {
            source: vended.source.as_str(),
            sha256: hex(&vended.names.digest),
            uti: vended.names.uti.clone(),
            expires_at: vended.expires_at,
        });
    }

    /// Writes the line. `now`: the clock's reading; `answered`: with what, or why with none.
    pub(crate) fn write(self, now: Duration, answered: Result<StatusCode, &ApiError>) {
        let refused = answered.err();
        let status = answered.unwrap_or_else(|error| error.status);
        let (caller, proof) = match &self.caller {
            Some((caller, proof)) => (caller.as_str(), *proof),
            None => ("nobody proven", "none"),
        };
        let decision = self.decision.as_ref();
        let candidate = self.candidate.as_ref();
        let (token, listed) = match &self.given {
            Given::Nothing => (None, None),
            Given::Token(token) => (Some(token), None),
            Given::Listing(tenants) => (None, Some(tenants)),
        };
        let granted = if refused.is_none() {
            "granted"
        } else {
            "refused"
        };
        let took = now.saturating_sub(self.began);
        let of_request = evidence::signer(self.request);
        let signer = self.signer.as_ref().unwrap_or(&of_request);
        let user_agent = evidence::user_agent(self.request);
        let claimed_key = match self.caller {
            Some(_) => None,
            None => evidence::claimed_key(self.request),
        };
        tracing::info!(
            target: "audit",
            event = self.route.as_str(),
            decision = granted,
            caller,
            proof,
            session = signer.session.as_deref(),
            access_key_id = signer.access_key_id.as_deref(),
            jti = self.workload.as_ref().and_then(Workload::token_id),
            claimed_key = claimed_key.as_ref().map(CallerName::as_str),
            tenant = self.tenant.map(tracing::field::display),
            customer = self.customer.as_ref().map(tracing::field::display),
            resource = self.resource.as_ref().map(tracing::field::display),
            policies = decision.map(|decision| decision.policies.join(",")),
            policy_digest = decision.and_then(|decision| decision.digest.as_deref()),
            candidate = candidate.map(|candidate| if candidate.allows { "allow" } else { "deny" }),
            candidate_digest = candidate.map(|candidate| &*candidate.digest),
            source = token.map(|token| token.source),
            token_sha256 = token.map(|token| token.sha256.as_str()),
            uti = token.and_then(|token| token.uti.as_deref()),
            expires_at = token.map(|token| tracing::field::display(token.expires_at)),
            listed,
            status = status.as_u16(),
            cause = refused.and_then(|error| error.cause.as_ref()).map(tracing::field::display),
            reason = refused.map(|error| error.description.as_str()),
            source_ip = evidence::source_ip(self.request),
            user_agent = user_agent.as_deref(),
            request_id = self.request_id,
            milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "{} {granted}", self.route.as_str()
        );
    }
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
