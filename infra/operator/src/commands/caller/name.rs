//! Which caller key a command is about.

use auth::caller::CallerName;
use clap::Args;

/// A command on one caller key.
#[derive(Debug, Clone, Args)]
pub struct NameArgument {
    /// What policies and the audit log call it: 1 to 40 of a-z, 0-9 and -
    #[arg(value_name = "NAME")]
    pub name: CallerName,
}
