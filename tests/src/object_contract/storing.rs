//! Objects are stored once, as they were written, under their key.

use std::collections::BTreeMap;

use feed::ports::{ObjectError, Objects as _, Put};
use tokio::task::JoinSet;

use super::world::{Engine, PART, bytes, facts_of, fresh, put};

/// In one request up to 8 MiB, and in parts above.
pub async fn an_object_of_any_size_is_stored_once(engine: &impl Engine) {
    let (store, _) = fresh(engine);
    for size in [
        0,
        1,
        4_000,
        PART - 1,
        PART,
        PART + 1,
        2 * PART,
        2 * PART + 70_000,
    ] {
        let (key, bytes) = (format!("{size}.json.gz"), bytes(size, 0));
        assert_eq!(
            put(&store, &key, &bytes).await.unwrap(),
            Put::Stored,
            "{size}"
        );
        assert_eq!(store.facts(&key).await.unwrap(), facts_of(&bytes), "{size}");
    }
}

/// Whatever the second has, and however it comes.
pub async fn the_first_of_two_objects_of_a_key_stays(engine: &impl Engine) {
    let (store, _) = fresh(engine);
    let sizes = [(5, 5), (5, PART + 5), (PART + 5, 5), (PART + 5, PART + 5)];
    for (number, (first, second)) in sizes.into_iter().enumerate() {
        let (key, held) = (format!("{number}.json.gz"), bytes(first, 1));
        assert_eq!(put(&store, &key, &held).await.unwrap(), Put::Stored);
        for other in [bytes(second, 2), held.clone()] {
            assert_eq!(put(&store, &key, &other).await.unwrap(), Put::Existed);
            assert_eq!(store.facts(&key).await.unwrap(), facts_of(&held));
        }
    }
}

/// The others see it, or that another write is under way.
pub async fn of_eight_writers_at_once_one_stores(engine: &impl Engine) {
    writers(engine, 8, 3_000).await;
}

/// The same, where the condition is on the last of several requests.
pub async fn of_four_writers_of_parts_at_once_one_stores(engine: &impl Engine) {
    writers(engine, 4, PART + 3_000).await;
}

async fn writers(engine: &impl Engine, writers: u8, size: usize) {
    for round in 0..3 {
        let (store, _) = fresh(engine);
        let mut tasks = JoinSet::new();
        for writer in 0..writers {
            let (store, bytes) = (store.clone(), bytes(size, writer));
            tasks.spawn(async move { (writer, put(&store, "a/b.json.gz", &bytes).await) });
        }
        let (mut outcomes, mut stored) = (BTreeMap::new(), None);
        while let Some(task) = tasks.join_next().await {
            let (writer, outcome) = task.unwrap();
            let word = match outcome {
                Ok(put) => format!("{put:?}"),
                Err(ObjectError::Unavailable(_)) => "Unavailable".to_owned(),
                Err(error) => panic!("{error}"),
            };
            if word == "Stored" {
                stored = Some(writer);
            }
            *outcomes.entry(word).or_insert(0) += 1;
        }
        assert_eq!(outcomes.get("Stored"), Some(&1), "{round}: {outcomes:?}");
        let held = facts_of(&bytes(size, stored.unwrap()));
        assert_eq!(store.facts("a/b.json.gz").await.unwrap(), held, "{round}");
    }
}

/// Letters that URLs and signatures write in another way included.
pub async fn a_key_is_taken_as_it_is(engine: &impl Engine) {
    let (store, _) = fresh(engine);
    let keys = [
        "tenant=41463f53-8812-40f4-890f-865bf6e35190/type=Audit.AzureActiveDirectory/day=2026-11-30/\
         06-164b5f34e7289e4938d3a42d1d919450-0123456789abcdef.json.gz",
        "a b+c%20d.json.gz",
        "ünïcode/✓.json.gz",
        "a&b=c;d,e@f$g!h'i(j)*k~l.gz",
        "A.gz",
        "a.gz",
    ];
    for (seed, key) in (0..).zip(keys) {
        let bytes = bytes(100, seed);
        assert_eq!(
            put(&store, key, &bytes).await.unwrap(),
            Put::Stored,
            "{key}"
        );
    }
    for (seed, key) in (0..).zip(keys) {
        let held = store.facts(key).await.unwrap();
        assert_eq!(held, facts_of(&bytes(100, seed)), "{key}");
    }
}

/// It is a folder, with or without a slash at its end.
pub async fn a_prefix_sets_objects_apart(engine: &impl Engine) {
    let (store, prefix) = fresh(engine);
    let (connection, bucket) = (engine.connection(), engine.bucket());
    assert_eq!(put(&store, "a", b"one").await.unwrap(), Put::Stored);
    let whole = connection.objects(bucket, "");
    let facts = whole.facts(&format!("{prefix}/a")).await.unwrap();
    assert_eq!(facts, facts_of(b"one"));
    assert_eq!(whole.facts("a").await.unwrap(), None);
    let same = connection.objects(bucket, &format!("{prefix}/"));
    assert_eq!(put(&same, "a", b"two").await.unwrap(), Put::Existed);
    let below = connection.objects(bucket, &format!("{prefix}/a-folder"));
    assert_eq!(put(&below, "a", b"two").await.unwrap(), Put::Stored);
}

/// Nor has a folder, or what begins like an object.
pub async fn an_object_that_is_not_there_has_no_facts(engine: &impl Engine) {
    let (store, _) = fresh(engine);
    assert_eq!(put(&store, "a/b.gz", b"one").await.unwrap(), Put::Stored);
    for key in ["a", "a/b", "a/b.g", "b.gz", "c"] {
        assert_eq!(store.facts(key).await.unwrap(), None, "{key}");
    }
}

/// It says which setting to check. A part is not sent for nothing.
pub async fn a_missing_bucket_is_an_operators_business(engine: &impl Engine) {
    let store = engine.connection().objects("no-such-bucket", "");
    let is_broken = |error: ObjectError| {
        let ObjectError::Broken(text) = error else {
            panic!("{error:?}");
        };
        assert!(
            text.contains("no-such-bucket") && text.contains("FEED_BUCKET"),
            "{text}"
        );
    };
    is_broken(put(&store, "a", b"one").await.unwrap_err());
    is_broken(store.facts("a").await.unwrap_err());
    let mut upload = store.begin("a").await.unwrap();
    is_broken(upload.write(&bytes(PART + 1, 0)).await.unwrap_err());
    upload.abort().await;
}
