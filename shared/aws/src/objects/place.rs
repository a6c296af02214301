//! Where objects go: the client, the bucket and what keys begin with.

use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use feed::ports::ObjectError;

use super::errors::{Doing, failed};

/// A bucket, or a part of one.
pub(super) struct Place {
    pub(super) client: Client,
    pub(super) bucket: String,
    /// Empty, or ends with `/`.
    pub(super) prefix: String,
    /// Until the next bytes of a body come.
    stall: Duration,
}

impl Place {
    pub(super) fn new(client: Client, bucket: &str, prefix: &str, stall: Duration) -> Self {
        Self {
            client,
            bucket: bucket.to_owned(),
            prefix: below(prefix),
            stall,
        }
    }

    pub(super) fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// What a failed request means to the caller of the port.
    pub(super) fn failed<E: ProvideErrorMetadata>(
        &self,
        doing: Doing,
        error: &SdkError<E, HttpResponse>,
    ) -> ObjectError {
        failed(&self.bucket, doing, error)
    }

    /// Reads a body to its end.
    pub(super) async fn hashed(
        &self,
        mut body: ByteStream,
    ) -> Result<(u64, [u8; 32]), ObjectError> {
        let (mut size, mut digest) = (0, Context::new(&SHA256));
        loop {
            let next = tokio::time::timeout(self.stall, body.next());
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

/// What keys begin with. S3 takes a `/` at the beginning for a folder without a name.
fn below(prefix: &str) -> String {
    match prefix.trim_matches('/') {
        "" => String::new(),
        prefix => format!("{prefix}/"),
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
