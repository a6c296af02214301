//! What is not whole is not seen, and takes no room when it is given up.

use feed::ports::{Objects as _, Put};

use super::world::{Engine, PART, begun, bytes, facts_of, fresh, put};

/// Nor when it is dropped half written.
pub async fn an_object_is_not_seen_before_it_is_whole(engine: &impl Engine) {
    let (store, _) = fresh(engine);
    for size in [1, PART, 2 * PART + 1] {
        let (key, bytes) = (format!("{size}"), bytes(size, 0));
        let upload = begun(&store, &key, &bytes).await;
        assert_eq!(store.facts(&key).await.unwrap(), None, "{size}");
        drop(upload);
        assert_eq!(store.facts(&key).await.unwrap(), None, "{size}");
        let upload = begun(&store, &key, &bytes).await;
        assert_eq!(upload.finish().await.unwrap(), Put::Stored, "{size}");
        assert_eq!(store.facts(&key).await.unwrap(), facts_of(&bytes), "{size}");
    }
}

/// Neither an object nor parts.
pub async fn what_is_aborted_leaves_nothing(engine: &impl Engine) {
    let (store, prefix) = fresh(engine);
    for size in [0, 1, PART + 1, 3 * PART] {
        let upload = begun(&store, "a", &bytes(size, 0)).await;
        let parts = usize::from(size > PART);
        assert_eq!(engine.unfinished(&prefix).await, parts, "{size}");
        upload.abort().await;
        assert_eq!(engine.unfinished(&prefix).await, 0, "{size}");
        assert_eq!(store.facts("a").await.unwrap(), None, "{size}");
    }
}

/// Their upload comes to its end without a place, and is cleared.
pub async fn parts_of_an_object_that_is_there_leave_nothing(engine: &impl Engine) {
    let (store, prefix) = fresh(engine);
    assert_eq!(put(&store, "a", b"one").await.unwrap(), Put::Stored);
    let other = put(&store, "a", &bytes(PART + 1, 0)).await;
    assert_eq!(other.unwrap(), Put::Existed);
    assert_eq!(engine.unfinished(&prefix).await, 0);
    let stored = put(&store, "b", &bytes(PART + 1, 0)).await;
    assert_eq!(stored.unwrap(), Put::Stored);
    assert_eq!(engine.unfinished(&prefix).await, 0);
}
