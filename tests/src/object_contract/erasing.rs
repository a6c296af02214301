//! Versions are listed page by page and deleted for good.

use feed::ports::{
    MOST_VERSIONS, ObjectError, Objects as _, Put, StoredVersion, StoredVersions as _,
};

use super::world::{Engine, fresh, put};

fn keys(versions: &[StoredVersion]) -> Vec<(&str, Option<u64>)> {
    versions
        .iter()
        .map(|one| (one.key.as_str(), one.size))
        .collect()
}

/// In the order of their keys; each page goes on where the one before ended.
pub async fn versions_are_listed_page_by_page_below_a_key(engine: &impl Engine) {
    let (store, _) = fresh(engine);
    let all = ["a.b", "a/b", "a/c/d", "a/c/e", "a0"];
    for key in all {
        assert_eq!(put(&store, key, key.as_bytes()).await.unwrap(), Put::Stored);
    }
    let size = |key: &str| Some(key.len() as u64);
    for (below, most, expected) in [
        ("", MOST_VERSIONS, &all[..]),
        ("", 1, &all),
        ("", 2, &all),
        ("a/", 2, &all[1..4]),
        ("a/c/", 1, &all[2..4]),
        ("a/c", MOST_VERSIONS, &all[2..4]),
        ("b", 1, &[]),
    ] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = store.versions(below, after.as_ref(), most).await.unwrap();
            assert!(page.versions.len() <= usize::from(most), "{below} {most}");
            found.extend(page.versions);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let expected: Vec<_> = expected.iter().map(|key| (*key, size(key))).collect();
        assert_eq!(keys(&found), expected, "{below} {most}");
    }
}

/// Twice as well as once; and its key is free again.
pub async fn what_is_erased_is_gone_and_nothing_else(engine: &impl Engine) {
    let (store, prefix) = fresh(engine);
    let neighbour = engine
        .connection()
        .objects(engine.bucket(), &format!("{prefix}-b"));
    assert_eq!(put(&neighbour, "a/1", b"other").await.unwrap(), Put::Stored);
    for key in ["a/1", "a/2", "a/3/4", "b/1"] {
        assert_eq!(put(&store, key, b"one").await.unwrap(), Put::Stored);
    }
    let page = store.versions("a/", None, MOST_VERSIONS).await.unwrap();
    for _ in 0..2 {
        let kept = store.erase(&page.versions).await.unwrap();
        assert_eq!(kept, Vec::<String>::new());
        let left = store.versions("", None, MOST_VERSIONS).await.unwrap();
        assert_eq!(keys(&left.versions), [("b/1", Some(3))]);
    }
    assert_eq!(store.facts("a/1").await.unwrap(), None);
    assert!(neighbour.facts("a/1").await.unwrap().is_some());
    assert_eq!(put(&store, "a/1", b"two").await.unwrap(), Put::Stored);
    assert!(store.facts("a/1").await.unwrap().is_some());
}

/// It is not taken for one without objects.
pub async fn versions_of_a_missing_bucket_are_an_operators_business(engine: &impl Engine) {
    let store = engine.connection().objects("no-such-bucket", "");
    let version = StoredVersion {
        key: "a".to_owned(),
        version: "null".to_owned(),
        size: Some(1),
    };
    let outcomes = [
        store.versions("", None, 1).await.map(drop),
        store.erase(&[version]).await.map(drop),
    ];
    for outcome in outcomes {
        let Err(ObjectError::Broken(text)) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(text.contains("FEED_BUCKET"), "{text}");
    }
}
