//! Why no answer comes is told apart wherever somebody is asked: what happened, whose fault
//! it is and what to look at. Each kind is a real place on this machine.

mod parties;
mod places;

use std::time::Duration;

use auth::cause::{CauseCode, Fault};
use auth::ports::{ProofError, SecretError, StoreError};
use parties::Parties;
use places::{Kind, Place};
use serde_json::Value;
use tests::lines::Lines;

/// A kind, its name in the log, what it is called at the authority, and words of the line that
/// says what to look at.
type Row = (Kind, &'static str, CauseCode, &'static [&'static str]);

const ROWS: [Row; 13] = [
    (
        Kind::UnknownCa,
        "tls_trust",
        CauseCode::AuthorityUntrusted,
        &["no CA that is trusted", "EXTRA_CA_FILE"],
    ),
    (
        Kind::RemadeCa,
        "tls_trust",
        CauseCode::AuthorityUntrusted,
        &["no CA that is trusted", "EXTRA_CA_FILE"],
    ),
    (
        Kind::SelfSigned,
        "tls_trust",
        CauseCode::AuthorityCertificateInvalid,
        &["a CA's own", "{setting}"],
    ),
    (
        Kind::Expired,
        "tls_trust",
        CauseCode::AuthorityCertificateInvalid,
        &["has expired", "clock"],
    ),
    (
        Kind::NotYetValid,
        "tls_trust",
        CauseCode::AuthorityCertificateInvalid,
        &["not valid yet", "clock"],
    ),
    (
        Kind::AnotherName,
        "tls_trust",
        CauseCode::AuthorityCertificateInvalid,
        &["for another name", "{setting}"],
    ),
    (
        Kind::NoTls,
        "tls",
        CauseCode::AuthorityUnreachable,
        &["no agreement over TLS", "{setting}"],
    ),
    (
        Kind::Unresolved,
        "dns",
        CauseCode::AuthorityUnresolved,
        &[
            ".localhost: the name cannot be resolved",
            "DNS",
            "{setting}",
        ],
    ),
    (
        Kind::Refused,
        "refused",
        CauseCode::AuthorityUnreachable,
        &["localhost:", "nothing listens", "{setting}"],
    ),
    (
        Kind::Silent,
        "timeout",
        CauseCode::NoAnswer,
        &["no answer in time", "if it lasts"],
    ),
    (
        Kind::Reset,
        "reset",
        CauseCode::NoAnswer,
        &["the connection broke", "if it lasts"],
    ),
    (
        Kind::Closed,
        "reset",
        CauseCode::NoAnswer,
        &["the connection broke", "if it lasts"],
    ),
    (
        Kind::Half,
        "reset",
        CauseCode::NoAnswer,
        &["the connection broke", "if it lasts"],
    ),
];

/// A place that is silent is given up soon, every other one is waited for.
fn patience(kind: Kind) -> Duration {
    match kind {
        Kind::Silent => Duration::from_millis(300),
        _ => Duration::from_secs(10),
    }
}

fn holds(line: &str, words: &[&str], setting: &str, row: &str) {
    for word in words {
        let word = if *word == "{setting}" { setting } else { word };
        assert!(line.contains(word), "{row}: {word}: {line}");
    }
    assert!(
        !line.contains("oauth2") && !line.contains('\n'),
        "{row}: {line}"
    );
}

fn logged(lines: &[Value], event: &str, transport: &str, row: &str) -> String {
    let line = lines.iter().find(|line| line["event"] == event);
    let line = line.unwrap_or_else(|| panic!("{row}: no {event}: {lines:?}"));
    assert_eq!(line["transport"], transport, "{row}");
    line["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_token_endpoint_is_never_microsofts_fault_where_it_is_ours() {
    let parties = Parties::new();
    let log = Lines::listen("warn");
    for (kind, transport, code, words) in ROWS {
        let row = format!("{kind:?}");
        let place = Place::new(kind, &parties.trusted, None).await;
        let cause = parties.token(&place.url, patience(kind)).await.cause;
        assert_eq!(cause.code, code, "{row}");
        let ours = code != CauseCode::NoAnswer;
        assert_eq!(code.fault() == Fault::Ours, ours, "{row}");
        assert_eq!(
            (code.is_fleet_wide(), code.is_transient()),
            (ours, !ours),
            "{row}"
        );
        let line = logged(&log.take(), "authority_unavailable", transport, &row);
        holds(&line, words, "ENTRA_AUTHORITY", &row);
    }
}

/// The token endpoint has answered a moment ago, so that the name was resolved.
#[tokio::test]
async fn discovery_that_fails_after_a_sign_in_is_told_by_the_same_codes() {
    let parties = Parties::new();
    let log = Lines::listen("warn");
    for (kind, transport, code, words) in ROWS {
        if kind == Kind::Unresolved {
            continue;
        }
        let row = format!("{kind:?}");
        let first = Some(Parties::id_token_answer());
        let place = Place::new(kind, &parties.trusted, first).await;
        let cause = parties.discovery(&place.url, patience(kind)).await.cause;
        assert_eq!(cause.code, code, "{row}");
        let line = logged(&log.take(), "issuer_keys_unavailable", transport, &row);
        holds(&line, words, "ENTRA_AUTHORITY", &row);
    }
}

#[tokio::test]
async fn a_callers_issuer_that_gives_no_answer_is_told_to_caller_and_operator() {
    let parties = Parties::new();
    let log = Lines::listen("warn");
    for (kind, transport, _, words) in ROWS {
        let row = format!("{kind:?}");
        let place = Place::new(kind, &parties.trusted, None).await;
        let refused = parties.issuer(&place.url, patience(kind)).await;
        let ProofError::Unavailable(told) = refused else {
            panic!("{row}: {refused:?}");
        };
        let expected = match kind {
            Kind::UnknownCa | Kind::RemadeCa => "EXTRA_CA_FILE",
            Kind::SelfSigned
            | Kind::Expired
            | Kind::NotYetValid
            | Kind::AnotherName
            | Kind::NoTls => "its certificate does not pass",
            Kind::Unresolved => "cannot be resolved",
            Kind::Refused => "no connection",
            _ => "no complete answer",
        };
        assert!(
            told.contains(expected) && !told.contains("localhost"),
            "{row}: {told}"
        );
        let line = logged(&log.take(), "issuer_keys_unavailable", transport, &row);
        holds(&line, words, "operator issuer list", &row);
    }
}

/// What is silent is not among them: the SDK waits by limits of its own, and
/// `functions_start_up` breaks both services in that way too.
#[tokio::test]
async fn aws_is_told_apart_in_the_texts_of_table_and_secrets() {
    let parties = Parties::new();
    for (kind, transport, _, words) in ROWS {
        if kind == Kind::Silent {
            continue;
        }
        let row = format!("{kind:?}");
        let place = Place::new(kind, &parties.trusted, None).await;
        let (table, secret) = (
            parties.table(&place.url).await,
            parties.secret(&place.url).await,
        );
        // A certificate does not mend itself; the network may.
        let lasts = transport.starts_with("tls");
        assert_eq!(
            matches!(table, StoreError::Broken(_)),
            lasts,
            "{row}: {table}"
        );
        assert_eq!(
            matches!(secret, SecretError::Unusable { .. }),
            lasts,
            "{row}: {secret}"
        );
        for line in [table.to_string(), secret.to_string()] {
            holds(&line, words, "AWS_ENDPOINT_URL", &row);
        }
    }
}
