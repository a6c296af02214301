//! The commands, one file each: its arguments, what it does, what it prints. The groups are
//! one directory each; its `mod.rs` lists their commands.

pub mod audit;
pub mod bulk;
pub mod caller;
pub mod certificate;
pub mod completions;
pub mod doctor;
pub mod feed;
pub mod invite;
pub mod issuer;
pub mod keys;
pub mod policy;
mod progress;
pub mod runs;
pub mod status;
mod stopping;
pub mod tenants;
pub mod token;

use clap::Subcommand;

use self::audit::AuditArguments;
use self::bulk::BulkCommand;
use self::caller::CallerCommand;
use self::certificate::CertificateCommand;
use self::completions::{CompletionsArguments, ManArguments};
use self::doctor::DoctorArguments;
use self::feed::FeedCommand;
use self::invite::InviteArguments;
use self::issuer::IssuerCommand;
use self::keys::KeysCommand;
use self::policy::PolicyCommand;
use self::runs::RunsArguments;
use self::status::StatusArguments;
use self::tenants::TenantsCommand;
use self::token::TokenArguments;
use crate::record::Recorded;
use crate::session::Session;
use crate::tenant_name::TenantName;

/// The commands.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// What operators did: who, when, on which tenant, and how it ended
    Audit(AuditArguments),
    /// Do to many tenants what `tenants` does to one
    ///
    /// The tenants are those of --status, --customer, --tag and --search, which all have to fit,
    /// or of a file. Ctrl-C stops after what is under way. What was done is reported in any case,
    /// and the same command goes on where it stopped. Ends with 1 when a tenant was refused or
    /// not tried.
    #[command(subcommand)]
    Bulk(BulkCommand),
    /// The keys of callers that have no token of their own cloud
    #[command(subcommand)]
    Caller(CallerCommand),
    /// The certificate that the broker proves itself to Entra ID with
    #[command(subcommand)]
    Certificate(CertificateCommand),
    /// Print a completion script: bash, zsh, fish, PowerShell or elvish
    ///
    /// For bash: `operator completions bash > ~/.local/share/bash-completion/completions/operator`
    Completions(CompletionsArguments),
    /// What is broken, and what to do about it
    ///
    /// Looks at the settings, the tables, the secrets, at whether Microsoft and the consent page
    /// answer, at a token, the registration and the audit log. Changes nothing. Ends with 1 when a
    /// check failed.
    Doctor(DoctorArguments),
    /// The audit logs of the tenants: how they stand, what is missing, backfill, pause, purge
    #[command(subcommand)]
    Feed(FeedCommand),
    /// Make a consent link for a customer's admin
    ///
    /// The tenant of the admin who opens it is bound to CUSTOMER, once. The link is a
    /// secret of the person it is sent to; it is printed now and kept nowhere.
    Invite(InviteArguments),
    /// The OpenID Connect issuers whose tokens prove a caller
    #[command(subcommand)]
    Issuer(IssuerCommand),
    /// The broker's own keys: the first ones, and the ring that seals tokens in the table
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Write the man pages, one for each command, into a directory
    Man(ManArguments),
    /// Who may have which customer's token: policies in Cedar
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// The refresher's last run, and how the fleet stands after it
    Runs(RunsArguments),
    /// How everything stands on one page, and what wants attention
    ///
    /// The tenants, the last run, the audit logs, the certificate, the keys and the policy. Ends
    /// with 1 when a part cannot be read.
    Status(StatusArguments),
    /// The connected tenants: look at them, hold them back, move, remove, import
    #[command(subcommand)]
    Tenants(TenantsCommand),
    /// A tenant's token: its claims, or with --raw the token itself
    Token(TokenArguments),
}

impl Command {
    /// The tenant that it names, to be looked up before it begins.
    pub(crate) fn tenant(&mut self) -> Option<&mut TenantName> {
        match self {
            Command::Feed(command) => command.tenant(),
            Command::Invite(arguments) => arguments.tenant.as_mut(),
            Command::Policy(command) => command.tenant(),
            Command::Tenants(command) => command.tenant(),
            Command::Token(arguments) => Some(&mut arguments.tenant),
            _ => None,
        }
    }

    /// What is written down of it.
    pub(crate) fn recorded(&self) -> Recorded {
        match self {
            Command::Audit(_) | Command::Completions(_) | Command::Man(_) => Recorded::Not,
            Command::Bulk(command) => command.recorded(),
            Command::Caller(command) => command.recorded(),
            Command::Certificate(command) => command.recorded(),
            Command::Doctor(arguments) => arguments.recorded(),
            Command::Feed(command) => command.recorded(),
            Command::Invite(arguments) => arguments.recorded(),
            Command::Issuer(command) => command.recorded(),
            Command::Keys(command) => command.recorded(),
            Command::Policy(command) => command.recorded(),
            Command::Runs(_) => Recorded::Not,
            Command::Status(arguments) => arguments.recorded(),
            Command::Tenants(command) => command.recorded(),
            Command::Token(arguments) => arguments.recorded(),
        }
    }
}

/// Runs the command that was asked for.
pub(crate) async fn run(command: Command, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        Command::Audit(arguments) => audit::run(arguments, session).await,
        Command::Bulk(command) => bulk::run(command, session).await,
        Command::Caller(command) => caller::run(command, session).await,
        Command::Certificate(command) => certificate::run(command, session).await,
        Command::Completions(arguments) => completions::print(&arguments, session),
        Command::Doctor(arguments) => doctor::run(arguments, session).await,
        Command::Feed(command) => feed::run(command, session).await,
        Command::Invite(arguments) => invite::run(arguments, session).await,
        Command::Issuer(command) => issuer::run(command, session).await,
        Command::Keys(command) => keys::run(command, session).await,
        Command::Man(arguments) => completions::write_pages(&arguments, session),
        Command::Policy(command) => policy::run(command, session).await,
        Command::Runs(arguments) => runs::run(arguments, session).await,
        Command::Status(arguments) => status::run(arguments, session).await,
        Command::Tenants(command) => tenants::run(command, session).await,
        Command::Token(arguments) => token::run(arguments, session).await,
    }
}
