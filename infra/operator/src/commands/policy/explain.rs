//! `policy explain`: the decision on one question, as the vending function would make it,
//! and how it comes about. Ends with 0 whatever the decision is; scripts read `decision`.

use std::path::PathBuf;

use auth::caller::{Context, Decision, Question, Subject, TenantFacts};
use auth::text::{printable, veiled};
use auth::{Cloud, Resource, Tenant};
use clap::Args;
use policy::Explanation;
use serde::Serialize;

use super::asked::{AskedAction, AskedRoute, CallerArguments};
use super::file::read;
use super::issuers::IssuersArgument;
use super::stored::stored_sets;
use crate::exit::UsageError;
use crate::output;
use crate::session::Session;
use crate::tenant_name::TenantName;

/// What `policy explain` takes.
#[derive(Debug, Clone, Args)]
pub struct ExplainArguments {
    /// Who asks.
    #[command(flatten)]
    pub caller: CallerArguments,
    /// The tenant, connected or not
    #[arg(long, value_name = "TENANT")]
    pub tenant: TenantName,
    /// What for
    #[arg(long, value_enum, default_value = "vend")]
    pub action: AskedAction,
    /// The App ID URI that a token is asked for; the management API's by default
    #[arg(long, value_name = "URI")]
    pub resource: Option<Resource>,
    /// By which route a token is asked for
    #[arg(long, value_enum)]
    pub route: Option<AskedRoute>,
    /// Ask this text instead of the one in force; - for standard input
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Which issuers are private.
    #[command(flatten)]
    pub issuers: IssuersArgument,
}

/// An explanation in JSON.
#[derive(Serialize)]
struct ExplainedView<'a> {
    decision: &'static str,
    decided_by: &'a [String],
    permits: &'a [String],
    forbids: &'a [String],
    failed: Vec<FailedView<'a>>,
    near: Vec<NearView<'a>>,
    digest: Option<&'a str>,
    /// What the candidate would decide; null where there is none.
    candidate: Option<TriedView<'a>>,
}

#[derive(Serialize)]
struct TriedView<'a> {
    decision: &'static str,
    decided_by: &'a [String],
    digest: Option<&'a str>,
}

#[derive(Serialize)]
struct FailedView<'a> {
    policy: &'a str,
    denies: bool,
    reason: &'a str,
}

/// A permit that is not satisfied.
#[derive(Serialize)]
struct NearView<'a> {
    policy: &'a str,
    unmet: &'a [String],
}

pub(super) async fn run(
    arguments: ExplainArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let asker = arguments.caller.caller()?;
    let private = arguments.issuers.private(&mut session).await?;
    let platform = session.platform().await?;
    let (policies, candidate) = match &arguments.file {
        Some(file) => (read(file, &private, session.console)?.policies, None),
        None => stored_sets(&platform, &private).await?,
    };
    let tenant = platform.store.tenants.find(arguments.tenant.id()).await?;
    let resource = wanted_resource(&arguments, tenant.as_ref());
    let (action, usual_route) = arguments.action.with_its_route(&asker);
    let question = Question {
        caller: &asker,
        action,
        subject: subject(&arguments, tenant.as_ref())?,
        context: Context {
            resource: resource.as_ref(),
            route: arguments.route.map_or(usual_route, Into::into),
        },
    };
    let explanation = policies.explain(&question);
    let tried = candidate.map(|candidate| candidate.decide(&question));
    session.print(&view(&explanation, tried.as_ref()), || {
        let asked = asked_in_words(&question, tenant.as_ref());
        let mut text = for_a_person(&asked, &explanation);
        text.extend(tried.as_ref().map(tried_in_words));
        text
    })
}

fn wanted_resource(arguments: &ExplainArguments, tenant: Option<&Tenant>) -> Option<Resource> {
    let cloud = tenant.map_or(Cloud::Public, |tenant| tenant.cloud);
    let wanted = arguments.resource.clone();
    (arguments.action == AskedAction::Vend)
        .then(|| wanted.unwrap_or_else(|| cloud.management_resource()))
}

fn subject<'a>(
    arguments: &ExplainArguments,
    tenant: Option<&'a Tenant>,
) -> Result<Subject<'a>, UsageError> {
    match (arguments.action, tenant) {
        (AskedAction::Invite, Some(tenant)) => Ok(Subject::Customer(&tenant.customer)),
        (AskedAction::Invite, None) => Err(UsageError(
            "an invite is for a customer account, and this tenant is bound to none".to_owned(),
        )),
        (_, Some(tenant)) => Ok(Subject::Tenant(tenant.into())),
        (_, None) => Ok(Subject::Tenant(TenantFacts {
            id: arguments.tenant.id(),
            connected: None,
        })),
    }
}

fn view<'a>(explanation: &'a Explanation, tried: Option<&'a Decision>) -> ExplainedView<'a> {
    let decision = &explanation.decision;
    ExplainedView {
        decision: word(decision),
        decided_by: &decision.policies,
        permits: &explanation.permits,
        forbids: &explanation.forbids,
        failed: explanation
            .failed
            .iter()
            .map(|failed| FailedView {
                policy: &failed.policy,
                denies: failed.denies,
                reason: &failed.reason,
            })
            .collect(),
        near: explanation
            .near
            .iter()
            .map(|near| NearView {
                policy: &near.policy,
                unmet: &near.unmet,
            })
            .collect(),
        digest: decision.digest.as_deref(),
        candidate: tried.map(|tried| TriedView {
            decision: word(tried),
            decided_by: &tried.policies,
            digest: tried.digest.as_deref(),
        }),
    }
}

fn word(decision: &Decision) -> &'static str {
    if decision.allows() { "allow" } else { "deny" }
}

fn asked_in_words(question: &Question<'_>, tenant: Option<&Tenant>) -> String {
    let of = match (&question.subject, tenant) {
        (Subject::Customer(customer), _) => format!("customer account {customer}"),
        (Subject::Tenant(facts), Some(tenant)) => format!(
            "tenant {} ({}, {})",
            facts.id, tenant.customer, tenant.status
        ),
        (Subject::Tenant(facts), None) => format!("tenant {} (not connected)", facts.id),
    };
    let action = question.action.as_str();
    let asked = format!("{action} by {}, of {of}", question.caller);
    match question.context.resource {
        Some(resource) => format!("{asked}, for {resource}"),
        None => asked,
    }
}

fn for_a_person(asked: &str, explanation: &Explanation) -> String {
    let decision = &explanation.decision;
    let asked = printable(&veiled(asked));
    let mut text = format!("{}: {asked}\n", word(decision));
    let permits = explanation.permits.join(", ");
    let forbids = explanation.forbids.join(", ");
    text.push_str(&output::fields(
        2,
        &[
            ("decided by", decided_by(decision)),
            ("permits", permits),
            ("forbids", forbids),
        ],
    ));
    for failed in &explanation.failed {
        let then = if failed.denies {
            ", and denies therefore"
        } else {
            ""
        };
        let reason = printable(&failed.reason);
        let policy = &failed.policy;
        text.push_str(&format!("  {policy} cannot be evaluated{then}: {reason}\n"));
    }
    for near in &explanation.near {
        text.push_str(&format!("  {} would permit it, but for:\n", near.policy));
        for demand in &near.unmet {
            text.push_str(&format!("    {}\n", printable(demand)));
        }
    }
    text
}

fn decided_by(decision: &Decision) -> String {
    if decision.policies.is_empty() {
        "no policy permits it".to_owned()
    } else {
        decision.policies.join(", ")
    }
}

fn tried_in_words(tried: &Decision) -> String {
    format!("the candidate: {} ({})\n", word(tried), decided_by(tried))
}
