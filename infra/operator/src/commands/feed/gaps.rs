//! `feed gaps`: what is not stored. What waits has its times; what is lost for good is counted,
//! because nothing is known of it any more.

use auth::TenantId;
use auth::ports::StoreError;
use clap::Args;
use feed::operate::{Gap, Missing};
use feed::refusal::Refusal;
use futures::StreamExt as _;
use serde::Serialize;

use super::place::Feed;
use crate::output;
use crate::session::Session;
use crate::tenant_name::TenantName;
use crate::time_span::{TimeSpan, spelled};

/// Tenants that are looked at side by side.
const AT_A_TIME: usize = 32;

/// What `feed gaps` takes.
#[derive(Debug, Clone, Args)]
pub struct GapsArguments {
    /// Of this tenant alone
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<TenantName>,
    /// Leave out the newest time that waits where it is shorter: it only waits for its turn.
    /// Without it, a turn of the tenant and five minutes
    #[arg(long, value_name = "TIME")]
    pub least: Option<TimeSpan>,
}

/// A gap in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct GapView {
    tenant_id: TenantId,
    content_type: &'static str,
    /// `waiting`, `expired` (seconds that were never stored) or `lost` (contents).
    state: &'static str,
    from: Option<String>,
    to: Option<String>,
    seconds: Option<u64>,
    contents: Option<u64>,
    cause: Option<&'static str>,
    next_step: Option<&'static str>,
}

pub(super) async fn run(
    arguments: GapsArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let feed = Feed::of(&session.place().await?).await?;
    let least = arguments.least.map(|TimeSpan(least)| least.as_secs());
    let mut damaged = Vec::new();
    let gaps = match &arguments.tenant {
        Some(name) => {
            let id = name.id();
            let tenant = feed.tenant(id).await?;
            feed.status(&tenant).await?;
            let gaps = feed.feeds.gaps(id, least).await?;
            gaps.into_iter().map(|gap| (id, gap)).collect()
        }
        None => of_all(&feed, least, &mut damaged).await?,
    };
    let views: Vec<_> = gaps.iter().map(|(id, gap)| view(*id, gap)).collect();
    session.print(&views, || for_a_person(&gaps))?;
    output::refuse_damaged(session.console.err, &damaged)
}

async fn of_all(
    feed: &Feed,
    least: Option<u64>,
    damaged: &mut Vec<StoreError>,
) -> anyhow::Result<Vec<(TenantId, Gap)>> {
    let tenants = feed.feeds.tenants().await?;
    let found: Vec<_> = futures::stream::iter(tenants)
        .map(|(id, _)| async move { (id, feed.feeds.gaps(id, least).await) })
        .buffered(AT_A_TIME)
        .collect()
        .await;
    let mut all = Vec::new();
    for (id, gaps) in found {
        match gaps {
            Ok(gaps) => all.extend(gaps.into_iter().map(|gap| (id, gap))),
            Err(error @ StoreError::Damaged(_)) => damaged.push(error),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(all)
}

fn view(tenant_id: TenantId, gap: &Gap) -> GapView {
    let mut view = GapView {
        tenant_id,
        content_type: gap.content_type.as_str(),
        state: "waiting",
        from: None,
        to: None,
        seconds: None,
        contents: None,
        cause: gap.cause.map(Refusal::as_str),
        next_step: gap.cause.map(Refusal::next_step),
    };
    match gap.missing {
        Missing::Open(window) => {
            view.from = Some(window.start().to_string());
            view.to = Some(window.end().to_string());
            view.seconds = Some(window.seconds());
        }
        Missing::Expired(seconds) => {
            (view.state, view.seconds) = ("expired", Some(seconds));
        }
        Missing::Lost(contents) => {
            (view.state, view.contents) = ("lost", Some(contents));
        }
    }
    view
}

fn for_a_person(gaps: &[(TenantId, Gap)]) -> String {
    if gaps.is_empty() {
        return "nothing is missing\n".to_owned();
    }
    let rows: Vec<_> = gaps.iter().map(|(id, gap)| row(*id, gap)).collect();
    output::table(
        ["TENANT", "TYPE", "STATE", "FROM", "TO", "HOW MUCH", "CAUSE"],
        &rows,
    )
}

fn row(tenant: TenantId, gap: &Gap) -> [String; 7] {
    let view = view(tenant, gap);
    let how_much = match gap.missing {
        Missing::Open(window) => spelled(window.seconds()),
        Missing::Expired(seconds) => spelled(seconds),
        Missing::Lost(contents) => format!("{contents} contents"),
    };
    [
        tenant.to_string(),
        view.content_type.to_owned(),
        view.state.to_owned(),
        view.from.unwrap_or_default(),
        view.to.unwrap_or_default(),
        how_much,
        view.cause.unwrap_or_default().to_owned(),
    ]
}
