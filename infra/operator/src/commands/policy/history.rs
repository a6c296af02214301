//! `policy history` and `policy rollback`: the texts that were in force before, and one of them put
//! in force again, as a version of its own: a version says one text, for good.

use auth::policy::StoredPolicy;
use clap::Args;
use serde::Serialize;
use wiring::Platform;

use super::file::check;
use super::issuers::IssuersArgument;
use super::put::{check_confirmed, put};
use crate::output;
use crate::session::Session;

/// Of a digest, for a person: enough to find it in the audit log.
const DIGEST_SHOWN: usize = 12;

/// What `policy rollback` takes.
#[derive(Debug, Clone, Args)]
pub struct RollbackArguments {
    /// The version whose text is wanted; the one before by default
    #[arg(long, value_name = "N")]
    pub version: Option<u64>,
    /// What the check asks to be confirmed is meant so
    #[arg(long)]
    pub confirm: bool,
    /// Which issuers are private.
    #[command(flatten)]
    pub issuers: IssuersArgument,
}

/// A version in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct VersionView<'a> {
    version: u64,
    put_at: String,
    /// SHA-256 of the text: `policy_digest` of the audit log.
    digest: &'a str,
    in_force: bool,
}

pub(super) async fn list(mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let platform = session.platform().await?;
    let in_force = platform.store.policies.current().await?.in_force;
    let replaced = platform.store.policies.replaced().await?;
    let views: Vec<_> = (in_force.iter().map(|policy| view(policy, true)))
        .chain(replaced.iter().map(|policy| view(policy, false)))
        .collect();
    session.print(&views, || for_a_person(&views))
}

fn view(policy: &StoredPolicy, in_force: bool) -> VersionView<'_> {
    VersionView {
        version: policy.version,
        put_at: policy.put_at.to_string(),
        digest: &policy.digest,
        in_force,
    }
}

fn for_a_person(views: &[VersionView<'_>]) -> String {
    if views.is_empty() {
        return "no policy was stored yet\n".to_owned();
    }
    let rows: Vec<_> = views
        .iter()
        .map(|view| {
            let state = if view.in_force {
                "in force"
            } else {
                "replaced"
            };
            [
                view.version.to_string(),
                state.to_owned(),
                view.put_at.clone(),
                view.digest.chars().take(DIGEST_SHOWN).collect(),
            ]
        })
        .collect();
    let table = output::table(["VERSION", "STATE", "PUT AT", "DIGEST"], &rows);
    format!("{table}\n`operator policy show --version N` prints one.\n")
}

/// The text of a version: in force, or replaced.
pub(super) async fn version(platform: &Platform, version: u64) -> anyhow::Result<StoredPolicy> {
    let in_force = platform.store.policies.current().await?.in_force;
    let replaced = platform.store.policies.replaced().await?;
    let mut all = in_force.into_iter().chain(replaced);
    let found = all.find(|policy| policy.version == version);
    found.ok_or_else(|| {
        anyhow::anyhow!(
            "version {version} is not kept: `operator policy history` lists those that are"
        )
    })
}

/// The text is checked as a new one is: issuers, and what functions take, may have changed.
pub(super) async fn roll_back(
    arguments: RollbackArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let private = arguments.issuers.private(&mut session).await?;
    let platform = session.platform().await?;
    let wanted = match arguments.version {
        Some(number) => version(&platform, number).await?,
        None => before(&platform).await?,
    };
    let name = format!("the text of version {}", wanted.version);
    let checked = check((name, wanted.text), &private, session.console)?;
    check_confirmed(&checked, arguments.confirm, session.console)?;
    put(checked, &platform, &mut session).await
}

async fn before(platform: &Platform) -> anyhow::Result<StoredPolicy> {
    let replaced = platform.store.policies.replaced().await?;
    let newest = replaced.into_iter().next();
    newest.ok_or_else(|| {
        anyhow::anyhow!("no policy was replaced yet: there is nothing to go back to")
    })
}
