//! PyPI's `azure-identity`, as services on the Azure SDK use it, judges the simulator:
//! its certificate credential gets a token, and fails with the error that its
//! documentation names. It stands on msal (`msal.rs`), but speaks HTTP through a
//! pipeline of its own.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};

use super::microsoft::{
    AZURE_IDENTITY_GET_TOKEN, Clients, Pair, Sent, UNKNOWN_TENANT, messages, names,
};

/// What its documentation names, in full.
const DOCUMENTED: &str = "azure.core.exceptions.ClientAuthenticationError";

fn question(send_certificate_chain: bool) -> Value {
    json!({"client": "azure-identity", "send_certificate_chain": send_certificate_chain})
}

#[tokio::test]
async fn its_certificate_credential_gets_the_token() {
    let mut clients = Clients::start().await;
    println!("{}", clients.introduction["versions"]);
    let (own, tenant) = (clients.own.clone(), clients.tenant.clone());
    for chain in [false, true] {
        let answer = clients.ask(&question(chain), &tenant, &own).await;
        clients.check_token(&answer["answer"]["access_token"]);
        let sent = Sent::token_requests(&answer);
        let [request] = &sent[..] else {
            panic!("one token request: {answer}");
        };
        assert_eq!(request.url().as_str(), clients.token_url());
        check_assertion(&clients, request, chain);
    }
    assert!(clients.refused().await.is_empty());
    clients.stop().await;
}

/// It hands msal the SHA-1 thumbprint, so that the form is that of 2016.
fn check_assertion(clients: &Clients, request: &Sent, chain: bool) {
    let (header, claims) = request.assertion();
    println!(
        "chain {chain}: {} claims {}",
        names(&header).join(" "),
        names(&claims).join(" ")
    );
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header["x5t"], URL_SAFE.encode(clients.own.sha1()));
    match chain {
        false => assert_eq!(names(&header), ["alg", "typ", "x5t"]),
        true => {
            assert_eq!(names(&header), ["alg", "typ", "x5c", "x5t"]);
            let certificate = header["x5c"][0].as_str().unwrap();
            assert_eq!(STANDARD.decode(certificate).unwrap(), clients.own.der());
        }
    }
    assert_eq!(names(&claims), ["aud", "exp", "iat", "iss", "jti", "sub"]);
    assert_eq!(claims["aud"], clients.token_url());
}

#[tokio::test]
async fn a_refusal_is_the_error_that_its_documentation_names() {
    let mut clients = Clients::start().await;
    let says = clients.document(AZURE_IDENTITY_GET_TOKEN);
    let documented = format!(":raises ~{DOCUMENTED}: authentication failed.");
    assert!(says.contains(&documented), "{says}");

    let (own, other, tenant) = (
        clients.own.clone(),
        clients.other.clone(),
        clients.tenant.clone(),
    );
    let mut wrong_key = own.clone();
    wrong_key.private_key = other.private_key.clone();
    refused(&mut clients, &tenant, &wrong_key, "AADSTS700027").await;
    refused(&mut clients, &tenant, &other, "AADSTS700027").await;
    refused(&mut clients, UNKNOWN_TENANT, &own, "AADSTS90002").await;
    clients.skew(3600).await;
    refused(&mut clients, &tenant, &own, "AADSTS700024").await;
    clients.end_faults().await;
    clients.stop().await;
}

async fn refused(clients: &mut Clients, tenant: &str, pair: &Pair, number: &str) {
    for chain in [false, true] {
        let answer = clients.ask(&question(chain), tenant, pair).await;
        let message = messages(&answer);
        println!("{}: {message}", answer["raised"][0]);
        assert_eq!(answer["raised"][0], DOCUMENTED, "{answer}");
        assert!(message.contains(number), "{number}: {message}");
    }
    let counted = clients.refused().await;
    let number = number.trim_start_matches("AADSTS");
    assert!(counted.contains_key(number), "{number}: {counted:?}");
}
