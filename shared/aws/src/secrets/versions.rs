//! The versions of a secret with their labels, for a rotation.

use std::collections::BTreeSet;

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{SecretError, SecretVersions, Stage, VersionList, Write};
use auth::secret::{ExposeSecret as _, SecretString};
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;

use super::manager::{CURRENT, PREVIOUS, SecretsManager, failed, not_written, text_of};
use crate::failure::{Failure, classify};

const PENDING: &str = "AWSPENDING";
/// The version has another value already.
const EXISTS: &str = "ResourceExistsException";
/// A label is not where the request says: RemoveFromVersionId.
const NOT_THERE: &str = "InvalidParameterException";

impl SecretsManager {
    /// Has Secrets Manager begin a rotation now; its function does the rest.
    pub async fn start_rotation(&self, name: &str) -> Result<(), SecretError> {
        let started = self.client.rotate_secret().secret_id(name).send().await;
        match started {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("InvalidRequestException") => {
                Err(SecretError::unusable(
                    name,
                    "Secrets Manager begins no rotation: none is set up (deploy with \
                     EntraHomeTenant), one is under way, or the secret is marked for deletion",
                ))
            }
            Err(error) => Err(not_written(name, classify(&error))),
        }
    }
}

#[async_trait]
impl SecretVersions for SecretsManager {
    async fn list(&self, name: &str) -> Result<VersionList, SecretError> {
        let described = self.client.describe_secret().secret_id(name).send().await;
        let described = described.map_err(|error| failed(name, classify(&error)))?;
        let versions = described.version_ids_to_stages.unwrap_or_default();
        Ok(VersionList {
            rotation_enabled: described.rotation_enabled.unwrap_or(false),
            versions: versions
                .into_iter()
                .map(|(id, labels)| (id, labels.iter().filter_map(|label| stage(label)).collect()))
                .filter(|(_, stages): &(_, BTreeSet<_>)| !stages.is_empty())
                .collect(),
            changed_at: described
                .last_changed_date
                .map(|date| Timestamp::from_unix(date.secs())),
        })
    }

    async fn read_version(
        &self,
        name: &str,
        id: &str,
    ) -> Result<Option<SecretString>, SecretError> {
        let version = self.client.get_secret_value().secret_id(name);
        match version
            .version_id(id)
            .send()
            .await
            .map_err(|error| classify(&error))
        {
            Ok(value) => match text_of(name, value) {
                Err(SecretError::Empty { .. }) => Ok(None),
                text => text.map(Some),
            },
            // A version that a rotation has begun has a label and no value.
            Err(Failure::NotFound) => Ok(None),
            Err(failure) => Err(failed(name, failure)),
        }
    }

    async fn write_pending(
        &self,
        name: &str,
        id: &str,
        value: &SecretString,
    ) -> Result<Write, SecretError> {
        let version = self.client.put_secret_value().secret_id(name);
        let written = version
            .client_request_token(id)
            .secret_string(value.expose_secret())
            .version_stages(PENDING)
            .send()
            .await;
        match written {
            Ok(_) => Ok(Write::Done),
            Err(error) if error.code() == Some(EXISTS) => Ok(Write::Stale),
            Err(error) => Err(not_written(name, classify(&error))),
        }
    }

    async fn make_current(&self, name: &str, id: &str, before: &str) -> Result<Write, SecretError> {
        let moved = self
            .client
            .update_secret_version_stage()
            .secret_id(name)
            .version_stage(CURRENT)
            .move_to_version_id(id)
            .remove_from_version_id(before)
            .send()
            .await;
        match moved {
            Ok(_) => Ok(Write::Done),
            Err(error) if error.code() == Some(NOT_THERE) => Ok(Write::Stale),
            Err(error) => Err(not_written(name, classify(&error))),
        }
    }

    async fn drop_pending(&self, name: &str, id: &str) -> Result<(), SecretError> {
        let moved = self
            .client
            .update_secret_version_stage()
            .secret_id(name)
            .version_stage(PENDING)
            .remove_from_version_id(id)
            .send()
            .await;
        match moved {
            Ok(_) => Ok(()),
            // Another one has taken it away.
            Err(error) if error.code() == Some(NOT_THERE) => Ok(()),
            Err(error) => Err(not_written(name, classify(&error))),
        }
    }
}

/// Labels of an operator's own say nothing here.
fn stage(label: &str) -> Option<Stage> {
    match label {
        CURRENT => Some(Stage::Current),
        PENDING => Some(Stage::Pending),
        PREVIOUS => Some(Stage::Previous),
        _ => None,
    }
}
