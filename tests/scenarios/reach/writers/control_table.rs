//! A writer of the control table: it permits itself everything, which is why only the operator
//! writes it.

use auth::caller::{CallerKey, CallerName};
use auth::policy::StoredPolicy;
use auth::ports::random_bytes;
use aws::SystemRandom;
use aws_sdk_dynamodb::types::AttributeValue;

use super::row::rows;
use super::world::{READ_AGAIN, Row, World, text};

rows! {
    a_policy_is_replaced("another policy, with its digest")
        => "**works**: every proven caller gets what it says, within the minute";
    a_policy_permits_everyone("a policy that permits everything to everyone")
        => "**fails**: a function checks a text as `policy check` does; a writer has to say whom it permits";
    a_policy_is_changed_and_its_digest_is_not("a policy's text without its digest")
        => "**fails**: it is not taken; functions that hold the policy before it go on for 15 minutes, then callers get 503";
    a_caller_key_is_made("a caller key's row with a hash of one's own")
        => "**works**: its holder is a caller; what it gets is the policy's to say";
    a_caller_key_is_taken_away("no row of a caller's key")
        => "**works**: the caller is refused, within a minute";
}

const EVERYONE: &str = "@id(\"everyone\")\npermit (principal, action, resource);\n";
/// `POLICY_UNREAD_MAX_AGE_SECONDS` where nobody sets it.
const UNREAD_MAX_AGE: i64 = 900;
const NOTHING: &str = "@id(\"nothing\")\nforbid (principal, action, resource);\n";

async fn policy(world: &World) -> Row {
    let rows = world.rows(&world.control(), "POLICY").await;
    rows.into_iter()
        .find(|row| row["sk"] == text("POLICY"))
        .unwrap()
}

/// Everything is forbidden, then the row has this text and the digest of that one.
async fn with_policy(
    written: impl Fn(&World) -> String,
    digest_of: impl Fn(&World) -> String,
) -> World {
    let world = World::serving().await;
    world.put_policy(NOTHING).await;
    assert_eq!(world.vend_later(0).await, 403);
    let mut row = policy(&world).await;
    let digest = StoredPolicy::digest_of(&digest_of(&world));
    row.insert("policy_text".to_owned(), text(&written(&world)));
    row.insert("digest".to_owned(), text(&digest));
    world.put(&world.control(), row).await;
    world
}

async fn a_policy_is_replaced() {
    let permit = World::permit_of_anything;
    let world = with_policy(permit, permit).await;
    assert_eq!(world.vend_later(0).await, 200);
}

async fn a_policy_permits_everyone() {
    let world = with_policy(|_| EVERYONE.to_owned(), |_| EVERYONE.to_owned()).await;
    assert_eq!(world.vend_later(0).await, 403);
}

async fn a_policy_is_changed_and_its_digest_is_not() {
    let world = World::serving().await;
    let mut row = policy(&world).await;
    row.insert("policy_text".to_owned(), text(&world.permit_of_anything()));
    world.put(&world.control(), row).await;
    assert_eq!(world.vend_later(0).await, 200, "by the policy before it");
    world.run.clock.advance(UNREAD_MAX_AGE);
    let refused = world.vend_later(0).await;
    assert_eq!(refused, 503);
}

/// The status of a request with this key, once what is remembered is old.
async fn vend_by(world: &World, key: &str) -> u16 {
    world.run.clock.advance(READ_AGAIN);
    world
        .run
        .broker
        .vend_by_key(&world.run.tenant(0), key)
        .await
        .status
}

async fn a_caller_key_is_made() {
    let world = World::serving().await;
    let name: CallerName = "mallory".parse().unwrap();
    let key = CallerKey::new(name, random_bytes(&SystemRandom));
    assert_eq!(vend_by(&world, key.expose()).await, 401);
    let time = AttributeValue::N("1".to_owned());
    let row = [
        ("pk", text("CALLERS")),
        ("sk", text("KEY#mallory")),
        (
            "hash",
            AttributeValue::B(key.hash().as_bytes().to_vec().into()),
        ),
        ("created_at", time),
        ("version", text("1")),
    ];
    let row = row.map(|(name, value)| (name.to_owned(), value));
    world.put(&world.control(), row.into()).await;
    assert_eq!(vend_by(&world, key.expose()).await, 200);
}

async fn a_caller_key_is_taken_away() {
    let world = World::serving().await;
    let key = tests::caller_key(world.directory.path(), "collector").await;
    assert_eq!(vend_by(&world, &key).await, 200);
    world
        .delete(&world.control(), ("CALLERS", "KEY#collector"))
        .await;
    assert_eq!(vend_by(&world, &key).await, 401);
}
