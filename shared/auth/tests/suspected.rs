//! What callers are given of a tenant that was refused as if its consent were gone.

use auth::cause::CauseCode;
use auth::tenant::TenantStatus;
use auth::vend::{DEFAULT_MIN_TTL, VendRefusal, Wanted};

use crate::confirm::Answer::Refuses;
use crate::confirm::{CONFIRM, run};
use crate::fakes::{World, resource, tenant};

use CauseCode as C;
use TenantStatus as S;

/// Whatever a caller wants, a vend takes nobody's token for one refusal, nor for a second.
#[tokio::test]
async fn a_vend_that_meets_a_refusal_serves_the_living_token() {
    for code in [
        C::NotConsented,
        C::RolesMissing,
        C::ApplicationDisabled,
        C::TenantNotFound,
    ] {
        let world = World::with_token(300);
        world.issuer.refuse(code);
        for pass in [0, 31, 200] {
            world.clock.advance(pass);
            let vended = world
                .vend
                .vend(tenant(), &resource(), DEFAULT_MIN_TTL)
                .await;
            assert!(vended.is_ok(), "{code} after {pass}: {vended:?}");
        }
        assert_eq!(world.store.tenant().status, S::Active, "{code}");
        assert!(world.store.record().suspected_at.is_some(), "{code}");
        // It ends: the reason is said as it was answered.
        world.clock.advance(100);
        let refused = world
            .vend
            .vend(tenant(), &resource(), DEFAULT_MIN_TTL)
            .await;
        let Err(VendRefusal::NoToken {
            cause,
            is_suspicion,
            ..
        }) = refused
        else {
            panic!("{code}: {refused:?}");
        };
        assert_eq!(cause.code, code);
        // 331 seconds after the first refusal.
        assert!(!is_suspicion, "{code}");
    }
}

/// The caller that names the token as refused gets none; the others keep theirs.
#[tokio::test]
async fn a_rejected_token_stays_the_others_when_entra_gives_no_new_one() {
    let world = World::with_token(1800);
    let token = world.store.record().token.unwrap();
    let wanted = Wanted {
        rejected: Some(token.access_token.fingerprint()),
        ..Wanted::living(DEFAULT_MIN_TTL)
    };
    world.issuer.refuse(C::NotConsented);
    let opened = world
        .vend
        .open(tenant(), &resource(), wanted)
        .await
        .unwrap();
    let refused = opened.token().await;
    assert!(matches!(refused, Err(VendRefusal::NoToken { .. })));
    let vended = world
        .vend
        .vend(tenant(), &resource(), DEFAULT_MIN_TTL)
        .await;
    assert!(vended.is_ok(), "{vended:?}");
}

/// Each of their attempts puts the next one off; the refresher takes the confirmed one up.
#[tokio::test]
async fn callers_who_insist_do_not_keep_a_revocation_from_the_refresher() {
    for code in [C::NotConsented, C::RolesMissing, C::TenantNotFound] {
        let world = World::with_token(3599);
        let token = world.store.record().token.unwrap();
        let insisting = Wanted {
            rejected: Some(token.access_token.fingerprint()),
            ..Wanted::living(DEFAULT_MIN_TTL)
        };
        world.clock.advance(120);
        world.issuer.refuse(code);
        let began = world.now();
        while world.store.tenant().status != S::Revoked {
            let passed = began.seconds_until(world.now());
            assert!(passed <= 2 * 300 + 60, "{code}");
            let opened = world.vend.open(tenant(), &resource(), insisting).await;
            let refused = opened.unwrap().token().await;
            assert!(refused.is_err(), "{code} after {passed}");
            if passed.is_multiple_of(300) {
                run(&world, Refuses(code)).await;
            }
            world.clock.advance(1);
        }
    }
}

/// Without a living token, one refusal is no fault of the customer's yet.
#[tokio::test]
async fn a_refusal_that_is_not_believed_yet_is_called_a_suspicion() {
    let world = World::with_token(300);
    world.clock.advance(301);
    world.issuer.refuse(C::NotConsented);
    let rows = [(0, true), (CONFIRM - 1, true), (2, false)];
    for (pass, expected) in rows {
        world.clock.advance(pass);
        let refused = world
            .vend
            .vend(tenant(), &resource(), DEFAULT_MIN_TTL)
            .await;
        let Err(VendRefusal::NoToken { is_suspicion, .. }) = refused else {
            panic!("after {pass}: {refused:?}");
        };
        assert_eq!(is_suspicion, expected, "after {pass}");
    }
}
