//! The settings of the refresher as it is asked on demand: the one program that signs.

use auth::consent::AdminRoles;
use auth::protocol::{ConsentFlow, ConsentMode};
use auth::redirect_uri::RedirectUri;

use super::entra::{EntraSettings, RenewalSettings};
use super::events::EventSettings;
use super::function::FunctionSettings;
use super::reader::Reader;

/// Names the function for those who ask it.
const ON_DEMAND_FUNCTION: &str = "ON_DEMAND_FUNCTION";

/// The settings of the refresher on demand. Who may bind a tenant is decided by these, and not
/// by those of the function that asks.
#[derive(Debug, Clone)]
pub struct OnDemandSettings {
    /// What it shares with everything that renews tokens.
    pub renewal: RenewalSettings,
    /// `CONSENT_FLOW`.
    pub flow: ConsentFlow,
    /// `CONSENT_MODE`; without it every binding needs an invite.
    pub mode: ConsentMode,
    /// `CONSENT_ADMIN_ROLES`; those of the resources where it is not set.
    pub admin_roles: Option<AdminRoles>,
    /// `CONSENT_REDIRECT_URI`: where codes are sent to.
    pub redirect_uri: RedirectUri,
    /// `CLIENT_SECRET_ID`.
    pub client_secret_id: Option<String>,
    /// `EVENT_…`: where events are delivered.
    pub events: EventSettings,
}

impl FunctionSettings for OnDemandSettings {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let renewal = RenewalSettings::read(reader);
        let redirect_uri = reader.required("CONSENT_REDIRECT_URI", "the registered reply URL");
        let admin_roles = reader.optional("CONSENT_ADMIN_ROLES");
        let flow = read_flow(reader);
        let mode = read_mode(reader);
        let client_secret_id = reader.secret_name("CLIENT_SECRET_ID");
        let events = EventSettings::read(reader);
        Some(Self {
            renewal: renewal?,
            flow,
            mode,
            admin_roles,
            redirect_uri: redirect_uri?,
            client_secret_id,
            events: events?,
        })
    }

    fn entra(&self) -> &EntraSettings {
        &self.renewal.tokens.entra
    }
}

/// `CONSENT_FLOW`: on demand and the pages read it alike.
pub(super) fn read_flow(reader: &mut Reader<'_>) -> ConsentFlow {
    reader.optional("CONSENT_FLOW").unwrap_or(ConsentFlow::V2)
}

/// `CONSENT_MODE`, likewise.
pub(super) fn read_mode(reader: &mut Reader<'_>) -> ConsentMode {
    let mode = reader.optional("CONSENT_MODE");
    mode.unwrap_or(ConsentMode::Invite)
}

/// The function's name, for those who ask it.
pub(super) fn read_function(reader: &mut Reader<'_>) -> Option<String> {
    reader.required_text(ON_DEMAND_FUNCTION, "the name of the function that signs")
}
