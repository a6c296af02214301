//! What an address has to be that this program itself sends to.

use auth::url_rules::is_https_or_loopback;
use url::Url;

/// With https, or with http on loopback; without a query, a fragment and credentials.
pub(super) fn is_plain(url: &Url) -> bool {
    is_https_or_loopback(url)
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}
