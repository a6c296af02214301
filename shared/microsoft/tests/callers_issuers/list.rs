//! Who is asked: an issuer on the list, to the letter, and no place that anybody leads
//! to. A second place on this machine listens all the time and must hear of nothing.

use auth::ports::ProofError;
use serde_json::json;

use crate::issuing::checker::Checker;
use crate::issuing::server::{CONFIGURATION, KEYS, Server};

/// What the listed place says in order to lead us to the other one.
type Lead = fn(&Server, &Server);

#[tokio::test]
async fn who_is_not_on_the_list_to_the_letter_is_never_asked() {
    let checker = Checker::start().await;
    let other = Server::start(&checker.key).await;
    let listed = &checker.listed.url;
    let rows = [
        other.url.clone(),
        other.url.replace("127.0.0.1", "localhost"),
        listed.replace("127.0.0.1", "localhost"),
        listed.replace("http:", "https:"),
        listed.replace("http:", "HTTP:"),
        format!("{listed}/"),
        format!("{listed}/."),
        format!("{listed}?x"),
        format!("{listed}#"),
        format!("{listed}@evil.example"),
        format!("{listed}{CONFIGURATION}"),
        listed.replace("http://", "http://x@"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://[fd00:ec2::254]/latest".to_owned(),
        "http://[fe80::1]".to_owned(),
        "http://0.0.0.0".to_owned(),
        "https://[::1]".to_owned(),
        "file:///etc/passwd".to_owned(),
        "ftp://issuer.example".to_owned(),
        "gopher://127.0.0.1:70/_x".to_owned(),
        "unix:/run/issuer.sock".to_owned(),
        "data:application/json,{}".to_owned(),
        "../../issuer".to_owned(),
        String::new(),
    ];
    for issuer in rows {
        let mut claims = checker.claims();
        claims["iss"] = json!(issuer);
        let refused = checker.verify(&checker.key.sign(&claims)).await;
        let refused = refused.unwrap_err().to_string();
        let expected = "the token's issuer is not on the list";
        assert!(refused.starts_with(expected), "{issuer}: {refused}");
    }
    assert!(checker.listed.asked().is_empty() && other.asked().is_empty());
    assert_eq!(checker.verify(&checker.token()).await, Ok(()));
}

#[tokio::test]
async fn who_is_on_the_list_leads_nowhere_else() {
    let leads: [(&str, Lead); 14] = [
        ("moved for good", |listed, other| {
            listed.answers(
                CONFIGURATION,
                301,
                &format!("{}{CONFIGURATION}", other.url),
                String::new(),
            );
        }),
        ("found elsewhere", |listed, other| {
            let document =
                json!({"issuer": listed.url, "jwks_uri": format!("{}{KEYS}", listed.url)});
            listed.answers(CONFIGURATION, 302, &other.url, document.to_string());
        }),
        ("moved to itself", |listed, _| {
            listed.answers(CONFIGURATION, 307, KEYS, String::new());
        }),
        ("keys moved", |listed, other| {
            listed.answers(KEYS, 308, &format!("{}{KEYS}", other.url), String::new());
        }),
        ("keys see other", |listed, other| {
            let keys = other.body(KEYS);
            listed.answers(KEYS, 303, &format!("{}{KEYS}", other.url), keys);
        }),
        ("keys of another place of this machine", |listed, other| {
            listed.names(&listed.url, &format!("{}{KEYS}", other.url));
        }),
        ("keys of the same by another name", |listed, _| {
            let named = listed.url.replace("127.0.0.1", "localhost");
            listed.names(&listed.url, &format!("{named}{KEYS}"));
        }),
        ("keys of a link-local address", |listed, _| {
            listed.names(&listed.url, "http://169.254.169.254/keys");
        }),
        ("keys over another scheme", |listed, other| {
            listed.names(&listed.url, &other.url.replace("http:", "https:"));
        }),
        ("keys in a file", |listed, _| {
            listed.names(&listed.url, "file:///etc/passwd");
        }),
        ("keys within the document", |listed, _| {
            listed.names(&listed.url, r#"data:application/json,{"keys":[]}"#);
        }),
        ("keys at no URL", |listed, _| {
            listed.names(&listed.url, KEYS);
        }),
        ("the document of another issuer", |listed, other| {
            listed.names(&other.url, &format!("{}{KEYS}", listed.url));
        }),
        ("no document", |listed, _| {
            listed.says(CONFIGURATION, 404, json!({}));
        }),
    ];
    for (row, lead) in leads {
        let checker = Checker::start().await;
        let other = Server::start(&checker.key).await;
        lead(&checker.listed, &other);
        let refused = checker.verify(&checker.token()).await;
        assert!(
            matches!(refused, Err(ProofError::Unavailable(_))),
            "{row}: {refused:?}"
        );
        assert!(other.asked().is_empty(), "{row}");
        assert!(
            checker.listed.asked().len() <= 2,
            "{row}: {:?}",
            checker.listed.asked()
        );
    }
}
