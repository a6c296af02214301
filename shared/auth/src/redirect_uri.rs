//! `CONSENT_REDIRECT_URI`: the registered reply URL, from which the addresses of all
//! consent pages follow.

use std::str::FromStr;

use url::Url;

use crate::url_rules::is_https_or_loopback;

/// The longest redirect URI that Entra ID registers, in characters.
const MAX_CHARS: usize = 256;
/// Where the consent function answers the authority.
const PATH: &str = "/consent/callback";

/// The reply URL, to the letter as it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    url: Url,
}

/// The text is no reply URL of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a URL of at most 256 characters with https, or with http on localhost, that ends \
     in /consent/callback"
)]
pub struct InvalidRedirectUri;

impl RedirectUri {
    /// As it is registered.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The origin of the pages.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The landing page.
    pub fn landing(&self) -> Url {
        let mut landing = self.url.clone();
        let path = landing.path().trim_end_matches("/callback").to_owned();
        landing.set_path(&path);
        landing
    }
}

impl FromStr for RedirectUri {
    type Err = InvalidRedirectUri;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| InvalidRedirectUri)?;
        let plain = url.fragment().is_none()
            && url.query().is_none()
            && url.path() == PATH
            && is_read_alike(text);
        let fits = text.chars().count() <= MAX_CHARS;
        match is_https_or_loopback(&url) && plain && fits {
            true => Ok(Self {
                text: text.to_owned(),
                url,
            }),
            false => Err(InvalidRedirectUri),
        }
    }
}

/// The text is handed on to the letter, so every reader must find in it what we find. A parser
/// of URLs passes over blanks, takes a backslash for a slash, and shortens paths.
fn is_read_alike(text: &str) -> bool {
    let after_scheme = text.split_once("://").map(|(_, rest)| rest);
    let authority = after_scheme.and_then(|rest| rest.strip_suffix(PATH));
    let is_plain = text.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    is_plain && authority.is_some_and(|authority| !authority.contains(['/', '@']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_landing_page_is_above_the_reply_url() {
        let uri: RedirectUri = "https://broker.example:444/consent/callback"
            .parse()
            .unwrap();
        assert_eq!(uri.landing().as_str(), "https://broker.example:444/consent");
        assert_eq!(uri.origin(), "https://broker.example:444");
    }

    #[test]
    fn a_reply_url_needs_https_or_localhost_and_our_path() {
        let long = format!("https://{}.example/consent/callback", "a".repeat(250));
        let rows = [
            ("http://localhost:8080/consent/callback", true),
            ("https://broker.example/consent/callback", true),
            ("http://broker.example/consent/callback", false),
            ("https://broker.example/callback", false),
            ("https://broker.example/consent/callback/", false),
            ("https://broker.example/consent/callback?x=1", false),
            ("https://broker.example/consent/callback#x", false),
            ("https://user@broker.example/consent/callback", false),
            ("https:broker.example/consent/callback", false),
            ("https://:@broker.example/consent/callback", false),
            ("https:\\\\broker.example\\consent\\callback", false),
            (" https://broker.example/consent/callback", false),
            ("https://broker.example/consent/callback\n", false),
            ("https://bro\tker.example/consent/callback", false),
            ("https://broker.example/a/../consent/callback", false),
            ("https://b\u{fc}cher.example/consent/callback", false),
            (long.as_str(), false),
            ("not a url", false),
        ];
        for (text, good) in rows {
            assert_eq!(text.parse::<RedirectUri>().is_ok(), good, "{text}");
        }
    }
}
