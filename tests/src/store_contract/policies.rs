//! The contract of `PolicySource` and `PolicyStore`.

use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::ports::{PolicySource as _, PolicyStore as _, StoreError, StoredPolicies, Write};
use aws::Connection;
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{NOW, World, at, eight_times, one_done_seven_stale};

fn policy(before: Option<&StoredPolicy>, text: &str) -> StoredPolicy {
    StoredPolicy::following(before, text.to_owned(), NOW)
}

fn candidate(text: &str) -> CandidatePolicy {
    CandidatePolicy::new(text.to_owned(), NOW)
}

async fn current(world: &World) -> StoredPolicies {
    world.control.current().await.unwrap()
}

async fn in_force(world: &World) -> Option<StoredPolicy> {
    current(world).await.in_force
}

async fn tried(world: &World) -> Option<CandidatePolicy> {
    current(world).await.candidate.unwrap()
}

/// An item as somebody else wrote it: other versions of this program, other hands.
async fn write_raw(world: &World, sort: &str, attributes: &[(&str, AttributeValue)]) {
    let key = [("pk", "POLICY"), ("sk", sort)];
    let key = key.map(|(name, value)| (name, AttributeValue::S(value.to_owned())));
    let attributes = key.into_iter().chain(attributes.iter().cloned());
    let item = attributes.map(|(name, value)| (name.to_owned(), value));
    world.put_control(item.collect()).await;
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// With its version and its digest.
pub async fn a_policy_is_read_as_it_was_put(connection: &Connection) {
    let world = World::new(connection).await;
    assert_eq!(in_force(&world).await, None);
    let first = policy(None, "// nobody may\n");
    assert_eq!(world.control.put(&first).await.unwrap(), Write::Done);
    assert_eq!(in_force(&world).await, Some(first.clone()));
    let second = StoredPolicy {
        put_at: at(60),
        ..policy(Some(&first), &"x".repeat(100_000))
    };
    assert_eq!(world.control.put(&second).await.unwrap(), Write::Done);
    assert_eq!(in_force(&world).await, Some(second));
}

/// Neither a first one over another, nor one that was made from an older one.
pub async fn a_policy_replaces_the_one_before_it_alone(connection: &Connection) {
    let world = World::new(connection).await;
    let first = policy(None, "first");
    let second = policy(Some(&first), "second");
    assert_eq!(world.control.put(&second).await.unwrap(), Write::Stale);
    assert_eq!(world.control.put(&first).await.unwrap(), Write::Done);
    assert_eq!(world.control.put(&second).await.unwrap(), Write::Done);
    for outdated in [policy(None, "again"), policy(Some(&first), "again")] {
        assert_eq!(world.control.put(&outdated).await.unwrap(), Write::Stale);
    }
    assert_eq!(in_force(&world).await, Some(second));
}

/// Each once, in the order of versions; what older versions of this program put, too.
pub async fn a_text_that_is_replaced_is_kept(connection: &Connection) {
    let world = World::new(connection).await;
    assert_eq!(world.control.replaced().await.unwrap(), []);
    let mut put: Vec<StoredPolicy> = Vec::new();
    for number in 1..=12 {
        let next = policy(put.last(), &format!("text {number}"));
        assert_eq!(world.control.put(&next).await.unwrap(), Write::Done);
        // A put that is refused keeps nothing.
        assert_eq!(world.control.put(&next).await.unwrap(), Write::Stale);
        put.push(next);
    }
    let in_force_now = put.pop();
    assert_eq!(in_force(&world).await, in_force_now);
    put.reverse();
    assert_eq!(world.control.replaced().await.unwrap(), put);
}

/// Two operators at once.
pub async fn of_eight_policies_at_once_one_is_put(connection: &Connection) {
    let world = World::new(connection).await;
    let outcomes = eight_times(|number| {
        let table = world.control.clone();
        async move { table.put(&policy(None, &number.to_string())).await.unwrap() }
    });
    assert_eq!(outcomes.await, one_done_seven_stale());
}

/// Each comes and goes without the other.
pub async fn a_candidate_is_kept_beside_the_policy_in_force(connection: &Connection) {
    let world = World::new(connection).await;
    assert_eq!(tried(&world).await, None);
    let first = candidate(&"x".repeat(100_000));
    world.control.put_candidate(&first).await.unwrap();
    assert_eq!(tried(&world).await, Some(first));
    assert_eq!(in_force(&world).await, None);
    let stored = policy(None, "in force");
    assert_eq!(world.control.put(&stored).await.unwrap(), Write::Done);
    let second = candidate("second");
    world.control.put_candidate(&second).await.unwrap();
    assert_eq!(tried(&world).await, Some(second));
    assert_eq!(in_force(&world).await, Some(stored));
}

/// Not the one that another operator has put meanwhile.
pub async fn a_candidate_is_dropped_by_its_digest_or_whatever_it_is(connection: &Connection) {
    let world = World::new(connection).await;
    let stored = policy(None, "in force");
    assert_eq!(world.control.put(&stored).await.unwrap(), Write::Done);
    let (one, other) = (candidate("one"), candidate("other"));
    let drop = async |digest: Option<&str>| world.control.drop_candidate(digest).await.unwrap();
    for digest in [None, Some(one.digest.as_str())] {
        assert_eq!(drop(digest).await, Write::Stale, "there is none");
    }
    for digest in [None, Some(one.digest.as_str())] {
        world.control.put_candidate(&one).await.unwrap();
        assert_eq!(drop(Some(&other.digest)).await, Write::Stale);
        assert_eq!(tried(&world).await, Some(one.clone()));
        assert_eq!(drop(digest).await, Write::Done);
        assert_eq!(tried(&world).await, None);
    }
    assert_eq!(in_force(&world).await, Some(stored));
}

/// Versions before decision 0029 wrote `mode = "audit"` for a text that was watched only.
pub async fn a_policy_of_an_older_version_is_in_force_whatever_its_mode(connection: &Connection) {
    let world = World::new(connection).await;
    let expected = policy(None, "watched");
    for mode in ["audit", "enforce"] {
        let attributes = [
            ("policy_text", text(&expected.text)),
            ("version", text("1")),
            ("digest", text(&expected.digest)),
            ("mode", text(mode)),
            ("put_at", AttributeValue::N(NOW.unix().to_string())),
        ];
        write_raw(&world, "POLICY", &attributes).await;
        assert_eq!(in_force(&world).await, Some(expected.clone()), "{mode}");
    }
    let next = policy(Some(&expected), "next");
    assert_eq!(world.control.put(&next).await.unwrap(), Write::Done);
}

/// The policy in force is read all the same.
pub async fn a_damaged_candidate_fails_alone_and_can_be_dropped(connection: &Connection) {
    let world = World::new(connection).await;
    let stored = policy(None, "in force");
    assert_eq!(world.control.put(&stored).await.unwrap(), Write::Done);
    write_raw(&world, "CANDIDATE", &[("policy_text", text("no digest"))]).await;
    let found = current(&world).await;
    assert_eq!(found.in_force, Some(stored));
    assert!(matches!(found.candidate, Err(StoreError::Damaged(_))));
    let dropped = world.control.drop_candidate(None).await.unwrap();
    assert_eq!((dropped, tried(&world).await), (Write::Done, None));
}
