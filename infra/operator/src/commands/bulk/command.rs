//! The commands on many tenants, and what is written down of them.

use auth::operator_action::Deed;
use auth::tenant::{Tag, TagKey};
use clap::{Args, Subcommand};

use super::targets::Targets;
use crate::record::{Recorded, chosen};

/// The commands on many tenants.
#[derive(Debug, Clone, Subcommand)]
pub enum BulkCommand {
    /// Ask Entra ID for a token of each now, and write down what comes
    Recheck(Targets),
    /// Hold them back: their tokens are deleted, none are asked for or handed out
    Suspend(Targets),
    /// Lift their suspensions, each after a token has shown that the tenant is still consented
    Resume(Targets),
    /// Set labels, or take them away
    Tag(TagTargets),
    /// Make a consent link for the admin of each: CSV, or JSON with --json
    ///
    /// A link is a secret of the person it is sent to. They are printed now and kept nowhere.
    Link(Targets),
    /// Remove them: their tokens are deleted and no more are handed out
    Remove(Targets),
}

/// What `bulk tag` takes.
#[derive(Debug, Clone, Args)]
pub struct TagTargets {
    /// Which tenants.
    #[command(flatten)]
    pub targets: Targets,
    /// A tag to set
    #[arg(long, value_name = "KEY=VALUE", required_unless_present = "unset")]
    pub set: Vec<Tag>,
    /// A tag to take away
    #[arg(long, value_name = "KEY")]
    pub unset: Vec<TagKey>,
}

impl BulkCommand {
    pub(super) fn targets(&self) -> &Targets {
        match self {
            BulkCommand::Tag(tag) => &tag.targets,
            BulkCommand::Recheck(targets)
            | BulkCommand::Suspend(targets)
            | BulkCommand::Resume(targets)
            | BulkCommand::Link(targets)
            | BulkCommand::Remove(targets) => targets,
        }
    }

    pub(crate) fn recorded(&self) -> Recorded {
        let command = match self {
            BulkCommand::Recheck(_) => "bulk recheck",
            BulkCommand::Suspend(_) => "bulk suspend",
            BulkCommand::Resume(_) => "bulk resume",
            BulkCommand::Tag(_) => "bulk tag",
            BulkCommand::Link(_) => "bulk link",
            BulkCommand::Remove(_) => "bulk remove",
        };
        let targets = self.targets();
        Recorded::Always(Deed {
            command,
            customer: targets.which.customer.clone(),
            options: chosen(&targets.words()),
            ..Deed::default()
        })
    }
}
