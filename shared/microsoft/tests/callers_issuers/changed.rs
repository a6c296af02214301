//! The list changes while a checker works: what is new is asked, what stayed keeps its keys, and
//! what was proven by an entry that is gone proves nothing any more.

use auth::caller::AllowedIssuer;
use auth::ports::ProofError;
use serde_json::json;

use crate::issuing::checker::Checker;
use crate::issuing::server::{CONFIGURATION, KEYS, Server};

/// How an entry changes.
type Change = fn(&mut AllowedIssuer);

#[tokio::test]
async fn an_issuer_is_taken_from_when_it_is_listed_to_when_it_is_not() {
    let checker = Checker::start().await;
    let other = Server::start(&checker.key).await;
    let mut claims = checker.claims();
    claims["iss"] = json!(other.url);
    let token = checker.key.sign(&claims);
    let listed = [checker.allowed.clone(), entry(&checker, &other)];
    let refused = checker.verify(&token).await.unwrap_err().to_string();
    assert!(refused.contains("not on the list"), "{refused}");
    assert!(other.asked().is_empty());

    checker.issuers.hold(Some(&listed));
    assert_eq!(checker.verify(&token).await, Ok(()));
    assert_eq!(other.asked(), [CONFIGURATION, KEYS]);

    checker.issuers.hold(Some(&listed[..1]));
    let refused = checker.verify(&token).await.unwrap_err().to_string();
    assert!(refused.contains("not on the list"), "remembered: {refused}");
    assert_eq!(other.asked().len(), 2);
    assert_eq!(checker.verify(&checker.token()).await, Ok(()));
}

/// Whatever of it changes, and also for tokens that were checked before.
#[tokio::test]
async fn the_keys_of_an_entry_that_changed_are_read_again() {
    let changes: [(&str, Change, bool); 4] = [
        ("declared private", |entry| entry.private = true, true),
        (
            "another audience",
            |entry| entry.audience = "another".to_owned(),
            false,
        ),
        (
            "another address",
            |entry| entry.configuration_url.set_fragment(Some("new")),
            true,
        ),
        ("nothing", |_| {}, true),
    ];
    for (row, change, holds) in changes {
        let checker = Checker::start().await;
        let token = checker.token();
        assert_eq!(checker.verify(&token).await, Ok(()), "{row}");
        let before = checker.listed.asked().len();
        let mut changed = checker.allowed.clone();
        change(&mut changed);
        checker.issuers.hold(Some(std::slice::from_ref(&changed)));
        // The second time with what the first one fetched.
        for time in 1..=2 {
            let verified = checker.verify(&token).await;
            assert_eq!(verified.is_ok(), holds, "{row}, time {time}: {verified:?}");
        }
        let asked = checker.listed.asked().len() - before;
        let expected = if row == "nothing" { 0 } else { 2 };
        assert_eq!(asked, expected, "{row}");
        // Its old entry comes back: so does its audience, with keys that are read again.
        checker
            .issuers
            .hold(Some(std::slice::from_ref(&checker.allowed)));
        assert_eq!(checker.verify(&token).await, Ok(()), "{row}");
    }
}

#[tokio::test]
async fn while_the_list_is_not_known_no_token_proves_a_caller() {
    let checker = Checker::start().await;
    let token = checker.token();
    assert_eq!(checker.verify(&token).await, Ok(()));
    checker.issuers.hold(None);
    for token in [token.clone(), checker.key.sign(&checker.claims())] {
        let refused = checker.verify(&token).await;
        assert!(
            matches!(refused, Err(ProofError::Unavailable(_))),
            "{refused:?}"
        );
    }
    checker
        .issuers
        .hold(Some(std::slice::from_ref(&checker.allowed)));
    assert_eq!(checker.verify(&token).await, Ok(()));
}

fn entry(checker: &Checker, server: &Server) -> AllowedIssuer {
    AllowedIssuer {
        issuer: server.url.clone(),
        configuration_url: format!("{}{CONFIGURATION}", server.url).parse().unwrap(),
        ..checker.allowed.clone()
    }
}
