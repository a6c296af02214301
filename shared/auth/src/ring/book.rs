//! A ring as its secret holds it, with the books of its rotation:
//! `{"primary": id, "keys": {id: base64}, "rotation": {"added_at": {id: seconds},
//! "primary_since": seconds, "pending": id}}`. Functions read the first two and pass over
//! the rest ([`KeyRing::from_json`]); a ring without books is a ring whose age is not known.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::encoding::base64_standard;
use crate::ports::{Random, random_bytes, random_text};
use crate::sealing::{InvalidKeys, KeyRing};
use crate::secret::{ExposeSecret, SecretString};
use crate::timestamp::Timestamp;

/// Random bytes of a new key's id: 12 characters in base64url.
const ID_BYTES: usize = 9;

/// The ring and its books. `Debug` shows no key.
#[derive(Deserialize)]
pub struct RingBook {
    primary: String,
    keys: BTreeMap<String, SecretString>,
    #[serde(default)]
    rotation: Books,
    /// What somebody else wrote there stays.
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Books {
    added_at: BTreeMap<String, Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<String>,
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyRole {
    /// It seals, and opens what it sealed.
    Primary,
    /// It was added and seals nothing yet.
    Pending,
    /// It opens what it once sealed.
    Older,
}

/// A key of the ring, without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its id, which stands in what it sealed.
    pub id: String,
    /// What it does.
    pub role: KeyRole,
    /// When it was added, where that is written down.
    pub added_at: Option<Timestamp>,
}

impl RingBook {
    /// A ring of one new key.
    pub fn first(random: &dyn Random, now: Timestamp) -> Self {
        let (id, key) = new_key(random);
        Self {
            primary: id.clone(),
            keys: BTreeMap::from([(id.clone(), key)]),
            rotation: Books {
                added_at: BTreeMap::from([(id, now)]),
                primary_since: Some(now),
                pending: None,
            },
            others: Map::new(),
        }
    }

    /// Reads the secret's text; refuses what a function would refuse.
    pub fn from_json(text: &SecretString) -> Result<Self, InvalidKeys> {
        let text = text.expose_secret();
        KeyRing::from_json(text)?;
        let mut book: RingBook =
            serde_json::from_str(text).map_err(|_| InvalidKeys::NotAKeyRing)?;
        let Books {
            added_at, pending, ..
        } = &mut book.rotation;
        // What somebody changed by hand: a key that is gone, or whose age is not known, is
        // not waited for.
        added_at.retain(|id, _| book.keys.contains_key(id));
        pending.take_if(|id| *id == book.primary || !added_at.contains_key(id));
        Ok(book)
    }

    /// The text for the secret.
    pub fn to_json(&self) -> SecretString {
        let exposed =
            |(id, key): (&String, &SecretString)| (id.clone(), Value::from(key.expose_secret()));
        let keys: Map<String, Value> = self.keys.iter().map(exposed).collect();
        let mut text = self.others.clone();
        text.insert("primary".to_owned(), json!(self.primary));
        text.insert("keys".to_owned(), keys.into());
        text.insert("rotation".to_owned(), json!(self.rotation));
        Value::from(text).to_string().into()
    }

    /// The key that seals.
    pub fn primary(&self) -> &str {
        &self.primary
    }

    /// Since when it does, where that is written down.
    pub fn primary_since(&self) -> Option<Timestamp> {
        self.rotation.primary_since
    }

    /// The key that is to become the primary one, and when it was added.
    pub fn pending(&self) -> Option<(&str, Timestamp)> {
        let id = self.rotation.pending.as_deref()?;
        Some((id, *self.rotation.added_at.get(id)?))
    }

    /// Every key, in the order of their ids.
    pub fn keys(&self) -> impl Iterator<Item = KeyFacts> + '_ {
        self.keys.keys().map(|id| KeyFacts {
            id: id.clone(),
            role: match () {
                () if *id == self.primary => KeyRole::Primary,
                () if self.rotation.pending.as_ref() == Some(id) => KeyRole::Pending,
                () => KeyRole::Older,
            },
            added_at: self.rotation.added_at.get(id).copied(),
        })
    }

    /// Adds a key that is pending; its id.
    pub(super) fn add(&mut self, random: &dyn Random, now: Timestamp) -> String {
        let (id, key) = new_key(random);
        self.keys.insert(id.clone(), key);
        self.rotation.added_at.insert(id.clone(), now);
        self.rotation.pending = Some(id.clone());
        id
    }

    /// Makes a key of the ring the primary one.
    pub(super) fn promote(&mut self, id: &str, now: Timestamp) {
        self.primary = id.to_owned();
        self.rotation.primary_since = Some(now);
        self.rotation.pending = None;
    }

    /// Takes a key out that is not the primary one.
    pub(super) fn retire(&mut self, id: &str) {
        self.keys.remove(id);
        self.rotation.added_at.remove(id);
        self.rotation.pending.take_if(|pending| pending == id);
    }
}

/// A new key and its id.
fn new_key(random: &dyn Random) -> (String, SecretString) {
    // A letter first: an id is typed behind `keys retire`.
    let id = format!("k{}", random_text::<ID_BYTES>(random));
    (id, base64_standard(&random_bytes::<32>(random)).into())
}

impl fmt::Debug for RingBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingBook")
            .field("primary", &self.primary)
            .field("keys", &self.keys.keys())
            .field("rotation", &self.rotation)
            .finish_non_exhaustive()
    }
}
