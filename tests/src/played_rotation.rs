//! Secrets Manager's part in the rotation of a secret that lies in ministack, whose own
//! RotateSecret calls no function: the pending version, the four steps as events of the rotator,
//! begun again where one fails, and the look at the labels after the last one ("How rotation
//! works", Secrets Manager user guide).

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::Ministack;
use crate::secret_rotation::{ATTEMPTS, STEPS};

/// An account with a secret and the function that rotates it.
#[async_trait]
pub trait Rotating: Send + Sync {
    /// An action of Secrets Manager that must succeed.
    async fn secrets_manager(&self, action: &str, body: Value) -> Value;
    /// What the function answers to this event, or `errorMessage`.
    async fn rotator(&self, event: Value) -> Value;
}

/// The rotations of one secret.
pub struct PlayedRotation<'a> {
    account: &'a dyn Rotating,
    secret_id: &'a str,
}

impl<'a> PlayedRotation<'a> {
    /// From now on the secret is one that is rotated.
    pub async fn enable(account: &'a dyn Rotating, secret_id: &'a str) -> Self {
        let function = "arn:aws:lambda:us-east-1:000000000000:function:rotator:live";
        let wanted = json!({"SecretId": secret_id, "RotationLambdaARN": function});
        account.secrets_manager("RotateSecret", wanted).await;
        Self { account, secret_id }
    }

    /// The pending version, without a value. AWS lets its own rotation alone make one; ministack
    /// lets a request do so.
    pub async fn begin(&self, token: &str) {
        for before in self.versions_with("AWSPENDING").await {
            let moved = json!({
                "SecretId": self.secret_id,
                "VersionStage": "AWSPENDING",
                "RemoveFromVersionId": before,
            });
            let action = "UpdateSecretVersionStage";
            self.account.secrets_manager(action, moved).await;
        }
        self.write(token, json!({})).await;
    }

    /// A value for the pending version.
    pub async fn put(&self, token: &str, value: &str) {
        self.write(token, json!({"SecretString": value})).await;
    }

    async fn write(&self, token: &str, mut version: Value) {
        version["SecretId"] = json!(self.secret_id);
        version["ClientRequestToken"] = json!(token);
        version["VersionStages"] = json!(["AWSPENDING"]);
        let action = "PutSecretValue";
        self.account.secrets_manager(action, version).await;
    }

    /// One step, once; why it was not done.
    pub async fn step(&self, step: &str, token: &str) -> Option<String> {
        let secret = self.describe().await;
        let event = json!({
            "Step": step,
            "SecretId": secret["ARN"],
            "ClientRequestToken": token,
            "RotationToken": "for roles of other accounts",
        });
        let answer = self.account.rotator(event).await;
        if answer["step"] == step && answer["done"].is_string() {
            return None;
        }
        Some(answer.to_string())
    }

    /// A whole rotation.
    pub async fn rotate(&self, token: &str) {
        self.begin(token).await;
        self.finish(token).await;
    }

    /// The steps of one that has begun; each that fails is begun again.
    pub async fn finish(&self, token: &str) {
        for step in STEPS {
            let mut failure = None;
            for _ in 0..ATTEMPTS {
                failure = self.step(step, token).await;
                if failure.is_none() {
                    break;
                }
            }
            assert_eq!(failure, None, "{step}");
        }
        self.check_finished(token).await;
    }

    /// The new version is current, and what is pending is the same or nothing.
    async fn check_finished(&self, token: &str) {
        let current = BTreeSet::from([token.to_owned()]);
        assert_eq!(self.versions_with("AWSCURRENT").await, current);
        let pending = self.versions_with("AWSPENDING").await;
        assert!(pending.is_subset(&current), "{pending:?}");
    }

    async fn versions_with(&self, label: &str) -> BTreeSet<String> {
        let secret = self.describe().await;
        let stages = secret["VersionIdsToStages"].as_object().unwrap();
        let is_labelled = |stages: &Value| stages.as_array().unwrap().contains(&json!(label));
        let labelled = stages.iter().filter(|(_, stages)| is_labelled(stages));
        labelled.map(|(id, _)| id.clone()).collect()
    }

    async fn describe(&self) -> Value {
        let secret = json!({"SecretId": self.secret_id});
        self.account.secrets_manager("DescribeSecret", secret).await
    }
}

/// The function is `rotator` there.
#[async_trait]
impl Rotating for Ministack {
    async fn secrets_manager(&self, action: &str, body: Value) -> Value {
        self.secrets_manager(action, body).await
    }

    async fn rotator(&self, event: Value) -> Value {
        self.invoke("rotator", &event).await.answer
    }
}
