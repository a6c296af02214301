//! A step, as Secrets Manager asks for it: whether it is of a rotation of this secret, as AWS has
//! a rotation function check it, and then the step itself.

use std::time::Duration;

use super::{Rotation, RotationError, Step, StepRequest};
use crate::ports::{KeptCertificate, Stage, VersionList};

/// The characters that Secrets Manager adds to a secret's name in its ARN: a hyphen and six more.
const ARN_SUFFIX: usize = 7;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// It was done now.
    Now,
    /// It had been done before.
    Before,
}

impl Rotation {
    /// Does one step within `time_left`. Each may be repeated, also while another one runs.
    pub async fn step(
        &self,
        request: &StepRequest,
        time_left: Duration,
    ) -> Result<Done, RotationError> {
        let until = self.clock.since_start() + time_left;
        let id = request.client_request_token.as_str();
        let versions = self.checked(request).await?;
        if versions.with(Stage::Current) == Some(id) {
            return Ok(Done::Before);
        }
        match request.step {
            Step::CreateSecret => self.create(id, &versions).await,
            Step::SetSecret => self.add(id, &versions).await,
            Step::TestSecret => self.test(id, &versions, until).await,
            Step::FinishSecret => self.finish(id, &versions, until).await,
        }
    }

    /// Fails closed because whatever else is asked for would put a key of someone's choice into
    /// the secret's place.
    async fn checked(&self, request: &StepRequest) -> Result<VersionList, RotationError> {
        if !is_same_secret(&request.secret_id, &self.secret_id) {
            return Err(RotationError::NotOurs("it names another secret"));
        }
        let versions = self.versions.list(&self.secret_id).await?;
        if !versions.rotation_enabled {
            return Err(RotationError::NotOurs("the secret is not rotated"));
        }
        let stages = versions.versions.get(&request.client_request_token);
        let is_of_rotation = stages.is_some_and(|stages| {
            stages.contains(&Stage::Pending) || stages.contains(&Stage::Current)
        });
        match is_of_rotation {
            true => Ok(versions),
            false => Err(RotationError::NotOurs("its version is not the pending one")),
        }
    }

    /// The pending certificate, which the first step made. One that is too old is given up,
    /// unless it is in use: Secrets Manager tries a rotation that is set up with a pending version
    /// that holds what is current.
    pub(super) async fn pending(
        &self,
        id: &str,
        versions: &VersionList,
    ) -> Result<KeptCertificate, RotationError> {
        let pending = self.certificate_of(id, "pending").await?;
        let pending = pending.ok_or(RotationError::NotOurs("createSecret comes first"))?;
        if !self.is_too_old(&pending) || self.is_in_use(&pending, versions).await? {
            return Ok(pending);
        }
        let reason = "it was begun too long ago";
        Err(self.give_up(id, versions, reason).await?)
    }
}

/// By ARN or by name: a setting may have either, Secrets Manager sends the ARN.
fn is_same_secret(asked: &str, own: &str) -> bool {
    let name = |id: &str| {
        let (_, name) = id.split_once(":secret:")?;
        let cut = name.len().checked_sub(ARN_SUFFIX)?;
        name.is_char_boundary(cut).then(|| name[..cut].to_owned())
    };
    asked == own || (!own.starts_with("arn:") && name(asked).as_deref() == Some(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_same_by_its_arn_or_its_name() {
        let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:broker-certificate-AbCdEf";
        let rows = [
            (arn, arn, true),
            ("broker-certificate", "broker-certificate", true),
            (arn, "broker-certificate", true),
            (arn, "broker", false),
            (arn, "broker-certificate-AbCdEf", false),
            ("broker-certificate", arn, false),
            (
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x",
                "",
                false,
            ),
            ("", "broker-certificate", false),
            (&arn.replace("eu-west-1", "us-east-1"), arn, false),
        ];
        for (asked, own, same) in rows {
            assert_eq!(is_same_secret(asked, own), same, "{asked} {own}");
        }
    }
}
