//! The rotation of the sealing ring, step by step, by a clock that the test moves.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{
    Clock as _, DeployedSecret, HeldClock, HeldRandom, Pause, SecretError, SecretSink,
    SecretSource, Write,
};
use auth::ring::{AUTH_ID_LIFE_MAX, Begun, KeyRole, Rotation, RotationError, TOKEN_LIFE_MAX};
use auth::sealing::KeyRing;
use auth::secret::{ExposeSecret, SecretString};
use serde_json::{Value, json};

const READ_WITHIN: i64 = 1000;
/// A ring as a machine has it that was set up before there were rotations.
const OLD: &str =
    r#"{"primary":"a","keys":{"a":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},"note":"ours"}"#;

/// Clock, waiting, chance and one secret.
struct World {
    clock: Arc<HeldClock>,
    random: Arc<HeldRandom>,
    secret: Mutex<Option<String>>,
    /// What somebody else writes right before a first value is written.
    overtaking: Mutex<Option<String>>,
    written: Mutex<u32>,
    pauses: Mutex<Vec<u64>>,
}

#[async_trait]
impl Pause for World {
    async fn pause(&self, duration: Duration) {
        self.pauses.lock().unwrap().push(duration.as_secs());
        self.clock.pass(duration);
    }
}

#[async_trait]
impl SecretSource for World {
    async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
        let secret = self.secret.lock().unwrap().clone();
        secret.map(Into::into).ok_or_else(|| SecretError::Missing {
            name: name.to_owned(),
            hint: "held back".to_owned(),
        })
    }
}

#[async_trait]
impl SecretSink for World {
    async fn write(&self, name: &str, value: &SecretString) -> Result<(), SecretError> {
        assert_eq!(name, "ring");
        // What a function could not read would stop every one of them.
        KeyRing::from_json(value.expose_secret()).unwrap();
        *self.secret.lock().unwrap() = Some(value.expose_secret().to_owned());
        *self.written.lock().unwrap() += 1;
        Ok(())
    }

    async fn write_first(&self, name: &str, value: &SecretString) -> Result<Write, SecretError> {
        if let Some(overtaking) = self.overtaking.lock().unwrap().take() {
            *self.secret.lock().unwrap() = Some(overtaking);
        }
        if self.secret.lock().unwrap().is_some() {
            return Ok(Write::Stale);
        }
        self.write(name, value).await?;
        Ok(Write::Done)
    }
}

impl World {
    fn with(secret: Option<&str>) -> (Arc<Self>, Rotation) {
        let world = Arc::new(World {
            clock: Arc::new(HeldClock::at(0)),
            random: Arc::new(HeldRandom::counting()),
            secret: Mutex::new(secret.map(str::to_owned)),
            overtaking: Mutex::default(),
            written: Mutex::default(),
            pauses: Mutex::default(),
        });
        let rotation = Rotation {
            source: world.clone(),
            sink: world.clone(),
            secret: DeployedSecret::SealingRing,
            name: "ring".to_owned(),
            read_within: Duration::from_secs(READ_WITHIN.unsigned_abs()),
            clock: world.clock.clone(),
            random: world.random.clone(),
        };
        (world, rotation)
    }

    fn json(&self) -> Value {
        serde_json::from_str(self.secret.lock().unwrap().as_ref().unwrap()).unwrap()
    }

    fn ring(&self) -> KeyRing {
        KeyRing::from_json(self.secret.lock().unwrap().as_ref().unwrap()).unwrap()
    }
}

/// Adds a key and gives its id.
async fn added(rotation: &Rotation) -> String {
    match rotation.begin().await.unwrap() {
        Begun::Pending { id, resumed, .. } if !resumed => id,
        other => panic!("{other:?}"),
    }
}

/// A whole rotation; the id of the key that then seals.
async fn rotated(world: &World, rotation: &Rotation) -> String {
    let id = added(rotation).await;
    world.clock.advance(READ_WITHIN);
    rotation.promote(&id).await.unwrap();
    id
}

#[tokio::test]
async fn a_key_is_added_waited_for_and_promoted() {
    let (world, rotation) = World::with(Some(OLD));
    let sealed = world
        .ring()
        .seal("p", &[], b"before", world.random.as_ref());
    let id = added(&rotation).await;
    let expected = Timestamp::from_unix(READ_WITHIN);
    let json = world.json();
    assert_eq!(
        (&json["primary"], &json["note"]),
        (&json!("a"), &json!("ours"))
    );
    assert_eq!(json["keys"].as_object().unwrap().len(), 2);
    assert_eq!(world.ring().open("p", &[], &sealed).unwrap(), b"before");

    rotation.wait(expected, world.as_ref()).await;
    assert_eq!(world.clock.now(), expected);
    let pauses = world.pauses.lock().unwrap().clone();
    assert!(pauses.iter().all(|seconds| *seconds <= 15), "{pauses:?}");
    let book = rotation.promote(&id).await.unwrap();
    assert_eq!((book.primary(), book.pending()), (id.as_str(), None));
    assert_eq!(book.primary_since(), Some(expected));
    assert_eq!(world.json()["note"], "ours");
    let ring = world.ring();
    assert_eq!(ring.open("p", &[], &sealed).unwrap(), b"before");
    let after = ring.seal("p", &[], b"after", world.random.as_ref());
    assert_eq!(&after[2..][..id.len()], id.as_bytes());
}

#[tokio::test]
async fn an_interrupted_rotation_goes_on_with_the_key_that_was_added() {
    let (world, rotation) = World::with(Some(OLD));
    let id = added(&rotation).await;
    world.clock.advance(400);
    let expected = Begun::Pending {
        id: id.clone(),
        promote_at: Timestamp::from_unix(READ_WITHIN),
        resumed: true,
    };
    for _ in 0..2 {
        assert_eq!(rotation.begin().await.unwrap(), expected);
    }
    assert_eq!(*world.written.lock().unwrap(), 1);
    let early = rotation.promote(&id).await.unwrap_err();
    assert!(matches!(early, RotationError::TooEarly { .. }), "{early}");
    world.clock.advance(599);
    assert!(rotation.promote(&id).await.is_err());
    world.clock.advance(1);
    rotation.promote(&id).await.unwrap();
    assert_ne!(added(&rotation).await, id);
}

#[tokio::test]
async fn who_was_overtaken_writes_nothing() {
    let (world, rotation) = World::with(Some(OLD));
    let id = rotated(&world, &rotation).await;
    let written = *world.written.lock().unwrap();
    let error = rotation.promote(&id).await.unwrap_err();
    assert!(matches!(error, RotationError::Overtaken(_)), "{error}");
    *world.secret.lock().unwrap() = Some(OLD.to_owned());
    let error = rotation.promote("other").await.unwrap_err();
    assert!(matches!(error, RotationError::Overtaken(_)), "{error}");
    assert_eq!(*world.written.lock().unwrap(), written);
}

#[tokio::test]
async fn where_there_is_no_ring_the_first_key_seals_at_once() {
    let (world, rotation) = World::with(None);
    let Begun::First { id } = rotation.begin().await.unwrap() else {
        panic!("there was none");
    };
    let book = rotation.look().await.unwrap();
    assert_eq!((book.primary(), book.pending()), (id.as_str(), None));
    assert_eq!(book.primary_since(), Some(Timestamp::from_unix(0)));
    world.ring().seal("p", &[], b"v", world.random.as_ref());
    assert_ne!(added(&rotation).await, id);
}

#[tokio::test]
async fn who_makes_the_first_ring_second_adds_a_key_to_it() {
    let (world, rotation) = World::with(None);
    *world.overtaking.lock().unwrap() = Some(OLD.to_owned());
    let id = added(&rotation).await;
    let book = rotation.look().await.unwrap();
    assert_eq!((book.primary(), book.pending().unwrap().0), ("a", &id[..]));
}

#[tokio::test]
async fn an_old_key_is_retired_when_nothing_lives_that_it_sealed() {
    let (world, rotation) = World::with(Some(OLD));
    let unknown = rotation.retire("b").await.unwrap_err();
    assert!(matches!(unknown, RotationError::NoSuchKey(_)), "{unknown}");
    let id = rotated(&world, &rotation).await;
    let primary = rotation.retire(&id).await.unwrap_err();
    assert!(matches!(primary, RotationError::IsPrimary(_)), "{primary}");
    // Functions may seal with the old key until they have read the ring again.
    world.clock.pass(TOKEN_LIFE_MAX);
    world.clock.advance(READ_WITHIN - 1);
    let early = rotation.retire("a").await.unwrap_err();
    assert!(
        matches!(early, RotationError::StillNeeded { .. }),
        "{early}"
    );
    world.clock.advance(1);
    let book = rotation.retire("a").await.unwrap();
    let keys: Vec<_> = book.keys().map(|key| (key.id, key.role)).collect();
    assert_eq!(keys, [(id, KeyRole::Primary)]);
    assert_eq!(world.json()["keys"]["a"], Value::Null);
}

/// For a day, and as long as a function may not have read the ring: by then no token lives that
/// the old key sealed, and no subscription has an AuthID that it made.
#[tokio::test]
async fn an_older_key_of_either_ring_is_kept_for_a_day_after_another_became_the_primary_one() {
    const DAY: i64 = 86_400;
    let rings = [
        (DeployedSecret::SealingRing, TOKEN_LIFE_MAX),
        (DeployedSecret::WebhookKeys, AUTH_ID_LIFE_MAX),
    ];
    // Seconds since the promotion, whether the old key can go.
    let rows = [
        (0, false),
        (1, false),
        (READ_WITHIN, false),
        (DAY / 2, false),
        (DAY / 2 + READ_WITHIN, false),
        (DAY - 1, false),
        (DAY, false),
        (DAY + READ_WITHIN - 1, false),
        (DAY + READ_WITHIN, true),
        (DAY + READ_WITHIN + 1, true),
        (30 * DAY, true),
    ];
    for ((ring, used_for), (passed, goes)) in rings
        .into_iter()
        .flat_map(|ring| rows.map(|row| (ring, row)))
    {
        assert_eq!(used_for.as_secs(), DAY.unsigned_abs());
        let (world, mut rotation) = World::with(Some(OLD));
        rotation.secret = ring;
        let primary = rotated(&world, &rotation).await;
        let promoted = world.clock.now();
        world.clock.advance(passed);
        let text = world.json();
        match rotation.retire("a").await {
            Ok(book) => {
                assert!(goes, "{ring:?} {passed}");
                assert_eq!(book.primary(), primary);
            }
            Err(RotationError::StillNeeded { id, until }) => {
                assert!(!goes, "{ring:?} {passed}");
                assert_eq!((id.as_str(), world.json()), ("a", text));
                assert_eq!(
                    promoted.seconds_until(until),
                    (DAY + READ_WITHIN).unsigned_abs()
                );
            }
            Err(other) => panic!("{ring:?} {passed}: {other}"),
        }
    }
}

/// Of three keys the oldest is kept as long as the one before the primary one: it is not written
/// down when it was used last.
#[tokio::test]
async fn a_second_rotation_begins_the_day_again() {
    let (world, mut rotation) = World::with(Some(OLD));
    rotation.secret = DeployedSecret::WebhookKeys;
    rotated(&world, &rotation).await;
    world.clock.advance(80_000);
    rotated(&world, &rotation).await;
    world.clock.advance(80_000);
    let early = rotation.retire("a").await.unwrap_err();
    assert!(
        matches!(early, RotationError::StillNeeded { .. }),
        "{early}"
    );
    world.clock.advance(86_400 + READ_WITHIN - 80_000);
    rotation.retire("a").await.unwrap();
}

#[tokio::test]
async fn of_a_ring_without_books_no_age_is_known() {
    let two = r#"{"primary":"b","keys":{"a":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "b":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="}}"#;
    let (_, rotation) = World::with(Some(two));
    let error = rotation.retire("a").await.unwrap_err();
    assert!(matches!(error, RotationError::UnknownAge(_)), "{error}");
    let book = rotation.look().await.unwrap();
    assert_eq!(book.primary_since(), None);
    assert!(book.keys().all(|key| key.added_at.is_none()));
}

#[tokio::test]
async fn a_pending_key_can_be_given_up() {
    let (_, rotation) = World::with(Some(OLD));
    let id = added(&rotation).await;
    let book = rotation.retire(&id).await.unwrap();
    assert_eq!((book.primary(), book.pending()), ("a", None));
    let error = rotation.promote(&id).await.unwrap_err();
    assert!(matches!(error, RotationError::Overtaken(_)), "{error}");
}

/// Somebody edited the secret: what the books say of keys that are not there is dropped.
#[tokio::test]
async fn books_that_do_not_fit_their_ring_are_put_right() {
    let rows = [
        json!({"pending": "gone", "added_at": {"gone": 1}}),
        json!({"pending": "a", "added_at": {"a": 1}}),
        json!({"pending": "b"}),
    ];
    for books in rows {
        let mut ring: Value = serde_json::from_str(OLD).unwrap();
        ring["keys"]["b"] = ring["keys"]["a"].clone();
        ring["rotation"] = books;
        let (_, rotation) = World::with(Some(&ring.to_string()));
        assert_eq!(rotation.look().await.unwrap().pending(), None, "{ring}");
        added(&rotation).await;
    }
}

#[tokio::test]
async fn a_damaged_ring_is_left_as_it_is_and_shown_to_nobody() {
    for text in [
        "",
        "{}",
        &OLD.replace("AAA=", "AA="),
        &OLD.replace(":\"a\"", ":\"c\""),
    ] {
        let (world, rotation) = World::with(Some(text));
        let error = rotation.begin().await.unwrap_err();
        assert!(
            matches!(error, RotationError::Secret(SecretError::Unusable { .. })),
            "{error}"
        );
        assert!(!error.to_string().contains("AAA"), "{error}");
        assert_eq!(*world.written.lock().unwrap(), 0);
    }
    let (_, rotation) = World::with(Some(OLD));
    let debug = format!("{:?}", rotation.look().await.unwrap());
    assert!(!debug.contains("AAA"), "{debug}");
}
