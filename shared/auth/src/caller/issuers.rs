//! `VENDING_ISSUERS`: the OpenID Connect issuers whose tokens prove a caller. Nothing is
//! asked of an issuer that is not on the list.

use serde::Deserialize;
use url::Url;

/// One entry of `VENDING_ISSUERS`: an OIDC issuer whose tokens prove a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedIssuer {
    /// The `iss` claim, compared to the letter.
    pub issuer: String,
    /// The audience that its tokens must carry: one of this broker's own.
    pub audience: String,
    /// Where its discovery document is: `{issuer}/.well-known/openid-configuration`
    /// unless the entry says otherwise (a cluster whose issuer URL is not reachable).
    pub configuration_url: Url,
}

/// Why an entry of `VENDING_ISSUERS` cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIssuer {
    /// Not JSON of the right shape.
    #[error(
        "expected JSON: [{{\"issuer\": URL, \"audience\": text, \"configuration_url\": URL (optional)}}]"
    )]
    NotAList,
    /// Not a URL that may be fetched.
    #[error("issuer {0}: needs https, or http on loopback")]
    NotHttps(String),
    /// Not a URL as a token's `iss` can hold one.
    #[error("issuer {0:?}: holds white space, which no token's iss does: nobody would be proven")]
    WhiteSpace(String),
    /// The audience is missing or is one that others use.
    #[error(
        "issuer {0}: needs an audience of this broker's own; api://AzureADTokenExchange is \
         Entra ID's, and a token for it could be replayed there"
    )]
    Audience(String),
    /// Two entries for one issuer.
    #[error("issuer {0} is named twice: one entry, one audience")]
    Doubled(String),
}

#[derive(Deserialize)]
struct IssuerEntry {
    issuer: String,
    audience: String,
    configuration_url: Option<String>,
}

impl AllowedIssuer {
    /// Reads the list of `VENDING_ISSUERS`.
    pub fn list_from_json(text: &str) -> Result<Vec<Self>, InvalidIssuer> {
        let entries: Vec<IssuerEntry> =
            serde_json::from_str(text).map_err(|_| InvalidIssuer::NotAList)?;
        let mut list = Vec::<Self>::with_capacity(entries.len());
        for entry in entries {
            let issuer = Self::from_entry(entry)?;
            if list.iter().any(|other| other.issuer == issuer.issuer) {
                return Err(InvalidIssuer::Doubled(issuer.issuer));
            }
            list.push(issuer);
        }
        Ok(list)
    }

    fn from_entry(entry: IssuerEntry) -> Result<Self, InvalidIssuer> {
        // A URL's parser trims it; `iss` is compared to the letter, and policies name
        // issuer and subject with one space between them.
        if entry.issuer.contains(char::is_whitespace) {
            return Err(InvalidIssuer::WhiteSpace(entry.issuer));
        }
        let configuration = entry.configuration_url.unwrap_or_else(|| {
            let issuer = entry.issuer.trim_end_matches('/');
            format!("{issuer}/.well-known/openid-configuration")
        });
        let configuration_url = Url::parse(&configuration)
            .ok()
            .filter(is_https_or_loopback)
            .ok_or_else(|| InvalidIssuer::NotHttps(entry.issuer.clone()))?;
        if entry.audience.is_empty() || is_token_exchange(&entry.audience) {
            return Err(InvalidIssuer::Audience(entry.issuer));
        }
        Ok(Self {
            issuer: entry.issuer,
            audience: entry.audience,
            configuration_url,
        })
    }
}

/// Entra ID's audience for workload identity federation, in any cloud's spelling.
fn is_token_exchange(audience: &str) -> bool {
    let prefix = "api://azureadtokenexchange";
    audience.to_ascii_lowercase().starts_with(prefix)
}

/// `https` anywhere, `http` only to this machine.
pub fn is_https_or_loopback(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// Whether a URL leads to this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_list_of_issuers() {
        let list = AllowedIssuer::list_from_json(
            r#"[{"issuer":"https://token.actions.githubusercontent.com","audience":"broker"}]"#,
        )
        .unwrap();
        assert_eq!(
            list[0].configuration_url.as_str(),
            "https://token.actions.githubusercontent.com/.well-known/openid-configuration"
        );
    }

    #[test]
    fn refuses_what_is_unsafe_or_unreadable() {
        let of = |issuer: &str, audience: &str| {
            serde_json::json!([{"issuer": issuer, "audience": audience}]).to_string()
        };
        let a = "https://a.example";
        let doubled =
            format!(r#"[{{"issuer":"{a}","audience":"a"}},{{"issuer":"{a}","audience":"b"}}]"#);
        let rows = [
            ("{}".to_owned(), InvalidIssuer::NotAList),
            (format!(r#"[{{"issuer":"{a}"}}]"#), InvalidIssuer::NotAList),
            (
                of("http://a.example", "broker"),
                not_https("http://a.example"),
            ),
            (
                of("file:///etc/passwd", "broker"),
                not_https("file:///etc/passwd"),
            ),
            (of("a.example", "broker"), not_https("a.example")),
            (of(a, ""), InvalidIssuer::Audience(a.to_owned())),
            (
                of(a, "api://AzureADTokenExchange"),
                InvalidIssuer::Audience(a.to_owned()),
            ),
            (
                of(a, "api://AzureADTokenExchangeUSGov"),
                InvalidIssuer::Audience(a.to_owned()),
            ),
            (
                of(" https://a.example", "broker"),
                white_space(" https://a.example"),
            ),
            (
                of("https://a.example\n", "broker"),
                white_space("https://a.example\n"),
            ),
            (
                of("https://a.example/b c", "broker"),
                white_space("https://a.example/b c"),
            ),
            (doubled, InvalidIssuer::Doubled(a.to_owned())),
        ];
        for (text, why) in rows {
            assert_eq!(AllowedIssuer::list_from_json(&text), Err(why), "{text}");
        }
    }

    fn not_https(issuer: &str) -> InvalidIssuer {
        InvalidIssuer::NotHttps(issuer.to_owned())
    }

    fn white_space(issuer: &str) -> InvalidIssuer {
        InvalidIssuer::WhiteSpace(issuer.to_owned())
    }
}
