//! Who calls. Four proofs, each from the one place where it can be believed: an AWS role
//! from the request context that the function URL made, never from a header; a workload's
//! token, or an AWS role's signed `GetCallerIdentity` request, as a client assertion in the
//! form (RFC 7523 §2.2) or as a bearer token (RFC 6750 §2.1); a caller key on the
//! managed-identity route. One of them: a request with two is refused, because somebody added
//! one. Of one that only another route takes the refusal says where it belongs
//! (`elsewhere.rs`).

mod authorization;
mod aws_role;
mod elsewhere;

use auth::Caller;
use auth::caller::{AwsRole, CallerKey, IdentityRequest};
use auth::ports::{CallerProof, ProofError};
use lambda::answer::ApiError;
use lambda::fields::Fields;
use lambda::request;
use lambda_http::Request;

use crate::audit::Entry;
use crate::evidence::{AUTHORIZATION, KEY_HEADER};
use crate::{Vending, refusal};
use authorization::TOKEN_MAX;

/// Of a signed request too: SDKs send no other type with what a callback of theirs returns.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A proof that came with a request, not checked yet but for the role, which the gateway
/// vouches for.
enum Sent<'a> {
    Role(AwsRole),
    Token(&'a str),
    /// A signed request, which STS has to be asked about.
    Signed(&'a str),
    /// At a route that takes none.
    Key,
}

impl Vending {
    /// The proven caller, whom the audit line names. `form`: where a client assertion may be.
    pub(crate) async fn caller(
        &self,
        request: &Request,
        form: Option<&Fields>,
        entry: &mut Entry<'_>,
    ) -> Result<Caller, ApiError> {
        let sent = sent(request, form)?;
        let mut sent = sent.into_iter().flatten();
        let (caller, proof) = match (sent.next(), sent.next()) {
            (None, _) => return Err(elsewhere::no_proof(form)),
            (Some(_), Some(_)) => return Err(two_proofs()),
            (Some(Sent::Key), None) => return Err(elsewhere::key()),
            (Some(Sent::Token(token)), None) => {
                (self.verified(self.proof.as_ref(), token).await?, "oidc")
            }
            (Some(Sent::Signed(request)), None) => {
                let roles = self.roles.as_ref().ok_or_else(elsewhere::not_taken)?;
                let signer = roles.signed_by(request).await.map_err(not_proven)?;
                entry.signed_by(&signer);
                (Caller::AwsRole(signer.role), "aws_sts")
            }
            (Some(Sent::Role(role)), None) => (Caller::AwsRole(role), "aws_iam"),
        };
        self.admitted(caller, proof, entry)
    }

    /// The holder of the caller key in the managed-identity protocol's header, whom the audit
    /// line names.
    pub(crate) async fn key_holder(
        &self,
        request: &Request,
        entry: &mut Entry<'_>,
    ) -> Result<Caller, ApiError> {
        let holds_key = request.headers().contains_key(KEY_HEADER);
        let holds_other =
            request.headers().contains_key(AUTHORIZATION) || aws_role::of(request)?.is_some();
        match (holds_key, holds_other) {
            (true, true) => return Err(two_proofs()),
            (false, true) => return Err(authorization::not_a_key(request)),
            (_, false) => {}
        }
        let key = request::header(request, KEY_HEADER).ok_or_else(|| {
            refusal::unproven("no proof: X-IDENTITY-HEADER must hold one caller key")
        })?;
        if elsewhere::is_token(key) || IdentityRequest::is_meant(key) {
            return Err(elsewhere::token());
        }
        let caller = self.verified(self.keys.as_ref(), key).await?;
        self.admitted(caller, "key", entry)
    }

    /// The caller, proven in this way, whom the audit line names from now on, unless it asks too
    /// often: before the policy and the table are asked for it.
    fn admitted(
        &self,
        caller: Caller,
        proof: &'static str,
        entry: &mut Entry<'_>,
    ) -> Result<Caller, ApiError> {
        entry.by(&caller, proof);
        match self.limits.take(&caller, entry.items(), self.clock.now()) {
            Ok(()) => Ok(caller),
            Err(exceeded) => Err(refusal::too_often(&caller, exceeded)),
        }
    }

    async fn verified(
        &self,
        proof: &dyn CallerProof,
        unverified: &str,
    ) -> Result<Caller, ApiError> {
        proof.verify(unverified).await.map_err(not_proven)
    }
}

fn not_proven(error: ProofError) -> ApiError {
    tracing::info!(event = "caller_refused", reason = %error, "a caller was not proven");
    match error {
        ProofError::Refused(reason) => refusal::unproven(&reason),
        ProofError::Unavailable(what) => refusal::proof_unavailable(what),
    }
}

/// Every proof that came.
fn sent<'a>(
    request: &'a Request,
    form: Option<&'a Fields>,
) -> Result<[Option<Sent<'a>>; 4], ApiError> {
    let role = aws_role::of(request)?;
    let assertion = form.map_or(Ok(None), assertion)?;
    let bearer = authorization::bearer(request, role.is_some())?;
    let holds_key = request.headers().contains_key(KEY_HEADER);
    Ok([
        role.map(Sent::Role),
        assertion.map(meant),
        bearer.map(meant),
        holds_key.then_some(Sent::Key),
    ])
}

/// What a text is meant as, by how it begins.
fn meant(text: &str) -> Sent<'_> {
    if CallerKey::is_meant(text) {
        Sent::Key
    } else if IdentityRequest::is_meant(text) {
        Sent::Signed(text)
    } else {
        Sent::Token(text)
    }
}

fn two_proofs() -> ApiError {
    refusal::malformed(
        "two proofs: send one of client_assertion, Authorization, X-IDENTITY-HEADER or a signed \
         request",
    )
}

fn assertion(form: &Fields) -> Result<Option<&str>, ApiError> {
    let assertion = form
        .optional("client_assertion", TOKEN_MAX)
        .map_err(refusal::field)?;
    let kind = form
        .optional("client_assertion_type", 100)
        .map_err(refusal::field)?;
    match (assertion, kind) {
        // Like a bearer token: token files end with a line break.
        (Some(_), Some(ASSERTION_TYPE)) | (None, None) => Ok(assertion.map(str::trim_ascii)),
        _ => Err(refusal::malformed(
            "client_assertion goes with client_assertion_type \
             urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )),
    }
}
