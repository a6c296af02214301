//! A token of a tenant, asked for as the refresher asks and kept nowhere; and the registration.

use std::sync::Arc;

use auth::ports::{AssertionSigner, AuthorityError, KeysError, StoreError, Tenants};
use auth::text::shown;
use auth::token::AccessToken;
use auth::{Cause, Cloud, Fault, TenantId, TenantStatus};
use futures::StreamExt as _;
use wiring::settings::{FunctionSettings as _, RotatorSettings};

use super::check::{Check, Outcome};
use super::patient::Patient;
use crate::commands::tenants::which::{Which, pages};
use crate::tenant_name::TenantName;
use crate::time_span::spelled;

/// What is asked, and what stands in the way.
pub(super) struct Asked<'p, 'x, 'a> {
    pub(super) patient: &'p Patient<'x, 'a>,
    /// The certificate's key.
    pub(super) signing: Option<Arc<dyn AssertionSigner>>,
    pub(super) answers: bool,
    pub(super) graph_answers: bool,
}

/// A tenant's token, for the first resource of its cloud.
pub(super) struct Held {
    pub(super) tenant: TenantId,
    pub(super) cloud: Cloud,
    pub(super) token: AccessToken,
}

/// The tenant that was named, else the first active one; with its cloud. `Err`: what stands in the
/// way.
pub(super) async fn tenant(
    patient: &Patient<'_, '_>,
    named: Option<TenantName>,
    entra_answers: bool,
) -> Result<(TenantId, Cloud), Outcome> {
    let tenants = patient.platform.store.tenants.as_ref();
    let unread = |error: StoreError| Outcome::failed(error, "look at the table");
    let Some(name) = named else {
        let found = first_active(tenants).await.map_err(unread)?;
        return found
            .ok_or_else(|| Outcome::skipped("no tenant is active: name one with --tenant"));
    };
    let id = match &name {
        TenantName::Domain(_) if !entra_answers => {
            return Err(Outcome::skipped("the domain cannot be looked up"));
        }
        name => look_up(patient, name).await?,
    };
    let found = tenants.find(id).await.map_err(unread)?;
    let cloud = patient.settings.tokens.entra.authority.cloud;
    match found {
        Some(tenant) if !tenant.status.is_refreshed() => Err(Outcome::skipped(format_args!(
            "tenant {id} is {}: no token is asked for",
            tenant.status
        ))),
        found => Ok((id, found.map_or(cloud, |tenant| tenant.cloud))),
    }
}

async fn look_up(patient: &Patient<'_, '_>, name: &TenantName) -> Result<TenantId, Outcome> {
    let domain = match name {
        TenantName::Id(id) => return Ok(*id),
        TenantName::Domain(domain) => domain,
    };
    let authority = &patient.settings.tokens.entra.authority;
    let base = authority.authority_for(authority.cloud);
    let found = patient.roots.tenant_of_domain(&base, domain).await;
    found.map_err(|error| {
        let detail = format!("{}: {error}", shown(domain));
        Outcome::failed(detail, "name the tenant by its ID")
    })
}

async fn first_active(tenants: &dyn Tenants) -> Result<Option<(TenantId, Cloud)>, StoreError> {
    let which = Which {
        status: Some(TenantStatus::Active),
        ..Which::default()
    };
    let mut pages = pages(tenants, which);
    while let Some(page) = pages.next().await {
        if let Some(tenant) = page?.tenants.first() {
            return Ok(Some((tenant.id, tenant.cloud)));
        }
    }
    Ok(None)
}

/// What became of asking for it.
pub(super) struct Answered {
    pub(super) check: Check,
    pub(super) held: Option<Held>,
    /// It failed for a reason that is not the tenant's: others fail in the same way.
    is_not_the_tenants: bool,
}

impl Answered {
    fn without_token(outcome: Outcome) -> Self {
        Self {
            check: outcome.of("token"),
            held: None,
            is_not_the_tenants: false,
        }
    }
}

impl Asked<'_, '_, '_> {
    pub(super) async fn token(&self, tenant: Result<(TenantId, Cloud), Outcome>) -> Answered {
        let skipped = |why: &str| Answered::without_token(Outcome::skipped(why));
        if !self.answers {
            return skipped("Entra ID does not answer, or the clock is wrong");
        }
        if self.signing.is_none() {
            return skipped("there is no certificate to ask with");
        }
        let (id, cloud) = match tenant {
            Ok(tenant) => tenant,
            Err(outcome) => return Answered::without_token(outcome),
        };
        match self.ask(id, cloud).await {
            Ok((detail, token)) => Answered {
                held: Some(Held {
                    tenant: id,
                    cloud,
                    token,
                }),
                ..Answered::without_token(Outcome::passed(detail))
            },
            Err(cause) => Answered {
                is_not_the_tenants: cause.code.fault() != Fault::Customer,
                ..Answered::without_token(refused(id, &cause))
            },
        }
    }

    async fn ask(&self, id: TenantId, cloud: Cloud) -> Result<(String, AccessToken), Cause> {
        let Patient {
            settings,
            platform,
            roots,
            ..
        } = self.patient;
        let requirements = &settings.tokens.entra.requirements;
        let resource = requirements.first(cloud);
        let issuer = wiring::token_issuer(&settings.signing(), platform, roots.clone()).await;
        // The certificate was read a moment ago.
        let issuer = issuer.map_err(|_| Cause::from(auth::CauseCode::CredentialRefused))?;
        let issued = issuer.app_only_token(id, cloud, &resource).await;
        let issued = issued.map_err(|error: AuthorityError| error.cause)?;
        let claims = issued.access_token.unverified_claims();
        requirements.check(claims.as_ref(), id, cloud, &resource)?;
        let roles = claims.map(|claims| claims.roles.join(", "));
        let detail = format!(
            "of tenant {id} for {resource}, with {}, for {}",
            roles.unwrap_or_default(),
            spelled(issued.expires_in.as_secs())
        );
        Ok((detail, issued.access_token))
    }

    /// Read by the application itself.
    pub(super) async fn registration(&self, token: &Answered) -> Check {
        self.registered(token).await.of("registration")
    }

    async fn registered(&self, token: &Answered) -> Outcome {
        let Some(signing) = &self.signing else {
            return Outcome::skipped("there is no certificate to ask with");
        };
        if !self.graph_answers || !self.answers {
            return Outcome::skipped(
                "it is read from Graph, which is not asked or does not answer",
            );
        }
        if token.is_not_the_tenants {
            return Outcome::skipped(
                "what the token failed for is not the tenant's: mend that first",
            );
        }
        let Some(settings) = self.patient.optional(RotatorSettings::read) else {
            return Outcome::skipped("ENTRA_HOME_TENANT is not set");
        };
        let (platform, roots) = (&self.patient.platform, self.patient.roots.clone());
        let graph = match wiring::graph(&settings, platform, roots) {
            Ok(graph) => graph,
            Err(error) => return Outcome::skipped(format_args!("{error:#}")),
        };
        match graph.registration(Arc::clone(signing)).await {
            Ok(registration) => self.judged(&registration),
            Err(error) => unread(&error),
        }
    }

    fn judged(&self, registration: &microsoft::Registration) -> Outcome {
        let reply_url = self
            .patient
            .optional(|reader| reader.text("CONSENT_REDIRECT_URI"));
        let is_known = reply_url.is_none_or(|url| registration.knows(&url));
        let rows = [
            (
                registration.is_multi_tenant(),
                "no other organisation can consent: signInAudience is not AzureADMultipleOrgs",
            ),
            (
                is_known,
                "the reply URL of CONSENT_REDIRECT_URI is not among its redirect URIs \
                 (AADSTS50011)",
            ),
            (
                registration.shows_directory_roles(),
                "groupMembershipClaims is not DirectoryRole: whether an admin signs in is not known",
            ),
        ];
        let problems: Vec<_> = rows.iter().filter(|(is_well, _)| !is_well).collect();
        if problems.is_empty() {
            return Outcome::passed("for all organisations, with the reply URL and roles");
        }
        let problems: Vec<_> = problems.iter().map(|(_, problem)| *problem).collect();
        Outcome::failed(
            problems.join("; "),
            "correct it in the portal: infra/guides/registration.md",
        )
    }
}

fn refused(tenant: TenantId, cause: &Cause) -> Outcome {
    let (code, fault) = (cause.code, cause.code.fault().as_str());
    Outcome::failed(
        format_args!("none for tenant {tenant}: {cause}; fault: {fault}"),
        code.next_step(),
    )
}

fn unread(error: &KeysError) -> Outcome {
    let next = match error {
        KeysError::NoToken(error) => error.cause.code.next_step().to_owned(),
        KeysError::Refused(_) => "let an admin of the home tenant grant the application \
                                  Application.ReadWrite.OwnedBy, and own itself: \
                                  infra/guides/registration.md"
            .to_owned(),
        KeysError::Unavailable { .. } => "run it again in some minutes".to_owned(),
    };
    Outcome::failed(error, next)
}
