//! An authorize request, checked.
//!
//! Nothing is sent to a redirect URI before that URI has been matched: until
//! then refusals are pages. Later ones go back as RFC 6749 §4.1.2.1 says
//! (assumption `authorize-errors-go-back`).

use std::sync::Arc;

use crate::authority::{Authority, Version};
use crate::codes::{Challenge, Purpose};
use crate::directory::Snapshot;
use crate::directory::applications::Application;
use crate::directory::resources::Resource;
use crate::errors::{
    BAD_CODE_CHALLENGE, ID_TOKEN_NOT_ENABLED, INVALID_SCOPE, NOT_SIGNED_IN, PROMPT_NOT_SUPPORTED,
    Refusal, UNSUPPORTED_RESPONSE_TYPE, missing,
};
use crate::parameters::Parameters;
use crate::return_address::ReturnAddress;
use crate::{scope, standing};

/// A request that may be asked of a person.
pub(super) struct AuthorizeRequest {
    pub(super) authority: Authority,
    pub(super) application: Arc<Application>,
    pub(super) address: ReturnAddress,
    pub(super) prompt: ConsentPrompt,
    pub(super) purpose: Purpose,
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<Challenge>,
}

/// When the application wants the consent question to be asked (`prompt`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConsentPrompt {
    /// Where it is not answered yet.
    IfNeeded,
    Always,
    AlwaysOfAnAdmin,
}

/// Where a refusal is shown.
pub(super) enum Rejected {
    OnPage(Refusal),
    AtReturnAddress(Box<ReturnAddress>, Refusal),
}

impl From<Refusal> for Rejected {
    fn from(refusal: Refusal) -> Self {
        Self::OnPage(refusal)
    }
}

impl AuthorizeRequest {
    pub(super) fn parse(
        version: Version,
        authority: Authority,
        sent: &Parameters,
        directory: &Snapshot,
    ) -> Result<Self, Rejected> {
        let application = standing::usable(sent, &authority, directory)?;
        let address = ReturnAddress::of(sent, &application)?.with_state_stripped();
        let at_address = |refusal| Rejected::AtReturnAddress(Box::new(address.clone()), refusal);
        check_response_type(sent).map_err(at_address)?;
        let prompt = read_prompt(version, sent).map_err(at_address)?;
        let purpose = read_purpose(version, sent, &application).map_err(at_address)?;
        let challenge = read_challenge(sent).map_err(at_address)?;
        Ok(Self {
            authority,
            application,
            address,
            prompt,
            purpose,
            nonce: sent.get("nonce").map(str::to_owned),
            challenge,
        })
    }
}

fn check_response_type(sent: &Parameters) -> Result<(), Refusal> {
    let response_type = sent
        .get("response_type")
        .ok_or_else(|| missing("response_type"))?;
    let mut words: Vec<_> = response_type.split(' ').collect();
    words.sort_unstable();
    match words.as_slice() {
        ["code"] => Ok(()),
        ["id_token"] | ["code", "id_token"] => Err(ID_TOKEN_NOT_ENABLED
            .because("response_type 'id_token' is not enabled for the application.")),
        _ => Err(UNSUPPORTED_RESPONSE_TYPE.because(format!(
            "The provided value for the input parameter 'response_type' is not allowed: \
             '{response_type}'."
        ))),
    }
}

fn read_prompt(version: Version, sent: &Parameters) -> Result<ConsentPrompt, Refusal> {
    match (version, sent.get("prompt")) {
        (_, None | Some("login" | "select_account")) => Ok(ConsentPrompt::IfNeeded),
        (_, Some("consent")) => Ok(ConsentPrompt::Always),
        (Version::V1, Some("admin_consent")) => Ok(ConsentPrompt::AlwaysOfAnAdmin),
        // No session is ever kept, so everybody has to sign in.
        (_, Some("none")) => {
            Err(NOT_SIGNED_IN.because("Session information is not sufficient for single-sign-on."))
        }
        (_, Some(other)) => Err(PROMPT_NOT_SUPPORTED.because(format!(
            "The provided value for the input parameter 'prompt' is not allowed: '{other}'."
        ))),
    }
}

fn read_purpose(
    version: Version,
    sent: &Parameters,
    application: &Application,
) -> Result<Purpose, Refusal> {
    Ok(match version {
        Version::V1 => Purpose::V1 {
            resource: read_resource(sent, application)?,
        },
        Version::V2 => Purpose::V2 {
            scopes: read_scopes(sent)?,
        },
    })
}

fn read_resource(sent: &Parameters, application: &Application) -> Result<Option<String>, Refusal> {
    let Some(name) = sent.get("resource") else {
        return Ok(None);
    };
    let resource = Resource::find(name).ok_or_else(|| scope::unknown_resource(name))?;
    if !application.requires(resource) {
        return Err(scope::not_required(name, application));
    }
    Ok(Some(name.to_owned()))
}

fn read_scopes(sent: &Parameters) -> Result<Vec<String>, Refusal> {
    scope::refuse_resource(sent)?;
    let scope = sent.get("scope").ok_or_else(|| missing("scope"))?;
    let scopes: Vec<_> = scope.split_whitespace().map(str::to_owned).collect();
    for scope in &scopes {
        match scope::permission(scope)? {
            Some((resource, name)) if name != ".default" && !resource.offers(name) => {
                return Err(INVALID_SCOPE.because(format!(
                    "The provided value for the input parameter 'scope' is not valid. The scope \
                     '{scope}' does not exist."
                )));
            }
            _ => {}
        }
    }
    Ok(scopes)
}

fn read_challenge(sent: &Parameters) -> Result<Option<Challenge>, Refusal> {
    let Some(value) = sent.get("code_challenge") else {
        return Ok(None);
    };
    let challenge = match sent.get("code_challenge_method") {
        Some("S256") => Challenge::S256(value.to_owned()),
        None | Some("plain") => Challenge::Plain(value.to_owned()),
        Some(other) => {
            return Err(BAD_CODE_CHALLENGE.because(format!(
                "The code_challenge_method '{other}' is not supported."
            )));
        }
    };
    if !(43..=128).contains(&value.len()) {
        return Err(BAD_CODE_CHALLENGE.because("Invalid size of Code_Challenge parameter."));
    }
    Ok(Some(challenge))
}
