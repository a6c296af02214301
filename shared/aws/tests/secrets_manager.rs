//! Secrets Manager on a wire that a test can cut: what its answers mean, and what is sent
//! when a secret is written. No word of a value or an account is in an error.

use auth::ports::{SecretError, SecretSink as _, SecretSource as _, Write};

use crate::wire::{Act, Wire};

const ACCOUNT: &str = "123456789012";

/// What a request to write a version says.
struct SentVersion {
    secret: String,
    value: String,
    token: String,
}

fn sent_version(request: &[u8]) -> SentVersion {
    let text = String::from_utf8(request.to_vec()).unwrap();
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let field = |name: &str| body[name].as_str().unwrap().to_owned();
    SentVersion {
        secret: field("SecretId"),
        value: field("SecretString"),
        token: field("ClientRequestToken"),
    }
}

/// A secret's refusals by what an operator does about them.
#[tokio::test]
async fn a_secret_that_cannot_be_had_says_why() {
    const VALUE: &str = r#"{"SecretString":"{\"a\":1}"}"#;
    const BLANK: &str = r#"{"SecretString":""}"#;
    const EMPTY: &str = r#"{"__type":"ResourceNotFoundException","Message":"Secrets Manager can't find the specified secret value for staging label: AWSCURRENT 123456789012"}"#;
    const MISSING: &str = r#"{"__type":"ResourceNotFoundException","Message":"123456789012"}"#;
    const DENIED: &str = r#"{"__type":"AccessDeniedException","Message":"123456789012"}"#;
    const KMS: &str = r#"{"__type":"DecryptionFailure","Message":"123456789012"}"#;
    let rows = [
        (200, VALUE, "read"),
        (200, BLANK, "Empty"),
        (400, EMPTY, "Empty"),
        (400, MISSING, "Missing"),
        (400, DENIED, "Unusable"),
        (400, KMS, "Unusable"),
        (500, "{}", "Unavailable"),
    ];
    for (status, body, expected) in rows {
        let wire = Wire::new(move |_, _| Act::Answer(status, body)).await;
        let outcome = wire.connection.secrets().read("ring").await;
        let text = format!("{outcome:?}");
        let name = match outcome {
            Ok(_) => "read",
            Err(SecretError::Missing { .. }) => "Missing",
            Err(SecretError::Empty { .. }) => "Empty",
            Err(SecretError::Unusable { .. }) => "Unusable",
            Err(SecretError::Unavailable { .. }) => "Unavailable",
        };
        assert_eq!(name, expected, "{body}");
        assert!(!text.contains(ACCOUNT), "{text}");
    }
}

/// A second attempt carries the first one's token, so that the version is made once.
#[tokio::test]
async fn a_secret_is_written_once_however_often_it_is_sent() {
    const DONE: &str = r#"{"Name":"ring","VersionId":"v"}"#;
    let wire = Wire::new(|_, number| match number {
        1 => Act::HangUp,
        _ => Act::Answer(200, DONE),
    })
    .await;
    let secrets = wire.connection.secrets();
    secrets.write("ring", &"value".into()).await.unwrap();
    let sent = wire.requests("PutSecretValue");
    let token = |request: &Vec<u8>| {
        let sent = sent_version(request);
        assert_eq!(
            (sent.secret.as_str(), sent.value.as_str()),
            ("ring", "value")
        );
        sent.token
    };
    let tokens: Vec<_> = sent.iter().map(token).collect();
    assert_eq!(tokens.len(), 2);
    assert!(
        tokens[0].len() >= 32 && tokens[0] == tokens[1],
        "{tokens:?}"
    );
    secrets.write("ring", &"value".into()).await.unwrap();
    assert_ne!(token(&wire.requests("PutSecretValue")[2]), tokens[0]);
}

/// And never a word of what was to be written.
#[tokio::test]
async fn a_secret_that_cannot_be_written_says_why() {
    const MISSING: &str = r#"{"__type":"ResourceNotFoundException","Message":"123456789012"}"#;
    const DENIED: &str = r#"{"__type":"AccessDeniedException","Message":"123456789012"}"#;
    let rows = [
        (400, MISSING, "template.yaml"),
        (400, DENIED, "your policy"),
        (500, "{}", "at the moment"),
    ];
    for (status, body, advice) in rows {
        let wire = Wire::new(move |_, _| Act::Answer(status, body)).await;
        let secrets = wire.connection.secrets();
        let error = secrets.write("ring", &"hidden".into()).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains(advice), "{text}");
        assert!(
            !text.contains(ACCOUNT) && !text.contains("hidden"),
            "{text}"
        );
    }
}

/// Both of two first writers name the same version, and Secrets Manager makes one of it.
#[tokio::test]
async fn of_two_first_values_of_a_secret_one_is_refused() {
    const DONE: &str = r#"{"Name":"ring","VersionId":"v"}"#;
    const EXISTS: &str = r#"{"__type":"ResourceExistsException","Message":"123456789012"}"#;
    let wire = Wire::new(|_, number| match number {
        1 => Act::Answer(200, DONE),
        _ => Act::Answer(400, EXISTS),
    })
    .await;
    let secrets = wire.connection.secrets();
    for (value, expected) in [("one", Write::Done), ("other", Write::Stale)] {
        let written = secrets.write_first("ring", &value.into()).await;
        assert_eq!(written.unwrap(), expected, "{value}");
    }
    let tokens: Vec<_> = wire
        .requests("PutSecretValue")
        .iter()
        .map(|request| sent_version(request).token)
        .collect();
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[0], tokens[1]);
}
