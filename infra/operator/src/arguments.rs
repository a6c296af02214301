//! The command line itself. What a command takes stands in the command's own file.

use std::path::PathBuf;

use auth::ports::DeployedSecret;
use clap::{Args, Parser, Subcommand};

use crate::UsageError;
use crate::commands::caller::CallerCommand;
use crate::commands::certificate::CertificateCommand;
use crate::commands::invite::InviteArguments;
use crate::commands::keys::KeysCommand;
use crate::commands::policy::PolicyCommand;
use crate::commands::tenants::TenantsCommand;
use crate::commands::token::TokenArguments;

/// Behind the help of the whole program.
const EXAMPLES: &str = "\
Examples:
  operator --data-dir .local invite \"Contoso, Inc.\"   a link to send to Contoso's admin
  operator certificate create --subject Broker --out DIR   a certificate for Entra ID
  operator tenants list --status revoked              who has no tokens any more
  operator tenants show TENANT                        why, and what to do about it
  operator tenants import tenants.csv --dry-run       who of these has consented already

Exit codes: 0 done; 1 failed, and standard error says what to do; 2 wrong usage.
Results go to standard output, everything else to standard error.";

/// The variable that names the table.
pub(crate) const TABLE_NAME: &str = "TABLE_NAME";

/// The heading of the options of the place.
const PLACE: &str = "Where to work";

/// The operator's commands of the Microsoft 365 token broker.
///
/// Works on the AWS account that the SDK's own variables name (AWS_PROFILE,
/// AWS_REGION, ...), with the functions' settings from the environment; with
/// --data-dir on a one-machine run, which brings its settings along.
#[derive(Debug, Clone, Parser)]
#[command(name = "operator", version, after_help = EXAMPLES)]
pub struct Arguments {
    /// Where to work.
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Where to work: a one-machine run, or AWS. That nobody names both is checked by
/// [`check`](Self::check): clap sees no conflict between an option before the command
/// and one behind it.
#[derive(Debug, Clone, Default, Args)]
pub struct PlaceArguments {
    /// Work on the one-machine run of this data directory
    #[arg(long, global = true, value_name = "DIR", help_heading = PLACE)]
    pub data_dir: Option<PathBuf>,
    /// The table, instead of TABLE_NAME
    #[arg(long, global = true, value_name = "NAME", help_heading = PLACE)]
    pub table: Option<String>,
    /// The certificate's secret, instead of CERTIFICATE_SECRET_ID
    #[arg(long, global = true, value_name = "ID", help_heading = PLACE)]
    pub certificate_secret: Option<String>,
    /// The secret of the consent function's keys, instead of CONSENT_KEYS_SECRET_ID
    #[arg(long, global = true, value_name = "ID", help_heading = PLACE)]
    pub consent_secret: Option<String>,
    /// The sealing ring's secret, instead of SEALING_KEYS_SECRET_ID
    #[arg(long, global = true, value_name = "ID", help_heading = PLACE)]
    pub sealing_secret: Option<String>,
}

impl PlaceArguments {
    /// Refuses options that name AWS beside one that names this machine.
    pub fn check(&self) -> Result<(), UsageError> {
        let of_aws = self.of_aws();
        let named = of_aws.iter().find(|named| named.value.is_some());
        match (&self.data_dir, named) {
            (Some(_), Some(Named { option, .. })) => Err(UsageError(format!(
                "{option} is for AWS and --data-dir for this machine: leave one of them out"
            ))),
            _ => Ok(()),
        }
    }

    /// What an option says in place of a variable.
    pub fn in_place_of(&self, variable: &str) -> Option<&str> {
        let of_aws = self.of_aws();
        let named = of_aws.iter().find(|named| named.variable == variable)?;
        named.value
    }

    fn of_aws(&self) -> [Named<'_>; 4] {
        let named = |option, variable, value| Named {
            option,
            variable,
            value: Option::as_deref(value),
        };
        let [certificate, consent, sealing] = [
            DeployedSecret::Certificate,
            DeployedSecret::ConsentKeys,
            DeployedSecret::SealingRing,
        ]
        .map(DeployedSecret::variable);
        [
            named("--table", TABLE_NAME, &self.table),
            named(
                "--certificate-secret",
                certificate,
                &self.certificate_secret,
            ),
            named("--consent-secret", consent, &self.consent_secret),
            named("--sealing-secret", sealing, &self.sealing_secret),
        ]
    }
}

/// An option that is for AWS alone, and the variable in whose place it stands.
struct Named<'a> {
    option: &'static str,
    variable: &'static str,
    value: Option<&'a str>,
}

/// The commands.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// The keys of callers that have no token of their own cloud
    #[command(subcommand)]
    Caller(CallerCommand),
    /// The certificate that the broker proves itself to Entra ID with
    #[command(subcommand)]
    Certificate(CertificateCommand),
    /// Make a consent link for a customer's admin
    ///
    /// The tenant of the admin who opens it is bound to CUSTOMER, once. The link is a
    /// secret of whoever it is sent to; it is printed now and kept nowhere.
    Invite(InviteArguments),
    /// The broker's own keys: the first ones, and the ring that seals tokens in the table
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Who may have which customer's token: policies in Cedar
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// The connected tenants: look at them, hold them back, move, remove, import
    #[command(subcommand)]
    Tenants(TenantsCommand),
    /// A tenant's token: its claims, or with --raw the token itself
    Token(TokenArguments),
}
