//! Callers' tokens that prove nothing, each made by hand.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::PublicKeyData as _;
use serde_json::{Value, json};

use super::issuer::DevelopmentIssuer;

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
pub(super) fn claims(issuer: &DevelopmentIssuer) -> Vec<(&'static str, String)> {
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
            "a loopback issuer",
            issuer.with("iss", json!("http://localhost:8080")),
        ),
        (
            "a link-local issuer",
            issuer.with("iss", json!("http://169.254.169.254/latest")),
        ),
        (
            "an issuer of another scheme",
            issuer.with("iss", json!("file:///etc/passwd")),
        ),
        (
            "an issuer with a path",
            issuer.with("iss", json!(format!("{iss}/../evil.example"))),
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
pub(super) fn signatures(issuer: &DevelopmentIssuer) -> Vec<(&'static str, String)> {
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
        ("a path to the key itself", with_kid(Some("../keys/1"))),
        ("an absolute path", with_kid(Some("/dev/null"))),
        (
            "a URL as key id",
            with_kid(Some("http://169.254.169.254/1")),
        ),
        ("a key id and a zero byte", with_kid(Some("1\0"))),
        ("a long key id", with_kid(Some(&"1".repeat(4096)))),
    ]
}

/// Keys that the token brings along (RFC 7515 §4.1.2 to §4.1.6): nobody vouches for them.
pub(super) fn own_keys(issuer: &DevelopmentIssuer) -> Vec<(&'static str, String)> {
    let pair = rcgen::KeyPair::generate().unwrap();
    let key = EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap();
    let jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    let url = || Some("http://169.254.169.254/keys".to_owned());
    let header = |change: &dyn Fn(&mut Header)| {
        let mut header = issuer.header();
        change(&mut header);
        jsonwebtoken::encode(&header, &issuer.claims(), &key).unwrap()
    };
    vec![
        (
            "a key in the header",
            header(&|header| header.jwk = Some(jwk.clone())),
        ),
        ("a key set's URL", header(&|header| header.jku = url())),
        ("a certificate's URL", header(&|header| header.x5u = url())),
        (
            "a chain in the header",
            header(&|header| header.x5c = Some(vec!["AAAA".to_owned()])),
        ),
    ]
}

/// Tokens in tokens: the inner one is good, and nobody looks for it.
pub(super) fn nested(issuer: &DevelopmentIssuer) -> Vec<(&'static str, String)> {
    let inner = issuer.sign(&issuer.header(), &issuer.claims());
    let nesting = Header {
        cty: Some("JWT".to_owned()),
        ..issuer.header()
    };
    let mut within = issuer.claims();
    within.as_object_mut().unwrap().remove("sub");
    within["client_assertion"] = json!(inner);
    let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let encrypted = json!({"alg": "dir", "enc": "A128GCM", "cty": "JWT", "kid": "1"});
    let encrypted = encoded(&encrypted.to_string());
    let whole = encoded(&inner);
    vec![
        // RFC 7519 §7.1 would have it so.
        ("a token as payload", issuer.sign_bytes(&nesting, &inner)),
        ("a token as text", issuer.sign(&nesting, &json!(inner))),
        ("a token as claim", issuer.sign(&nesting, &within)),
        ("a list of tokens", issuer.sign(&nesting, &json!([inner]))),
        ("five parts", format!("{encrypted}..AAAA.{whole}.AAAA")),
        ("encoded once more", whole),
        ("two tokens", format!("{inner}.{inner}")),
        (
            "deep claims",
            issuer.sign_bytes(&issuer.header(), &"[".repeat(4096)),
        ),
    ]
}

/// The public key is known to everybody: it must not do for an HMAC.
pub(super) fn confused(issuer: &DevelopmentIssuer) -> Vec<(&'static str, String)> {
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
