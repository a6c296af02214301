//! `token`: a tenant's token as a caller would get it, through the same use case: from
//! the table, else from Entra ID, and what Entra ID gave is kept as after any vend.
//!
//! The token itself is printed with `--raw` only, and then nothing else is.

use std::time::Duration;

use auth::encoding::from_base64url;
use auth::operator_action::Deed;
use auth::tenant::Waiting;
use auth::vend::{DEFAULT_MIN_TTL, VendRefusal, Vended};
use auth::{
    AccessToken, Cause, CauseCode, Fault, Resource, Tenant, TenantId, TenantStatus, Timestamp,
};
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use wiring::settings::{RenewalSettings, TokenSettings};

use crate::exit::UsageError;
use crate::output;
use crate::record::{Recorded, chosen};
use crate::session::Session;
use crate::tenant_name::TenantName;

/// What `token` takes.
#[derive(Debug, Clone, Args)]
pub struct TokenArguments {
    /// The tenant's ID, or a domain of it
    #[arg(value_name = "TENANT")]
    pub tenant: TenantName,
    /// The API that the token is for, as its App ID URI; by default the first that the
    /// settings name
    #[arg(long, value_name = "URI")]
    pub resource: Option<Resource>,
    /// Print the token itself and nothing else. It is a credential
    #[arg(long)]
    pub raw: bool,
}

impl TokenArguments {
    pub(super) fn recorded(&self) -> Recorded {
        Recorded::Always(Deed {
            command: "token",
            tenant: Some(self.tenant.id()),
            options: chosen(&[("raw", self.raw)]),
            ..Deed::default()
        })
    }
}

/// A token without its signature.
#[derive(Serialize)]
struct TokenView {
    tenant_id: TenantId,
    resource: Resource,
    /// `null` when the token is no JWT.
    claims: Option<Value>,
    expires_at: String,
    source: &'static str,
}

pub(super) async fn run(arguments: TokenArguments, session: Session<'_, '_>) -> anyhow::Result<()> {
    if arguments.raw && session.json {
        let what = "--raw prints no JSON: leave --raw or --json out";
        return Err(UsageError(what.to_owned()).into());
    }
    let place = session.place().await?;
    let settings = place.settings(RenewalSettings::read)?;
    let platform = place.platform(&settings.tokens.entra.tables).await;
    let id = arguments.tenant.id();
    let tenant = platform.store.tenants.find(id).await?;
    let resource = match arguments.resource {
        Some(resource) => resource,
        None => default_resource(&settings.tokens, tenant.as_ref())?,
    };
    let roots = settings.tokens.entra.trust_roots()?;
    let renewal = wiring::renewal(&settings, &platform, roots).await?;
    // A command vends once: there is nothing to remember.
    let vended = wiring::vend_by(renewal, &platform, Duration::ZERO)
        .vend(id, &resource, DEFAULT_MIN_TTL)
        .await
        .map_err(|refusal| match (refusal, &tenant) {
            (VendRefusal::NotFound, Some(tenant)) => no_record(tenant, &resource),
            (refusal, _) => refused(id, &resource, &refusal, platform.clock.now()),
        })?;
    let out = &mut *session.console.out;
    if arguments.raw {
        return Ok(writeln!(out, "{}", vended.access_token.expose())?);
    }
    output::json(out, &view(id, resource, &vended))
}

/// The first resource of the tenant's cloud: the management API has another host in
/// each.
fn default_resource(settings: &TokenSettings, tenant: Option<&Tenant>) -> anyhow::Result<Resource> {
    let cloud = tenant.map_or(settings.entra.authority.cloud, |tenant| tenant.cloud);
    let resources = settings.entra.requirements.resources(cloud);
    let first = resources.into_iter().next();
    first.ok_or_else(|| anyhow::anyhow!("the settings name no resource: use --resource"))
}

fn view(tenant: TenantId, resource: Resource, vended: &Vended) -> TokenView {
    TokenView {
        tenant_id: tenant,
        resource,
        claims: unverified_payload(&vended.access_token),
        expires_at: vended.expires_at.to_string(),
        source: vended.source.as_str(),
    }
}

/// All claims, read without verification, for a person to look at.
fn unverified_payload(token: &AccessToken) -> Option<Value> {
    let payload = token.expose().split('.').nth(1)?;
    serde_json::from_slice(&from_base64url(payload)?).ok()
}

/// What, whose fault, and what to do next, in one line.
fn refused(
    tenant: TenantId,
    resource: &Resource,
    refusal: &VendRefusal,
    now: Timestamp,
) -> anyhow::Error {
    let told = |what: String, cause: Cause| {
        let (fault, next) = (cause.code.fault().as_str(), cause.code.next_step());
        anyhow::anyhow!("{what}: {cause}; fault: {fault}. {next}")
    };
    match refusal {
        VendRefusal::NotFound => anyhow::anyhow!(
            "tenant {tenant} is not connected for {resource}; fault: customer. Compare the ID \
             with `operator tenants list`, or have its admin open the consent link."
        ),
        VendRefusal::NotActive {
            status,
            cause,
            next_attempt_at,
        } => {
            if let Some(waiting) = Waiting::of(*status, cause.as_ref(), *next_attempt_at, now) {
                let fault = Fault::Microsoft.as_str();
                return anyhow::anyhow!("tenant {tenant} is {status}; fault: {fault}. {waiting}");
            }
            let cause = cause.clone();
            let cause = cause.unwrap_or_else(|| CauseCode::NotConsented.into());
            told(format!("tenant {tenant} is {status}"), cause)
        }
        VendRefusal::NoToken {
            cause, retry_at, ..
        } => {
            let what = format!("no token of tenant {tenant} before {retry_at}");
            told(what, cause.clone())
        }
        VendRefusal::Store(error) => {
            let fault = error.cause().code.fault().as_str();
            anyhow::anyhow!("{error}; fault: {fault}. Mend that, then try again.")
        }
    }
}

/// The tenant is known, but not for this resource.
fn no_record(tenant: &Tenant, resource: &Resource) -> anyhow::Error {
    let Tenant { id, since, .. } = tenant;
    match tenant.status {
        TenantStatus::Removed => anyhow::anyhow!(
            "tenant {id} was removed at {since}; fault: ours. To connect it again, its admin \
             opens the consent link."
        ),
        status => anyhow::anyhow!(
            "tenant {id} is {status}, but was not connected for {resource}; fault: ours. Ask \
             for a resource that `operator tenants show {id}` lists, or name this one in \
             ENTRA_RESOURCES and have its admin open the consent link again."
        ),
    }
}

#[cfg(test)]
mod tests {
    use auth::ports::StoreError;

    use super::*;

    #[test]
    fn a_refusal_says_what_whose_fault_and_what_next() {
        let tenant: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
        let resource: Resource = "https://manage.office.com".parse().unwrap();
        let retry_at = Timestamp::from_unix(1_431_655_194);
        let rows = [
            (
                VendRefusal::NotFound,
                ["is not connected for", "fault: customer", "consent link"],
            ),
            (
                VendRefusal::NotActive {
                    status: TenantStatus::Revoked,
                    cause: Some(Cause::with_aadsts(
                        CauseCode::ApplicationDisabled,
                        7_000_112,
                    )),
                    next_attempt_at: None,
                },
                [
                    "is revoked: application_disabled (AADSTS7000112)",
                    "fault: customer",
                    "enables",
                ],
            ),
            (
                VendRefusal::NotActive {
                    status: TenantStatus::Removed,
                    cause: None,
                    next_attempt_at: None,
                },
                ["is removed", "fault: customer", "consent link"],
            ),
            (
                VendRefusal::NotActive {
                    status: TenantStatus::Propagating,
                    cause: Some(CauseCode::RolesMissing.into()),
                    next_attempt_at: Some(retry_at),
                },
                [
                    "is propagating; fault: microsoft",
                    "nothing to do",
                    "again at 2015-05-15T01:59:54Z",
                ],
            ),
            (
                VendRefusal::NoToken {
                    cause: CauseCode::CredentialRefused.into(),
                    retry_at,
                    is_suspicion: false,
                },
                [
                    "before 2015-05-15T01:59:54Z: credential_refused",
                    "fault: ours",
                    "certificate",
                ],
            ),
            (
                VendRefusal::Store(StoreError::Unavailable("Read: no answer in time".into())),
                ["no answer in time", "fault: ours", "try again"],
            ),
        ];
        for (refusal, parts) in rows {
            let now = Timestamp::from_unix(0);
            let line = refused(tenant, &resource, &refusal, now).to_string();
            for part in parts {
                assert!(line.contains(part), "{part:?} in {line:?}");
            }
            assert!(!line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn a_token_that_is_no_jwt_has_no_claims() {
        for text in ["opaque", "a.%.c", "a.bm8.c"] {
            assert_eq!(unverified_payload(&AccessToken::new(text.to_owned())), None);
        }
    }
}
