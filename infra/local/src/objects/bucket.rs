//! What the one bucket answers, for S3's protocol: objects are put, also in parts, and read, listed
//! and deleted. Everything else S3 can do is refused as not implemented, which s3s does by itself.

use std::fs::Metadata;
use std::io;
use std::path::PathBuf;

use axum::body::Bytes;
use axum::http::StatusCode;
use futures::stream::try_unfold;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    DeleteObjectsInput, DeleteObjectsOutput, ETag, ETagCondition, GetObjectInput, GetObjectOutput,
    ListObjectVersionsInput, ListObjectVersionsOutput, ObjectVersion, PutObjectInput,
    PutObjectOutput, StreamingBlob, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::files::{Files, NotWritten, Placed, Unfinished};
use super::listing::{Listed, VERSION, Wanted};
use super::uploads::{self, MultipartUpload, NotWhole};

/// Its name.
pub const BUCKET: &str = "audit-log";

/// The most objects of one list (S3 API reference, ListObjectVersions).
const MOST_LISTED: i32 = 1_000;

/// How much of an object is read at a time.
const PIECE: usize = 64 * 1024;

/// The bucket.
pub(super) struct Bucket(Files);

impl Bucket {
    pub(super) fn of(files: Files) -> Self {
        Self(files)
    }

    fn check(&self, bucket: &str) -> S3Result<()> {
        if bucket != BUCKET || !self.0.is_there() {
            return Err(S3ErrorCode::NoSuchBucket.into());
        }
        Ok(())
    }

    /// Where the object of the key lies.
    fn path(&self, bucket: &str, key: &str) -> S3Result<PathBuf> {
        self.check(bucket)?;
        let invalid = || S3Error::with_message(S3ErrorCode::InvalidArgument, "the key is no path");
        self.0.path(key).ok_or_else(invalid)
    }

    fn upload(&self, id: &str, key: &str) -> S3Result<MultipartUpload> {
        uploads::find(&self.0, id, key).ok_or_else(|| S3ErrorCode::NoSuchUpload.into())
    }

    async fn place(&self, whole: Unfinished, path: PathBuf, is_only_new: bool) -> S3Result<()> {
        match self.0.place(whole, path, is_only_new).await {
            Ok(Placed::Done) => Ok(()),
            Ok(Placed::Existed) => Err(S3ErrorCode::PreconditionFailed.into()),
            Err(error) => Err(refusal(&error)),
        }
    }
}

/// Whether an object is only put where there is none. Other conditions are not known here.
fn is_only_new(
    if_match: Option<ETagCondition>,
    if_none_match: Option<ETagCondition>,
) -> S3Result<bool> {
    match (if_match, if_none_match) {
        (None, None) => Ok(false),
        (None, Some(ETagCondition::Any)) => Ok(true),
        _ => Err(S3ErrorCode::NotImplemented.into()),
    }
}

/// The file system's word in S3's. An operator can do something about those that are no
/// `InternalError`, which is tried again.
fn refusal(error: &io::Error) -> S3Error {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::StorageFull | Kind::QuotaExceeded => {
            let mut full = S3Error::new(S3ErrorCode::Custom("InsufficientStorage".into()));
            full.set_status_code(StatusCode::INSUFFICIENT_STORAGE);
            full
        }
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => S3ErrorCode::AccessDenied.into(),
        Kind::InvalidFilename => S3ErrorCode::KeyTooLongError.into(),
        // A part of the key is an object.
        Kind::NotADirectory | Kind::IsADirectory => S3ErrorCode::InvalidArgument.into(),
        _ => {
            tracing::warn!(event = "objects_failed", %error, "the object store's directory failed");
            S3ErrorCode::InternalError.into()
        }
    }
}

impl From<NotWritten> for S3Error {
    fn from(failed: NotWritten) -> Self {
        match failed {
            NotWritten::Files(error) => refusal(&error),
            NotWritten::Body => S3ErrorCode::IncompleteBody.into(),
        }
    }
}

impl From<NotWhole> for S3Error {
    fn from(failed: NotWhole) -> Self {
        match failed {
            NotWhole::Part => S3ErrorCode::InvalidPart.into(),
            NotWhole::Small => S3ErrorCode::EntityTooSmall.into(),
            NotWhole::Files(error) => refusal(&error),
        }
    }
}

/// Changes with each write of an object.
fn tag(metadata: &Metadata) -> ETag {
    let changed = metadata.modified().unwrap_or(std::time::UNIX_EPOCH);
    let since = changed.duration_since(std::time::UNIX_EPOCH);
    let nanos = since.unwrap_or_default().as_nanos();
    ETag::Strong(format!("{nanos:x}-{:x}", metadata.len()))
}

fn version(listed: Listed) -> ObjectVersion {
    ObjectVersion {
        is_latest: Some(true),
        key: Some(listed.key),
        size: i64::try_from(listed.size).ok(),
        version_id: Some(VERSION.to_owned()),
        ..Default::default()
    }
}

fn read(file: File) -> StreamingBlob {
    let pieces = try_unfold(file, async |mut file| {
        let mut piece = Vec::with_capacity(PIECE);
        let read = file.read_buf(&mut piece).await?;
        Ok::<_, io::Error>((read > 0).then(|| (Bytes::from(piece), file)))
    });
    StreamingBlob::wrap(Box::pin(pieces))
}

#[async_trait::async_trait]
impl S3 for Bucket {
    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let path = self.path(&input.bucket, &input.key)?;
        if input.range.is_some() || input.part_number.is_some() {
            return Err(S3ErrorCode::NotImplemented.into());
        }
        let file = match File::open(path).await {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(S3ErrorCode::NoSuchKey.into());
            }
            Err(error) => return Err(refusal(&error)),
        };
        let metadata = file.metadata().await.map_err(|error| refusal(&error))?;
        if !metadata.is_file() {
            return Err(S3ErrorCode::NoSuchKey.into());
        }
        Ok(S3Response::new(GetObjectOutput {
            content_length: i64::try_from(metadata.len()).ok(),
            e_tag: Some(tag(&metadata)),
            last_modified: metadata.modified().ok().map(Into::into),
            body: Some(read(file)),
            ..Default::default()
        }))
    }

    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        let path = self.path(&input.bucket, &input.key)?;
        let is_only_new = is_only_new(input.if_match, input.if_none_match)?;
        let body = input.body.ok_or(S3ErrorCode::IncompleteBody)?;
        let whole = self.0.receive(body).await?;
        self.place(whole, path, is_only_new).await?;
        Ok(S3Response::new(PutObjectOutput::default()))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = request.input;
        self.path(&input.bucket, &input.key)?;
        let id = uploads::begin(&self.0, &input.key).map_err(|error| refusal(&error))?;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            ..Default::default()
        }))
    }

    async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let input = request.input;
        self.path(&input.bucket, &input.key)?;
        let upload = self.upload(&input.upload_id, &input.key)?;
        if !(1..=uploads::MOST).contains(&input.part_number) {
            return Err(S3ErrorCode::InvalidArgument.into());
        }
        let body = input.body.ok_or(S3ErrorCode::IncompleteBody)?;
        let tag = upload.receive(&self.0, input.part_number, body).await?;
        Ok(S3Response::new(UploadPartOutput {
            e_tag: Some(ETag::Strong(tag)),
            ..Default::default()
        }))
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = request.input;
        let path = self.path(&input.bucket, &input.key)?;
        let is_only_new = is_only_new(input.if_match, input.if_none_match)?;
        let upload = self.upload(&input.upload_id, &input.key)?;
        let named = input.multipart_upload.and_then(|upload| upload.parts);
        let parts: Option<Vec<_>> = named
            .unwrap_or_default()
            .into_iter()
            .map(|part| Some((part.part_number?, part.e_tag?.into_value())))
            .collect();
        let parts = parts.filter(|parts| !parts.is_empty());
        let parts = parts.ok_or(S3ErrorCode::InvalidPart)?;
        if !parts.is_sorted_by(|(one, _), (next, _)| one < next) {
            return Err(S3ErrorCode::InvalidPartOrder.into());
        }
        let whole = upload.joined(&self.0, &parts).await?;
        self.place(whole, path, is_only_new).await?;
        upload.remove().map_err(|error| refusal(&error))?;
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            ..Default::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let input = request.input;
        self.path(&input.bucket, &input.key)?;
        let upload = self.upload(&input.upload_id, &input.key)?;
        upload.remove().map_err(|error| refusal(&error))?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }

    async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<S3Response<ListObjectVersionsOutput>> {
        let input = request.input;
        self.check(&input.bucket)?;
        if input.delimiter.is_some() {
            return Err(S3ErrorCode::NotImplemented.into());
        }
        let most = input.max_keys.unwrap_or(MOST_LISTED).clamp(0, MOST_LISTED);
        let wanted = Wanted {
            prefix: input.prefix.unwrap_or_default(),
            after: input.key_marker.unwrap_or_default(),
            most: usize::try_from(most).unwrap_or_default(),
        };
        let listed = self.0.list(wanted).await;
        let (listed, is_truncated) = listed.map_err(|error| refusal(&error))?;
        let next = listed.last().filter(|_| is_truncated);
        Ok(S3Response::new(ListObjectVersionsOutput {
            is_truncated: Some(is_truncated),
            next_key_marker: next.map(|last| last.key.clone()),
            next_version_id_marker: next.map(|_| VERSION.to_owned()),
            name: Some(input.bucket),
            versions: Some(listed.into_iter().map(version).collect()),
            ..Default::default()
        }))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let input = request.input;
        for object in input.delete.objects {
            let path = self.path(&input.bucket, &object.key)?;
            let removed = self.0.remove(path).await;
            removed.map_err(|error| refusal(&error))?;
        }
        Ok(S3Response::new(DeleteObjectsOutput::default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_operator_can_mend_is_told_apart_from_what_passes() {
        use io::ErrorKind as Kind;
        let rows = [
            (Kind::StorageFull, "InsufficientStorage", Some(507)),
            (Kind::QuotaExceeded, "InsufficientStorage", Some(507)),
            (Kind::PermissionDenied, "AccessDenied", Some(403)),
            (Kind::ReadOnlyFilesystem, "AccessDenied", Some(403)),
            (Kind::InvalidFilename, "KeyTooLongError", Some(400)),
            (Kind::NotADirectory, "InvalidArgument", Some(400)),
            (Kind::IsADirectory, "InvalidArgument", Some(400)),
            (Kind::Other, "InternalError", Some(500)),
            (Kind::Interrupted, "InternalError", Some(500)),
            (Kind::NotFound, "InternalError", Some(500)),
        ];
        for (kind, code, status) in rows {
            let refusal = refusal(&io::Error::from(kind));
            assert_eq!(refusal.code().as_str(), code, "{kind:?}");
            let found = refusal.status_code().or(refusal.code().status_code());
            assert_eq!(found.map(|status| status.as_u16()), status, "{kind:?}");
        }
    }
}
