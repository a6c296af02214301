//! Where a discovery document may send us for the keys. The document is on the list, what
//! it names is not: nobody's document leads us to this machine's own services or to a
//! cloud's metadata. Addresses are judged as they are written; a name that resolves to
//! such an address has no certificate for it.

use auth::url_rules::{is_loopback, leads_inside};
use url::Url;

/// Checks `jwks_uri`, which the document at `listed` names. Fails closed.
pub(crate) fn check_place(listed: &Url, jwks_uri: &Url) -> Result<(), &'static str> {
    if jwks_uri.scheme() != listed.scheme() {
        return Err("the discovery document leads to another scheme");
    }
    let allowed = match is_loopback(listed) {
        // Loopback is asked exactly where the list says so.
        true => jwks_uri.origin() == listed.origin(),
        false => !leads_inside(jwks_uri),
    };
    match allowed {
        true => Ok(()),
        false => Err("the discovery document leads to a place that is not on the list"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "https://issuer.example/.well-known/openid-configuration";
    const LOOPBACK: &str = "http://localhost:8080/.well-known/openid-configuration";

    #[test]
    fn keys_are_fetched_from_the_listed_place_or_from_a_public_one() {
        let rows = [
            (PUBLIC, "https://issuer.example/keys", true),
            // Google's are on another host than its issuer.
            (PUBLIC, "https://keys.example/v3/certs", true),
            (PUBLIC, "http://issuer.example/keys", false),
            (PUBLIC, "http://localhost/keys", false),
            (PUBLIC, "https://localhost/keys", false),
            (PUBLIC, "https://localhost./keys", false),
            (PUBLIC, "https://127.0.0.1/keys", false),
            (PUBLIC, "https://[::1]/keys", false),
            (PUBLIC, "https://[::ffff:127.0.0.1]/keys", false),
            (PUBLIC, "https://0.0.0.0/keys", false),
            (PUBLIC, "https://169.254.169.254/keys", false),
            (PUBLIC, "https://[fe80::1]/keys", false),
            (PUBLIC, "file:///etc/passwd", false),
            (PUBLIC, "data:application/json,{}", false),
            (LOOPBACK, "http://localhost:8080/keys", true),
            (LOOPBACK, "http://localhost:8081/keys", false),
            (LOOPBACK, "http://127.0.0.1:8080/keys", false),
            (LOOPBACK, "http://169.254.169.254/keys", false),
            (LOOPBACK, "http://issuer.example/keys", false),
            (LOOPBACK, "https://localhost:8080/keys", false),
        ];
        for (listed, jwks_uri, allowed) in rows {
            let url = |text| Url::parse(text).unwrap();
            let checked = check_place(&url(listed), &url(jwks_uri));
            assert_eq!(checked.is_ok(), allowed, "{listed} {jwks_uri}");
        }
    }
}
