//! AWS Secrets Manager: the current version of a secret, the one before it, and a new one.

use async_trait::async_trait;
use auth::ports::{SecretError, SecretSink, SecretSource, Write, short_secret_name};
use auth::secret::{ExposeSecret as _, SecretString};
use auth::text::decoded;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;

use crate::failure::{Failure, classify};

pub(super) const CURRENT: &str = "AWSCURRENT";
/// Secrets Manager moves this label by itself when another version becomes current.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";
/// The code is the same for a secret that does not exist and for one without a version of
/// the label asked for; only the message differs. Should AWS change the wording one day, both
/// become [`SecretError::Missing`], whose hint names both.
const NO_SUCH_VERSION: &str = "value for staging label";
/// The id of the version that is a secret's first value, by any writer: Secrets Manager
/// makes no second version of one id, so that of two first values one is refused.
const FIRST_VERSION: &str = "00000000-0000-4000-8000-00000000f125";

/// Secrets Manager.
#[derive(Clone)]
pub struct SecretsManager {
    pub(super) client: Client,
}

impl SecretsManager {
    /// Reads through `client`.
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl SecretSource for SecretsManager {
    async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
        match self.version(name, CURRENT).await {
            Ok(value) => text_of(name, value),
            Err(Unread::NoSuchVersion) => Err(empty(name)),
            Err(Unread::Failed(failure)) => Err(failed(name, failure)),
        }
    }

    async fn read_previous(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        match self.version(name, PREVIOUS).await {
            Ok(value) => text_of(name, value).map(Some),
            Err(Unread::NoSuchVersion | Unread::Failed(Failure::NotFound)) => Ok(None),
            Err(Unread::Failed(failure)) => Err(failed(name, failure)),
        }
    }
}

#[async_trait]
impl SecretSink for SecretsManager {
    async fn write(&self, name: &str, value: &SecretString) -> Result<(), SecretError> {
        // The SDK makes a ClientRequestToken of its own and keeps it when it tries again:
        // an attempt whose answer was lost makes no second version. The labels of the
        // versions move by themselves.
        self.client
            .put_secret_value()
            .secret_id(name)
            .secret_string(value.expose_secret())
            .send()
            .await
            .map(|_| ())
            .map_err(|error| not_written(name, classify(&error)))
    }

    async fn write_first(&self, name: &str, value: &SecretString) -> Result<Write, SecretError> {
        let written = self
            .client
            .put_secret_value()
            .secret_id(name)
            .secret_string(value.expose_secret())
            .client_request_token(FIRST_VERSION)
            .send()
            .await;
        match written {
            Ok(_) => Ok(Write::Done),
            Err(error) if error.code() == Some("ResourceExistsException") => Ok(Write::Stale),
            Err(error) => Err(not_written(name, classify(&error))),
        }
    }
}

/// Why a version of a secret was not read.
enum Unread {
    /// The secret is there, and has no version of that label.
    NoSuchVersion,
    Failed(Failure),
}

impl SecretsManager {
    async fn version(&self, name: &str, stage: &str) -> Result<GetSecretValueOutput, Unread> {
        self.client
            .get_secret_value()
            .secret_id(name)
            .version_stage(stage)
            .send()
            .await
            .map_err(|error| match (classify(&error), error.message()) {
                (Failure::NotFound, Some(message)) if message.contains(NO_SUCH_VERSION) => {
                    Unread::NoSuchVersion
                }
                (failure, _) => Unread::Failed(failure),
            })
    }
}

pub(super) fn text_of(
    name: &str,
    value: GetSecretValueOutput,
) -> Result<SecretString, SecretError> {
    match (value.secret_string, value.secret_binary) {
        (Some(text), _) if !text.trim().is_empty() => match decoded(text.as_bytes()) {
            Ok(text) => Ok(text.into()),
            Err(error) => Err(SecretError::unusable(name, error)),
        },
        (None, Some(_)) => Err(SecretError::unusable(
            name,
            "it is binary; text is expected",
        )),
        // ministack gives a secret that was made without a value a version that holds none.
        (Some(_) | None, _) => Err(empty(name)),
    }
}

pub(super) fn failed(name: &str, failure: Failure) -> SecretError {
    match failure {
        Failure::NotFound => SecretError::Missing {
            name: short_secret_name(name),
            hint: "in this account and region there is none, or none with a value: check the \
                   name, or deploy template.yaml, which makes it"
                .to_owned(),
        },
        Failure::Unavailable(reason) => SecretError::Unavailable {
            name: short_secret_name(name),
            reason,
        },
        Failure::Untrusted(what) => SecretError::unusable(name, what),
        Failure::Denied(code) => SecretError::unusable(
            name,
            format_args!("we may not read it: check the role's policy and credentials ({code})"),
        ),
        Failure::Refused(code) => SecretError::unusable(
            name,
            format_args!(
                "Secrets Manager refuses it: is it or its KMS key being deleted? ({code})"
            ),
        ),
    }
}

pub(super) fn not_written(name: &str, failure: Failure) -> SecretError {
    match failure {
        Failure::NotFound => SecretError::Missing {
            name: short_secret_name(name),
            hint: "in this account and region there is none to write to: check the name, or \
                   deploy template.yaml, which makes it"
                .to_owned(),
        },
        Failure::Denied(code) => SecretError::unusable(
            name,
            format_args!("you may not write it: check your policy and credentials ({code})"),
        ),
        failure => failed(name, failure),
    }
}

fn empty(name: &str) -> SecretError {
    SecretError::Empty {
        name: short_secret_name(name),
        hint: "fill it with the operator's command".to_owned(),
    }
}

impl std::fmt::Debug for SecretsManager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretsManager")
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_secretsmanager::primitives::Blob;

    use super::*;

    const ARN: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ring-AbCdEf";

    #[test]
    fn an_error_tells_the_name_without_the_account() {
        let failures = [
            Failure::NotFound,
            Failure::Denied("AccessDeniedException".into()),
            Failure::Refused("DecryptionFailure".into()),
            Failure::Unavailable("no answer in time".into()),
        ];
        for failure in failures {
            let written = not_written(ARN, failure.clone()).to_string();
            let text = failed(ARN, failure).to_string() + &written;
            assert!(text.contains("ring-AbCdEf"), "{text}");
            assert!(!text.contains("123456789012"), "{text}");
        }
    }

    #[test]
    fn a_blank_secret_is_empty_and_a_binary_one_unusable() {
        let version = GetSecretValueOutput::builder;
        for value in [version().secret_string(" \n").build(), version().build()] {
            let outcome = text_of(ARN, value);
            assert!(matches!(outcome, Err(SecretError::Empty { .. })));
        }
        let marked = version().secret_string("\u{feff}{}\r\n\0").build();
        assert_eq!(text_of(ARN, marked).unwrap().expose_secret(), "{}\n");
        let binary = version().secret_binary(Blob::new([0u8; 4])).build();
        let outcome = text_of(ARN, binary);
        assert!(matches!(outcome, Err(SecretError::Unusable { .. })));
    }
}
