//! `policy put --candidate` and `policy drop-candidate`: a checked text that functions
//! evaluate beside the one in force. It opens nothing; the last one that is put counts.

use auth::policy::CandidatePolicy;
use auth::ports::Write;
use serde::Serialize;
use wiring::Platform;

use super::file::Checked;
use crate::session::Session;

/// What is tried, in JSON.
#[derive(Serialize)]
struct PutCandidateView<'a> {
    candidate: &'a str,
    /// Whether this command wrote it.
    changed: bool,
}

/// What is tried no more, in JSON.
#[derive(Serialize)]
struct DroppedView {
    dropped: bool,
}

pub(super) async fn put(
    checked: Checked,
    platform: &Platform,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let next = CandidatePolicy::new(checked.text, platform.clock.now());
    let stored = platform.store.policies.current().await?;
    let in_force = stored.in_force.is_some_and(|one| one.digest == next.digest);
    if !in_force {
        platform.store.policies.put_candidate(&next).await?;
    }
    let view = PutCandidateView {
        candidate: &next.digest,
        changed: !in_force,
    };
    session.print(&view, || put_in_words(&view))
}

fn put_in_words(view: &PutCandidateView<'_>) -> String {
    if !view.changed {
        return "this very text is in force: there is nothing to try.\n".to_owned();
    }
    format!(
        "the candidate is stored; its digest in the audit log is {}.\n\
         Functions that run try it within a minute: lines with candidate=\"deny\" or \
         \"allow\" are what it would change. Nothing opens.\n\
         Put the same text without --candidate to enforce it.\n",
        view.candidate
    )
}

pub(super) async fn drop(mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let platform = session.platform().await?;
    let dropped = platform.store.policies.drop_candidate(None).await? == Write::Done;
    let text = if dropped {
        "the candidate is dropped; the policy in force stays as it is.\n"
    } else {
        "there is no candidate: nothing to do.\n"
    };
    session.print(&DroppedView { dropped }, || text.to_owned())
}
