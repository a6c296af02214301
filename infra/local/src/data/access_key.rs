//! `access-key.json`: the access key that the run's function URL knows, and the role for
//! which it stands. Made at the first start, its owner's only; a person or a script reads
//! it in order to sign, so that its names are part of the outside surface.
//!
//! `collector-key.json` is such a file of the collector's own, for whose role there is a policy
//! of its own. The function URL does not know it.

use std::path::Path;

use auth::ports::Random;
use auth::secret::{ExposeSecret as _, SecretString};
use gateway_sim::{AccessKey, AssumedRole};
use serde::{Deserialize, Serialize};

use super::error::{DataError, damaged};
use super::files::{read_private, write_json};

/// Of all places the one that clients take by default.
const REGION: &str = "us-east-1";
/// An account that AWS gives to no customer.
const ACCOUNT: &str = "000000000000";
/// Those who have the directory.
pub(super) const CALLER: &str = "local-caller";
/// The run's own collector.
pub(super) const COLLECTOR: &str = "collector";

/// Identifiers of IAM are a prefix for their kind and letters of this alphabet
/// (IAM User Guide, "Unique identifiers").
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The file. The order of the names is the one in which the pasted line finds them.
#[derive(Serialize, Deserialize)]
struct Stored {
    access_key_id: String,
    secret_access_key: String,
    region: String,
    role: StoredRole,
}

#[derive(Serialize, Deserialize)]
struct StoredRole {
    account: String,
    name: String,
    id: String,
}

/// Reads the key, or makes it for a role of this name.
pub(super) fn open(path: &Path, role: &str, random: &dyn Random) -> Result<AccessKey, DataError> {
    let stored = match read_private(path)? {
        Some(text) => serde_json::from_str(text.expose_secret())
            .map_err(|_| damaged(path, "it is not the JSON that it should be"))?,
        None => {
            let made = Stored::make(role, random);
            write_json(path, &made)?;
            made
        }
    };
    stored.check().map_err(|reason| damaged(path, reason))?;
    Ok(stored.into())
}

impl Stored {
    fn make(role: &str, random: &dyn Random) -> Self {
        let mut secret = [0u8; 30];
        random.fill(&mut secret);
        Self {
            access_key_id: identifier::<16>("AKIA", random),
            secret_access_key: auth::encoding::base64_standard(&secret),
            region: REGION.to_owned(),
            role: StoredRole {
                account: ACCOUNT.to_owned(),
                name: role.to_owned(),
                id: identifier::<17>("AROA", random),
            },
        }
    }

    /// A person may write another region or role; what cannot be signed with, or would
    /// make an ARN of another meaning, is refused.
    fn check(&self) -> Result<(), &'static str> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let word = |text: &str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
            !text.is_empty() && text.bytes().all(allowed)
        };
        let role = &self.role;
        let rules = [
            (word(&self.access_key_id), "access_key_id is no key id"),
            (
                self.secret_access_key.len() >= 40,
                "secret_access_key is shorter than 40 characters",
            ),
            (word(&self.region), "region is no region"),
            (
                role.account.len() == 12 && digits(&role.account),
                "role.account is not 12 digits",
            ),
            (word(&role.name), "role.name is no role's name"),
            (
                role.id.starts_with("AROA") && word(&role.id),
                "role.id is no AROA…",
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, reason)) => Err(reason),
            None => Ok(()),
        }
    }
}

impl From<Stored> for AccessKey {
    fn from(stored: Stored) -> Self {
        Self {
            id: stored.access_key_id,
            secret: SecretString::from(stored.secret_access_key),
            region: stored.region,
            role: AssumedRole {
                account: stored.role.account,
                name: stored.role.name,
                id: stored.role.id,
            },
        }
    }
}

/// `prefix` and N letters.
fn identifier<const N: usize>(prefix: &str, random: &dyn Random) -> String {
    let mut bytes = [0u8; N];
    random.fill(&mut bytes);
    let letters = bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    prefix.chars().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn opened(text: Option<&str>) -> (Result<AccessKey, String>, String) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("access-key.json");
        if let Some(text) = text {
            write_json(
                &path,
                &serde_json::from_str::<serde_json::Value>(text).unwrap(),
            )
            .unwrap();
        }
        let opened = open(&path, CALLER, &aws::SystemRandom).map_err(|error| error.to_string());
        (opened, fs::read_to_string(&path).unwrap())
    }

    #[test]
    fn a_new_key_has_the_forms_of_iam_and_is_read_again() {
        let (made, text) = opened(None);
        let made = made.unwrap();
        assert!(made.id.starts_with("AKIA") && made.id.len() == 20);
        assert!(made.role.id.starts_with("AROA") && made.role.id.len() == 21);
        assert_eq!(made.secret.expose_secret().len(), 40);
        let (again, _) = opened(Some(&text));
        let again = again.unwrap();
        assert_eq!((again.id, again.role), (made.id, made.role));
        assert_eq!(again.secret.expose_secret(), made.secret.expose_secret());
        let (other, _) = opened(None);
        assert_ne!(
            other.unwrap().secret.expose_secret(),
            made.secret.expose_secret()
        );
    }

    #[test]
    fn a_key_that_means_something_else_is_damaged_and_not_quoted() {
        let good = opened(None).1;
        let rows = [
            ("AKIA", "AK/IA", "access_key_id"),
            ("us-east-1", "us/east", "region"),
            ("000000000000", "12345", "role.account"),
            ("local-caller", "admin/x:y", "role.name"),
            ("AROA", "AIDA", "role.id"),
            (
                "secret_access_key\": \"",
                "secret_access_key\": \"\", \"x\": \"",
                "secret_access_key",
            ),
            ("\"role\"", "\"rolle\"", "not the JSON"),
        ];
        for (from, to, word) in rows {
            let (outcome, _) = opened(Some(&good.replace(from, to)));
            let message = outcome.unwrap_err();
            assert!(message.contains(word), "{word}: {message}");
            let stored: Stored = serde_json::from_str(&good).unwrap();
            assert!(!message.contains(&stored.secret_access_key), "{message}");
        }
    }
}
