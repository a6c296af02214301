//! One object as it is written: a put, or a multipart upload once there is more than one part.
//!
//! One part is in memory at a time, in one piece that is handed on and not copied. S3 shows
//! nothing of an upload before it is complete, and both ways end with `If-None-Match: *`.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use feed::ports::{ObjectError, Put, Upload};

use super::errors::{Doing, is_there};
use super::place::Place;

/// The size of a part, and of the largest object that is put in one request. S3 takes parts from
/// 5 MiB on, and 10,000 of them: 78 GiB.
const PART: usize = 8 * 1024 * 1024;

/// There must be no object of the key.
const NO_OBJECT: &str = "*";

/// What arrives damaged is refused: S3 compares. The whole object's SHA-256 is the ledger's.
const CHECKSUM: ChecksumAlgorithm = ChecksumAlgorithm::Crc32;

/// An upload.
pub(super) struct Writing {
    place: Arc<Place>,
    key: String,
    /// What was written since the last part.
    part: Vec<u8>,
    /// `None` where all there is fits into one put.
    parts: Option<Parts>,
}

/// Parts that S3 has.
struct Parts {
    upload: String,
    sent: Vec<CompletedPart>,
}

impl Writing {
    pub(super) fn to(place: Arc<Place>, key: &str) -> Self {
        Self {
            key: place.key(key),
            place,
            part: Vec::new(),
            parts: None,
        }
    }

    /// What became of the last request, which has the condition.
    fn outcome<T, E: ProvideErrorMetadata>(
        &self,
        answer: Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<Put, ObjectError> {
        match answer {
            Ok(_) => Ok(Put::Stored),
            Err(error) if is_there(&error) => Ok(Put::Existed),
            Err(error) => Err(self.place.failed(Doing::Write, &error)),
        }
    }

    /// Sends what there is as the next part.
    async fn send(&mut self) -> Result<(), ObjectError> {
        let mut parts = match self.parts.take() {
            Some(parts) => parts,
            None => self.begin().await?,
        };
        let number = i32::try_from(parts.sent.len() + 1).unwrap_or(i32::MAX);
        let part = std::mem::take(&mut self.part);
        let sent = self.place.client.upload_part();
        let sent = sent
            .bucket(&self.place.bucket)
            .key(&self.key)
            .upload_id(&parts.upload)
            .part_number(number)
            .checksum_algorithm(CHECKSUM)
            .body(ByteStream::from(part))
            .send()
            .await;
        let outcome = sent.map_err(|error| self.place.failed(Doing::Write, &error));
        let outcome = outcome.map(|sent| {
            let part = CompletedPart::builder()
                .part_number(number)
                .set_e_tag(sent.e_tag)
                .set_checksum_crc32(sent.checksum_crc32);
            parts.sent.push(part.build());
        });
        // Kept also where it failed, so that it can be aborted.
        self.parts = Some(parts);
        outcome
    }

    async fn begin(&self) -> Result<Parts, ObjectError> {
        let begun = self.place.client.create_multipart_upload();
        let begun = begun
            .bucket(&self.place.bucket)
            .key(&self.key)
            .checksum_algorithm(CHECKSUM)
            .send()
            .await
            .map_err(|error| self.place.failed(Doing::Write, &error))?;
        match begun.upload_id {
            Some(upload) => Ok(Parts {
                upload,
                sent: Vec::new(),
            }),
            None => Err(ObjectError::Unavailable(
                "writing an object: the answer names no upload".to_owned(),
            )),
        }
    }

    async fn put(&mut self) -> Result<Put, ObjectError> {
        let part = std::mem::take(&mut self.part);
        let put = self.place.client.put_object();
        let put = put
            .bucket(&self.place.bucket)
            .key(&self.key)
            .if_none_match(NO_OBJECT)
            .checksum_algorithm(CHECKSUM)
            .body(ByteStream::from(part));
        self.outcome(put.send().await)
    }

    async fn complete(&mut self) -> Result<Put, ObjectError> {
        if !self.part.is_empty() {
            self.send().await?;
        }
        let Some(parts) = &mut self.parts else {
            return self.put().await;
        };
        let sent = std::mem::take(&mut parts.sent);
        let whole = CompletedMultipartUpload::builder().set_parts(Some(sent));
        let complete = self.place.client.complete_multipart_upload();
        let complete = complete
            .bucket(&self.place.bucket)
            .key(&self.key)
            .upload_id(&parts.upload)
            .if_none_match(NO_OBJECT)
            .multipart_upload(whole.build());
        self.outcome(complete.send().await)
    }

    /// Gives the room of the parts back. Where this fails, the bucket's lifecycle rule does.
    async fn drop_parts(&mut self) {
        let Some(parts) = self.parts.take() else {
            return;
        };
        let abort = self.place.client.abort_multipart_upload();
        let abort = abort
            .bucket(&self.place.bucket)
            .key(&self.key)
            .upload_id(parts.upload);
        let _ = abort.send().await;
    }
}

#[async_trait]
impl Upload for Writing {
    async fn write(&mut self, mut bytes: &[u8]) -> Result<(), ObjectError> {
        while !bytes.is_empty() {
            if self.part.len() == PART {
                self.send().await?;
            }
            let room = PART - self.part.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            append(&mut self.part, now);
            bytes = later;
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<Put, ObjectError> {
        if self.parts.is_none() {
            return self.put().await;
        }
        let outcome = self.complete().await;
        if !matches!(outcome, Ok(Put::Stored)) {
            self.drop_parts().await;
        }
        outcome
    }

    async fn abort(mut self: Box<Self>) {
        self.drop_parts().await;
    }
}

/// Grows by doubling, and no further than to a part.
fn append(part: &mut Vec<u8>, bytes: &[u8]) {
    let needed = part.len() + bytes.len();
    if needed > part.capacity() {
        let room = (part.capacity() * 2).clamp(needed, PART.max(needed));
        part.reserve_exact(room - part.len());
    }
    part.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_takes_no_more_memory_than_its_size() {
        for piece in [1_000, 4_096, 65_537, 1 << 20, PART] {
            let mut part = Vec::new();
            while part.len() < PART {
                let room = PART - part.len();
                append(&mut part, &vec![0; piece.min(room)]);
                assert!(part.capacity() <= PART, "{piece}");
            }
            assert_eq!(part.len(), PART);
        }
    }
}
