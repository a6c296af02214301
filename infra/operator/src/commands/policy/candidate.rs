//! `policy put --candidate` and `policy drop-candidate`: a checked text that functions
//! evaluate beside the one in force. It opens nothing; the last one that is put counts.

use auth::policy::CandidatePolicy;
use auth::ports::Write;
use serde::Serialize;
use wiring::Platform;

use super::file::Checked;
use crate::commands::Session;
use crate::output;

/// What is tried, in JSON.
#[derive(Serialize)]
struct CandidateView<'a> {
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
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let next = CandidatePolicy::new(checked.text, platform.clock.now());
    let stored = platform.store.policies.current().await?;
    let in_force = stored.in_force.is_some_and(|one| one.digest == next.digest);
    if !in_force {
        platform.store.policies.put_candidate(&next).await?;
    }
    let out = &mut *session.console.out;
    if session.json {
        let view = CandidateView {
            candidate: &next.digest,
            changed: !in_force,
        };
        return output::json(out, &view);
    }
    let text = match in_force {
        true => "this very text is in force: there is nothing to try.\n".to_owned(),
        false => format!(
            "the candidate is stored; its digest in the audit log is {}.\n\
             Functions that run try it within a minute: lines with candidate=\"deny\" or \
             \"allow\" are what it would change. Nothing opens.\n\
             Put the same text without --candidate to enforce it.\n",
            next.digest
        ),
    };
    Ok(out.write_all(text.as_bytes())?)
}

pub(super) async fn drop(session: Session<'_, '_>) -> anyhow::Result<()> {
    let place = session.place().await?;
    let platform = place.platform(&place.table_name()?).await;
    let dropped = platform.store.policies.drop_candidate(None).await? == Write::Done;
    let out = &mut *session.console.out;
    if session.json {
        return output::json(out, &DroppedView { dropped });
    }
    let text = match dropped {
        true => "the candidate is dropped; the policy in force stays as it is.\n",
        false => "there is no candidate: nothing to do.\n",
    };
    Ok(out.write_all(text.as_bytes())?)
}
