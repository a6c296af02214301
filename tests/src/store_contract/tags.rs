//! Tags: beside the tenant and beside each of its tokens, or nowhere.

use auth::ports::{Tenants as _, Write};
use auth::tenant::TagChange;
use aws::Connection;

use super::world::{World, graph, management, text_of};

/// The tokens stay. A tenant without tags has no such attribute, as rows had none that were
/// written before there were tags.
pub async fn tags_reach_every_record_and_go_again(connection: &Connection) {
    let world = World::new(connection).await;
    let untagged = world.connected(&[management(), graph()]).await;
    world.holding(untagged.id, &graph(), "kept").await;
    let tag = |set: &[&str], remove: &[&str]| {
        let set = set.iter().map(|text| text.parse().unwrap()).collect();
        let remove = remove.iter().map(|text| text.parse().unwrap()).collect();
        TagChange::new(set, remove).unwrap()
    };
    let rows = [
        (tag(&["team=red", "tier=1"], &[]), 2),
        (tag(&["team=blue"], &["tier"]), 1),
        (tag(&[], &["team"]), 0),
    ];
    for (change, count) in rows {
        let before = world.find(untagged.id).await;
        let after = before.tagged(&change).unwrap().unwrap();
        let write = world.table.change(&before, &after).await;
        assert_eq!(write.unwrap(), Write::Done);
        assert_eq!(world.find(untagged.id).await.tags, after.tags);
        for resource in [management(), graph()] {
            let record = world.read(untagged.id, &resource).await;
            assert_eq!((record.tags.len(), &record.tags), (count, &after.tags));
        }
    }
    assert_eq!(
        text_of(&world.read(untagged.id, &graph()).await),
        Some("kept")
    );
    assert!(
        world
            .scan()
            .await
            .iter()
            .all(|item| !item.contains_key("tags"))
    );
}
