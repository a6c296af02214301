//! The contract of `PolicySource` and `PolicyStore`.

use auth::ports::{PolicyMode, PolicySource as _, PolicyStore as _, StoredPolicy, Write};

use super::world::{NOW, World, at, eight_times, one_done_seven_stale};
use crate::connect::Connection;

fn policy(before: Option<&StoredPolicy>, text: &str) -> StoredPolicy {
    StoredPolicy::following(before, text.to_owned(), PolicyMode::Audit, NOW)
}

/// With its version, its digest and its mode.
pub async fn a_policy_is_read_as_it_was_put(connection: &Connection) {
    let world = World::new(connection).await;
    assert_eq!(world.table.current().await.unwrap(), None);
    let first = policy(None, "// nobody may\n");
    assert_eq!(world.table.put(&first).await.unwrap(), Write::Done);
    assert_eq!(world.table.current().await.unwrap(), Some(first.clone()));
    let second = StoredPolicy {
        put_at: at(60),
        mode: PolicyMode::Enforce,
        ..policy(Some(&first), &"x".repeat(100_000))
    };
    assert_eq!(world.table.put(&second).await.unwrap(), Write::Done);
    assert_eq!(world.table.current().await.unwrap(), Some(second));
}

/// Neither a first one over another, nor one that was made from an older one.
pub async fn a_policy_replaces_the_one_before_it_alone(connection: &Connection) {
    let world = World::new(connection).await;
    let first = policy(None, "first");
    let second = policy(Some(&first), "second");
    assert_eq!(world.table.put(&second).await.unwrap(), Write::Stale);
    assert_eq!(world.table.put(&first).await.unwrap(), Write::Done);
    assert_eq!(world.table.put(&second).await.unwrap(), Write::Done);
    for outdated in [policy(None, "again"), policy(Some(&first), "again")] {
        assert_eq!(world.table.put(&outdated).await.unwrap(), Write::Stale);
    }
    assert_eq!(world.table.current().await.unwrap(), Some(second));
}

/// Two operators at once.
pub async fn of_eight_policies_at_once_one_is_put(connection: &Connection) {
    let world = World::new(connection).await;
    let outcomes = eight_times(|number| {
        let table = world.table.clone();
        async move { table.put(&policy(None, &number.to_string())).await.unwrap() }
    });
    assert_eq!(outcomes.await, one_done_seven_stale());
}
