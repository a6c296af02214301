//! The options that say where to work, and the variables in whose place they stand.

use std::path::PathBuf;

use auth::ports::DeployedSecret;
use clap::Args;

use wiring::settings::{CONTROL_TABLE_NAME, TABLE_NAME};

use crate::exit::UsageError;

/// The heading of the options of the place.
const PLACE: &str = "Where to work";

/// Where to work: a one-machine run, or AWS. [`check`](Self::check) refuses both at once:
/// clap sees no conflict between an option before the command and one after it.
#[derive(Debug, Clone, Default, Args)]
pub struct PlaceArguments {
    /// Work on the one-machine run of this data directory
    #[arg(long, global = true, value_name = "DIR", help_heading = PLACE)]
    pub data_dir: Option<PathBuf>,
    /// The table, instead of TABLE_NAME
    #[arg(long, global = true, value_name = "NAME", help_heading = PLACE)]
    pub table: Option<String>,
    /// The control table, instead of CONTROL_TABLE_NAME; by default the table's name and -control
    #[arg(long, global = true, value_name = "NAME", help_heading = PLACE)]
    pub control_table: Option<String>,
    /// The certificate's secret, instead of CERTIFICATE_SECRET_ID
    #[arg(long, global = true, value_name = "ID", help_heading = PLACE)]
    pub certificate_secret: Option<String>,
    /// The secret of the consent function's keys, instead of CONSENT_KEYS_SECRET_ID
    #[arg(long, global = true, value_name = "ID", help_heading = PLACE)]
    pub consent_secret: Option<String>,
    /// The sealing ring's secret, instead of SEALING_KEYS_SECRET_ID
    #[arg(long, global = true, value_name = "ID", help_heading = PLACE)]
    pub sealing_secret: Option<String>,
    /// The secret of the webhook's keys, instead of FEED_WEBHOOK_KEYS_SECRET_ID
    #[arg(long, global = true, value_name = "ID", help_heading = PLACE)]
    pub webhook_secret: Option<String>,
    /// The secret of the keys that events are signed with, instead of EVENT_WEBHOOK_KEYS_SECRET_ID
    #[arg(long, global = true, value_name = "ID", help_heading = PLACE)]
    pub event_secret: Option<String>,
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

    fn of_aws(&self) -> [Named<'_>; 7] {
        let named = |option, variable, value| Named {
            option,
            variable,
            value: Option::as_deref(value),
        };
        let [certificate, consent, sealing, webhook, event] = [
            DeployedSecret::Certificate,
            DeployedSecret::ConsentKeys,
            DeployedSecret::SealingRing,
            DeployedSecret::WebhookKeys,
            DeployedSecret::EventKeys,
        ]
        .map(DeployedSecret::variable);
        [
            named("--table", TABLE_NAME, &self.table),
            named("--control-table", CONTROL_TABLE_NAME, &self.control_table),
            named(
                "--certificate-secret",
                certificate,
                &self.certificate_secret,
            ),
            named("--consent-secret", consent, &self.consent_secret),
            named("--sealing-secret", sealing, &self.sealing_secret),
            named("--webhook-secret", webhook, &self.webhook_secret),
            named("--event-secret", event, &self.event_secret),
        ]
    }
}

/// An option that is for AWS alone, and the variable in whose place it stands.
struct Named<'a> {
    option: &'static str,
    variable: &'static str,
    value: Option<&'a str>,
}
