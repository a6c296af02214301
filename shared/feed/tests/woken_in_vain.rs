//! Messages that ask for nothing that is due, or for what cannot be done now.

use auth::TenantStatus;
use feed::due::{Due, Hold};
use feed::refusal::Refusal;
use feed::run::Message;
use feed::wake::Wake;
use feed::{ContentType, Window};

use crate::collecting::{NOW, line};
use crate::fakes::TYPE;
use crate::fakes::fleet::{FleetWorld, Gives, OTHER, numbered};
use crate::woken::settled;

#[tokio::test]
async fn what_asks_for_nothing_that_is_due_makes_no_request() {
    let window = |start, end| Window::new(time(start), time(end)).unwrap();
    let time_of = |world: &FleetWorld, ago: i64| world.now() - ago;
    type Prepares = fn(&FleetWorld);
    let nothing: Prepares = |_| {};
    let of_types = |number, types: &[ContentType]| Wake::Notified {
        tenant: numbered(number),
        types: types.iter().copied().collect(),
    };
    let of_window = |content_type, window| Wake::Window {
        tenant: numbered(1),
        content_type,
        window,
    };
    let rows: Vec<(&str, Prepares, Wake)> = vec![
        ("a tenant that no one knows", nothing, of_types(77, &[TYPE])),
        (
            "a type that is not collected",
            nothing,
            of_types(1, &[ContentType::Dlp]),
        ),
        (
            "a tenant that is removed",
            |world| world.stands(1, TenantStatus::Removed),
            of_types(1, &[TYPE]),
        ),
        (
            "a tenant that is suspended",
            |world| world.stands(1, TenantStatus::Suspended),
            of_types(1, &[TYPE]),
        ),
        (
            "a tenant whose consent was taken back",
            |world| world.stands(1, TenantStatus::Revoked),
            of_types(1, &[TYPE]),
        ),
        (
            "a tenant that has no row yet",
            |world| world.connect(5),
            of_types(5, &[TYPE]),
        ),
        (
            "a tenant whose row cannot be read",
            |world| {
                world.table.unknown.lock().unwrap().insert(numbered(1));
            },
            of_types(1, &[TYPE]),
        ),
        (
            "a tenant whose feed cannot be read",
            |world| {
                world.table.damaged.lock().unwrap().insert(numbered(1));
            },
            of_types(1, &[TYPE]),
        ),
        (
            "a window that is not out",
            nothing,
            of_window(TYPE, window(NOW, NOW + 60)),
        ),
        (
            "a window of long ago",
            nothing,
            of_window(TYPE, window(0, 60)),
        ),
        (
            "a window that is yet to come",
            nothing,
            of_window(OTHER, window(NOW * 2, NOW * 2 + 60)),
        ),
        (
            "a window of a type that is not collected",
            nothing,
            of_window(ContentType::Dlp, window(NOW, NOW + 60)),
        ),
    ];
    for (what, prepares, wake) in rows {
        let world = settled(3).await;
        prepares(&world);
        let sent = time(time_of(&world, 0));
        world.pass(1);
        let worked = world.work(&[Message { sent, wake }]).await;
        assert_eq!((worked.dropped, worked.requests), (1, 0), "{what}");
        assert!(worked.failed.is_empty(), "{what}");
        assert_eq!(world.tokens.counted(), 0, "{what}");
        let counts = world.table.counted();
        assert_eq!((counts.writes, counts.claims), (0, 0), "{what}");
    }
    for (what, hold) in [("paused", Hold::Paused), ("left", Hold::Left)] {
        let world = settled(3).await;
        let operate = world.operate();
        match hold {
            Hold::Paused => operate.pause(numbered(1)).await.unwrap(),
            _ => operate.leave(numbered(1)).await.unwrap(),
        };
        for runs in 0..2 {
            world.runs(runs, 300).await;
            world.listings();
            world.work(&[world.notified(1)]).await;
            assert_eq!(world.listings(), 0, "{what}");
        }
        assert_eq!(world.due(1), Due::Held(hold));
    }
}

fn time(unix: i64) -> auth::Timestamp {
    auth::Timestamp::from_unix(unix)
}

#[tokio::test]
async fn what_cannot_be_done_now_comes_again_and_what_a_turn_decides_does_not() {
    type Breaks = fn(&FleetWorld);
    // What is wrong, and whether the message comes again.
    let rows: [(&str, Breaks, bool); 9] = [
        ("no table", |world| world.fuse.set(1), true),
        (
            "no token now",
            |world| world.tokens.gives(1, Gives::Later),
            true,
        ),
        (
            "the tenant is held",
            |world| world.tokens.gives(1, Gives::Held),
            false,
        ),
        (
            "the API is down",
            |world| world.api.refuse(1, Some(Refusal::Unavailable)),
            true,
        ),
        (
            "throttled",
            |world| world.api.refuse(1, Some(Refusal::Throttled)),
            true,
        ),
        (
            "auditing is off",
            |world| world.api.refuse(1, Some(Refusal::AuditingOff)),
            false,
        ),
        (
            "a role is missing",
            |world| world.api.refuse(1, Some(Refusal::RoleMissing)),
            false,
        ),
        (
            "no subscription",
            |world| world.api.refuse(1, Some(Refusal::NotSubscribed)),
            false,
        ),
        (
            "a wrong request",
            |world| world.api.refuse(1, Some(Refusal::RequestRefused)),
            false,
        ),
    ];
    for (what, breaks, comes_again) in rows {
        let world = settled(2).await;
        let before = format!("{:?}", world.row(1));
        world.api.offer(1, "new", world.now() - 5);
        world.pass(1);
        let message = world.notified(1);
        breaks(&world);
        let worked = world.work(std::slice::from_ref(&message)).await;
        assert_eq!(worked.failed, vec![0; usize::from(comes_again)], "{what}");
        world.fuse.set(0);
        assert_eq!(
            format!("{:?}", world.row(1)),
            before,
            "{what}: nothing is said"
        );
        world.api.refuse(1, None);
        world.tokens.gives(1, Gives::Token);
        world.work(&[message]).await;
        assert_eq!(world.stored(1), [line("new")], "{what}");
    }
    let world = settled(2).await;
    let worked = world
        .fleet
        .work(&[world.notified(1)], std::time::Duration::from_secs(20))
        .await;
    assert_eq!((worked.failed, worked.requests), (vec![0], 0), "no time");
}
