//! `tenants tag`: labels that stay with a tenant, in lists and beside its tokens.

use std::time::Duration;

use operator::Exit;
use serde_json::json;

use crate::world::{OTHER, TENANT, World};

#[tokio::test]
async fn tags_are_set_changed_and_taken_away_and_the_tokens_stay() {
    let world = World::connected().await;
    let token = world.hold_token(TENANT, Duration::from_secs(3600)).await;
    let set = ["tenants", "tag", TENANT, "team=red", "tier=gold, 1"];
    let outcome = world.run(&set).await;
    assert_eq!((outcome.exit, outcome.err.as_str()), (Exit::Done, ""));
    for part in ["team=red, tier=gold, 1", "VEND_STATE_MAX_AGE_SECONDS"] {
        assert!(outcome.out.contains(part), "{outcome:?}");
    }
    assert!(world.run(&set).await.out.contains("nothing to do"));

    let change = ["tenants", "tag", TENANT, "team=blue", "--remove", "tier"];
    let json = world.run(&[&change[..], &["--json"]].concat()).await.json();
    assert_eq!(json["tags"], json!({"team": "blue"}));
    assert_eq!(json["changed"], true);
    let listed = world.run(&["tenants", "list", "--json"]).await.json();
    assert_eq!(listed[0]["tags"], json!({"team": "blue"}));
    let shown = world.run(&["tenants", "show", TENANT]).await;
    assert!(shown.out.contains("team=blue"), "{shown:?}");
    let vended = world.run(&["token", TENANT, "--raw"]).await;
    assert_eq!(vended.out.trim_end(), token);
}

#[tokio::test]
async fn what_cannot_be_tagged_says_why() {
    let world = World::connected().await;
    let many: Vec<String> = (0..21).map(|number| format!("k{number}=v")).collect();
    let mut too_many = vec![TENANT];
    too_many.extend(many.iter().map(String::as_str));
    let rows: [(&[&str], Exit, &str); 4] = [
        (&too_many, Exit::Failed, "at most 20 tags: take some away"),
        (&[OTHER, "a=1"], Exit::Failed, "is not connected"),
        (&[TENANT, "a=1", "a=2"], Exit::Usage, "named twice"),
        (
            &[TENANT, "a=1", "--remove", "a"],
            Exit::Usage,
            "named twice",
        ),
    ];
    for (line, exit, part) in rows {
        let outcome = world.run(&[&["tenants", "tag"], line].concat()).await;
        assert_eq!((outcome.exit, outcome.out.as_str()), (exit, ""));
        assert!(outcome.err.contains(part), "{line:?}: {}", outcome.err);
    }
    assert!(world.find(TENANT).await.tags.is_empty());
}

#[test]
fn a_line_without_a_change_or_with_no_tag_in_it_is_refused() {
    use clap::Parser as _;
    for line in [&["tag", TENANT][..], &["tag", TENANT, "Team=red"]] {
        let line = [&["operator", "tenants"], line].concat();
        let refused = operator::Arguments::try_parse_from(line).unwrap_err();
        assert_eq!(refused.exit_code(), 2, "{refused}");
    }
}
