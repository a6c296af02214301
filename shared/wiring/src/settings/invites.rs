//! The settings of invites, for vending and the operator's command.

use auth::Cloud;
use auth::inviting::InviteSettings;
use auth::redirect_uri::RedirectUri;

use super::Reader;

/// Reads them from `CONSENT_REDIRECT_URI` and `CONSENT_RETURN_URLS`. `None` without a
/// problem: this deployment makes no invites here.
pub fn read_invites(reader: &mut Reader<'_>, cloud: Cloud) -> Option<InviteSettings> {
    let return_urls = reader.optional("CONSENT_RETURN_URLS").unwrap_or_default();
    let redirect_uri: RedirectUri = reader.optional("CONSENT_REDIRECT_URI")?;
    Some(InviteSettings {
        consent_url: redirect_uri.landing(),
        return_urls,
        cloud,
    })
}
