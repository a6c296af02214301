//! The client against the simulated Microsoft: with a token of its authority, the ordinary way of
//! a tenant's log from the start of its subscriptions to the bytes, and what its faults become.

mod world;

use auth::digest::sha256;
use feed::ContentType;
use feed::ports::{FeedApi as _, Subscribe};
use feed::refusal::Refusal;
use feed::subscription::Status;
use serde_json::{Value, json};
use world::TYPE;

pub(super) use world::World;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_tenants_log_arrives_as_the_simulator_offered_it() {
    let world = World::start().await;
    let (client, who) = (&world.asker.client, world.asker.who());
    assert_eq!(client.subscriptions(who).await.unwrap().listed, []);
    let before = world.page().await.unwrap_err();
    assert_eq!(
        (before.refusal, before.code),
        (Refusal::NotSubscribed, Some(20_022))
    );

    let world = World::busy().await;
    let again = world.start_type(TYPE).await.unwrap_err();
    assert_eq!(
        (again.refusal, again.code),
        (Refusal::AlreadyEnabled, Some(20_024))
    );
    let (client, who) = (&world.asker.client, world.asker.who());
    let mut listed = client.subscriptions(who).await.unwrap().listed;
    listed.sort_by_key(|(one, _)| *one);
    let running = ContentType::ALL.map(|one| (one, Status::Enabled));
    assert_eq!(listed, running);

    let window = world.window();
    // By the simulator's clock, which is not the machine's.
    assert_eq!(world.page().await.unwrap().at, window.end());
    for one in ContentType::ALL {
        let (contents, pages) = world.list(one).await;
        let book = world.book(one).await;
        assert!(
            contents.len() > 20 && pages > 3,
            "{one}: {} {pages}",
            contents.len()
        );
        for content in contents {
            assert!(window.contains(content.created), "{one} {content:?}");
            let bytes = world.fetch(&content).await.unwrap();
            assert_eq!(
                hex(&sha256(&bytes)),
                book[&content.key],
                "{one} {content:?}"
            );
        }
    }
    world.subscribe(TYPE, Subscribe::Stop).await.unwrap();
    let after = world.page().await.unwrap_err();
    assert_eq!(
        after.refusal.step(),
        feed::refusal::Step::Start,
        "{after:?}"
    );
}

#[tokio::test]
async fn faults_of_a_content_are_read_past_or_fail() {
    let world = World::busy().await;
    let content = world.page().await.unwrap().contents.remove(0);
    let whole = world.fetch(&content).await.unwrap();
    use Refusal as R;
    let rows: [(Value, Result<(), R>); 12] = [
        (json!({"kind": "gzip"}), Ok(())),
        (json!({"kind": "slow", "value": 1}), Ok(())),
        // Once more on a fresh connection.
        (json!({"kind": "reset"}), Ok(())),
        (json!({"kind": "reset", "times": 2}), Err(R::Unavailable)),
        (json!({"kind": "truncate"}), Err(R::Unavailable)),
        (json!({"kind": "status", "value": 503}), Err(R::Unavailable)),
        (
            json!({"kind": "status", "value": 401}),
            Err(R::TokenRefused),
        ),
        (
            json!({"kind": "redirect", "value": "https://collector.example/x"}),
            Err(R::Unavailable),
        ),
        (json!({"kind": "throttle"}), Err(R::Throttled)),
        (
            json!({"kind": "af_error", "value": "AF20050"}),
            Err(R::ContentGone),
        ),
        (
            json!({"kind": "af_error", "value": "AF20051"}),
            Err(R::ContentExpired),
        ),
        (
            json!({"kind": "af_error", "value": "AF50000"}),
            Err(R::Unavailable),
        ),
    ];
    for (mut fault, expected) in rows {
        fault["endpoint"] = json!("blob");
        world.fault(fault.clone()).await;
        let found = world.fetch(&content).await;
        let found = found.map(|bytes| assert!(bytes == whole, "{fault}"));
        assert_eq!(
            found.map_err(|failure| failure.refusal),
            expected,
            "{fault}"
        );
        world.end_faults().await;
        assert!(world.fetch(&content).await.unwrap() == whole, "{fault}");
    }
}

#[tokio::test]
async fn faults_of_a_listing_never_look_like_an_empty_one() {
    let world = World::busy().await;
    let count = world.page().await.unwrap().contents.len();
    use Refusal as R;
    let rows: [(Value, Result<(), R>); 12] = [
        (json!({"kind": "gzip"}), Ok(())),
        (json!({"kind": "next_page_url"}), Ok(())),
        (json!({"kind": "object_body"}), Err(R::Unavailable)),
        (json!({"kind": "cut_body"}), Err(R::Unavailable)),
        (json!({"kind": "not_json"}), Err(R::Unavailable)),
        (json!({"kind": "truncate"}), Err(R::Unavailable)),
        (json!({"kind": "throttle"}), Err(R::Throttled)),
        (
            json!({"kind": "af_error", "value": "AF20055"}),
            Err(R::WindowRefused),
        ),
        (
            json!({"kind": "af_error", "value": "AF20031"}),
            Err(R::PageStale),
        ),
        (
            json!({"kind": "af_error", "value": "AF20023"}),
            Err(R::SubscriptionDisabled),
        ),
        (
            json!({"kind": "af_error", "value": "AF10001"}),
            Err(R::RoleMissing),
        ),
        (
            json!({"kind": "subscription_vanished", "value": "Audit.SharePoint"}),
            Err(R::NotSubscribed),
        ),
    ];
    for (mut fault, expected) in rows {
        fault["endpoint"] = json!("content");
        world.fault(fault.clone()).await;
        let found = world.page().await.map(|page| {
            assert_eq!(page.contents.len(), count, "{fault}");
            assert!(page.unverified_next.is_some(), "{fault}");
        });
        assert_eq!(
            found.map_err(|failure| failure.refusal),
            expected,
            "{fault}"
        );
        world.end_faults().await;
    }
}

#[tokio::test]
async fn twisted_addresses_do_not_pass_and_auditing_that_is_off_is_known() {
    let world = World::busy().await;
    let (host, tenant) = (&world.asker.host, world.asker.tenant);
    for twist in [
        "other_host",
        "user_info",
        "other_tenant",
        "parent_path",
        "unicode_host",
    ] {
        world
            .fault(json!({"kind": "content_uri", "value": twist}))
            .await;
        let page = world.page().await.unwrap();
        for content in page.contents {
            assert!(
                host.check(tenant, &content.unverified_uri).is_err(),
                "{twist}"
            );
        }
        if twist == "unicode_host" {
            continue;
        }
        world
            .fault(json!({"kind": "next_page_uri", "value": twist}))
            .await;
        let next = world.page().await.unwrap().unverified_next.unwrap();
        assert!(host.check(tenant, &next).is_err(), "{twist}");
    }
    let world = World::start().await;
    world.fault(json!({"kind": "auditing_off"})).await;
    let off = world.start_type(TYPE).await.unwrap_err();
    assert_eq!((off.refusal, off.code), (Refusal::AuditingOff, None));
}
