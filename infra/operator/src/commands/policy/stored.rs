//! The policy texts that are stored, as functions take them up.

use auth::caller::PrivateIssuers;
use auth::policy::{CandidatePolicy, StoredPolicy};
use policy::PolicySet;
use wiring::Platform;

/// What to do where no text is in force.
pub(super) fn no_policy() -> anyhow::Error {
    anyhow::anyhow!(
        "no policy is stored, and everybody is denied: write one (infra/policies has \
         examples) and store it with `operator policy put FILE`"
    )
}

/// The policies in force, and the candidate as far as functions try it.
pub(super) async fn stored_sets(
    platform: &Platform,
    private: &PrivateIssuers,
) -> anyhow::Result<(PolicySet, Option<PolicySet>)> {
    let stored = platform.store.policies.current().await?;
    let in_force = stored.in_force.ok_or_else(no_policy)?;
    let set = PolicySet::parse_with(&in_force.text, private).map_err(|problems| {
        anyhow::anyhow!(
            "the stored policy does not pass the checks of this version with these issuers \
             (--issuers FILE), and functions that start with them deny everybody: mend it and \
             put it again:\n{problems}"
        )
    })?;
    let candidate = stored.candidate.ok().flatten();
    let is_whole = |one: &CandidatePolicy| StoredPolicy::digest_of(&one.text) == one.digest;
    let candidate = candidate.filter(is_whole);
    let candidate =
        candidate.and_then(|candidate| PolicySet::parse_with(&candidate.text, private).ok());
    Ok((set, candidate))
}
