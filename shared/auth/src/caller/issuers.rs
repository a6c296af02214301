//! `VENDING_ISSUERS`: the OpenID Connect issuers whose tokens prove a caller. Nothing is
//! asked of an issuer that is not on the list.

use std::net::IpAddr;

use serde::Deserialize;
use url::Url;

use super::known_issuer;

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
    /// `"private": true`: whoever has a token of it belongs to the operator, so that a
    /// policy may permit its workloads by any claim.
    pub private: bool,
}

/// Why an entry of `VENDING_ISSUERS` cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIssuer {
    /// Not JSON of the right shape.
    #[error(
        "expected JSON: [{{\"issuer\": URL, \"audience\": text, \"configuration_url\": URL (optional), \
         \"private\": true or false (optional)}}]"
    )]
    NotAList,
    /// Not a URL that may be fetched.
    #[error("issuer {0}: needs https, or http on loopback")]
    NotHttps(String),
    /// Not a URL as a token's `iss` can hold one.
    #[error("issuer {0:?}: holds white space, which no token's iss does: nobody would be proven")]
    WhiteSpace(String),
    /// An address at which no issuer is, but what a machine tells itself alone.
    #[error("issuer {0}: an unspecified or link-local address is no issuer's")]
    Inside(String),
    /// The audience is missing or is one that others use.
    #[error(
        "issuer {0}: needs an audience of this broker's own; api://AzureADTokenExchange is \
         Entra ID's, and a token for it could be replayed there"
    )]
    Audience(String),
    /// Declared private, and known to give anybody a token.
    #[error(
        "issuer {issuer}: is {name}, of which anybody can have a token, and cannot be private: \
         leave \"private\" out, and say in the policy whose its workloads are"
    )]
    Shared {
        /// The issuer.
        issuer: String,
        /// Whose it is.
        name: &'static str,
    },
    /// Two entries for one issuer.
    #[error("issuer {0} is named twice: one entry, one audience")]
    Doubled(String),
}

#[derive(Deserialize)]
struct IssuerEntry {
    issuer: String,
    audience: String,
    configuration_url: Option<String>,
    #[serde(default)]
    private: bool,
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
        if leads_inside(&configuration_url) && !is_loopback(&configuration_url) {
            return Err(InvalidIssuer::Inside(entry.issuer));
        }
        if entry.audience.is_empty() || is_token_exchange(&entry.audience) {
            return Err(InvalidIssuer::Audience(entry.issuer));
        }
        // Fails closed because a permit for a private issuer need not name anybody.
        let shared = known_issuer(&entry.issuer).filter(|known| entry.private && known.shared);
        if let Some(known) = shared {
            return Err(InvalidIssuer::Shared {
                issuer: entry.issuer,
                name: known.name,
            });
        }
        Ok(Self {
            issuer: entry.issuer,
            audience: entry.audience,
            configuration_url,
            private: entry.private,
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
    match host(url) {
        Some(Host::Name(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Address(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a URL leads to this machine, or to what answers this machine alone: a
/// link-local address, where clouds hand out the machine's own credentials. It knows
/// addresses and the names of loopback, and looks nothing up.
pub fn leads_inside(url: &Url) -> bool {
    let is_inside = match host(url) {
        // Connecting to "no address" connects to this machine.
        Some(Host::Address(address)) if address.is_unspecified() => true,
        Some(Host::Address(IpAddr::V4(address))) => address.is_link_local(),
        Some(Host::Address(IpAddr::V6(address))) => address.is_unicast_link_local(),
        Some(Host::Name(_)) | None => false,
    };
    is_inside || is_loopback(url)
}

enum Host<'a> {
    /// Without the dot of the root.
    Name(&'a str),
    /// An IPv4 address that is written as an IPv6 one is the IPv4 one.
    Address(IpAddr),
}

fn host(url: &Url) -> Option<Host<'_>> {
    match url.host()? {
        url::Host::Domain(name) => Some(Host::Name(name.trim_end_matches('.'))),
        url::Host::Ipv4(address) => Some(Host::Address(address.into())),
        url::Host::Ipv6(address) => Some(Host::Address(address.to_canonical())),
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
        let metadata = "https://169.254.169.254";
        let at = |url: &str| {
            let entry =
                serde_json::json!({"issuer": a, "audience": "broker", "configuration_url": url});
            serde_json::json!([entry]).to_string()
        };
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
            (
                of("ftp://a.example", "broker"),
                not_https("ftp://a.example"),
            ),
            (
                of("http://169.254.169.254", "broker"),
                not_https("http://169.254.169.254"),
            ),
            (
                of(metadata, "broker"),
                InvalidIssuer::Inside(metadata.to_owned()),
            ),
            (
                of("https://0.0.0.0", "broker"),
                InvalidIssuer::Inside("https://0.0.0.0".to_owned()),
            ),
            (
                at("https://[fe80::1]/x"),
                InvalidIssuer::Inside(a.to_owned()),
            ),
            (at("http://a.example/x"), not_https(a)),
        ];
        for (text, why) in rows {
            assert_eq!(AllowedIssuer::list_from_json(&text), Err(why), "{text}");
        }
    }

    #[test]
    fn an_issuer_is_private_where_the_entry_says_so_and_anybody_cannot_have_its_tokens() {
        let tenant = "41463f53-8812-40f4-890f-865bf6e35190";
        let of_tenant = format!("https://login.microsoftonline.com/{tenant}/v2.0");
        let rows = [
            ("https://a.example", json_of(None), Ok(false)),
            ("https://a.example", json_of(Some(false)), Ok(false)),
            ("https://a.example", json_of(Some(true)), Ok(true)),
            (of_tenant.as_str(), json_of(Some(true)), Ok(true)),
            (
                "https://oidc.circleci.com/org/1",
                json_of(Some(true)),
                Ok(true),
            ),
            ("https://gitlab.com", json_of(Some(false)), Ok(false)),
            ("https://gitlab.com", json_of(Some(true)), Err("GitLab.com")),
            (
                "https://token.actions.githubusercontent.com",
                json_of(Some(true)),
                Err("GitHub Actions"),
            ),
            (
                "https://token.actions.githubusercontent.com/contoso",
                json_of(Some(true)),
                Err("GitHub Actions"),
            ),
            (
                "https://accounts.google.com",
                json_of(Some(true)),
                Err("Google"),
            ),
            (
                "https://login.microsoftonline.com/common/v2.0",
                json_of(Some(true)),
                Err("Entra ID"),
            ),
            ("https://scalr.io", json_of(Some(true)), Err("Scalr")),
            (
                "https://oidc.codefresh.io",
                json_of(Some(true)),
                Err("Codefresh"),
            ),
        ];
        for (issuer, private, expected) in rows {
            let mut entry = serde_json::json!({"issuer": issuer, "audience": "broker"});
            if let Some(private) = private {
                entry["private"] = private;
            }
            let list = AllowedIssuer::list_from_json(&format!("[{entry}]"));
            let found = list.map(|list| list[0].private);
            let expected = expected.map_err(|name| InvalidIssuer::Shared {
                issuer: issuer.to_owned(),
                name,
            });
            assert_eq!(found, expected, "{entry}");
        }
        let odd = r#"[{"issuer":"https://a.example","audience":"b","private":"yes"}]"#;
        let odd = AllowedIssuer::list_from_json(odd);
        assert_eq!(odd, Err(InvalidIssuer::NotAList));
    }

    fn json_of(private: Option<bool>) -> Option<serde_json::Value> {
        private.map(serde_json::Value::from)
    }

    fn not_https(issuer: &str) -> InvalidIssuer {
        InvalidIssuer::NotHttps(issuer.to_owned())
    }

    fn white_space(issuer: &str) -> InvalidIssuer {
        InvalidIssuer::WhiteSpace(issuer.to_owned())
    }

    #[test]
    fn knows_which_addresses_lead_inside() {
        // Loopback; inside, which loopback is too.
        let rows = [
            ("http://localhost:1", true, true),
            ("https://localhost.", true, true),
            ("https://a.localhost", true, true),
            ("http://127.0.0.1", true, true),
            ("http://127.9.9.9:80", true, true),
            // Other spellings of 127.0.0.1 (WHATWG URL, host parsing).
            ("http://2130706433", true, true),
            ("http://0x7f.1", true, true),
            ("http://[::1]", true, true),
            ("http://[::ffff:127.0.0.1]", true, true),
            ("http://0.0.0.0", false, true),
            ("http://0", false, true),
            ("http://[::]", false, true),
            ("http://169.254.169.254/latest", false, true),
            ("http://[::ffff:169.254.169.254]", false, true),
            ("http://[fe80::1]", false, true),
            ("https://localhost.example", false, false),
            ("https://127.0.0.1.example", false, false),
            ("https://192.0.2.1", false, false),
            ("https://[2001:db8::1]", false, false),
            ("file:///etc/passwd", false, false),
        ];
        for (text, loopback, inside) in rows {
            let url = Url::parse(text).unwrap();
            assert_eq!(
                (is_loopback(&url), leads_inside(&url)),
                (loopback, inside),
                "{text}"
            );
        }
    }
}
