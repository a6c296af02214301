//! The contract of sealing: a token opens in its own row, for our application, under
//! a key of the ring, and stands nowhere in the clear.

use auth::ports::TokenStore as _;
use auth::ring::RING_MAX_AGE;
use aws::Connection;
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{World, graph, management, text_of};

const OTHER_CLIENT: &str = "b9a3f8ad-5d5e-4f3c-9c43-0d7c1f6d4a11";

/// Not in another tenant's row, and not in another resource's. It is then absent.
pub async fn a_sealed_token_opens_in_no_other_row(connection: &Connection) {
    let world = World::new(connection).await;
    let own = world.connected(&[management(), graph()]).await.id;
    let other = world.connected(&[management()]).await.id;
    world.holding(own, &management(), "mine").await;
    let row = world.raw(own, &management()).await;
    for (tenant, resource) in [(other, management()), (own, graph())] {
        for name in ["sealed", "expires_at", "issued_at"] {
            let value = row[name].clone();
            world.tamper(tenant, &resource, name, value).await;
        }
        let record = world.read(tenant, &resource).await;
        assert_eq!(text_of(&record), None);
    }
    let record = world.read(own, &management()).await;
    assert_eq!(text_of(&record), Some("mine"));
}

/// Life cannot be added to a token, and one application's is not another's.
pub async fn a_sealed_token_opens_with_no_other_expiry_or_application(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    world.holding(id, &management(), "mine").await;
    let stranger = world.open(OTHER_CLIENT).await;
    let record = stranger.read(id, &management()).await.unwrap().unwrap();
    assert_eq!(text_of(&record), None);
    let later = AttributeValue::N("4102444800".into());
    world.tamper(id, &management(), "expires_at", later).await;
    assert_eq!(text_of(&world.read(id, &management()).await), None);
}

/// The other process has a newer ring; a value that nobody can open does not ask the
/// secrets manager at every read.
pub async fn an_unknown_key_reloads_the_ring_at_most_once_a_minute(connection: &Connection) {
    let mut world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    let old = std::sync::Arc::clone(&world.tokens);
    world.secrets.hold("b", &["a", "b"]);
    world.tokens = std::sync::Arc::new(world.open(super::world::CLIENT).await);
    world.holding(id, &management(), "under b").await;

    let started_with = world.secrets.reads();
    world.secrets.hold("a", &["a"]);
    for _ in 0..3 {
        let record = old.read(id, &management()).await.unwrap().unwrap();
        assert_eq!(text_of(&record), None);
    }
    assert_eq!(world.secrets.reads(), started_with + 1);
    world.secrets.hold("b", &["a", "b"]);
    world.clock.advance(60);
    for _ in 0..3 {
        let record = old.read(id, &management()).await.unwrap().unwrap();
        assert_eq!(text_of(&record), Some("under b"));
    }
    assert_eq!(world.secrets.reads(), started_with + 2);
}

/// A new primary key is taken up without anybody meeting an unknown one; without the
/// secrets manager the old ring goes on.
pub async fn an_old_ring_is_read_again_and_kept_when_that_fails(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    world.secrets.fail();
    world.clock.pass(RING_MAX_AGE);
    let record = world.holding(id, &management(), "under a").await;
    assert_eq!(text_of(&record), Some("under a"));
    assert_eq!(key_of(&world.raw(id, &management()).await), b"a");

    world.secrets.hold("b", &["a", "b"]);
    world.clock.advance(60);
    let record = world.holding(id, &management(), "under b").await;
    assert_eq!(text_of(&record), Some("under b"));
    assert_eq!(key_of(&world.raw(id, &management()).await), b"b");
}

/// `SECRET_MAX_AGE_SECONDS`.
pub async fn a_ring_is_read_again_as_soon_as_the_settings_say(connection: &Connection) {
    let mut world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    let tokens = world.open(super::world::CLIENT).await;
    let minute = std::time::Duration::from_secs(60);
    world.tokens = std::sync::Arc::new(tokens.reading_ring_after(minute));
    world.secrets.hold("b", &["a", "b"]);
    for (after, key) in [(59, b"a"), (1, b"b")] {
        world.clock.advance(after);
        world.holding(id, &management(), "token").await;
        assert_eq!(key_of(&world.raw(id, &management()).await), key);
    }
}

/// The id of the key that an item's token is sealed under: after the token's form and the
/// format version comes its length.
fn key_of(item: &std::collections::HashMap<String, AttributeValue>) -> &[u8] {
    let sealed = item["sealed"].as_b().unwrap().as_ref();
    &sealed[3..][..usize::from(sealed[2])]
}

/// Looks at every attribute of every item of a table that was used for everything.
pub async fn no_token_stands_in_the_table_in_the_clear(connection: &Connection) {
    const TOKEN: &str = "eyJ0eXAiOiJKV1QifQ.c2VjcmV0LXBheWxvYWQ.c2VjcmV0LXNpZ25hdHVyZQ";
    let world = World::new(connection).await;
    let id = world.connected(&[management(), graph()]).await.id;
    let record = world.holding(id, &management(), TOKEN).await;
    assert_eq!(text_of(&record), Some(TOKEN));
    let items = world.scan().await;
    assert_eq!(items.len(), 4, "with the event of the connection");
    for value in items.iter().flat_map(|item| item.values()) {
        let bytes = bytes_of(value);
        // Any part of the token, not only the whole.
        for part in TOKEN.split('.') {
            let found = bytes.windows(part.len()).any(|at| at == part.as_bytes());
            assert!(!found, "a part of the token is in the table");
        }
    }
    let debug = format!("{record:?} {:?} {:?}", world.tokens, world.table);
    assert!(!debug.contains("secret") && !debug.contains(TOKEN));
}

fn bytes_of(value: &AttributeValue) -> Vec<u8> {
    match value {
        AttributeValue::B(blob) => blob.as_ref().to_vec(),
        other => format!("{other:?}").into_bytes(),
    }
}
