//! What is done to one tenant. Each is the use case of the command of the same name; here is what
//! counts as done, and what as nothing to do.

use auth::change::{ChangeError, Changed, Changing, ResumeError, Resuming};
use auth::inviting::{CreatedInvite, Inviting};
use auth::ports::StoreError;
use auth::renew::Renewal;
use auth::tenant::TagChange;
use auth::{Cause, Tenant, TenantStatus};
use wiring::Platform;
use wiring::settings::{RenewalSettings, SigningSettings};

use super::command::BulkCommand;
use crate::commands::feed::place::Feed;
use crate::commands::invite;
use crate::commands::tenants::change::changing;
use crate::commands::tenants::link;
use crate::commands::tenants::recheck::{NOT_BELIEVED_YET, TokenNow, check};
use crate::commands::tenants::resume::next_step;
use crate::exit::UsageError;
use crate::place::Place;

/// The words for it.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub(super) verb: &'static str,
    pub(super) done: &'static str,
    /// What it means for the tenants; empty where it takes nothing from them.
    pub(super) means: &'static str,
    /// How it goes on where it stopped.
    pub(super) again: &'static str,
    /// What is printed is links.
    pub(super) makes_links: bool,
}

/// Of what is done once: those that it was done to are passed over.
const PASSES_OVER: &str = "run the command again, and it goes on where it stopped";
/// Of what can be done again and again.
const BY_FILE: &str = "put those into a file (--json lists them), and run it again with --file";

/// How a tenant ended.
pub(super) enum End {
    Done(Option<CreatedInvite>),
    /// There was nothing to do: it stands like that already, or the command is not for it.
    PassedOver,
    Refused(Refusal),
    /// The work stopped before its turn.
    NotTried,
}

/// Why a tenant was refused, and what to do.
pub(super) struct Refusal {
    pub(super) what: String,
    pub(super) next_step: String,
    /// By which the work stops, where every tenant would fail in the same way.
    pub(super) cause: Option<Cause>,
}

/// What is done.
pub(super) enum Verb {
    Recheck(Renewal, Platform),
    Suspend(Changing, Platform),
    Resume(Resuming, Platform),
    Tag(Changing, TagChange, Platform),
    /// Removed tenants, too: they were named as such.
    Link(Inviting, Platform, bool),
    Remove(Changing, Box<Feed>),
}

impl Verb {
    /// Reads what it needs, and makes no request for a tenant.
    pub(super) async fn of(command: &BulkCommand, place: &Place<'_>) -> anyhow::Result<Self> {
        let platform = async || anyhow::Ok(place.platform(&place.tables()?).await);
        Ok(match command {
            BulkCommand::Recheck(_) => {
                let settings = place.settings(RenewalSettings::read)?;
                let roots = settings.tokens.entra.trust_roots()?;
                let platform = platform().await?;
                Verb::Recheck(
                    wiring::renewal(&settings, &platform, roots).await?,
                    platform,
                )
            }
            BulkCommand::Resume(_) => {
                let settings = place.settings(SigningSettings::read)?;
                let (platform, roots) = (platform().await?, settings.entra.trust_roots()?);
                let resuming = Resuming {
                    changing: changing(&platform),
                    issuer: wiring::token_issuer(&settings, &platform, roots).await?,
                    requirements: settings.entra.requirements,
                };
                Verb::Resume(resuming, platform)
            }
            BulkCommand::Suspend(_) => {
                let platform = platform().await?;
                Verb::Suspend(changing(&platform), platform)
            }
            BulkCommand::Tag(tag) => {
                let change = TagChange::new(tag.set.clone(), tag.unset.clone());
                let change = change.map_err(|error| UsageError(error.to_string()))?;
                let platform = platform().await?;
                Verb::Tag(changing(&platform), change, platform)
            }
            BulkCommand::Link(_) => {
                let (platform, settings) = invite::made_at(place).await?;
                let of_removed = command.targets().which.status == Some(TenantStatus::Removed);
                Verb::Link(wiring::inviting(settings, &platform), platform, of_removed)
            }
            BulkCommand::Remove(_) => {
                let feed = Feed::over(place, platform().await?)?;
                Verb::Remove(changing(&feed.platform), Box::new(feed))
            }
        })
    }

    pub(super) fn platform(&self) -> &Platform {
        match self {
            Verb::Recheck(_, platform)
            | Verb::Suspend(_, platform)
            | Verb::Resume(_, platform)
            | Verb::Tag(_, _, platform)
            | Verb::Link(_, platform, _) => platform,
            Verb::Remove(_, feed) => &feed.platform,
        }
    }

    pub(super) fn words(&self) -> Words {
        let (verb, done, means) = match self {
            Verb::Recheck(..) => ("recheck", "rechecked", ""),
            Verb::Suspend(..) => (
                "suspend",
                "suspended",
                " Their tokens are deleted, and their callers get none until they are resumed.",
            ),
            Verb::Resume(..) => ("resume", "resumed", ""),
            Verb::Tag(..) => ("tag", "tagged", ""),
            Verb::Link(..) => (
                "make links for",
                "given a link",
                " Each link is a secret of the person it is sent to.",
            ),
            Verb::Remove(..) => ("remove", "removed", " Their tokens are deleted."),
        };
        let makes_links = matches!(self, Verb::Link(..));
        let again = match self {
            Verb::Recheck(..) | Verb::Link(..) => BY_FILE,
            _ => PASSES_OVER,
        };
        Words {
            verb,
            done,
            means,
            again,
            makes_links,
        }
    }

    /// Does it to one.
    pub(super) async fn one(&self, tenant: &Tenant) -> End {
        let is_removed = tenant.status == TenantStatus::Removed;
        let end = match self {
            Verb::Recheck(renewal, _) if tenant.status.is_refreshed() => {
                recheck(renewal, tenant).await
            }
            Verb::Recheck(..) => Ok(End::PassedOver),
            Verb::Suspend(..) | Verb::Resume(..) if is_removed => Ok(End::PassedOver),
            Verb::Suspend(changing, _) => changed(changing.suspend(tenant).await),
            Verb::Resume(resuming, _) => resume(resuming, tenant).await,
            Verb::Tag(changing, change, _) => changed(changing.tag(tenant, change).await),
            Verb::Link(_, _, false) if is_removed => Ok(End::PassedOver),
            Verb::Link(inviting, ..) => make_link(inviting, tenant).await,
            Verb::Remove(..) if is_removed => Ok(End::PassedOver),
            Verb::Remove(changing, feed) => {
                // Whatever comes of it, the tenant is removed (`tenants remove`).
                let _unmarked = feed.feeds.leave(tenant.id).await;
                changed(changing.remove(tenant).await)
            }
        };
        end.unwrap_or_else(End::Refused)
    }
}

fn changed(changed: Result<Changed, ChangeError>) -> Result<End, Refusal> {
    match changed {
        Ok(Changed { before: None, .. }) => Ok(End::PassedOver),
        Ok(_) => Ok(End::Done(None)),
        Err(error) => Err(Refusal::of_change(&error)),
    }
}

async fn resume(resuming: &Resuming, tenant: &Tenant) -> Result<End, Refusal> {
    match resuming.resume(tenant).await {
        Ok(resumed) => changed(Ok(resumed)),
        Err(ResumeError::NotProven(not_proven)) => {
            let cause = not_proven.error.cause;
            Err(Refusal {
                next_step: next_step(tenant.id, cause.code),
                ..cause.into()
            })
        }
        Err(ResumeError::Change(error)) => Err(Refusal::of_change(&error)),
    }
}

async fn recheck(renewal: &Renewal, tenant: &Tenant) -> Result<End, Refusal> {
    for resource in renewal.requirements.resources(tenant.cloud) {
        match check(renewal, tenant, &resource).await {
            Ok(TokenNow::Until(_)) => {}
            Ok(TokenNow::Refused(cause)) => return Err(cause.into()),
            Ok(TokenNow::Suspected(cause)) => {
                return Err(Refusal {
                    next_step: NOT_BELIEVED_YET.to_owned(),
                    ..Refusal::from(cause)
                });
            }
            Ok(TokenNow::NoRecord) => {
                return Err(Refusal::of_this_one(
                    format!("it was not connected for {resource}"),
                    "Have its admin open a consent link again, or take the resource out of \
                     ENTRA_RESOURCES.",
                ));
            }
            Ok(TokenNow::Overtaken) => {
                return Err(Refusal::of_this_one(
                    "another writer changed it meanwhile".to_owned(),
                    "Look at it with `operator tenants show`.",
                ));
            }
            Err(error) => return Err(Refusal::of_the_table(&format!("{error:#}"))),
        }
    }
    Ok(End::Done(None))
}

async fn make_link(inviting: &Inviting, tenant: &Tenant) -> Result<End, Refusal> {
    if tenant.status == TenantStatus::Suspended {
        return Err(Refusal::of_this_one(
            "it is suspended, and its consent would be refused".to_owned(),
            "Resume it first.",
        ));
    }
    if !link::needs_consent(tenant) {
        return Ok(End::PassedOver);
    }
    let created = inviting.create(link::request(tenant)).await;
    let created = created.map_err(|error| Refusal::of_the_table(&error.to_string()))?;
    Ok(End::Done(Some(created)))
}

impl Refusal {
    fn of_this_one(what: String, next_step: &str) -> Self {
        Self {
            what,
            next_step: next_step.to_owned(),
            cause: None,
        }
    }

    fn of_the_table(what: &str) -> Self {
        Self {
            what: what.to_owned(),
            next_step: "Run the command again: it goes on where it stopped.".to_owned(),
            cause: Some(auth::CauseCode::BrokerUnavailable.into()),
        }
    }

    /// An ID that the table does not have.
    pub(super) fn unknown() -> Self {
        Self::of_this_one(
            "it is not connected".to_owned(),
            "Compare the ID with `operator tenants list`.",
        )
    }

    /// Another writer, or its own admin.
    pub(super) fn changed() -> Self {
        Self::of_this_one(
            "it was changed after it was looked up".to_owned(),
            "Look at it with `operator tenants show`, and run the command again if it is still \
             meant.",
        )
    }

    fn of_change(error: &ChangeError) -> Self {
        match error {
            ChangeError::Store(error) => error.into(),
            error => Self::of_this_one(
                error.to_string(),
                "Look at it with `operator tenants show`.",
            ),
        }
    }
}

impl From<&StoreError> for Refusal {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Damaged(_) => {
                Self::of_this_one(error.to_string(), "Repair its row, or delete it.")
            }
            error => Self::of_the_table(&error.to_string()),
        }
    }
}

impl From<Cause> for Refusal {
    fn from(cause: Cause) -> Self {
        Self {
            what: cause.to_string(),
            next_step: cause.code.next_step().to_owned(),
            cause: Some(cause),
        }
    }
}
