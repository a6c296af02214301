//! The webhooks of a tenant's subscriptions: set, put back and removed, and never in the way of
//! what is collected.

use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::ring::AUTH_ID_LIFE_MAX;
use feed::ContentType;
use feed::collect::Halt;
use feed::refusal::Refusal;
use feed::subscription::Status;
use feed::webhook::{KnownWebhook, ListedWebhook, WebhookState, WebhookStatus};

use crate::collecting::{NOW, line, refusal};
use crate::fakes::{ADDRESS, AUTH_ID, BY_QUIET, Start, TYPE, World, place, without_keys};

const HOUR: i64 = 3_600;
const TWO: [ContentType; 2] = [TYPE, ContentType::General];

/// A tenant before its first turn, whose subscriptions are to have a webhook.
fn new() -> World {
    let mut world = bare(NOW - HOUR);
    world.collector.webhook = Some(place(ADDRESS, AUTH_ID));
    world
}

/// The same without a webhook.
fn bare(now: i64) -> World {
    let mut world = World::at(now);
    world.collector.before_start = Duration::from_secs(86_400);
    world
}

/// An hour after its first turn.
async fn hooked() -> World {
    let world = new();
    assert_eq!(world.turn().await.halt, None);
    assert_eq!(known(&world), KnownWebhook::of(WebhookState::Enabled));
    assert_eq!(taken(&world), [(TYPE, true, NOW - HOUR)]);
    world.pass(3_600);
    world
}

fn known(world: &World) -> KnownWebhook {
    let feed = world.ledger.feed.lock().unwrap();
    feed.as_ref().unwrap().types[0].known.webhook
}

fn taken(world: &World) -> Vec<Start> {
    world.api.webhooks.lock().unwrap().taken()
}

/// Changes what the API holds of the webhook.
fn change(world: &World, change: impl FnOnce(&mut ListedWebhook)) {
    let mut webhooks = world.api.webhooks.lock().unwrap();
    change(webhooks.set.get_mut(&TYPE).unwrap());
}

/// Turns every five minutes, for so many seconds.
async fn turns(world: &World, seconds: i64) {
    for _ in 0..seconds / 300 {
        world.pass(300);
        assert_eq!(world.turn().await.halt, None);
    }
}

#[tokio::test]
async fn every_start_carries_the_webhook_where_one_is_configured_and_none_where_none_is() {
    for is_configured in [true, false] {
        let mut world = new();
        world.collector.types = TWO.to_vec();
        if !is_configured {
            world.collector.webhook = None;
        }
        world.turn().await;
        let mut starts = taken(&world);
        starts.sort();
        assert_eq!(starts, TWO.map(|one| (one, is_configured, NOW - HOUR)));
        // One that stops by itself comes back with it.
        world.pass(3_600);
        world.api.subscriptions.lock().unwrap().clear();
        world.api.webhooks.lock().unwrap().set.clear();
        *world.api.refuses.lock().unwrap() = Some(Refusal::NotSubscribed);
        world.turn().await;
        *world.api.refuses.lock().unwrap() = None;
        world.turn().await;
        let mut starts = taken(&world);
        starts.sort();
        assert_eq!(starts, TWO.map(|one| (one, is_configured, NOW)));
    }
}

#[tokio::test]
async fn a_webhook_that_does_not_work_is_put_back_within_half_a_day() {
    type Change = fn(&World);
    let rows: [(Change, WebhookState); 8] = [
        (
            |world| world.api.webhooks.lock().unwrap().set.clear(),
            WebhookState::Missing,
        ),
        (
            |world| change(world, |hook| hook.status = WebhookStatus::Disabled),
            WebhookState::Disabled,
        ),
        (
            |world| change(world, |hook| hook.status = WebhookStatus::of(Some("moved"))),
            WebhookState::Disabled,
        ),
        (
            |world| change(world, |hook| hook.status = WebhookStatus::Expired),
            WebhookState::Expired,
        ),
        (
            |world| {
                change(world, |hook| {
                    hook.expires_at = Some(auth::Timestamp::from_unix(NOW))
                })
            },
            WebhookState::Expired,
        ),
        (
            |world| {
                change(world, |hook| {
                    hook.address = "https://old.example/".to_owned()
                })
            },
            WebhookState::OtherAddress,
        ),
        (
            |world| change(world, |hook| hook.auth_id = Some("k0".into())),
            WebhookState::OtherAuthId,
        ),
        (
            |world| change(world, |hook| hook.auth_id = None),
            WebhookState::OtherAuthId,
        ),
    ];
    for (change, state) in rows {
        let world = hooked().await;
        change(&world);
        turns(&world, 24 * HOUR).await;
        let starts = taken(&world);
        assert_eq!(starts.len(), 1, "{state:?} {starts:?}");
        let took = starts[0].2 - NOW;
        assert!(starts[0].1 && took <= 12 * HOUR + 300, "{state:?}");
        // A second look comes before a key is retired, at the slowest pace, too.
        let slow = i64::try_from(BY_QUIET.lag_max.as_secs()).unwrap();
        let kept = i64::try_from(AUTH_ID_LIFE_MAX.as_secs()).unwrap();
        assert!(took + slow + HOUR <= kept);
        assert_eq!(known(&world), KnownWebhook::of(WebhookState::Enabled));
        assert_eq!(refusal(&world), None);
    }
}

#[tokio::test]
async fn a_day_of_webhooks_that_work_is_two_lists_and_no_start_and_no_more_writes() {
    // With a webhook, without, and with one that nothing is known of any more.
    let mut counts = Vec::new();
    for is_configured in [true, false] {
        let mut world = hooked().await;
        if !is_configured {
            world.collector.webhook = None;
            turns(&world, 2 * HOUR).await;
            taken(&world);
        }
        let lists = world.api.lists.load(Ordering::SeqCst);
        let writes = *world.ledger.writes.lock().unwrap();
        turns(&world, 24 * HOUR).await;
        assert_eq!(taken(&world), []);
        let lists = world.api.lists.load(Ordering::SeqCst) - lists;
        counts.push((lists, *world.ledger.writes.lock().unwrap() - writes));
    }
    let [(with, writes), (without, same)] = counts[..] else {
        unreachable!("two")
    };
    assert_eq!((with, without), (2, 0));
    assert_eq!(writes, same);
}

#[tokio::test]
async fn a_type_whose_webhook_is_not_validated_runs_without_it_and_gets_it_within_the_hour() {
    let world = new();
    world.api.webhooks.lock().unwrap().refuses = Some(Refusal::WebhookRefused);
    world.api.offer("a", NOW - HOUR + 60);
    world.turn().await;
    let starts = [(TYPE, true, NOW - HOUR), (TYPE, false, NOW - HOUR)];
    assert_eq!(taken(&world), starts);
    let at = auth::Timestamp::from_unix(NOW - HOUR);
    let tried = KnownWebhook::tried(WebhookState::NotValidated, at);
    assert_eq!((known(&world), refusal(&world)), (tried, None));
    // Content comes; the next try is an hour later.
    turns(&world, HOUR - 300).await;
    assert_eq!(taken(&world), []);
    assert_eq!(world.objects.lines(""), [line("a")]);
    turns(&world, 3 * HOUR).await;
    let starts = taken(&world);
    let expected: Vec<_> = (0..3).map(|hour| (TYPE, true, NOW + hour * HOUR)).collect();
    assert_eq!(starts, expected);
    assert_eq!(refusal(&world), None);
    world.api.webhooks.lock().unwrap().refuses = None;
    turns(&world, HOUR).await;
    assert_eq!(taken(&world), [(TYPE, true, NOW + 3 * HOUR)]);
    assert_eq!(known(&world), KnownWebhook::of(WebhookState::Enabled));
    turns(&world, 6 * HOUR).await;
    assert_eq!(taken(&world), []);
}

/// Where the API counts a start that it refuses: the one without a webhook is answered and not
/// done, so that the listing says that there is no subscription.
#[tokio::test]
async fn a_start_without_the_webhook_that_does_not_help_is_repeated_after_15_minutes() {
    let world = new();
    world.api.webhooks.lock().unwrap().refuses = Some(Refusal::WebhookRefused);
    world.turn().await;
    world.api.subscriptions.lock().unwrap().clear();
    *world.api.refuses.lock().unwrap() = Some(Refusal::SubscriptionDisabled);
    world.pass(600);
    world.turn().await;
    assert_eq!(refusal(&world), Some(Refusal::SubscriptionDisabled));
    *world.api.refuses.lock().unwrap() = None;
    taken(&world);
    turns(&world, 900).await;
    assert_eq!(taken(&world), [(TYPE, false, NOW - HOUR + 900)]);
    assert_eq!(refusal(&world), None);
    assert_eq!(
        *world.api.subscriptions.lock().unwrap(),
        [(TYPE, Status::Enabled)]
    );
}

#[tokio::test]
async fn a_webhook_that_is_newly_configured_is_set_at_once_and_one_that_is_taken_away_removed_once()
{
    let mut world = bare(NOW - HOUR);
    world.turn().await;
    assert_eq!(taken(&world), [(TYPE, false, NOW - HOUR)]);
    world.pass(3_600);
    for (address, key) in [(ADDRESS, AUTH_ID), ("https://new.example/", "k2")] {
        world.collector.webhook = Some(place(address, key));
        turns(&world, 13 * HOUR).await;
        let starts = taken(&world);
        assert!(starts.len() == 1 && starts[0].1, "{starts:?}");
        let set = world.api.webhooks.lock().unwrap().set[&TYPE].clone();
        assert_eq!(set.address, address);
    }
    world.collector.webhook = None;
    world.pass(300);
    let now = world.now();
    world.turn().await;
    assert_eq!(taken(&world), [(TYPE, false, now)]);
    assert!(world.api.webhooks.lock().unwrap().set.is_empty());
    assert_eq!(known(&world), KnownWebhook::default());
    turns(&world, 24 * HOUR).await;
    assert_eq!(taken(&world), []);
}

/// A webhook that is there stays, one that is not is set once they can be read, and content comes.
#[tokio::test]
async fn without_keys_a_start_carries_no_webhook_and_none_is_sent_for_its_sake() {
    let mut world = bare(NOW - HOUR);
    world.collector.webhook = Some(without_keys());
    world.api.offer("a", NOW - HOUR + 60);
    world.turn().await;
    assert_eq!(taken(&world), [(TYPE, false, NOW - HOUR)]);
    assert_eq!(known(&world).state, WebhookState::NoKeys);
    let lists = world.api.lists.load(Ordering::SeqCst);
    turns(&world, 24 * HOUR).await;
    assert_eq!(taken(&world), []);
    assert_eq!(world.api.lists.load(Ordering::SeqCst), lists);
    assert_eq!(world.objects.lines(""), [line("a")]);
    world.collector.webhook = Some(place(ADDRESS, AUTH_ID));
    turns(&world, HOUR).await;
    assert_eq!(taken(&world).len(), 1);
    assert_eq!(known(&world), KnownWebhook::of(WebhookState::Enabled));
    world.collector.webhook = Some(without_keys());
    turns(&world, 24 * HOUR).await;
    assert_eq!(taken(&world), []);
    assert_eq!(known(&world), KnownWebhook::of(WebhookState::Enabled));
}

/// Of another deployment of the same application, say.
#[tokio::test]
async fn where_none_was_ever_configured_a_webhook_is_left_alone() {
    let world = hooked().await;
    let set = world.api.webhooks.lock().unwrap().set.clone();
    let other = bare(NOW);
    other.turn().await;
    other.api.webhooks.lock().unwrap().set = set;
    taken(&other);
    turns(&other, 24 * HOUR).await;
    assert_eq!(taken(&other), []);
    assert_eq!(other.api.webhooks.lock().unwrap().set.len(), 1);
}

/// Whatever a start or the list for the webhook's sake is answered, the type goes on, and no
/// start is closer to another than 15 minutes, nor one with a webhook than an hour to one that
/// did not help.
#[tokio::test]
async fn what_is_answered_for_the_webhooks_sake_holds_up_no_content() {
    use Refusal as R;
    for refused in [
        R::WebhookRefused,
        R::Unavailable,
        R::RequestRefused,
        R::AuditingOff,
        R::RoleMissing,
        R::NotSubscribed,
        R::SubscriptionDisabled,
        R::TenantGone,
        R::TenantMisconfigured,
        R::TokenRefused,
    ] {
        let world = hooked().await;
        world.api.webhooks.lock().unwrap().set.clear();
        world.api.webhooks.lock().unwrap().refuses = Some(refused);
        for day in 0..2 {
            world.api.offer(&format!("{day}"), world.now() - 400);
            turns(&world, 24 * HOUR).await;
            assert_eq!(refusal(&world), None, "{refused:?}");
        }
        assert_eq!(world.objects.lines("").len(), 2, "{refused:?}");
        let mut starts = taken(&world);
        // With another token the same is asked again at once.
        starts.dedup();
        assert!(starts.len() > 30, "{refused:?} {}", starts.len());
        let apart = |pair: &[Start]| pair[1].2 - pair[0].2 >= HOUR && pair[1].1;
        assert!(starts.windows(2).all(apart), "{refused:?} {starts:?}");
    }
}

/// One that a start takes and does not keep is looked for again, and costs a start an hour.
#[tokio::test]
async fn a_webhook_that_a_start_does_not_set_is_tried_every_hour() {
    let world = hooked().await;
    world.api.webhooks.lock().unwrap().forgets = true;
    world.api.webhooks.lock().unwrap().set.clear();
    turns(&world, 24 * HOUR).await;
    let starts = taken(&world);
    assert!((12..=24).contains(&starts.len()), "{}", starts.len());
    assert_eq!(known(&world).state, WebhookState::Missing);
}

#[tokio::test]
async fn throttling_of_a_start_for_the_webhooks_sake_ends_the_tenants_turn() {
    let world = hooked().await;
    world.api.webhooks.lock().unwrap().set.clear();
    world.api.webhooks.lock().unwrap().refuses = Some(Refusal::Throttled);
    let mut halts = Vec::new();
    for _ in 0..12 * 24 {
        world.pass(300);
        halts.extend(world.turn().await.halt);
    }
    assert!(!halts.is_empty() && halts.iter().all(|halt| *halt == Halt::Throttled));
    assert_eq!(refusal(&world), None);
}

#[tokio::test]
async fn a_tenant_that_leaves_has_no_webhook_seen_to() {
    let world = hooked().await;
    world.api.webhooks.lock().unwrap().set.clear();
    world.turn_as(None, true).await;
    assert_eq!(taken(&world), []);
    assert!(world.api.subscriptions.lock().unwrap().is_empty());
}
