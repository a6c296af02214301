//! What an address has to be that this program itself sends to.

use auth::url_rules::is_https_or_loopback;
use url::Url;

use super::reader::Reader;

/// With https, or with http on loopback; without a query, a fragment and credentials.
pub(super) fn is_plain(url: &Url) -> bool {
    is_https_or_loopback(url)
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

/// The address of a webhook from `variable`; a problem where it is not plain.
pub(super) fn webhook(reader: &mut Reader<'_>, variable: &'static str, url: Url) -> Option<Url> {
    if !is_plain(&url) {
        reader.problem(
            variable,
            "must be a URL with https, or with http on loopback, and without a query",
        );
        return None;
    }
    Some(url)
}
