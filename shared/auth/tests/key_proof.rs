//! The proof by a caller key: what is asked of the table, what is remembered and for how
//! long, and what happens when the table does not answer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::caller::{CallerKey, CallerName, StoredKey};
use auth::key_proof::{KeyProof, KeyProofError};
use auth::ports::{CallerKeys, HeldClock, HeldRandom, StoreError, Write, random_bytes};
use auth::version::Version;
use auth::{Caller, Timestamp};

const MAX_AGE: i64 = 30;
const HOUR: i64 = 60 * 60;

/// A table of one key.
#[derive(Default)]
struct Keys {
    stored: Mutex<Option<StoredKey>>,
    reads: Mutex<u32>,
    notes: Mutex<Vec<i64>>,
    answers: Mutex<Answers>,
}

/// Which requests fail.
#[derive(Default)]
struct Answers {
    no_reads: bool,
    no_notes: bool,
}

fn outage() -> StoreError {
    StoreError::Unavailable("held back".into())
}

#[async_trait]
impl CallerKeys for Keys {
    async fn find_key(&self, name: &CallerName) -> Result<Option<StoredKey>, StoreError> {
        *self.reads.lock().unwrap() += 1;
        match self.answers.lock().unwrap().no_reads {
            true => Err(outage()),
            false => {
                let stored = self.stored.lock().unwrap().clone();
                Ok(stored.filter(|stored| stored.name == *name))
            }
        }
    }

    async fn touch_key(&self, _: &StoredKey, at: Timestamp) -> Result<Write, StoreError> {
        self.notes.lock().unwrap().push(at.unix());
        if self.answers.lock().unwrap().no_notes {
            return Err(outage());
        }
        self.stored.lock().unwrap().as_mut().unwrap().last_used_at = Some(at);
        Ok(Write::Done)
    }
}

struct Stage {
    keys: Arc<Keys>,
    clock: Arc<HeldClock>,
    proof: KeyProof,
    /// No two keys are alike.
    random: HeldRandom,
}

impl Stage {
    /// With a key in the table.
    fn new() -> (Self, CallerKey) {
        let keys = Arc::new(Keys::default());
        let clock = Arc::new(HeldClock::at(0));
        let max_age = Duration::from_secs(MAX_AGE.unsigned_abs());
        let proof = KeyProof::new(keys.clone(), clock.clone(), max_age);
        let stage = Self {
            keys,
            clock,
            proof,
            random: HeldRandom::counting(),
        };
        let key = stage.key("collector");
        *stage.keys.stored.lock().unwrap() = Some(StoredKey {
            name: key.name().clone(),
            hash: key.hash(),
            created_at: Timestamp::from_unix(0),
            last_used_at: None,
            version: Version("1".into()),
        });
        (stage, key)
    }

    fn key(&self, name: &str) -> CallerKey {
        CallerKey::new(name.parse().unwrap(), random_bytes(&self.random))
    }

    fn reads(&self) -> u32 {
        *self.keys.reads.lock().unwrap()
    }

    async fn takes(&self, key: &CallerKey) -> bool {
        match self.proof.verify(key.expose()).await {
            Ok(Caller::Key { name }) => {
                assert_eq!(name, *key.name());
                true
            }
            Ok(other) => panic!("{other:?}"),
            Err(KeyProofError::Refused(_)) => false,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_key_that_holds_is_read_once_in_thirty_seconds() {
    let (stage, key) = Stage::new();
    for _ in 0..3 {
        assert!(stage.takes(&key).await);
    }
    assert_eq!(stage.reads(), 1);
    stage.clock.advance(MAX_AGE - 1);
    assert!(stage.takes(&key).await);
    assert_eq!(stage.reads(), 1);
    stage.clock.advance(1);
    assert!(stage.takes(&key).await);
    assert_eq!(stage.reads(), 2);
    // A clock that is set back makes no memory younger.
    stage.clock.advance(-HOUR);
    assert!(stage.takes(&key).await);
    assert_eq!(stage.reads(), 3);
}

#[tokio::test]
async fn a_removed_key_is_refused_when_the_memory_is_too_old() {
    let (stage, key) = Stage::new();
    assert!(stage.takes(&key).await);
    *stage.keys.stored.lock().unwrap() = None;
    stage.clock.advance(MAX_AGE - 1);
    assert!(stage.takes(&key).await, "it is remembered");
    stage.clock.advance(1);
    assert!(!stage.takes(&key).await);
}

/// Of an unknown name, of a known name with other bits: both are the same refusal.
#[tokio::test]
async fn a_wrong_key_costs_one_read_and_says_nothing_of_the_right_one() {
    let (stage, right) = Stage::new();
    let mut told = Vec::new();
    for name in ["nobody", "collector"] {
        let wrong = stage.key(name);
        let before = stage.reads();
        for _ in 0..3 {
            let error = stage.proof.verify(wrong.expose()).await.unwrap_err();
            assert!(matches!(error, KeyProofError::Refused(_)), "{error}");
            told.push(error.to_string().replace(name, "NAME"));
        }
        assert_eq!(stage.reads(), before + 1, "{name}");
        stage.clock.advance(MAX_AGE);
        assert!(!stage.takes(&wrong).await);
        assert_eq!(stage.reads(), before + 2, "{name}");
    }
    told.dedup();
    assert_eq!(told.len(), 1);
    assert!(stage.takes(&right).await);
}

#[tokio::test]
async fn what_is_no_key_asks_nobody() {
    let (stage, key) = Stage::new();
    for text in ["", "m365tb_collector_x", &format!("{} ", key.expose())] {
        let error = stage.proof.verify(text).await.unwrap_err();
        assert!(matches!(error, KeyProofError::Refused(_)), "{error}");
    }
    assert_eq!(stage.reads(), 0);
}

/// Ten thousand wrong keys push none out that holds.
#[tokio::test]
async fn a_flood_of_wrong_keys_forgets_no_right_one() {
    let (stage, key) = Stage::new();
    assert!(stage.takes(&key).await);
    for _ in 0..20_000 {
        assert!(!stage.takes(&stage.key("flood")).await);
    }
    let reads = stage.reads();
    assert!(stage.takes(&key).await);
    assert_eq!((reads, stage.reads()), (20_001, 20_001));
}

/// A key in memory is taken until that is too old; none is refused for good.
#[tokio::test]
async fn without_the_table_nobody_is_proven_and_nobody_refused() {
    let (stage, key) = Stage::new();
    assert!(stage.takes(&key).await);
    stage.keys.answers.lock().unwrap().no_reads = true;
    assert!(stage.takes(&key).await);
    stage.clock.advance(MAX_AGE);
    for unread in [&key, &stage.key("collector")] {
        let error = stage.proof.verify(unread.expose()).await.unwrap_err();
        assert!(matches!(error, KeyProofError::Unavailable(_)), "{error}");
        assert!(!error.to_string().contains(unread.expose()));
    }
    stage.keys.answers.lock().unwrap().no_reads = false;
    assert!(stage.takes(&key).await);
}

#[tokio::test]
async fn a_use_is_noted_at_most_once_an_hour_and_a_failed_note_is_no_refusal() {
    let (stage, key) = Stage::new();
    stage.keys.answers.lock().unwrap().no_notes = true;
    assert!(stage.takes(&key).await);
    stage.keys.answers.lock().unwrap().no_notes = false;
    let wrong = stage.key("collector");
    for _ in 0..4 * HOUR / 60 {
        stage.clock.advance(60);
        assert!(stage.takes(&key).await);
        assert!(!stage.takes(&wrong).await);
    }
    let notes = stage.keys.notes.lock().unwrap().clone();
    assert_eq!(notes, [0, 60, 60 + HOUR, 60 + 2 * HOUR, 60 + 3 * HOUR]);
}

/// The name that a key itself has, and nothing of its random part.
#[tokio::test]
async fn a_wrong_key_is_reported_by_its_name() {
    let (stage, key) = Stage::new();
    let other = stage.key("collector");
    let text = other.expose();
    let malformed = "has not the form of one";
    let rows = [
        (text.to_owned(), Some("collector"), "is not known"),
        (
            stage.key("nobody").expose().to_owned(),
            Some("nobody"),
            "is not known",
        ),
        (
            text[..text.len() - 1].to_owned(),
            Some("collector"),
            malformed,
        ),
        (format!("{text}A"), Some("collector"), malformed),
        (format!("{text}\n"), Some("collector"), malformed),
        ("m365tb_collector_".to_owned(), Some("collector"), malformed),
        ("m365tb_collector".to_owned(), None, malformed),
        ("m365tb_".to_owned(), None, malformed),
        (text.replace("collector", "Collector"), None, malformed),
        (text.replace("collector_", ""), None, malformed),
        (text.replace("m365tb", "ghp"), None, malformed),
        (format!(" {text}"), None, malformed),
        (String::new(), None, malformed),
    ];
    let random = &text["m365tb_collector_".len()..];
    for (text, name, why) in rows {
        let refused = stage.proof.verify(&text).await.unwrap_err().to_string();
        let named = name.map(|name| format!("the caller key of {name} "));
        let begins = named.as_deref().unwrap_or("the caller key has not");
        assert!(
            refused.starts_with(begins) && refused.contains(why),
            "{text:?}: {refused}"
        );
        assert!(!refused.contains(&random[..12]), "{text:?}: {refused}");
    }
    assert!(stage.takes(&key).await);
}
