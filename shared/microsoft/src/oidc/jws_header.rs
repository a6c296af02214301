//! The header of a signed token (JWS, RFC 7515), read and checked in one place for callers'
//! tokens and Entra ID's own. Nothing in it is signed for yet: it only says which key to
//! check the signature with, and what refuses the token at once.
//!
//! The signature itself is `published_key`'s business.

use auth::encoding::from_base64url;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

/// Names of keys are thumbprints, dates and GUIDs; a longer one names no key of any issuer.
const KID_MAX_BYTES: usize = 256;
/// Kinds of signed token that prove who somebody is, without `application/` (RFC 7519 §5.1,
/// RFC 9068, the SPIFFE JWT-SVID and RFC 7523bis). A proof of possession, a logout token or
/// a security event is signed with the same keys and proves something else.
const KINDS: [&str; 4] = ["jwt", "jose", "at+jwt", "client-authentication+jwt"];

/// What an unverified header says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnverifiedHeader {
    /// The key's name.
    pub(crate) kid: String,
    /// One of the algorithms that the reader allows.
    pub(crate) algorithm: Algorithm,
}

/// Which rule a header breaks. Names no part of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderRefused {
    /// No JSON object.
    Form,
    /// It names no algorithm that is allowed.
    Algorithm,
    /// It names no key.
    KeyId,
    /// It has extensions that must be understood.
    Critical,
    /// A token of another kind.
    Kind,
}

impl UnverifiedHeader {
    /// Reads a token's header. Fails closed because an extension that must be understood
    /// changes what is signed or what it is worth, and we understand none.
    pub(crate) fn read(token: &str, allowed: &[Algorithm]) -> Result<Self, HeaderRefused> {
        let fields = fields(token).ok_or(HeaderRefused::Form)?;
        // RFC 7515 §4.1.11; an empty or malformed list is refused too. RFC 7797 §6: `b64`
        // comes with `crit`, and some forget it.
        let is_extended = fields.contains_key("crit")
            || fields
                .get("b64")
                .is_some_and(|b64| *b64 != Value::Bool(true));
        if is_extended {
            return Err(HeaderRefused::Critical);
        }
        if !fields.get("typ").is_none_or(is_known_kind) {
            return Err(HeaderRefused::Kind);
        }
        key_of(&fields, allowed)
    }
}

impl HeaderRefused {
    /// For the caller.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Form => "the token's header is not a JSON object in base64url",
            Self::Algorithm => {
                "the token's header names no algorithm (alg) that is taken here: RS256 to RS512, \
                 PS256 to PS512, ES256, ES384 or EdDSA"
            }
            Self::KeyId => "the token's header names no key (kid) of 256 bytes at most",
            Self::Critical => "the token's header has extensions that are not understood here",
            Self::Kind => "the token is of a kind (typ) that proves no caller",
        }
    }
}

fn fields(token: &str) -> Option<Map<String, Value>> {
    let (encoded, _) = token.split_once('.')?;
    serde_json::from_slice(&from_base64url(encoded)?).ok()
}

fn is_known_kind(typ: &Value) -> bool {
    typ.as_str().is_some_and(|typ| {
        let typ = typ.to_ascii_lowercase();
        KINDS.contains(&typ.strip_prefix("application/").unwrap_or(&typ))
    })
}

fn key_of(
    fields: &Map<String, Value>,
    allowed: &[Algorithm],
) -> Result<UnverifiedHeader, HeaderRefused> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let algorithm = text("alg").and_then(|alg| alg.parse().ok());
    let algorithm = algorithm.filter(|algorithm| allowed.contains(algorithm));
    let kid = text("kid").filter(|kid| kid.len() <= KID_MAX_BYTES);
    Ok(UnverifiedHeader {
        algorithm: algorithm.ok_or(HeaderRefused::Algorithm)?,
        kid: kid.ok_or(HeaderRefused::KeyId)?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use auth::encoding::base64url;

    use super::*;

    const ALLOWED: [Algorithm; 2] = [Algorithm::RS256, Algorithm::ES256];

    fn read(header: &str) -> Result<UnverifiedHeader, HeaderRefused> {
        let token = format!("{}.e30.c2ln", base64url(header.as_bytes()));
        UnverifiedHeader::read(&token, &ALLOWED)
    }

    #[test]
    fn a_header_names_its_key_whatever_else_it_says_that_need_not_be_understood() {
        let kid = "k".repeat(KID_MAX_BYTES);
        let rows = [
            r#""typ":"JWT""#,
            r#""typ":"jwt""#,
            r#""typ":"JOSE""#,
            r#""typ":"at+jwt""#,
            r#""typ":"application/at+JWT""#,
            r#""typ":"client-authentication+jwt""#,
            r#""x5t":"AAAA","nonce":"n""#,
            r#""jku":"https://evil.example/keys""#,
            r#""b64":true"#,
            r#""critical":["exp"]"#,
        ];
        for more in rows {
            let header = read(&format!(r#"{{"alg":"ES256","kid":"{kid}",{more}}}"#));
            let (kid, algorithm) = (kid.clone(), Algorithm::ES256);
            assert_eq!(header, Ok(UnverifiedHeader { kid, algorithm }), "{more}");
        }
    }

    #[test]
    fn an_extension_that_must_be_understood_is_refused_in_every_form() {
        let rows = [
            r#""crit":["exp"],"exp":1"#,
            r#""crit":["b64"],"b64":false"#,
            r#""crit":["b64"],"b64":true"#,
            r#""crit":["http://example.com/UNDEFINED"],"http://example.com/UNDEFINED":true"#,
            r#""crit":[]"#,
            r#""crit":[""]"#,
            r#""crit":["alg"]"#,
            r#""crit":"exp""#,
            r#""crit":null"#,
            r#""crit":{}"#,
            r#""crit":[1]"#,
            r#""crit":false"#,
            r#""b64":false"#,
            r#""b64":"true""#,
            r#""b64":null"#,
        ];
        for more in rows {
            let header = read(&format!(r#"{{"alg":"ES256","kid":"1",{more}}}"#));
            assert_eq!(header, Err(HeaderRefused::Critical), "{more}");
        }
    }

    #[test]
    fn a_token_of_another_kind_is_refused() {
        let rows = [
            r#""dpop+jwt""#,
            r#""application/dpop+jwt""#,
            r#""logout+jwt""#,
            r#""secevent+jwt""#,
            r#""token-introspection+jwt""#,
            r#""oauth-authz-req+jwt""#,
            r#""kb+jwt""#,
            r#""pop""#,
            r#""""#,
            r#"" JWT""#,
            "null",
            "1",
            r#"["JWT"]"#,
        ];
        for typ in rows {
            let header = read(&format!(r#"{{"alg":"ES256","kid":"1","typ":{typ}}}"#));
            assert_eq!(header, Err(HeaderRefused::Kind), "{typ}");
        }
    }

    #[test]
    fn a_header_without_key_and_allowed_algorithm_is_none_and_says_which() {
        use HeaderRefused::{Algorithm, Form, KeyId};
        let long = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, "k".repeat(257));
        let rows = [
            (r#"{"alg":"none","kid":"1"}"#, Algorithm),
            (r#"{"alg":"None","kid":"1"}"#, Algorithm),
            (r#"{"alg":"HS256","kid":"1"}"#, Algorithm),
            (r#"{"alg":"ES384","kid":"1"}"#, Algorithm),
            (r#"{"alg":"es256","kid":"1"}"#, Algorithm),
            (r#"{"alg":["ES256"],"kid":"1"}"#, Algorithm),
            (r#"{"kid":"1"}"#, Algorithm),
            ("{}", Algorithm),
            (r#"{"alg":"ES256"}"#, KeyId),
            (r#"{"alg":"ES256","kid":1}"#, KeyId),
            (r#"{"alg":"ES256","kid":null}"#, KeyId),
            (&long, KeyId),
            (r#"["ES256","1"]"#, Form),
            ("{", Form),
            ("", Form),
        ];
        for (header, why) in rows {
            assert_eq!(read(header), Err(why), "{header}");
        }
        for token in ["", ".", "e30", "e30=.e30.c2ln", "{}.e30.c2ln"] {
            let header = UnverifiedHeader::read(token, &ALLOWED);
            assert_eq!(header, Err(Form), "{token}");
        }
    }
}
