//! A secret whose versions are held in memory, with the labels moved as AWS documents it: for
//! tests that play Secrets Manager. No function is built on it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::{SecretError, SecretSource, SecretVersions, Stage, VersionList, Write};
use crate::secret::{ExposeSecret as _, SecretString};
use crate::timestamp::Timestamp;

/// The versions of one secret, whatever name it is asked by.
#[derive(Default)]
pub struct HeldVersions(Mutex<Book>);

#[derive(Default)]
struct Book {
    rotated: bool,
    versions: Vec<Version>,
    changed_at: Option<Timestamp>,
}

struct Version {
    id: String,
    stages: BTreeSet<Stage>,
    value: Option<SecretString>,
}

impl HeldVersions {
    /// A secret that is rotated, with this value as the version `first`.
    pub fn rotated(value: &SecretString) -> Self {
        let held = Self::default();
        held.put("first", value, Timestamp::default());
        held.with(|book| book.rotated = true);
        held
    }

    /// Whether it is rotated from now on.
    pub fn rotate(&self, rotated: bool) {
        self.with(|book| book.rotated = rotated);
    }

    /// PutSecretValue by hand: a new current version; the one before becomes the previous one.
    pub fn put(&self, id: &str, value: &SecretString, now: Timestamp) {
        self.with(|book| {
            book.version(id).value = Some(value.clone());
            book.make_current(id);
            book.changed_at = Some(now);
        });
    }

    /// RotateSecret: a pending version without a value. `false`: another rotation has begun and
    /// not finished, as Secrets Manager refuses it.
    pub fn begin(&self, id: &str) -> bool {
        self.with(|book| {
            if book.list().unfinished().is_some_and(|other| other != id) {
                return false;
            }
            book.take(Stage::Pending);
            book.version(id).stages.insert(Stage::Pending);
            true
        })
    }

    /// When it was changed last.
    pub fn changed_at(&self, at: Timestamp) {
        self.with(|book| book.changed_at = Some(at));
    }

    /// The labels as they are.
    pub fn labels(&self) -> VersionList {
        self.with(|book| book.list())
    }

    /// The value of the version with this label.
    pub fn value(&self, stage: Stage) -> Option<SecretString> {
        self.with(|book| book.value(stage))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Book) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Book {
    fn list(&self) -> VersionList {
        let labelled = self.versions.iter().filter(|one| !one.stages.is_empty());
        VersionList {
            rotation_enabled: self.rotated,
            versions: labelled
                .map(|one| (one.id.clone(), one.stages.clone()))
                .collect(),
            changed_at: self.changed_at,
        }
    }

    /// The version with this id, made where there is none.
    fn version(&mut self, id: &str) -> &mut Version {
        let at = self.versions.iter().position(|one| one.id == id);
        let at = at.unwrap_or_else(|| {
            self.versions.push(Version {
                id: id.to_owned(),
                stages: BTreeSet::new(),
                value: None,
            });
            self.versions.len() - 1
        });
        &mut self.versions[at]
    }

    fn value(&self, stage: Stage) -> Option<SecretString> {
        let mut versions = self.versions.iter();
        let found = versions.find(|one| one.stages.contains(&stage))?;
        found.value.clone()
    }

    fn take(&mut self, stage: Stage) {
        for one in &mut self.versions {
            one.stages.remove(&stage);
        }
    }

    fn make_current(&mut self, id: &str) {
        let list = self.list();
        let before = list.with(Stage::Current).filter(|before| *before != id);
        self.take(Stage::Current);
        if let Some(before) = before {
            self.take(Stage::Previous);
            self.version(before).stages.insert(Stage::Previous);
        }
        self.version(id).stages.insert(Stage::Current);
    }
}

#[async_trait]
impl SecretVersions for HeldVersions {
    async fn list(&self, _: &str) -> Result<VersionList, SecretError> {
        Ok(self.labels())
    }

    async fn read_version(&self, _: &str, id: &str) -> Result<Option<SecretString>, SecretError> {
        Ok(self.with(|book| book.version(id).value.clone()))
    }

    async fn write_pending(
        &self,
        _: &str,
        id: &str,
        value: &SecretString,
    ) -> Result<Write, SecretError> {
        Ok(self.with(|book| {
            let version = book.version(id);
            let same = |held: &SecretString| held.expose_secret() == value.expose_secret();
            match &version.value {
                Some(held) if !same(held) => Write::Stale,
                _ => {
                    version.value = Some(value.clone());
                    Write::Done
                }
            }
        }))
    }

    async fn make_current(&self, _: &str, id: &str, before: &str) -> Result<Write, SecretError> {
        Ok(self.with(|book| {
            if book.list().with(Stage::Current) != Some(before) {
                return Write::Stale;
            }
            book.make_current(id);
            Write::Done
        }))
    }

    async fn drop_pending(&self, _: &str, id: &str) -> Result<(), SecretError> {
        self.with(|book| {
            book.version(id).stages.remove(&Stage::Pending);
        });
        Ok(())
    }
}

#[async_trait]
impl SecretSource for HeldVersions {
    async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
        let value = self.value(Stage::Current);
        value.ok_or_else(|| SecretError::unusable(name, "it has no current version"))
    }

    async fn read_previous(&self, _: &str) -> Result<Option<SecretString>, SecretError> {
        Ok(self.value(Stage::Previous))
    }
}
