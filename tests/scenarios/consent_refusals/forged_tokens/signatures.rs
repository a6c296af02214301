//! What is no JWT that the authority has signed, whatever its claims say: for the ID
//! token of the v2 flow and the access token of the v1 flow alike.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tests::jwt::compact;
use tests::{Forgery, Genuine, Member};

use super::{Row, row};

/// `earlier`: a token of another sign-in.
pub(super) fn rows(member: Member, earlier: &Genuine) -> Vec<Row> {
    let mut rows = algorithms(member);
    rows.extend(keys(member));
    rows.extend(signatures(member, earlier));
    rows.extend(no_tokens(member));
    rows
}

/// Only RS256 will do. The public key is known to everybody: no HMAC proves anything.
fn algorithms(member: Member) -> Vec<Row> {
    let row = |name, make: fn(&Genuine) -> String| row(member, name, make);
    vec![
        row("alg none, no signature", |genuine| {
            genuine.as_algorithm("none", "")
        }),
        row("alg none, the old signature", |genuine| {
            genuine.as_algorithm("none", genuine.signature())
        }),
        row("alg None, no signature", |genuine| {
            genuine.as_algorithm("None", "")
        }),
        row("RS512 by a published key", |genuine| {
            genuine
                .own
                .sign(&with_alg(genuine, "RS512"), &genuine.claims)
        }),
        row("PS256 by a published key", |genuine| {
            genuine
                .own
                .sign(&with_alg(genuine, "PS256"), &genuine.claims)
        }),
        row("HS256 over the public key's PEM", |genuine| {
            genuine.hmac(genuine.authority_pem().as_bytes())
        }),
        row("HS256 over the public key's DER", |genuine| {
            genuine.hmac(&genuine.authority_der())
        }),
        row("HS256 over the modulus, as it is written", |genuine| {
            genuine.hmac(genuine.authority_modulus().as_bytes())
        }),
        row("HS256 over the modulus, its bytes", |genuine| {
            let modulus = URL_SAFE_NO_PAD.decode(genuine.authority_modulus());
            genuine.hmac(&modulus.unwrap())
        }),
        row("HS256 over nothing", |genuine| genuine.hmac(b"")),
    ]
}

/// The same claims by a key that must not do.
fn keys(member: Member) -> Vec<Row> {
    let row = |name, make: fn(&Genuine) -> String| row(member, name, make);
    vec![
        row("another key under the authority's kid", |genuine| {
            genuine.own.sign_as(&genuine.header, &genuine.claims)
        }),
        row("a kid that nobody publishes", |genuine| {
            let header = with_kid(genuine, "nobody-publishes-this");
            genuine.own.sign_as(&header, &genuine.claims)
        }),
        row("an empty kid", |genuine| {
            let header = with_kid(genuine, "");
            genuine.own.sign_as(&header, &genuine.claims)
        }),
        row("no kid", |genuine| {
            let mut header = genuine.header.clone();
            header.as_object_mut().unwrap().remove("kid").unwrap();
            genuine.own.sign_as(&header, &genuine.claims)
        }),
        // Published, and for another issuer than this token's.
        row("the key of the consumers' tenant", |genuine| {
            genuine.of_consumers.sign(&genuine.header, &genuine.claims)
        }),
    ]
}

fn signatures(member: Member, earlier: &Genuine) -> Vec<Row> {
    let other = earlier.clone();
    let (tid, iss) = (other.claims["tid"].clone(), other.claims["iss"].clone());
    vec![
        row(member, "another token's signature", move |genuine| {
            compact(&genuine.header, &genuine.claims, other.signature())
        }),
        row(member, "claims changed after the signing", move |genuine| {
            let mut claims = genuine.claims.clone();
            claims["tid"] = tid;
            claims["iss"] = iss;
            compact(&genuine.header, &claims, genuine.signature())
        }),
        row(member, "no signature", |genuine| {
            compact(&genuine.header, &genuine.claims, "")
        }),
        row(member, "a signature that is cut", |genuine| {
            genuine.token[..genuine.token.len() - 10].to_owned()
        }),
        row(member, "two parts of three", |genuine| {
            genuine.token.rsplit_once('.').unwrap().0.to_owned()
        }),
    ]
}

fn no_tokens(member: Member) -> Vec<Row> {
    vec![
        row(member, "not a JWT", |_| "not-a-token".to_owned()),
        row(member, "dots", |_| "..".to_owned()),
        row(member, "an empty text", |_| String::new()),
        Row {
            name: "no token at all",
            forgery: Forgery::leaving_out(member),
        },
    ]
}

fn with_kid(genuine: &Genuine, kid: &str) -> Value {
    let mut header = genuine.header.clone();
    header["kid"] = json!(kid);
    header
}

fn with_alg(genuine: &Genuine, alg: &str) -> Value {
    let mut header = genuine.header.clone();
    header["alg"] = json!(alg);
    header
}
