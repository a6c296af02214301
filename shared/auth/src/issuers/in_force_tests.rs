use std::sync::Mutex;

use super::*;
use crate::Timestamp;
use crate::caller::entries_from_json;
use crate::caller::issuers_from_json;
use crate::ports::HeldClock;

const A: &str = "https://a.example";
const B: &str = "https://b.example";

/// A store that holds what it is given.
#[derive(Default)]
struct Store(Mutex<Stored>);

enum Stored {
    List(Option<StoredIssuers>),
    Down,
    Damaged,
}

impl Default for Stored {
    fn default() -> Self {
        Self::List(None)
    }
}

#[async_trait]
impl IssuerSource for Store {
    async fn current_issuers(&self) -> Result<Option<StoredIssuers>, StoreError> {
        match &*self.0.lock().unwrap() {
            Stored::List(list) => Ok(list.clone()),
            Stored::Down => Err(StoreError::Unavailable("down".into())),
            Stored::Damaged => Err(StoreError::Damaged("an attribute".into())),
        }
    }
}

struct Stage {
    clock: Arc<HeldClock>,
    store: Arc<Store>,
    issuers: Issuers,
}

impl Stage {
    /// With `A` in the settings.
    fn set() -> Self {
        let (clock, store) = (Arc::new(HeldClock::at(1_000)), Arc::new(Store::default()));
        let first = issuers_from_json(&list(&[(A, "first")])).unwrap();
        let issuers = Issuers::new(store.clone(), first, clock.clone());
        Self {
            clock,
            store,
            issuers,
        }
    }

    fn stores(&self, stored: Stored) {
        *self.store.0.lock().unwrap() = stored;
    }

    /// Issuer and audience of each, as they hold now.
    async fn now(&self) -> Option<Vec<(String, String)>> {
        let issuers = self.issuers.in_force().await?;
        let pair = |one: &Arc<AllowedIssuer>| (one.issuer.clone(), one.audience.clone());
        Some(issuers.iter().map(pair).collect())
    }
}

fn list(entries: &[(&str, &str)]) -> String {
    let entry = |(issuer, audience): &(&str, &str)| {
        format!(r#"{{"issuer":"{issuer}","audience":"{audience}"}}"#)
    };
    let entries: Vec<_> = entries.iter().map(entry).collect();
    format!("[{}]", entries.join(","))
}

fn stored(version: u64, entries: &[(&str, &str)]) -> Stored {
    let entries = entries_from_json(&list(entries)).unwrap();
    let at = Timestamp::from_unix(1);
    let list = StoredIssuers::following(None, &entries, at);
    Stored::List(Some(StoredIssuers { version, ..list }))
}

fn holds(entries: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
    let pair = |(issuer, audience): &(&str, &str)| ((*issuer).to_owned(), (*audience).to_owned());
    Some(entries.iter().map(pair).collect())
}

#[tokio::test]
async fn a_stored_list_holds_within_a_minute_over_that_of_the_settings() {
    let stage = Stage::set();
    assert_eq!(stage.now().await, holds(&[(A, "first")]));
    let steps = [
        (stored(1, &[(B, "one")]), holds(&[(A, "first"), (B, "one")])),
        (
            stored(2, &[(A, "two"), (B, "one")]),
            holds(&[(A, "two"), (B, "one")]),
        ),
        (
            stored(3, &[(B, "three")]),
            holds(&[(A, "first"), (B, "three")]),
        ),
        (stored(4, &[]), holds(&[(A, "first")])),
        (Stored::List(None), holds(&[(A, "first")])),
    ];
    for (list, expected) in steps {
        let before = stage.now().await;
        stage.stores(list);
        stage.clock.advance(59);
        assert_eq!(stage.now().await, before, "not read again before");
        stage.clock.advance(1);
        assert_eq!(stage.now().await, expected);
    }
}

#[tokio::test]
async fn the_same_list_is_the_same_so_that_nothing_is_made_of_it_again() {
    let stage = Stage::set();
    stage.stores(stored(1, &[(B, "one")]));
    let first = stage.issuers.in_force().await.unwrap();
    stage.clock.advance(60);
    let again = stage.issuers.in_force().await.unwrap();
    assert!(Arc::ptr_eq(&first, &again));
    stage.stores(stored(2, &[(B, "two")]));
    stage.clock.advance(60);
    let changed = stage.issuers.in_force().await.unwrap();
    assert!(!Arc::ptr_eq(&first, &changed));
}

#[tokio::test]
async fn what_cannot_be_taken_replaces_nothing_and_the_old_list_ends() {
    let changed = || {
        let Stored::List(Some(list)) = stored(2, &[(B, "two")]) else {
            unreachable!()
        };
        let text = list.text.replace("b.example", "c.example");
        Stored::List(Some(StoredIssuers { text, ..list }))
    };
    let unsound = || {
        let text = r#"[{"issuer":"ftp://b.example","audience":"two"}]"#;
        let entries = entries_from_json(text).unwrap();
        let list = StoredIssuers::following(None, &entries, Timestamp::from_unix(1));
        Stored::List(Some(list))
    };
    for broken in [Stored::Down, Stored::Damaged, changed(), unsound()] {
        let stage = Stage::set();
        stage.stores(stored(1, &[(B, "one")]));
        let old = holds(&[(A, "first"), (B, "one")]);
        assert_eq!(stage.now().await, old);
        stage.stores(broken);
        for _ in 0..14 {
            stage.clock.advance(60);
            assert_eq!(stage.now().await, old);
        }
        stage.clock.advance(59);
        assert_eq!(stage.now().await, old, "a second before it ends");
        stage.clock.advance(1);
        assert_eq!(stage.now().await, None, "those of the settings neither");
        stage.stores(stored(3, &[(B, "three")]));
        stage.clock.advance(5);
        assert_eq!(stage.now().await, holds(&[(A, "first"), (B, "three")]));
    }
}

#[tokio::test]
async fn before_anything_was_read_no_issuer_holds() {
    for broken in [Stored::Down, Stored::Damaged] {
        let stage = Stage::set();
        stage.stores(broken);
        assert!(!stage.issuers.prepare().await);
        assert_eq!(stage.now().await, None);
        stage.stores(stored(1, &[]));
        // A store that does not answer is asked again at once.
        assert_eq!(stage.now().await, holds(&[(A, "first")]));
    }
    let stage = Stage::set();
    assert!(stage.issuers.prepare().await);
    stage.stores(Stored::Down);
    assert_eq!(stage.now().await, holds(&[(A, "first")]), "read ahead");
}
