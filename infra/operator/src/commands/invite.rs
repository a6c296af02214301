//! `invite`: a consent link that binds the tenant that consents to one customer account,
//! once. The link is printed and kept nowhere.

use auth::inviting::{CreatedInvite, InviteError, InviteRequest, InviteSettings};
use auth::operator_action::Deed;
use auth::text::printable;
use auth::{Cloud, Customer, TenantId};
use clap::Args;
use serde::Serialize;
use url::Url;
use wiring::Platform;
use wiring::settings::{TableNames, read_needed_invites};

use crate::exit::UsageError;
use crate::place::Place;
use crate::record::Recorded;
use crate::session::Session;
use crate::tenant_name::TenantName;
use crate::time_span::TimeSpan;

/// What `invite` takes.
#[derive(Debug, Clone, Args)]
pub struct InviteArguments {
    /// The customer account that the tenant is bound to
    #[arg(value_name = "CUSTOMER")]
    pub customer: Customer,
    /// Only this tenant may use the link. Naming it is your word that whoever signs in
    /// there with the link may bind it
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<TenantName>,
    /// The cloud that the tenant lives in (public, gcc, gcc-high, dod or china), instead
    /// of ENTRA_CLOUD; what Microsoft says of the tenant at its sign-in counts over both
    #[arg(long, value_name = "CLOUD")]
    pub cloud: Option<Cloud>,
    /// How long the link can be used: 90s, 30m, 12h, 7d; from 60s to 90d
    #[arg(long, value_name = "TIME", default_value = "7d")]
    pub expires: TimeSpan,
    /// Where the last page offers to go on; under an entry of CONSENT_RETURN_URLS
    #[arg(long, value_name = "URL")]
    pub return_url: Option<Url>,
}

impl InviteArguments {
    pub(super) fn recorded(&self) -> Recorded {
        Recorded::Always(Deed {
            command: "invite",
            tenant: self.tenant.as_ref().map(TenantName::id),
            customer: Some(self.customer.clone()),
            ..Deed::default()
        })
    }
}

/// An invite in JSON.
#[derive(Serialize)]
struct InviteView<'a> {
    consent_url: &'a str,
    /// Unix seconds.
    expires_on: i64,
}

pub(super) async fn run(
    arguments: InviteArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let (platform, settings) = made_at(&session.place().await?).await?;
    let owner = owner(&platform, arguments.tenant.as_ref().map(TenantName::id)).await?;
    let created = wiring::inviting(settings, &platform)
        .create(request(&arguments, owner))
        .await
        .map_err(|error| refused(&arguments, error))?;
    let whom = (
        &arguments.customer,
        arguments.tenant.as_ref().map(TenantName::id),
    );
    print(&mut session, whom, &created)
}

/// Where links are made, and what they are made with.
pub(crate) async fn made_at(place: &Place<'_>) -> anyhow::Result<(Platform, InviteSettings)> {
    let (tables, settings) = place.settings(|reader| {
        let tables = TableNames::read(reader);
        let settings = read_needed_invites(reader);
        Some((tables?, settings?))
    })?;
    Ok((place.platform(&tables).await, settings))
}

/// The link, and what the person who sends it has to know. `whom`: the account, and the only
/// tenant that may use it.
pub(super) fn print(
    session: &mut Session<'_, '_>,
    whom: (&Customer, Option<TenantId>),
    created: &CreatedInvite,
) -> anyhow::Result<()> {
    session.print(&view(created), || for_a_person(whom, created))
}

/// The account that the named tenant is bound to.
async fn owner(platform: &Platform, tenant: Option<TenantId>) -> anyhow::Result<Option<Customer>> {
    let Some(tenant) = tenant else {
        return Ok(None);
    };
    let found = platform.store.tenants.find(tenant).await?;
    Ok(found.map(|found| found.customer))
}

fn request(arguments: &InviteArguments, owner: Option<Customer>) -> InviteRequest {
    InviteRequest {
        customer: arguments.customer.clone(),
        tenant: arguments.tenant.as_ref().map(TenantName::id),
        vouched: arguments.tenant.is_some(),
        owner,
        cloud: arguments.cloud,
        expires_in: Some(arguments.expires.0),
        return_url: arguments.return_url.clone(),
    }
}

/// What the use case does not know: how the command is put right.
fn refused(arguments: &InviteArguments, error: InviteError) -> anyhow::Error {
    match error {
        InviteError::Life => UsageError(format!("{error}: write for instance --expires 7d")).into(),
        InviteError::ReturnUrl => anyhow::anyhow!(
            "{error}: add it there, for the consent function too, or leave --return-url out"
        ),
        InviteError::Cloud(_) => {
            anyhow::anyhow!("{error}; if it does not live there, leave --cloud out")
        }
        InviteError::PersonalAccounts => {
            anyhow::anyhow!("{error}: name the organisation's own tenant")
        }
        InviteError::BoundToAnotherCustomer => {
            let tenant = arguments
                .tenant
                .as_ref()
                .map(|id| id.to_string())
                .unwrap_or_default();
            anyhow::anyhow!("{error}; `operator tenants show {tenant}` says to which")
        }
        InviteError::Store(error) => error.into(),
    }
}

fn view(created: &CreatedInvite) -> InviteView<'_> {
    InviteView {
        consent_url: created.consent_url.as_str(),
        expires_on: created.expires_at.unix(),
    }
}

fn for_a_person(
    (customer, tenant): (&Customer, Option<TenantId>),
    created: &CreatedInvite,
) -> String {
    let customer = printable(customer.as_str());
    let whom = match tenant {
        Some(tenant) => format!("tenant {tenant}, and no other,"),
        None => "the tenant whose admin opens it".to_owned(),
    };
    format!(
        "{}\n\n\
         It binds {whom} to customer account {customer}, once, until {}.\n\
         It is a secret of the person it is sent to: who has it can connect a tenant to this \
         account. Send it to that person only; it is not shown again.\n",
        created.consent_url, created.expires_at
    )
}
