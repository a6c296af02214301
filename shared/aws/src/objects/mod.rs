//! The object store of the audit log in S3, or in what speaks S3's protocol.
//!
//! An object is one put of up to 8 MiB, or parts of 8 MiB of which one is held at a time
//! (`upload.rs`). It appears whole and under the condition that nothing has its key. Requests have
//! time-outs of their own: a part takes longer than a row of the table.
//!
//! It is a module of its own, and what it links is in no function that makes no [`ObjectStore`].

mod compression;
mod errors;
mod upload;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_lc_rs::digest::{Context, SHA256};
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::timeout::TimeoutConfig;
use feed::ports::{ObjectError, Objects, Upload};

use self::errors::{Doing, failed};
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

/// Where objects go.
struct Place {
    client: Client,
    bucket: String,
    /// Empty, or ends with `/`.
    prefix: String,
    patience: Patience,
}

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
        Self(Arc::new(Place {
            client: Client::from_conf(config.build()),
            bucket: bucket.to_owned(),
            prefix: below(prefix),
            patience,
        }))
    }
}

/// What keys begin with. S3 takes a `/` at the beginning for a folder without a name.
fn below(prefix: &str) -> String {
    match prefix.trim_matches('/') {
        "" => String::new(),
        prefix => format!("{prefix}/"),
    }
}

impl Place {
    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Reads a body to its end.
    async fn hashed(&self, mut body: ByteStream) -> Result<(u64, [u8; 32]), ObjectError> {
        let (mut size, mut digest) = (0, Context::new(&SHA256));
        loop {
            let next = tokio::time::timeout(self.patience.stall, body.next());
            match next.await {
                Ok(Some(Ok(bytes))) => {
                    size += bytes.len() as u64;
                    digest.update(&bytes);
                }
                Ok(None) => break,
                Ok(Some(Err(_))) => return Err(cut_off("ended early")),
                Err(_) => return Err(cut_off("stalled")),
            }
        }
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest.finish().as_ref());
        Ok((size, sha256))
    }
}

fn cut_off(how: &str) -> ObjectError {
    ObjectError::Unavailable(format!("reading an object: the answer {how}"))
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
                _ => Err(failed(&place.bucket, Doing::Read, &error)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_folder_or_nothing() {
        let rows = [
            ("", ""),
            ("/", ""),
            ("//", ""),
            ("audit", "audit/"),
            ("audit/", "audit/"),
            ("/audit", "audit/"),
            ("a/b", "a/b/"),
            ("a//b/", "a//b/"),
        ];
        for (prefix, expected) in rows {
            assert_eq!(below(prefix), expected, "{prefix}");
        }
    }
}
