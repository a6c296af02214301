//! Stored texts, checked before they are taken: by the digest that was stored with them,
//! and by everything that `policy check` looks at.

use std::sync::Arc;

use auth::caller::PrivateIssuers;
use auth::policy::{CandidatePolicy, StoredPolicy};

use crate::problem::PolicyProblems;
use crate::set::PolicySet;
use crate::text;

/// Refuses a text that was changed behind its digest.
pub(crate) fn check_digest(text: &str, digest: &str) -> Result<(), PolicyProblems> {
    if StoredPolicy::digest_of(text) == digest {
        Ok(())
    } else {
        Err(PolicyProblems::one(
            1,
            "not_its_digest",
            "the text has not the digest that was stored with it".to_owned(),
            "put it again",
        ))
    }
}

/// The set of a text whose digest was checked.
pub(crate) async fn policy(
    stored: StoredPolicy,
    private: &PrivateIssuers,
) -> Result<Arc<PolicySet>, PolicyProblems> {
    let set = parse(stored.text, private).await?;
    let (version, digest, policies) = (stored.version, stored.digest, set.ids().count());
    tracing::info!(
        event = "policy_taken",
        version,
        digest,
        policies,
        "a policy is in force"
    );
    Ok(Arc::new(set))
}

/// The set of a candidate; `None`, loudly, for one that must not be tried.
pub(crate) async fn candidate(
    stored: &CandidatePolicy,
    private: &PrivateIssuers,
) -> Option<Arc<PolicySet>> {
    let digest = &*stored.digest;
    let checked = match check_digest(&stored.text, digest) {
        Ok(()) => parse(stored.text.clone(), private).await,
        Err(problems) => Err(problems),
    };
    match checked {
        Ok(set) => {
            tracing::info!(
                event = "policy_candidate_taken",
                digest,
                "a candidate policy is tried beside the one in force"
            );
            Some(Arc::new(set))
        }
        Err(problems) => {
            tracing::error!(
                event = "policy_candidate_refused", digest, %problems,
                "the candidate policy does not pass the checks: it is not tried"
            );
            None
        }
    }
}

/// Milliseconds of work: on a thread of its own, so that callers who are served from what is
/// in force do not wait for it.
async fn parse(text: String, private: &PrivateIssuers) -> Result<PolicySet, PolicyProblems> {
    let private = private.clone();
    let parsed = tokio::task::spawn_blocking(move || PolicySet::parse_with(&text, &private));
    // The work itself is never given up.
    parsed.await.unwrap_or_else(|_| Err(text::unreadable()))
}
