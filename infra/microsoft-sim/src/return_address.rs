//! How an answer travels back to the application through the browser.
//!
//! Exists only for a redirect URI that has been matched against the
//! registration: until then a refusal is a page, never a redirect.

use axum::http::StatusCode;
use axum::response::Response;
use url::Url;

use crate::directory::applications::Application;
use crate::errors::{REDIRECT_URI_MISMATCH, Refusal, UNSUPPORTED_RESPONSE_MODE};
use crate::parameters::Parameters;
use crate::{answer, page};

/// `response_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Query,
    Fragment,
    FormPost,
}

/// A registered redirect URI with what has to come back beside the answer.
#[derive(Debug, Clone)]
pub(crate) struct ReturnAddress {
    /// As it was sent: the code is bound to this very text.
    pub(crate) redirect_uri: String,
    parsed: Url,
    mode: Mode,
    pub(crate) state: Option<String>,
}

impl ReturnAddress {
    pub(crate) fn of(sent: &Parameters, application: &Application) -> Result<Self, Refusal> {
        let (redirect_uri, parsed) = registered_uri(sent.get("redirect_uri"), application)?;
        let mode = match sent.get("response_mode") {
            None | Some("query") => Mode::Query,
            Some("fragment") => Mode::Fragment,
            Some("form_post") => Mode::FormPost,
            Some(other) => {
                return Err(UNSUPPORTED_RESPONSE_MODE
                    .because(format!("'{other}' is not a supported response_mode.")));
            }
        };
        Ok(Self {
            redirect_uri,
            parsed,
            mode,
            state: sent.get("state").map(str::to_owned),
        })
    }

    /// The authorize endpoint takes HTML out of `state` (Microsoft's page on
    /// redirect URIs).
    pub(crate) fn with_state_stripped(mut self) -> Self {
        self.state = self.state.map(|state| strip_html(&state));
        self
    }

    /// Sends these parameters back.
    pub(crate) fn answer(&self, parameters: &[(&str, String)]) -> Response {
        let mut target = self.parsed.clone();
        match self.mode {
            Mode::Query => {
                target.query_pairs_mut().extend_pairs(parameters);
                answer::redirect(target.as_str())
            }
            Mode::Fragment => {
                let mut encoded = form_urlencoded::Serializer::new(String::new());
                encoded.extend_pairs(parameters);
                target.set_fragment(Some(&encoded.finish()));
                answer::redirect(target.as_str())
            }
            // As registered: the closing slash that a bare host gets in a
            // redirect is not added here.
            Mode::FormPost => answer::html(
                StatusCode::OK,
                page::form_post(&self.redirect_uri, parameters),
            ),
        }
    }
}

/// Assumption `state-without-html`: what stands between `<` and `>` goes.
fn strip_html(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        let Some((_, after)) = tag.split_once('>') else {
            break;
        };
        kept.push_str(before);
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// Assumption `redirect-uri-match`. The answer goes to the URI as it was sent, with its
/// port.
fn registered_uri(sent: Option<&str>, application: &Application) -> Result<(String, Url), Refusal> {
    let registered = &application.registration.redirect_uris;
    let chosen = match sent {
        None => registered.first().map(String::as_str),
        Some(sent) => Some(sent).filter(|sent| registered.iter().any(|known| matches(known, sent))),
    };
    let mismatch = || {
        REDIRECT_URI_MISMATCH.because(format!(
            "The redirect URI '{}' specified in the request does not match the redirect URIs \
             configured for the application '{}'. Make sure the redirect URI sent in the request \
             matches one added to your application.",
            sent.unwrap_or_default(),
            application.client_id(),
        ))
    };
    let chosen = chosen.ok_or_else(mismatch)?;
    let parsed = Url::parse(chosen).map_err(|_| mismatch())?;
    Ok((chosen.to_owned(), parsed))
}

/// To the letter, but for the port of localhost (Microsoft's page on redirect URI
/// restrictions): what listens there is given any port that is free (RFC 8252 §7.3).
fn matches(registered: &str, sent: &str) -> bool {
    let portless = without_port_of_localhost;
    sent == registered || portless(sent).is_some_and(|sent| portless(registered) == Some(sent))
}

/// Scheme, and what follows host and port; `None` where the host is another.
fn without_port_of_localhost(uri: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = uri.split_once("://localhost")?;
    let rest = match rest.strip_prefix(':') {
        None => rest,
        Some(port) => {
            let rest = port.trim_start_matches(|digit: char| digit.is_ascii_digit());
            // No digit is no port.
            (rest.len() < port.len()).then_some(rest)?
        }
    };
    // Anything else would make `localhost` the beginning of a longer name, or a user's.
    let ends = rest.is_empty() || rest.starts_with(['/', '?']);
    ends.then_some((scheme, rest))
}
