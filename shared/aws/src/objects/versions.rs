//! Every version of the objects, for the operator who deletes them for good (the port
//! `StoredVersions`).
//!
//! Its credentials need `s3:ListBucketVersions` on the bucket and `s3:DeleteObjectVersion` below
//! the prefix, which no role of the template has.

use async_trait::async_trait;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, Delete, DeleteMarkerEntry, ObjectIdentifier, ObjectVersion,
};
use feed::ports::{
    AfterVersion, MOST_VERSIONS, ObjectError, StoredVersion, StoredVersions, VersionPage,
};

use super::ObjectStore;
use super::errors::Doing;
use super::place::Place;

#[async_trait]
impl StoredVersions for ObjectStore {
    async fn versions(
        &self,
        below: &str,
        after: Option<&AfterVersion>,
        most: u16,
    ) -> Result<VersionPage, ObjectError> {
        let place = &self.0;
        let asked = place.client.list_object_versions().bucket(&place.bucket);
        let found = asked
            .prefix(place.key(below))
            .set_key_marker(after.map(|after| place.key(&after.key)))
            .set_version_id_marker(after.and_then(|after| after.version.clone()))
            .max_keys(most.min(MOST_VERSIONS).into())
            .send()
            .await
            .map_err(|error| place.failed(Doing::List, &error))?;
        let next = match (found.is_truncated, found.next_key_marker) {
            (Some(true), Some(key)) => Some(AfterVersion {
                key: place.named(Some(key))?,
                version: found.next_version_id_marker,
            }),
            (Some(true), None) => return Err(unnamed()),
            _ => None,
        };
        let objects = found.versions.unwrap_or_default().into_iter();
        let marks = found.delete_markers.unwrap_or_default().into_iter();
        let versions = objects.map(|one| object(place, one));
        let versions = versions.chain(marks.map(|one| mark(place, one)));
        Ok(VersionPage {
            versions: versions.collect::<Result<_, _>>()?,
            next,
        })
    }

    async fn erase(&self, versions: &[StoredVersion]) -> Result<Vec<String>, ObjectError> {
        let place = &self.0;
        let named = versions.iter().map(|version| identifier(place, version));
        let delete = Delete::builder()
            .set_objects(Some(named.collect::<Result<_, _>>()?))
            .quiet(true)
            .build()
            .map_err(|_| unnamed())?;
        let asked = place.client.delete_objects().bucket(&place.bucket);
        let done = asked
            .delete(delete)
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .send()
            .await
            .map_err(|error| place.failed(Doing::Delete, &error))?;
        let kept = done.errors.unwrap_or_default().into_iter();
        let code = |code: Option<String>| code.unwrap_or_else(|| "without a code".to_owned());
        Ok(kept.map(|error| code(error.code)).collect())
    }
}

fn object(place: &Place, one: ObjectVersion) -> Result<StoredVersion, ObjectError> {
    Ok(StoredVersion {
        key: place.named(one.key)?,
        version: one.version_id.ok_or_else(unnamed)?,
        size: Some(one.size.map_or(0, i64::unsigned_abs)),
    })
}

fn mark(place: &Place, one: DeleteMarkerEntry) -> Result<StoredVersion, ObjectError> {
    Ok(StoredVersion {
        key: place.named(one.key)?,
        version: one.version_id.ok_or_else(unnamed)?,
        size: None,
    })
}

fn identifier(place: &Place, version: &StoredVersion) -> Result<ObjectIdentifier, ObjectError> {
    let named = ObjectIdentifier::builder()
        .key(place.key(&version.key))
        .version_id(&version.version);
    named.build().map_err(|_| unnamed())
}

impl Place {
    /// A key of an answer, below the prefix.
    fn named(&self, key: Option<String>) -> Result<String, ObjectError> {
        let key = key.ok_or_else(unnamed)?;
        let key = key.strip_prefix(&self.prefix).ok_or_else(unnamed)?;
        Ok(key.to_owned())
    }
}

fn unnamed() -> ObjectError {
    ObjectError::Unavailable("listing objects: the answer names no object".to_owned())
}
