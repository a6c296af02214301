//! Callers' tokens that prove nothing, each made by hand.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::PublicKeyData as _;
use serde_json::{Value, json};

use super::issuer::Issuer;

/// Clocks may differ by a minute.
const LEEWAY: i64 = 60;

fn joined(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (header, claims) = (header.to_string(), claims.to_string());
    format!(
        "{}.{}.{}",
        encode(header.as_bytes()),
        encode(claims.as_bytes()),
        encode(signature)
    )
}

/// Claims that do not hold, under the issuer's own signature.
pub(super) fn claims(issuer: &Issuer) -> Vec<(&'static str, String)> {
    let good = issuer.claims();
    let now = good["iat"].as_i64().unwrap();
    let (iss, aud) = (good["iss"].as_str().unwrap(), good["aud"].as_str().unwrap());
    vec![
        ("expired", issuer.with("exp", json!(now - LEEWAY - 1))),
        ("expired long ago", issuer.with("exp", json!(1))),
        ("without an end", issuer.without("exp")),
        (
            "an end that is no number",
            issuer.with("exp", json!("never")),
        ),
        ("an end that is null", issuer.with("exp", Value::Null)),
        // A start in the future, well beyond what clocks differ by.
        (
            "not yet valid",
            issuer.with("nbf", json!(now + LEEWAY + 300)),
        ),
        ("without a subject", issuer.without("sub")),
        ("an empty subject", issuer.with("sub", json!(""))),
        (
            "a subject that is no text",
            issuer.with("sub", json!(["a"])),
        ),
        ("without an audience", issuer.without("aud")),
        ("another audience", issuer.with("aud", json!("another"))),
        (
            "no audience of the list",
            issuer.with("aud", json!(["a", "b"])),
        ),
        (
            "Entra's audience",
            issuer.with("aud", json!("api://AzureADTokenExchange")),
        ),
        (
            "a longer audience",
            issuer.with("aud", json!(format!("{aud}x"))),
        ),
        (
            "an audience in upper case",
            issuer.with("aud", json!(aud.to_uppercase())),
        ),
        ("without an issuer", issuer.without("iss")),
        (
            "another issuer",
            issuer.with("iss", json!("https://evil.example")),
        ),
        (
            "an issuer with a slash",
            issuer.with("iss", json!(format!("{iss}/"))),
        ),
        (
            "an issuer in upper case",
            issuer.with("iss", json!(iss.to_uppercase())),
        ),
        ("an issuer list", issuer.with("iss", json!([iss]))),
    ]
}

/// Headers and signatures that do not hold, over claims that would.
pub(super) fn signatures(issuer: &Issuer) -> Vec<(&'static str, String)> {
    let good = issuer.claims();
    let proper = issuer.sign(&issuer.header(), &good);
    let (signed, signature) = proper.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let header = |alg: &str| json!({"alg": alg, "kid": "1", "typ": "JWT"});
    let with_kid = |kid: Option<&str>| {
        let kid = kid.map(str::to_owned);
        let header = Header {
            kid,
            ..issuer.header()
        };
        issuer.sign(&header, &good)
    };
    let mut admin = good.clone();
    admin["sub"] = json!("somebody else");
    let stranger = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let stranger = EncodingKey::from_ec_pem(stranger.as_bytes()).unwrap();
    let forged = jsonwebtoken::encode(&issuer.header(), &good, &stranger).unwrap();
    vec![
        ("alg none", joined(&header("none"), &good, b"")),
        (
            "alg None with a signature",
            joined(&header("None"), &good, &signature),
        ),
        (
            "alg none with a signature",
            joined(&header("none"), &good, &signature),
        ),
        ("no alg", joined(&json!({"kid": "1"}), &good, &signature)),
        ("alg RS256", joined(&header("RS256"), &good, &signature)),
        ("alg ES384", joined(&header("ES384"), &good, &signature)),
        ("alg EdDSA", joined(&header("EdDSA"), &good, &signature)),
        ("no signature", format!("{signed}.")),
        (
            "half a signature",
            joined(&header("ES256"), &good, &signature[..32]),
        ),
        (
            "a signature of zeros",
            joined(&header("ES256"), &good, &[0; 64]),
        ),
        ("other claims", joined(&header("ES256"), &admin, &signature)),
        ("another key", forged),
        ("an unknown key id", with_kid(Some("2"))),
        ("no key id", with_kid(None)),
        ("an empty key id", with_kid(Some(""))),
        ("a path as key id", with_kid(Some("../../issuer.json"))),
    ]
}

/// The public key is known to everybody: it must not do for an HMAC.
pub(super) fn confused(issuer: &Issuer) -> Vec<(&'static str, String)> {
    let pair = rcgen::KeyPair::from_pem(&issuer.private_key).unwrap();
    let keys = [
        ("HS256 over the PEM", pair.public_key_pem().into_bytes()),
        ("HS256 over the DER", pair.subject_public_key_info()),
        ("HS256 over the point", pair.der_bytes().to_vec()),
        ("HS256 over nothing", Vec::new()),
    ];
    let header = Header {
        kid: Some("1".to_owned()),
        ..Header::new(Algorithm::HS256)
    };
    keys.into_iter()
        .map(|(row, key)| {
            let key = EncodingKey::from_secret(&key);
            (
                row,
                jsonwebtoken::encode(&header, &issuer.claims(), &key).unwrap(),
            )
        })
        .collect()
}

/// No JWT at all.
pub(super) fn garbage() -> Vec<(&'static str, String)> {
    let rows = [
        ("a word", "garbage"),
        ("two parts", "a.b"),
        ("three parts", "a.b.c"),
        ("four parts", "a.b.c.d"),
        ("dots", ".."),
        ("a password", "Basic YTpi"),
        ("JSON", "{\"iss\":\"x\"}"),
    ];
    rows.map(|(row, text)| (row, text.to_owned())).to_vec()
}
