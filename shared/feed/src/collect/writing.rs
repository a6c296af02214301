//! An object as it is written: compressed, hashed, uploaded in parts.

use auth::encoding::hex;
use aws_lc_rs::digest::{Context, SHA256};

use crate::ledger::StoredObject;
use crate::object_key::Format;
use crate::ports::{Encoder, Encoding, ObjectError, Objects, Put, Upload};
use crate::records::{Dead, RecordId, Sink};

/// What became of an object.
pub(super) enum Finished {
    /// There were no bytes.
    Nothing,
    /// It is durable.
    Object(StoredObject),
    /// An object with other bytes has the key, and stays. The first digits of the SHA-256 of
    /// what was made set it apart.
    Taken(String),
}

/// One object; made with its first byte, so that nothing makes no object.
pub(super) struct Writing {
    key: String,
    format: Format,
    open: Option<(Box<dyn Upload>, Box<dyn Encoder>)>,
    digest: Context,
    size: u64,
}

impl Writing {
    pub(super) fn to(key: String, format: Format) -> Self {
        Self {
            key,
            format,
            open: None,
            digest: Context::new(&SHA256),
            size: 0,
        }
    }

    /// Compresses and uploads these bytes, and empties them.
    pub(super) async fn take(
        &mut self,
        bytes: &mut Vec<u8>,
        objects: &dyn Objects,
        encoding: &dyn Encoding,
    ) -> Result<(), ObjectError> {
        if bytes.is_empty() {
            return Ok(());
        }
        if self.open.is_none() {
            self.open = Some((objects.begin(&self.key).await?, encoding.begin(self.format)));
        }
        let Some((upload, encoder)) = &mut self.open else {
            return Ok(());
        };
        let mut out = Vec::new();
        encoder.write(bytes, &mut out);
        bytes.clear();
        self.digest.update(&out);
        self.size += out.len() as u64;
        upload.write(&out).await
    }

    /// Makes it durable.
    pub(super) async fn finish(mut self, objects: &dyn Objects) -> Result<Finished, ObjectError> {
        let Some((mut upload, encoder)) = self.open.take() else {
            return Ok(Finished::Nothing);
        };
        let mut out = Vec::new();
        encoder.finish(&mut out);
        self.digest.update(&out);
        upload.write(&out).await?;
        let put = upload.finish().await?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.digest.finish().as_ref());
        let own = (self.size + out.len() as u64, sha256);
        if put == Put::Existed && !is_there(objects, &self.key, own).await? {
            return Ok(Finished::Taken(hex(&sha256[..8])));
        }
        let (key, size) = (self.key, own.0);
        Ok(Finished::Object(StoredObject { key, size, sha256 }))
    }

    /// Throws it away.
    pub(super) async fn abort(self) {
        if let Some((upload, _)) = self.open {
            upload.abort().await;
        }
    }
}

/// Whether the object of this key has the bytes that were made.
async fn is_there(
    objects: &dyn Objects,
    key: &str,
    own: (u64, [u8; 32]),
) -> Result<bool, ObjectError> {
    let Some(facts) = objects.facts(key).await? else {
        // Fails closed because bytes of which nothing is known are not stored.
        let message = "an object that exists cannot be read".to_owned();
        return Err(ObjectError::Unavailable(message));
    };
    Ok(facts == own)
}

/// What a scanner finds, until it is written: the lines, and what is dead.
#[derive(Default)]
pub(super) struct Found {
    pub(super) records: Vec<u8>,
    pub(super) dead: Vec<u8>,
    pub(super) ids: Vec<RecordId>,
    /// The whole is no array, or not all of one: it may be another time.
    pub(super) is_unfit: bool,
}

impl Sink for Found {
    fn record(&mut self, piece: &[u8]) {
        self.records.extend_from_slice(piece);
    }

    fn record_ends(&mut self, id: Option<RecordId>) {
        self.records.push(b'\n');
        self.ids.extend(id);
    }

    fn dead(&mut self, piece: &[u8]) {
        self.dead.extend_from_slice(piece);
    }

    fn dead_ends(&mut self, why: Dead) {
        self.is_unfit |= matches!(why, Dead::NotAnArray | Dead::CutOff);
        self.dead.push(b'\n');
    }
}
