//! The question of `policy explain`, in the words of policies: who, what, of whom.

use std::path::{Path, PathBuf};

use auth::caller::{Action, AwsRole, Caller, Payload, Route, Workload};
use auth::text::shown;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use crate::exit::UsageError;
use crate::input::Input;
use crate::output::unread_json;

const FORMS: &str = "it is Key::NAME, AwsRole::ACCOUNT/NAME or \"Workload::ISSUER SUBJECT\", as \
                     policies name it";
/// The unique id of a role of which no other was named: one that no policy names, because
/// AWS gives none of this length.
const UNNAMED_ROLE_ID: &str = "AROA0";

/// A caller as an operator names it.
#[derive(Debug, Clone, Args)]
pub struct CallerArguments {
    /// Key::NAME, AwsRole::ACCOUNT/NAME or "Workload::ISSUER SUBJECT", as policies name it
    #[arg(long, value_name = "CALLER")]
    pub caller: String,
    /// The role's unique id (AROA…); without it, one that no policy names
    #[arg(long, value_name = "ID")]
    pub role_id: Option<String>,
    /// The claims of the workload's token: a file with a JSON object; iss and sub are those
    /// of CALLER
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
    /// The action, and the route by which this caller would come for it where none is named.
    pub(super) fn with_its_route(self, caller: &Caller) -> (Action, Route) {
        let by_key = matches!(caller, Caller::Key { .. });
        match self {
            AskedAction::Vend if by_key => (Action::Vend, Route::ManagedIdentity),
            AskedAction::Vend => (Action::Vend, Route::TokenV2),
            AskedAction::List if by_key => (Action::List, Route::ManagedIdentity),
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
    /// `POST /tokens`.
    Tokens,
}

impl From<AskedRoute> for Route {
    fn from(route: AskedRoute) -> Self {
        match route {
            AskedRoute::TokenV2 => Route::TokenV2,
            AskedRoute::TokenV1 => Route::TokenV1,
            AskedRoute::ManagedIdentity => Route::ManagedIdentity,
            AskedRoute::Tokens => Route::Tokens,
        }
    }
}

impl CallerArguments {
    /// The caller that the arguments name, made as the vending function makes it. Nothing
    /// proves it here: an operator asks what it would be answered.
    pub fn caller(&self) -> anyhow::Result<Caller> {
        let named = self.caller.split_once("::");
        let (kind, name) = named.ok_or_else(|| no_caller(&self.caller))?;
        let quoted = name
            .strip_prefix('"')
            .and_then(|name| name.strip_suffix('"'));
        let name = quoted.unwrap_or(name);
        let caller = match kind {
            "Key" => Caller::Key {
                name: name
                    .parse()
                    .map_err(|error| UsageError(format!("{error}")))?,
            },
            "AwsRole" => role(name, self)?,
            "Workload" => workload(name, self.claims.as_deref())?,
            _ => return Err(no_caller(&self.caller).into()),
        };
        check_fits(&caller, self)?;
        Ok(caller)
    }
}

fn no_caller(text: &str) -> UsageError {
    UsageError(format!("{} names no caller: {FORMS}", shown(text)))
}

/// Refuses an option that is about another kind of caller: it would change nothing.
fn check_fits(caller: &Caller, arguments: &CallerArguments) -> Result<(), UsageError> {
    let lost = match caller {
        Caller::AwsRole(_) => arguments.claims.as_ref().map(|_| "--claims"),
        Caller::Workload(_) => arguments.role_id.as_ref().map(|_| "--role-id"),
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
    let parts = name.split_once('/');
    let (account, name) = parts.ok_or_else(|| no_caller(&arguments.caller))?;
    let id = arguments.role_id.as_deref().unwrap_or(UNNAMED_ROLE_ID);
    let role = AwsRole::new(account, name, id);
    let role = role.map_err(|error| UsageError(format!("{error}; {FORMS}")))?;
    Ok(Caller::AwsRole(role))
}

fn workload(name: &str, claims: Option<&Path>) -> anyhow::Result<Caller> {
    let (issuer, subject) = name
        .split_once(' ')
        .ok_or_else(|| UsageError(format!("a workload has an issuer and a subject: {FORMS}")))?;
    let payload = payload(issuer, subject, claims)?;
    let workload = Workload::from_payload(payload);
    let workload = workload
        .map_err(|_| UsageError(format!("a workload has an issuer and a subject: {FORMS}")))?;
    Ok(Caller::Workload(workload))
}

/// The payload of the file, with those two claims that the name says.
fn payload(issuer: &str, subject: &str, file: Option<&Path>) -> anyhow::Result<Payload> {
    let mut members = match file {
        Some(file) => read_claims(file)?.into_members(),
        None => Map::new(),
    };
    for (name, value) in [("iss", issuer), ("sub", subject)] {
        let before = members.insert(name.to_owned(), Value::from(value));
        if before.is_some_and(|before| before != *value) {
            return Err(UsageError(format!(
                "{name} of the claims is not the one that --caller names: no token has two"
            ))
            .into());
        }
    }
    Ok(members.into())
}

/// As the vending function reads a token's: a name that stands twice is refused.
fn read_claims(file: &Path) -> anyhow::Result<Payload> {
    let Input { name, text } = Input::of_file(file)?;
    serde_json::from_str(&text).map_err(|error| {
        let what = "holds no JSON object in which each name stands once, which the claims of a \
                    token are";
        anyhow::anyhow!("{name} {what}: {}", unread_json(&error))
    })
}
