//! The object store of the audit log in S3, or in what speaks S3's protocol.
//!
//! An object is one put of up to 8 MiB, or parts of 8 MiB of which one is held at a time
//! (`upload.rs`). It appears whole and under the condition that nothing has its key; for the operator
//! alone there is a way to delete it (`versions.rs`). Requests have time-outs of their own: a part
//! takes longer than a row of the table.
//!
//! It is a module of its own, and what it links is in no function that makes no [`ObjectStore`].

mod compression;
mod errors;
mod place;
mod upload;
mod versions;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_smithy_types::timeout::TimeoutConfig;
use feed::ports::{ObjectError, Objects, Upload};

use self::errors::Doing;
use self::place::Place;
use self::upload::Writing;
use crate::http::{HttpClient, streaming_client};

pub use compression::Compression;

/// How long requests may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// One attempt: with a part of 8 MiB out, or until an answer's body begins. 60 s are a part at
    /// 140 KB/s.
    pub attempt: Duration,
    /// All attempts of a request together.
    pub request: Duration,
    /// Until the next bytes of an answer's body come.
    pub stall: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(60),
            request: Duration::from_secs(150),
            stall: Duration::from_secs(20),
        }
    }
}

/// A bucket, or a part of one. Cheap to clone.
///
/// Its credentials need `s3:PutObject`, `s3:GetObject`, `s3:AbortMultipartUpload` below the prefix, and
/// `s3:ListBucket` on the bucket: without that S3 answers 403 for an object that is not there, which
/// is then a store that cannot be used.
#[derive(Clone)]
pub struct ObjectStore(Arc<Place>);

impl ObjectStore {
    /// The objects below `prefix` (`FEED_PREFIX`) in `bucket` (`FEED_BUCKET`).
    pub(crate) fn new(
        config: &SdkConfig,
        client: HttpClient,
        bucket: &str,
        prefix: &str,
        patience: Patience,
    ) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(patience.attempt)
            .operation_timeout(patience.request);
        let config = aws_sdk_s3::config::Builder::from(config)
            .http_client(streaming_client(client))
            .timeout_config(timeouts.build())
            // A stand-in has one host for all buckets.
            .force_path_style(config.endpoint_url().is_some());
        let client = Client::from_conf(config.build());
        Self(Arc::new(Place::new(client, bucket, prefix, patience.stall)))
    }
}

#[async_trait]
impl Objects for ObjectStore {
    async fn begin(&self, key: &str) -> Result<Box<dyn Upload>, ObjectError> {
        Ok(Box::new(Writing::to(Arc::clone(&self.0), key)))
    }

    async fn facts(&self, key: &str) -> Result<Option<(u64, [u8; 32])>, ObjectError> {
        let place = &self.0;
        let asked = place.client.get_object().bucket(&place.bucket);
        match asked.key(place.key(key)).send().await {
            Ok(found) => place.hashed(found.body).await.map(Some),
            Err(error) => match error.as_service_error() {
                Some(GetObjectError::NoSuchKey(_)) => Ok(None),
                _ => Err(place.failed(Doing::Read, &error)),
            },
        }
    }
}

impl std::fmt::Debug for ObjectStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectStore")
            .field("bucket", &self.0.bucket)
            .field("prefix", &self.0.prefix)
            .finish_non_exhaustive()
    }
}
