//! AWS Secrets Manager: the current version of a secret, the one before it, and a new one.

use async_trait::async_trait;
use auth::ports::{SecretError, SecretSink, SecretSource, short_secret_name};
use auth::secret::{ExposeSecret as _, SecretString};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;

use crate::failure::{Failure, classify};

const CURRENT: &str = "AWSCURRENT";
/// Secrets Manager moves this label by itself when another version becomes current.
const PREVIOUS: &str = "AWSPREVIOUS";

/// Secrets Manager.
#[derive(Clone)]
pub struct SecretsManager {
    client: Client,
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
            Err(failure) => Err(failed(name, failure)),
        }
    }

    async fn read_previous(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        match self.version(name, PREVIOUS).await {
            Ok(value) => text_of(name, value).map(Some),
            Err(Failure::NotFound) => Ok(None),
            Err(failure) => Err(failed(name, failure)),
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
}

impl SecretsManager {
    async fn version(&self, name: &str, stage: &str) -> Result<GetSecretValueOutput, Failure> {
        self.client
            .get_secret_value()
            .secret_id(name)
            .version_stage(stage)
            .send()
            .await
            .map_err(|error| classify(&error))
    }
}

fn text_of(name: &str, value: GetSecretValueOutput) -> Result<SecretString, SecretError> {
    match value.secret_string {
        Some(text) if !text.trim().is_empty() => Ok(text.into()),
        Some(_) => Err(SecretError::unusable(
            name,
            "it is empty: fill it with the operator's command",
        )),
        None => Err(SecretError::unusable(
            name,
            "it is binary; text is expected",
        )),
    }
}

fn failed(name: &str, failure: Failure) -> SecretError {
    match failure {
        // Secrets Manager answers the same for a secret that has no value yet.
        Failure::NotFound => SecretError::Missing {
            name: short_secret_name(name).to_owned(),
            hint: "in this account and region there is none, or it has no current value yet; \
                   check the name and fill it with the operator's command"
                .to_owned(),
        },
        Failure::Unavailable(reason) => SecretError::Unavailable {
            name: short_secret_name(name).to_owned(),
            reason,
        },
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

fn not_written(name: &str, failure: Failure) -> SecretError {
    match failure {
        Failure::NotFound => SecretError::Missing {
            name: short_secret_name(name).to_owned(),
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

impl std::fmt::Debug for SecretsManager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretsManager")
    }
}

#[cfg(test)]
mod tests {
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
    fn an_empty_or_binary_secret_is_unusable() {
        let empty = GetSecretValueOutput::builder().secret_string(" \n").build();
        let binary = GetSecretValueOutput::builder().build();
        for value in [empty, binary] {
            let outcome = text_of(ARN, value);
            assert!(matches!(outcome, Err(SecretError::Unusable { .. })));
        }
    }
}
