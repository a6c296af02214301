//! The settings of the consent function.

use auth::Cloud;
use auth::consent::RegisteredPermissions;
use auth::ports::DeployedSecret;
use auth::protocol::{ConsentFlow, ConsentMode};
use auth::redirect_uri::RedirectUri;
use auth::requirements::Requirements;
use auth::return_urls::ReturnUrls;
use auth::text::{InvalidName, shown};

use super::entra::EntraSettings;
use super::function::FunctionSettings;
use super::on_demand::{read_flow, read_function, read_mode};
use super::reader::Reader;

/// The longest company name, in characters: a heading.
const COMPANY_MAX: usize = 80;

/// The settings of the consent function.
#[derive(Debug, Clone)]
pub struct ConsentFunctionSettings {
    /// What all functions share.
    pub entra: EntraSettings,
    /// `CONSENT_FLOW`.
    pub flow: ConsentFlow,
    /// `CONSENT_MODE`; without it nobody gets in without an invite.
    pub mode: ConsentMode,
    /// `CONSENT_COMPANY_NAME`: who asks, as the landing page names it.
    pub company: Option<String>,
    /// `CONSENT_REGISTERED_PERMISSIONS`: all that the application is registered for, as the
    /// landing page lists it; what is required where it is not set.
    pub registered: Option<RegisteredPermissions>,
    /// `CONSENT_RETURN_URLS`: where a result page may send an admin on.
    pub return_urls: ReturnUrls,
    /// `CONSENT_REDIRECT_URI`.
    pub redirect_uri: RedirectUri,
    /// `CONSENT_KEYS_SECRET_ID`.
    pub keys_secret_id: String,
    /// `ON_DEMAND_FUNCTION`: redeems codes and binds tenants.
    pub on_demand_function: String,
}

impl FunctionSettings for ConsentFunctionSettings {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let entra = EntraSettings::read(reader);
        let redirect_uri = reader.required("CONSENT_REDIRECT_URI", "the registered reply URL");
        let company = company(reader);
        let requirements = entra.as_ref().map(|entra| &entra.requirements);
        let registered = registered(reader, requirements);
        let return_urls = reader.optional("CONSENT_RETURN_URLS").unwrap_or_default();
        let keys_secret_id = reader.required_secret_name(
            DeployedSecret::ConsentKeys.variable(),
            "the name of the secret with the state key and the cookie key",
        );
        let flow = read_flow(reader);
        let mode = read_mode(reader);
        let on_demand_function = read_function(reader);
        Some(Self {
            entra: entra?,
            flow,
            mode,
            company,
            registered,
            return_urls,
            redirect_uri: redirect_uri?,
            keys_secret_id: keys_secret_id?,
            on_demand_function: on_demand_function?,
        })
    }

    fn entra(&self) -> &EntraSettings {
        &self.entra
    }

    fn on_demand_function(&self) -> Option<&str> {
        Some(&self.on_demand_function)
    }
}

/// Fails where the list is certainly not the registration's: it lacks what is required.
fn registered(
    reader: &mut Reader<'_>,
    requirements: Option<&Requirements>,
) -> Option<RegisteredPermissions> {
    let name = "CONSENT_REGISTERED_PERMISSIONS";
    let registered: RegisteredPermissions = reader.optional(name)?;
    let requirements = requirements?;
    let first = requirements.first(Cloud::default());
    if let Some(role) = registered.without(&first, requirements.roles()).first() {
        let role = shown(role);
        let what = format_args!("does not list {role}, which ENTRA_REQUIRED_ROLES requires");
        reader.problem(name, what);
        return None;
    }
    Some(registered)
}

fn company(reader: &mut Reader<'_>) -> Option<String> {
    let name = "CONSENT_COMPANY_NAME";
    let text = reader.text(name)?;
    match auth::text::name(&text, COMPANY_MAX) {
        Ok(company) => Some(company),
        Err(InvalidName::Empty) => None,
        Err(error) => {
            reader.problem(name, format_args!("must be a name: {error}"));
            None
        }
    }
}

#[cfg(test)]
#[path = "consent_tests.rs"]
mod tests;
