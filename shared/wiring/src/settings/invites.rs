//! The settings of invites, for vending and the operator's command.

use auth::Cloud;
use auth::inviting::InviteSettings;
use auth::redirect_uri::RedirectUri;

use super::reader::Reader;

const CONSENT_REDIRECT_URI: &str = "CONSENT_REDIRECT_URI";

/// Reads them from `CONSENT_REDIRECT_URI` and `CONSENT_RETURN_URLS`. `None` without a
/// problem: this deployment makes no invites here.
pub fn read_invites(reader: &mut Reader<'_>, cloud: Cloud) -> Option<InviteSettings> {
    let return_urls = reader.optional("CONSENT_RETURN_URLS").unwrap_or_default();
    let redirect_uri: RedirectUri = reader.optional(CONSENT_REDIRECT_URI)?;
    Some(InviteSettings {
        consent_url: redirect_uri.landing(),
        return_urls,
        cloud,
    })
}

/// The same for who makes invites and does nothing else: `None` comes with a problem that
/// says what to set.
pub fn read_needed_invites(reader: &mut Reader<'_>) -> Option<InviteSettings> {
    let cloud = reader.optional("ENTRA_CLOUD").unwrap_or_default();
    let settings = read_invites(reader, cloud);
    if reader.text(CONSENT_REDIRECT_URI).is_none() {
        reader.problem(
            CONSENT_REDIRECT_URI,
            "is not set: it holds the registered reply URL \
             (https://HOST/consent/callback), from which consent links are made",
        );
    }
    settings
}
