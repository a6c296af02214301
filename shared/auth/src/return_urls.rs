//! `CONSENT_RETURN_URLS`: where a result page may send an admin on. An allow-list,
//! because a page that people trust must not lead wherever a link's maker likes.

use std::str::FromStr;

use url::Url;

use crate::text::shown;
use crate::url_rules::is_https_or_loopback;

/// The longest return URL, in bytes.
const URL_MAX_BYTES: usize = 512;

/// The list is not what it has to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "holds {0}, which is no base URL with https (or http on loopback) and without query, \
     fragment and user name"
)]
pub struct InvalidReturnUrls(String);

/// Base URLs under which return URLs are allowed; an empty list allows none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReturnUrls(Vec<Url>);

impl ReturnUrls {
    /// Whether `url` is one of the entries or lies under one: the same origin, and a path
    /// that goes on at a slash.
    pub fn allows(&self, url: &Url) -> bool {
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.as_str().len() <= URL_MAX_BYTES;
        plain && self.0.iter().any(|base| lies_under(url, base))
    }
}

fn lies_under(url: &Url, base: &Url) -> bool {
    let directory = base.path().trim_end_matches('/');
    let rest = url.path().strip_prefix(directory);
    url.origin() == base.origin()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl FromStr for ReturnUrls {
    type Err = InvalidReturnUrls;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let entries = text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        entries.map(base).collect::<Result<_, _>>().map(ReturnUrls)
    }
}

fn base(entry: &str) -> Result<Url, InvalidReturnUrls> {
    let plain = |url: &Url| {
        is_https_or_loopback(url)
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    };
    let url = Url::parse(entry).ok().filter(plain);
    url.ok_or_else(|| InvalidReturnUrls(shown(entry).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_under_an_entry_is_allowed_and_nothing_else() {
        let list: ReturnUrls = "https://portal.example/done, https://other.example"
            .parse()
            .unwrap();
        let rows = [
            ("https://portal.example/done", true),
            ("https://portal.example/done/", true),
            ("https://portal.example/done/x?customer=7#top", true),
            ("https://other.example/anything", true),
            ("https://portal.example/", false),
            ("https://portal.example/donee", false),
            ("https://portal.example/done/../admin", false),
            ("https://portal.example:444/done", false),
            ("http://portal.example/done", false),
            ("https://portal.example.evil.example/done", false),
            ("https://portal.example@evil.example/done", false),
            ("https://me@portal.example/done", false),
            ("https://evil.example/https://portal.example/done", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
        ];
        for (url, allowed) in rows {
            assert_eq!(list.allows(&url.parse().unwrap()), allowed, "{url}");
        }
        let long = format!("https://portal.example/done/{}", "a".repeat(600));
        assert!(!list.allows(&long.parse().unwrap()));
        assert!(!ReturnUrls::default().allows(&"https://portal.example".parse().unwrap()));
    }

    #[test]
    fn an_entry_that_could_mean_more_is_refused() {
        for text in [
            "portal.example",
            "http://portal.example",
            "https://portal.example/?x=1",
            "https://me@portal.example",
            "https://a.example,javascript:alert(1)",
        ] {
            assert!(text.parse::<ReturnUrls>().is_err(), "{text}");
        }
        assert_eq!(" ,".parse(), Ok(ReturnUrls::default()));
    }
}
