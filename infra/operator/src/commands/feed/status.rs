//! `feed status`: how the audit logs stand. For a fleet the sums, the causes and the worst
//! tenants; for one tenant everything. Fails, after that, where rows cannot be read.

use auth::{Customer, Fault};
use clap::Args;
use feed::operate::{Status, TypeStatus};
use feed::refusal::Refusal;
use feed::webhook::WebhookState;
use serde::Serialize;

use super::fleet::{Fleet, Totals, troubled};
use super::place::Feed;
use super::view::{LogView, State, counts};
use crate::output;
use crate::session::Session;
use crate::tenant_name::TenantName;
use crate::time_span::spelled;

/// What `feed status` takes.
#[derive(Debug, Clone, Args)]
pub struct StatusArguments {
    /// Everything about this tenant
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<TenantName>,
    /// How many of the worst tenants are shown; 0 shows all. With --json they are all there
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        conflicts_with = "tenant"
    )]
    pub worst: usize,
}

/// The fleet in JSON.
#[derive(Serialize)]
struct FleetView<'a> {
    totals: &'a Totals,
    /// The worst first.
    tenants: Vec<LogView<'a>>,
}

pub(super) async fn run(
    arguments: StatusArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let feed = Feed::of(&session.place().await?).await?;
    if let Some(name) = &arguments.tenant {
        let tenant = feed.tenant(name.id()).await?;
        let status = feed.status(&tenant).await?;
        let view = LogView::of(&status, Some(&tenant.customer));
        return session.print(&view, || of_one(&status, &tenant.customer));
    }
    let fleet = Fleet::read(&feed).await?;
    let totals = fleet.totals();
    let view = FleetView {
        totals: &totals,
        tenants: (fleet.logs.iter())
            .map(|log| LogView::of(&log.status, log.customer.as_ref()))
            .collect(),
    };
    session.print(&view, || of_all(&fleet, &totals, arguments.worst))?;
    output::refuse_damaged(session.console.err, &fleet.damaged)
}

fn of_all(fleet: &Fleet, totals: &Totals, worst: usize) -> String {
    if fleet.logs.is_empty() {
        return nothing(totals);
    }
    let mut text = sums(totals);
    text += &causes(totals);
    text + &worst_of(fleet, worst)
}

fn nothing(totals: &Totals) -> String {
    match totals.not_yet {
        0 => "no audit log is collected: no tenant is active\n".to_owned(),
        active => format!(
            "no audit log is collected yet, of {active} active tenants: the collector's next run \
             begins\n"
        ),
    }
}

fn sums(totals: &Totals) -> String {
    let states = [
        (totals.paused, "paused"),
        (totals.inactive, "not active"),
        (totals.leaving, "leaving"),
        (totals.left, "left"),
        (totals.not_yet, "not seen by a run yet"),
    ];
    let mut tenants = format!(
        "{} collected, {} of them complete",
        totals.collected, totals.complete
    );
    for (count, state) in states.iter().filter(|(count, _)| *count > 0) {
        tenants += &format!("; {count} {state}");
    }
    output::fields(
        0,
        &[
            ("tenants", tenants),
            (
                "lag",
                format!(
                    "{} at most, without what waits for a customer",
                    spelled(totals.lag_seconds)
                ),
            ),
            (
                "contents",
                counts(totals.listed, totals.stored, totals.open, totals.lost),
            ),
            (
                "records",
                format!(
                    "{} stored; {} pieces that are no JSON, kept as bytes",
                    totals.records, totals.dead
                ),
            ),
            (
                "expired",
                format!(
                    "{} before they were stored",
                    spelled(totals.expired_seconds)
                ),
            ),
            (
                "silent",
                format!("{} content types that used to talk", totals.silent),
            ),
        ],
    )
}

/// Whose turn it is, and what to do.
fn causes(totals: &Totals) -> String {
    let known = Refusal::ALL.iter();
    let rows: Vec<_> = known
        .filter_map(|cause| Some((cause, totals.causes.get(cause.as_str())?)))
        .map(|(cause, types)| {
            [
                cause.as_str().to_owned(),
                types.to_string(),
                cause.fault().as_str().to_owned(),
                cause.next_step().to_owned(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let table = output::table(["CAUSE", "TYPES", "TURN", "NEXT STEP"], &rows);
    format!("\n{table}")
}

fn worst_of(fleet: &Fleet, most: usize) -> String {
    let troubled: Vec<_> = (fleet.logs.iter())
        .map(|log| (log, troubled(&log.status)))
        .filter(|(_, types)| !types.is_empty())
        .collect();
    let shown = if most == 0 { troubled.len() } else { most };
    let rows: Vec<_> = troubled
        .iter()
        .take(shown)
        .flat_map(|(log, types)| {
            types
                .iter()
                .map(|one| row(&log.status, log.customer.as_ref(), one))
        })
        .collect();
    if rows.is_empty() {
        return "\nno tenant lacks anything\n".to_owned();
    }
    let table = output::table(HEADER, &rows);
    let more = match troubled.len().saturating_sub(shown) {
        0 => String::new(),
        more => format!("and {more} tenants more: --worst 0 shows all\n"),
    };
    format!("\n{table}{more}")
}

const HEADER: [&str; 9] = [
    "TENANT", "CUSTOMER", "TYPE", "LAG", "LISTED", "STORED", "WAITING", "LOST", "CAUSE",
];

fn row(status: &Status, customer: Option<&Customer>, one: &TypeStatus) -> [String; 9] {
    let totals = one.totals;
    [
        status.tenant.to_string(),
        customer.map(ToString::to_string).unwrap_or_default(),
        one.content_type.to_string(),
        spelled(one.lag),
        totals.listed.to_string(),
        totals.stored.to_string(),
        one.open.to_string(),
        lost(one),
        why(status, one),
    ]
}

/// Contents, and what expired unseen.
fn lost(one: &TypeStatus) -> String {
    match one.totals.expired_seconds {
        0 => one.totals.lost.to_string(),
        expired => format!("{} and {}", one.totals.lost, spelled(expired)),
    }
}

fn why(status: &Status, one: &TypeStatus) -> String {
    match (one.cause, one.silent_since, State::of(status)) {
        (Some(cause), ..) => cause.as_str().to_owned(),
        (None, Some(since), _) => format!("silent since {since}"),
        (None, None, State::Collected) => String::new(),
        (None, None, state) => state.spelled().to_owned(),
    }
}

fn of_one(status: &Status, customer: &Customer) -> String {
    let complete = if status.is_whole(status.usual) {
        "yes: all that was listed is stored, and nothing is late"
    } else {
        "no: see below"
    };
    let mut text = output::fields(
        0,
        &[
            ("tenant", status.tenant.to_string()),
            ("customer", customer.to_string()),
            ("audit log", State::of(status).spelled().to_owned()),
            ("complete", complete.to_owned()),
            ("asked every", spelled(status.period.as_secs())),
        ],
    );
    for one in &status.types {
        text += &format!(
            "\n{}\n{}",
            one.content_type,
            output::fields(2, &of_type(one))
        );
    }
    text
}

fn of_type(one: &TypeStatus) -> Vec<(&'static str, String)> {
    let totals = one.totals;
    let mut fields = vec![
        ("lag", spelled(one.lag)),
        ("waits to be stored", spelled(one.behind)),
        (
            "contents",
            counts(totals.listed, totals.stored, one.open, totals.lost),
        ),
        ("expired unseen", spelled(totals.expired_seconds)),
        (
            "records",
            format!(
                "{} stored, {} of them repeat an Id, {} have none",
                totals.records, totals.repeated, totals.without_id
            ),
        ),
        ("no JSON", format!("{} pieces, kept as bytes", totals.dead)),
        (
            "wanted since",
            one.since.map(|at| at.to_string()).unwrap_or_default(),
        ),
        (
            "last stored",
            one.stored_at.map(|at| at.to_string()).unwrap_or_default(),
        ),
    ];
    match one.webhook {
        WebhookState::None => {}
        WebhookState::Enabled => fields.push(("webhook", "enabled".to_owned())),
        state => fields.extend([
            (
                "webhook",
                format!("{}: {}", state.as_str(), state.what_happened()),
            ),
            ("for the webhook", state.next_step().to_owned()),
        ]),
    }
    if let Some(since) = one.silent_since {
        fields.push((
            "silent since",
            format!("{since}: longer than is usual for it"),
        ));
    }
    if let Some(cause) = one.cause {
        fields.extend([
            ("cause", cause.as_str().to_owned()),
            ("what happened", cause.what_happened().to_owned()),
            ("whose turn", Fault::whose_turn(cause.fault()).to_owned()),
            ("next step", cause.next_step().to_owned()),
        ]);
    }
    fields
}
