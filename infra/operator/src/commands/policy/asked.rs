//! The question of `policy explain`, in the words of policies: who, what, of whom.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use auth::caller::{Action, AwsRole, Caller, Claims, Route};
use auth::text::{shown, shown_path};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use crate::UsageError;
use crate::output::unread_json;

const FORMS: &str = "it is Key::NAME, AwsRole::ACCOUNT/NAME or \"Workload::ISSUER SUBJECT\", as \
                     policies name it";

/// A caller as an operator names it.
#[derive(Debug, Clone, Args)]
pub struct CallerArguments {
    /// Key::NAME, AwsRole::ACCOUNT/NAME or "Workload::ISSUER SUBJECT", as policies name it
    #[arg(long, value_name = "CALLER")]
    pub caller: String,
    /// The role's unique id (AROA…), where a policy asks for it
    #[arg(long, value_name = "ID")]
    pub role_id: Option<String>,
    /// The claims of the workload's token: a file with a JSON object
    #[arg(long, value_name = "FILE")]
    pub claims: Option<PathBuf>,
}

/// What is asked of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AskedAction {
    /// Be handed a token.
    Vend,
    /// See the tenant and its status.
    List,
    /// Make a consent link for its customer account.
    Invite,
}

impl AskedAction {
    /// The action, and the route that it comes by where none is named.
    pub(super) fn with_its_route(self) -> (Action, Route) {
        match self {
            AskedAction::Vend => (Action::Vend, Route::TokenV2),
            AskedAction::List => (Action::List, Route::Tenants),
            AskedAction::Invite => (Action::Invite, Route::Invites),
        }
    }
}

/// A route for a token, by its word in policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum AskedRoute {
    /// `POST /{tenant}/oauth2/v2.0/token`.
    TokenV2,
    /// `POST /{tenant}/oauth2/token`.
    TokenV1,
    /// `GET /msi/token`.
    ManagedIdentity,
}

impl From<AskedRoute> for Route {
    fn from(route: AskedRoute) -> Self {
        match route {
            AskedRoute::TokenV2 => Route::TokenV2,
            AskedRoute::TokenV1 => Route::TokenV1,
            AskedRoute::ManagedIdentity => Route::ManagedIdentity,
        }
    }
}

/// The caller that the arguments name. Nothing proves it here: an operator asks what it
/// would be answered.
pub(super) fn caller(arguments: &CallerArguments) -> anyhow::Result<Caller> {
    let (kind, name) = arguments
        .caller
        .split_once("::")
        .ok_or_else(|| no_caller(&arguments.caller))?;
    let name = name.trim_matches('"');
    let caller = match kind {
        "Key" => Caller::Key {
            name: name
                .parse()
                .map_err(|error| UsageError(format!("{error}")))?,
        },
        "AwsRole" => role(name, arguments)?,
        "Workload" => workload(name, arguments.claims.as_deref())?,
        _ => return Err(no_caller(&arguments.caller).into()),
    };
    check_fits(&caller, arguments)?;
    Ok(caller)
}

fn no_caller(text: &str) -> UsageError {
    UsageError(format!("{} names no caller: {FORMS}", shown(text)))
}

/// Refuses an option that is about another kind of caller: it would change nothing.
fn check_fits(caller: &Caller, arguments: &CallerArguments) -> Result<(), UsageError> {
    let lost = match caller {
        Caller::AwsRole(_) => arguments.claims.as_ref().map(|_| "--claims"),
        Caller::Workload { .. } => arguments.role_id.as_ref().map(|_| "--role-id"),
        Caller::Key { .. } => arguments
            .claims
            .as_ref()
            .map(|_| "--claims")
            .or(arguments.role_id.as_ref().map(|_| "--role-id")),
    };
    match lost {
        Some(option) => Err(UsageError(format!(
            "{option} is for another kind of caller"
        ))),
        None => Ok(()),
    }
}

fn role(name: &str, arguments: &CallerArguments) -> Result<Caller, UsageError> {
    match name.split_once('/') {
        Some((account, name)) if is_account(account) && !name.is_empty() => {
            Ok(Caller::AwsRole(AwsRole {
                account: account.to_owned(),
                name: name.to_owned(),
                id: arguments.role_id.clone().unwrap_or_default(),
            }))
        }
        _ => Err(no_caller(&arguments.caller)),
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn workload(name: &str, claims: Option<&Path>) -> anyhow::Result<Caller> {
    let (issuer, subject) = name
        .split_once(' ')
        .ok_or_else(|| UsageError(format!("a workload has an issuer and a subject: {FORMS}")))?;
    Ok(Caller::Workload {
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        claims: all_claims(issuer, subject, claims)?,
    })
}

/// The claims of the file, and those two that the name says.
fn all_claims(issuer: &str, subject: &str, file: Option<&Path>) -> anyhow::Result<Claims> {
    let mut claims = match file {
        Some(file) => read_claims(file)?,
        None => Map::new(),
    };
    for (name, value) in [("iss", issuer), ("sub", subject)] {
        claims.insert(name.to_owned(), Value::from(value));
    }
    Ok(claims.into())
}

fn read_claims(file: &Path) -> anyhow::Result<Map<String, Value>> {
    let name = shown_path(file);
    let text = fs::read_to_string(file).with_context(|| format!("{name} cannot be read"))?;
    serde_json::from_str(&text).map_err(|error| {
        let what = "holds no JSON object, which the claims of a token are";
        anyhow::anyhow!("{name} {what}: {}", unread_json(&error))
    })
}
