//! The environment of the functions on one machine: what the run itself decides, over
//! what the person's environment says.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use auth::ClientId;
use serde_json::{Value, json};
use wiring::settings::{CONTROL_TABLE_NAME, TABLE_NAME};

use super::trust::EXTRA_CA_FILE;
use crate::data::{CERTIFICATE, CONSENT_KEYS, EVENT_KEYS, SEALING_KEYS, WEBHOOK_KEYS};
use crate::development_issuer::DevelopmentIssuer;
use crate::objects;
use crate::options::Lookup;
use crate::table;

/// Where the development issuer's discovery document is.
pub(super) const ISSUER_CONFIGURATION: &str = "/_development/.well-known/openid-configuration";
/// Where its keys are.
pub(super) const ISSUER_KEYS: &str = "/_development/keys";

/// Where notifications are taken.
pub(super) const WEBHOOK: &str = "/feed/webhook";

/// Variables of the person's that are taken over when they are set, so that the
/// operator's commands find them in `run.json`.
const TAKEN_OVER: [&str; 19] = [
    "ENTRA_CLOUD",
    "ENTRA_RESOURCES",
    "ENTRA_REQUIRED_ROLES",
    "ENTRA_TOKEN_ENDPOINT",
    "ENTRA_ASSERTION",
    "ENTRA_AUTHORITY",
    "OUTAGE_TO_SURVIVE_SECONDS",
    "REVOCATION_CONFIRM_SECONDS",
    "CONSENT_RETURN_URLS",
    "FEED_CONTENT_TYPES",
    "FEED_PREFIX",
    "FEED_FORMAT",
    "FEED_PUBLISHER_ID",
    "FEED_SETTLE_SECONDS",
    "FEED_EVERY_SECONDS",
    "FEED_LAG_MAX_SECONDS",
    "FEED_API_URL",
    "FEED_WEBHOOK_URL",
    "EVENT_WEBHOOK_URL",
];

/// What holds on one machine where the person says nothing: anybody may start, and a tenant
/// is bound to itself.
const DEFAULTS: [(&str, &str); 2] = [
    ("CONSENT_MODE", "open"),
    ("CONSENT_COMPANY_NAME", "The token broker on this machine"),
];

/// Somebody waits for the first records of the simulated log, whose listings are complete.
const FEED_SETTLES_AT_ONCE: (&str, &str) = ("FEED_SETTLE_SECONDS", "0");

/// What the run decides.
pub(super) struct Facts<'a> {
    pub(super) client_id: ClientId,
    pub(super) base_url: &'a str,
    /// The CAs that are trusted besides the system's.
    pub(super) extra_ca_file: Option<&'a Path>,
    /// The simulator; `None` for the real authority.
    pub(super) authority: Option<&'a str>,
    pub(super) issuer: &'a DevelopmentIssuer,
    /// The simulated STS, and the region that it is of.
    pub(super) sts: (&'a str, &'a str),
    pub(super) refresh_every: Duration,
}

/// The functions' environment, held in memory.
pub(super) struct Environment {
    fixed: BTreeMap<String, String>,
    redirect_uri: String,
    others: Lookup,
}

impl Environment {
    pub(super) fn new(facts: Facts<'_>, others: Lookup) -> Self {
        let redirect_uri = format!("{}/consent/callback", facts.base_url);
        let mut fixed = BTreeMap::new();
        for name in TAKEN_OVER {
            if let Some(value) = others(name) {
                fixed.insert(name.to_owned(), value);
            }
        }
        let mut set = |name: &str, value: String| fixed.insert(name.to_owned(), value);
        for (name, value) in DEFAULTS {
            set(name, others(name).unwrap_or_else(|| value.to_owned()));
        }
        set("ENTRA_CLIENT_ID", facts.client_id.to_string());
        let tables = table::names();
        set(TABLE_NAME, tables.table);
        set(CONTROL_TABLE_NAME, tables.control);
        set("CERTIFICATE_SECRET_ID", CERTIFICATE.to_owned());
        set("CONSENT_KEYS_SECRET_ID", CONSENT_KEYS.to_owned());
        set("SEALING_KEYS_SECRET_ID", SEALING_KEYS.to_owned());
        set("CONSENT_REDIRECT_URI", redirect_uri.clone());
        // Asked in this process, whatever its name.
        set("ON_DEMAND_FUNCTION", "on-demand".to_owned());
        let own = own_issuer(facts.issuer, facts.base_url);
        set("VENDING_ISSUERS", issuers(own, others("VENDING_ISSUERS")));
        // The host of the broker's URL, as in a deployment.
        let host = facts.base_url.split_once("://").map(|(_, host)| host);
        set("VENDING_SERVER_ID", host.unwrap_or_default().to_owned());
        let (sts, region) = facts.sts;
        set("VENDING_STS_REGIONS", region.to_owned());
        set("AWS_ENDPOINT_URL_STS", sts.to_owned());
        set("VENDING_URL", facts.base_url.to_owned());
        set("FEED_BUCKET", objects::BUCKET.to_owned());
        set("FEED_WEBHOOK_KEYS_SECRET_ID", WEBHOOK_KEYS.to_owned());
        set("EVENT_WEBHOOK_KEYS_SECRET_ID", EVENT_KEYS.to_owned());
        // There is no bus on this machine: a person at the log reads the events.
        set("EVENT_BUS_NAME", String::new());
        set("EVENT_LOG", "true".to_owned());
        // In this process, whatever its name.
        set("FEED_QUEUE_URL", format!("{}/feed/queue", facts.base_url));
        let period = facts.refresh_every.as_secs().max(1);
        set("REFRESH_EVERY_SECONDS", period.to_string());
        if let Some(file) = facts.extra_ca_file {
            set(EXTRA_CA_FILE, file.display().to_string());
        }
        if let Some(authority) = facts.authority {
            set("ENTRA_AUTHORITY", authority.to_owned());
            // The simulator plays the Activity API as well, and a company of the run's own.
            set("FEED_API_URL", authority.to_owned());
            let client_id = facts.client_id.to_string();
            let webhook = format!("{}{WEBHOOK}", facts.base_url);
            for (name, value) in [
                ("FEED_PUBLISHER_ID", client_id.as_str()),
                // Microsoft's own notifications come to no address of this machine.
                ("FEED_WEBHOOK_URL", webhook.as_str()),
                FEED_SETTLES_AT_ONCE,
            ] {
                set(name, others(name).unwrap_or_else(|| value.to_owned()));
            }
        }
        Self {
            fixed,
            redirect_uri,
            others,
        }
    }

    /// A function's variable.
    pub(super) fn lookup(&self, name: &str) -> Option<String> {
        let own = self.fixed.get(name).cloned();
        own.or_else(|| (self.others)(name))
    }

    /// Decides what the person has not.
    pub(super) fn set_default(&mut self, name: &str, value: String) {
        if self.lookup(name).is_none() {
            self.fixed.insert(name.to_owned(), value);
        }
    }

    /// What the run decided, for `run.json`: names of secrets, never their values.
    pub(super) fn fixed(&self) -> &BTreeMap<String, String> {
        &self.fixed
    }

    pub(super) fn redirect_uri(&self) -> String {
        self.redirect_uri.clone()
    }
}

fn own_issuer(issuer: &DevelopmentIssuer, base_url: &str) -> Value {
    json!({
        "issuer": issuer.issuer(),
        "audience": issuer.audience(),
        "configuration_url": format!("{base_url}{ISSUER_CONFIGURATION}"),
        // Its key never leaves the data directory.
        "private": true,
    })
}

/// The run's own issuer and those of the person. What is no list is passed on as it is:
/// the function refuses it in its own words.
fn issuers(own: Value, others: Option<String>) -> String {
    let Some(text) = others else {
        return json!([own]).to_string();
    };
    match serde_json::from_str::<Vec<Value>>(&text) {
        Ok(list) => Value::Array([vec![own], list].concat()).to_string(),
        Err(_) => text,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// The environment of a run for a person with these variables.
    fn environment(variables: &'static [(&str, &str)]) -> Environment {
        let issuer = DevelopmentIssuer::create(Uuid::nil()).unwrap();
        let facts = Facts {
            client_id: "2d4d11a2-f814-46a7-890a-274a72a7309e".parse().unwrap(),
            base_url: "http://localhost:8080",
            extra_ca_file: None,
            authority: None,
            issuer: &DevelopmentIssuer::open(issuer).unwrap(),
            sts: ("http://localhost:1", "us-east-1"),
            refresh_every: Duration::from_secs(60),
        };
        let find = |name: &str| variables.iter().find(|(variable, _)| *variable == name);
        let others = move |name: &str| find(name).map(|(_, value)| (*value).to_owned());
        Environment::new(facts, Box::new(others))
    }

    /// The functions that are built from `run.json` are those of the run.
    #[test]
    fn what_holds_without_a_word_of_the_persons_is_told_to_others_too() {
        let silent = environment(&[]);
        let said = environment(&[
            ("CONSENT_MODE", "invite"),
            ("CONSENT_COMPANY_NAME", "Contoso"),
        ]);
        for (name, by_default, chosen) in [
            ("CONSENT_MODE", "open", "invite"),
            (
                "CONSENT_COMPANY_NAME",
                "The token broker on this machine",
                "Contoso",
            ),
        ] {
            for (environment, expected) in [(&silent, by_default), (&said, chosen)] {
                assert_eq!(environment.fixed()[name], expected, "run.json");
                let looked_up = environment.lookup(name);
                assert_eq!(looked_up.as_deref(), Some(expected), "the functions");
            }
        }
    }

    #[test]
    fn a_persons_issuers_stand_beside_the_runs_own() {
        let own = json!({"issuer": "own"});
        let rows = [
            (None, r#"[{"issuer":"own"}]"#),
            (Some("[]"), r#"[{"issuer":"own"}]"#),
            (
                Some(r#"[{"issuer":"a"},{"issuer":"b"}]"#),
                r#"[{"issuer":"own"},{"issuer":"a"},{"issuer":"b"}]"#,
            ),
            (Some("{}"), "{}"),
            (Some("nonsense"), "nonsense"),
        ];
        for (others, expected) in rows {
            let found = issuers(own.clone(), others.map(str::to_owned));
            assert_eq!(found, expected, "{others:?}");
        }
    }
}
