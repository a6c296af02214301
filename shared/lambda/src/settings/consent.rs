//! The settings of the consent function.

use auth::caller::is_https_or_loopback;
use auth::protocol::{ConsentFlow, ConsentMode};
use url::Url;

use super::{EntraSettings, Lookup, Reader, SettingsError};

/// The longest redirect URI that Entra ID registers, in characters.
const REDIRECT_URI_MAX: usize = 256;

/// The settings of the consent function.
#[derive(Debug, Clone)]
pub struct ConsentFunctionSettings {
    /// What all functions share.
    pub entra: EntraSettings,
    /// `CONSENT_FLOW`.
    pub flow: ConsentFlow,
    /// `CONSENT_MODE`; without it nobody gets in without an invite.
    pub mode: ConsentMode,
    /// `CONSENT_REDIRECT_URI`, to the letter as it is registered.
    pub redirect_uri: String,
    /// The origin of `CONSENT_REDIRECT_URI`: where the pages are.
    pub origin: String,
    /// `CONSENT_KEYS_SECRET_ID`.
    pub keys_secret_id: String,
    /// `CLIENT_SECRET_ID`.
    pub client_secret_id: Option<String>,
}

impl ConsentFunctionSettings {
    /// Reads the settings; all problems together.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let entra = EntraSettings::read(&mut reader);
        let redirect_uri = redirect_uri(&mut reader);
        let keys_secret_id = reader.required_text(
            "CONSENT_KEYS_SECRET_ID",
            "the name of the secret with the state key and the cookie key",
        );
        let flow = reader.optional("CONSENT_FLOW").unwrap_or(ConsentFlow::V2);
        let mode = reader
            .optional("CONSENT_MODE")
            .unwrap_or(ConsentMode::Invite);
        let client_secret_id = reader.text("CLIENT_SECRET_ID");
        let settings = (|| {
            let (redirect_uri, origin) = redirect_uri?;
            Some(Self {
                entra: entra?,
                flow,
                mode,
                redirect_uri,
                origin,
                keys_secret_id: keys_secret_id?,
                client_secret_id,
            })
        })();
        reader.finish(settings)
    }
}

/// The reply URL as it is written, and its origin.
fn redirect_uri(reader: &mut Reader<'_>) -> Option<(String, String)> {
    let name = "CONSENT_REDIRECT_URI";
    let text = reader.required_text(name, "the registered reply URL")?;
    let url = Url::parse(&text).ok().filter(|url| {
        let fits = text.chars().count() <= REDIRECT_URI_MAX && url.fragment().is_none();
        is_https_or_loopback(url) && fits
    });
    match url {
        Some(url) => Some((text, url.origin().ascii_serialization())),
        None => {
            reader.problem(
                name,
                "must be a URL of at most 256 characters with https, or with http on localhost",
            );
            None
        }
    }
}
