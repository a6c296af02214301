//! What may be registered as a redirect URI (Microsoft's page on redirect URI
//! restrictions). How a request's URI is matched is `return_address.rs`'s.

use url::{Host, Url};

/// URIs of an application for work accounts.
const AT_MOST: usize = 256;
/// Characters of one URI.
const LONGEST: usize = 256;
const FORBIDDEN: [char; 7] = ['!', '$', '\'', '(', ')', ',', ';'];

/// What is wrong with the list: the URI and the rule that it breaks.
pub(crate) fn check(uris: &[String]) -> Result<(), (String, &'static str)> {
    if let Some(extra) = uris.get(AT_MOST) {
        return Err((
            extra.clone(),
            "an application has 256 redirect URIs at most",
        ));
    }
    uris.iter()
        .try_for_each(|uri| problem(uri).map_or(Ok(()), |problem| Err((uri.clone(), problem))))
}

fn problem(uri: &str) -> Option<&'static str> {
    if uri.chars().count() > LONGEST {
        return Some("it is longer than 256 characters");
    }
    if uri.contains(FORBIDDEN) {
        return Some("none of ! $ ' ( ) , ; may stand in it");
    }
    let Ok(url) = Url::parse(uri) else {
        return Some("it is not an absolute URL");
    };
    match (url.scheme(), url.host()) {
        ("http" | "https", Some(Host::Ipv6(address))) if address.is_loopback() => {
            Some("[::1] is not supported: use localhost")
        }
        ("https", Some(_)) | ("http", Some(Host::Domain("localhost"))) => None,
        ("http", Some(Host::Ipv4(address))) if address.is_loopback() => None,
        _ => Some("it must be https; http is for localhost alone"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uris_that_could_be_registered_are_taken() {
        let path_of = |length: usize| format!("https://a.example/{}", "x".repeat(length));
        for (uri, refused) in [
            ("https://broker.example/consent/callback".to_owned(), false),
            ("https://broker.example".to_owned(), false),
            ("https://broker.example/callback?plan=gcc".to_owned(), false),
            ("http://localhost:8080/consent/callback".to_owned(), false),
            ("http://127.0.0.1:8080/consent/callback".to_owned(), false),
            (path_of(238), false),
            (path_of(239), true),
            ("http://broker.example/callback".to_owned(), true),
            ("http://[::1]:8080/callback".to_owned(), true),
            ("https://broker.example/call(back)".to_owned(), true),
            ("https://broker.example/a;b".to_owned(), true),
            ("broker.example/callback".to_owned(), true),
            ("/callback".to_owned(), true),
        ] {
            assert_eq!(problem(&uri).is_some(), refused, "{uri}");
        }
    }

    #[test]
    fn the_first_one_too_many_is_named() {
        let uri = |number| format!("https://broker.example/{number}");
        let mut uris: Vec<_> = (0..256).map(uri).collect();
        assert_eq!(check(&uris), Ok(()));
        uris.push(uri(256));
        assert_eq!(check(&uris).unwrap_err().0, uri(256));
    }
}
