//! PyPI's `msal`, the library that most services of this kind use, judges the
//! simulator: with each of its certificate credentials it gets a token, and what goes
//! wrong it tells as its documentation says. What it sends is written down here, so
//! that a version that sends something else is noticed: the simulator was made for this.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};

use super::microsoft::{
    Clients, MSAL_ANSWER, MSAL_DISCOVERY, Pair, Sent, UNKNOWN_TENANT, messages, names,
};

const CREDENTIALS: [&str; 3] = ["thumbprint", "certificate", "both"];

fn question(credential: &str) -> Value {
    json!({"client": "msal", "credential": credential})
}

/// Header of the assertion for a credential: algorithm, thumbprint, chain.
struct Form {
    credential: &'static str,
    algorithm: &'static str,
    header_names: &'static [&'static str],
}

const FORMS: [Form; 3] = [
    Form {
        credential: "thumbprint",
        algorithm: "RS256",
        header_names: &["alg", "typ", "x5t"],
    },
    Form {
        credential: "certificate",
        algorithm: "PS256",
        header_names: &["alg", "typ", "x5c", "x5t#S256"],
    },
    // The thumbprint that somebody gives decides the form.
    Form {
        credential: "both",
        algorithm: "RS256",
        header_names: &["alg", "typ", "x5c", "x5t"],
    },
];

#[tokio::test]
async fn each_certificate_credential_gets_the_token() {
    let mut clients = Clients::start().await;
    println!("{}", clients.introduction["versions"]);
    for form in FORMS {
        let own = clients.own.clone();
        let tenant = clients.tenant.clone();
        let answer = clients.ask(&question(form.credential), &tenant, &own).await;
        clients.check_token(&answer["answer"]["access_token"]);
        let sent = Sent::token_requests(&answer);
        let [first, second] = &sent[..] else {
            panic!("two token requests: {answer}");
        };
        check_request(&clients, first);
        check_assertion(&clients, &form, first);
        // One assertion serves for nine minutes: `jti` does not make it single use.
        assert_eq!(
            first.form()["client_assertion"],
            second.form()["client_assertion"]
        );
    }
    assert!(clients.refused().await.is_empty());
    clients.stop().await;
}

fn check_request(clients: &Clients, sent: &Sent) {
    assert_eq!(sent.url().as_str(), clients.token_url());
    let form = sent.form();
    let fields: Vec<&str> = form.keys().map(String::as_str).collect();
    let expected = [
        "client_assertion",
        "client_assertion_type",
        "client_id",
        "client_info",
        "grant_type",
        "scope",
    ];
    assert_eq!(fields, expected);
    assert_eq!(form["client_info"], "1");
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(sent.header("x-client-sku"), "MSAL.Python");
    assert_eq!(sent.header("x-ms-lib-capability"), "retry-after, h429");
}

fn check_assertion(clients: &Clients, form: &Form, sent: &Sent) {
    let (header, claims) = sent.assertion();
    println!("{}: {}", form.credential, shown(&header, &claims));
    assert_eq!(header["alg"], form.algorithm);
    assert_eq!(names(&header), form.header_names, "{}", form.credential);
    // base64url, but padded.
    match form.algorithm {
        "PS256" => assert_eq!(header["x5t#S256"], URL_SAFE.encode(clients.own.sha256())),
        _ => assert_eq!(header["x5t"], URL_SAFE.encode(clients.own.sha1())),
    }
    if let Some(chain) = header.get("x5c") {
        let [certificate] = &chain.as_array().expect("x5c is an array")[..] else {
            panic!("one certificate: {chain}");
        };
        let text = certificate.as_str().unwrap();
        // Copied out of the PEM, line breaks included; RFC 7515 §4.1.6 has none.
        assert!(text.contains('\n'), "{text}");
        let text = text.replace('\n', "");
        assert_eq!(STANDARD.decode(text).unwrap(), clients.own.der());
    }
    check_claims(clients, &claims);
}

fn check_claims(clients: &Clients, claims: &Value) {
    assert_eq!(names(claims), ["aud", "exp", "iat", "iss", "jti", "sub"]);
    assert_eq!(claims["aud"], clients.token_url());
    assert_eq!(claims["iss"], clients.client_id());
    assert_eq!(claims["sub"], clients.client_id());
    for name in ["exp", "iat"] {
        assert!(claims[name].is_f64(), "{name} is a fraction: {claims}");
    }
    let life = claims["exp"].as_f64().unwrap() - claims["iat"].as_f64().unwrap();
    assert!((life - 600.0).abs() < 0.01, "{life}");
}

/// Without what is another at each run.
fn shown(header: &Value, claims: &Value) -> String {
    let (header_names, claims) = (names(header).join(" "), names(claims).join(" "));
    format!(
        "alg {}, header {header_names}, claims {claims}",
        header["alg"]
    )
}

#[tokio::test]
async fn a_refusal_is_a_dictionary_with_the_error_as_documented() {
    let mut clients = Clients::start().await;
    let says = clients.document(MSAL_ANSWER);
    let documented = r#"an error response would contain "error" and usually "error_description""#;
    assert!(says.contains(documented), "{says}");

    let (own, other) = (clients.own.clone(), clients.other.clone());
    let mut wrong_key = own.clone();
    wrong_key.private_key = other.private_key.clone();
    for credential in CREDENTIALS {
        refused(&mut clients, credential, &wrong_key, 700_027).await;
        clients.skew(3600).await;
        refused(&mut clients, credential, &own, 700_024).await;
        clients.end_faults().await;
    }
    refused(&mut clients, "certificate", &other, 700_027).await;
    clients.stop().await;
}

async fn refused(clients: &mut Clients, credential: &str, pair: &Pair, number: u64) {
    let tenant = clients.tenant.clone();
    let answer = clients.ask(&question(credential), &tenant, pair).await;
    let error = &answer["answer"];
    println!("{credential}: {} {}", error["error"], error["error_codes"]);
    assert_eq!(error["error"], "invalid_client", "{answer}");
    assert_eq!(error["error_codes"], json!([number]));
    let description = error["error_description"].as_str().unwrap();
    assert!(
        description.starts_with(&format!("AADSTS{number}:")),
        "{description}"
    );
    assert!(error.get("access_token").is_none());
}

/// It looks for the tenant's configuration before it asks for a token.
#[tokio::test]
async fn an_unknown_tenant_is_a_value_error_as_its_source_says() {
    let mut clients = Clients::start().await;
    let says = clients.document(MSAL_DISCOVERY);
    assert!(
        says.contains("raise ValueError(\"OIDC Discovery failed"),
        "{says}"
    );
    assert!(
        says.contains("# Nonexist tenant would hit this path"),
        "{says}"
    );

    let own = clients.own.clone();
    for credential in CREDENTIALS {
        let answer = clients
            .ask(&question(credential), UNKNOWN_TENANT, &own)
            .await;
        let message = messages(&answer);
        println!("{credential}: {} {message}", answer["raised"][0]);
        assert_eq!(answer["raised"][0], "builtins.ValueError");
        assert!(message.contains("AADSTS90002:"), "{message}");
        assert!(
            message.contains("double check your tenant name or GUID"),
            "{message}"
        );
        assert!(Sent::token_requests(&answer).is_empty());
    }
    assert_eq!(clients.refused().await["90002"], 3);
    clients.stop().await;
}
