//! The command line itself. What a command takes is in the command's own file.

use clap::Parser;

use crate::commands::Command;
use crate::place::PlaceArguments;

/// After the help of the whole program.
const EXAMPLES: &str = "\
Examples:
  operator --data-dir .local invite \"Contoso, Inc.\"   a link to send to Contoso's admin
  operator certificate create --subject Broker --out DIR   a certificate for Entra ID
  operator status                                     is everything well
  operator doctor                                     what is broken, and what to do
  operator tenants list --status revoked              who has no tokens any more
  operator tenants show TENANT                        why, and what to do about it
  operator bulk link --status revoked > links.csv     a consent link for each of them
  operator tenants import tenants.csv --dry-run       who of these has consented already
  operator feed status                                is every audit log complete, and what to do

Exit codes: 0 done; 1 failed, and standard error says what to do; 2 wrong usage.
Results go to standard output, everything else to standard error.";

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
