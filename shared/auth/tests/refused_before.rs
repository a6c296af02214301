//! An API that takes no token from before a time (`claims` with `nbf`): its callers get a
//! token that was asked for after it, with one request a minute at most, and tokens that
//! Entra ID back-dates end in no loop.

use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::Timestamp;
use auth::cause::CauseCode;
use auth::vend::{Taken, VendRefusal, Vended, Wanted};

use crate::fakes::{World, resource, tenant};

/// By which Entra ID back-dates tokens.
const BACK_DATED: Duration = Duration::from_secs(300);

fn refused_before(time: Timestamp) -> Wanted {
    Wanted {
        not_before: Some(time),
        ..Wanted::living(Duration::ZERO)
    }
}

async fn ask(world: &World, wanted: Wanted) -> Result<Vended, VendRefusal> {
    let resource = resource();
    let opened = world.vend.open(tenant(), &resource, wanted).await.unwrap();
    match opened.token().await? {
        Taken::Vended(vended) => Ok(vended),
        Taken::Changed(_) => panic!("nothing about the tenant changed"),
    }
}

fn asked(world: &World) -> u32 {
    world.issuer.asked.load(Ordering::SeqCst)
}

#[tokio::test]
async fn callers_of_an_api_that_refuses_earlier_tokens_share_one_request_a_minute() {
    let world = World::with_token(3599);
    world.clock.advance(600);
    let revoked_at = world.now();
    // Seconds since the row before, and how often Entra ID was asked by then. The token of
    // 310 s is the first whose own `nbf` is not before the revocation.
    let rows = [
        (10, 1),
        (1, 1),
        (58, 1),
        (1, 2),
        (59, 2),
        (1, 3),
        (180, 4),
        (59, 4),
        (1, 4),
        (1_000, 4),
    ];
    for (seconds, expected) in rows {
        world.clock.advance(seconds);
        world.issuer.give_from(world.now() - BACK_DATED);
        for _ in 0..10 {
            let vended = ask(&world, refused_before(revoked_at)).await;
            assert!(vended.unwrap().expires_at > revoked_at + Duration::from_secs(3599));
            let any = ask(&world, Wanted::living(Duration::ZERO)).await;
            assert!(any.is_ok());
        }
        assert_eq!(asked(&world), expected, "after {seconds} s more");
    }
}

#[tokio::test]
async fn the_token_from_before_that_time_is_never_handed_out_for_it() {
    let world = World::with_token(100);
    world.clock.advance(200);
    world.issuer.give_from(world.now() - BACK_DATED);
    let any = Wanted::living(Duration::ZERO);
    ask(&world, any).await.unwrap();
    world.clock.advance(20);
    let wanted = refused_before(world.now());
    // As for `rejected`: a token that is a moment old is not asked for a second time.
    world.clock.advance(39);
    let refused = ask(&world, wanted).await.unwrap_err();
    let VendRefusal::NoToken { cause, .. } = refused else {
        panic!("{refused}");
    };
    assert_eq!((cause.code, asked(&world)), (CauseCode::TokenRejected, 1));
    world.clock.advance(1);
    world.issuer.refuse(CauseCode::Throttled);
    let refused = ask(&world, wanted).await.unwrap_err();
    assert!(matches!(refused, VendRefusal::NoToken { .. }), "{refused}");
    assert_eq!(asked(&world), 2);
    assert!(
        ask(&world, any).await.is_ok(),
        "those who were not refused it"
    );
}

#[tokio::test]
async fn a_token_from_after_that_time_needs_no_request() {
    let before = |seconds| move |now: Timestamp| now - Duration::from_secs(seconds);
    let after = |seconds| move |now: Timestamp| now + Duration::from_secs(seconds);
    type Time = Box<dyn Fn(Timestamp) -> Timestamp>;
    // The token is asked for at `now` and says that it is from 300 s before.
    let rows: [(&str, Time, bool); 6] = [
        ("an hour before", Box::new(before(3600)), true),
        ("its own nbf", Box::new(before(300)), true),
        (
            "after its nbf, before it was asked for",
            Box::new(before(299)),
            true,
        ),
        ("when it was asked for", Box::new(before(0)), true),
        (
            "by a clock that is a little ahead",
            Box::new(after(5)),
            true,
        ),
        ("after it was asked for", Box::new(after(6)), false),
    ];
    for (row, time, served) in rows {
        let world = World::with_token(100);
        world.clock.advance(200);
        world.issuer.give_from(world.now() - BACK_DATED);
        let first = ask(&world, Wanted::living(Duration::ZERO)).await.unwrap();
        let again = ask(&world, refused_before(time(world.now()))).await;
        let digest = again.ok().map(|vended| vended.names.digest);
        assert_eq!(digest, served.then_some(first.names.digest), "{row}");
        assert_eq!(asked(&world), 1, "{row}");
    }
}

#[tokio::test]
async fn while_entra_id_gives_none_the_token_from_after_that_time_is_served() {
    let world = World::with_token(3599);
    world.clock.advance(600);
    let wanted = refused_before(world.now());
    world.clock.advance(10);
    world.issuer.give_from(world.now() - BACK_DATED);
    let first = ask(&world, wanted).await.unwrap();
    world.issuer.refuse(CauseCode::Unavailable);
    for seconds in [61, 1, 120] {
        world.clock.advance(seconds);
        let vended = ask(&world, wanted).await.unwrap();
        assert_eq!(vended.names.digest, first.names.digest);
    }
}
