//! Forged binds: whatever consent says, what binds is the row of the sign-in and the table.

use auth::cause::CauseCode;
use auth::invite::{InviteId, InviteKey};
use auth::ports::{Declined, TenantConnector as _};
use auth::protocol::{ConsentFlow, ConsentMode};
use auth::sign_in::{AdminRole, ReceiptId};
use auth::{Cloud, TenantId, TenantStatus, Timestamp};

use super::desk::{Desk, NOW, admin, other};
use crate::fakes::tenant;

use CauseCode as C;

/// What consent could come up with.
#[derive(Debug, Clone, Copy)]
enum Forged {
    NoReceipt,
    ReceiptOver,
    NotAnAdmin,
    NoRoleShown,
    VouchedForNobody,
    PersonalAccount,
    InviteOfAnotherTenant,
    InviteUsedByAnother,
    InviteOver,
    NoSuchInvite,
    NoInvite,
    InviteOfAnotherAuthority,
    AnotherCustomers,
    Suspended,
    LivesElsewhere,
}

/// The receipt and the invite of a forged bind.
async fn forge(desk: &Desk, forged: Forged) -> (ReceiptId, Option<InviteKey>) {
    let receipt = match forged {
        Forged::NoReceipt => ReceiptId::new([1; 24]),
        Forged::ReceiptOver => {
            let over = Timestamp::from_unix(NOW);
            desk.signed_in(|sign_in| sign_in.expires_at = over).await
        }
        Forged::NotAnAdmin | Forged::VouchedForNobody => {
            desk.signed_in(|sign_in| sign_in.role = AdminRole::NotHeld)
                .await
        }
        Forged::NoRoleShown => {
            desk.signed_in(|sign_in| sign_in.role = AdminRole::NotShown)
                .await
        }
        Forged::PersonalAccount => {
            desk.signed_in(|sign_in| sign_in.tenant = TenantId::CONSUMERS)
                .await
        }
        Forged::LivesElsewhere => {
            desk.signed_in(|sign_in| sign_in.home = Some(Cloud::GccHigh))
                .await
        }
        _ => desk.signed_in(|_| {}).await,
    };
    match forged {
        Forged::AnotherCustomers => {
            desk.there(|there| there.customer = "Fabrikam".parse().unwrap())
        }
        Forged::Suspended => desk.there(|there| there.status = TenantStatus::Suspended),
        _ => {}
    }
    let invite = desk.invited(|invite| match forged {
        Forged::VouchedForNobody => invite.vouched = true,
        Forged::InviteOfAnotherTenant => invite.tenant = Some(other()),
        Forged::InviteUsedByAnother => invite.used_by = Some(other()),
        Forged::InviteOver => invite.expires_at = Timestamp::from_unix(NOW),
        Forged::InviteOfAnotherAuthority => invite.cloud = Some(Cloud::China),
        _ => {}
    });
    let invite = match forged {
        Forged::NoInvite => None,
        Forged::NoSuchInvite => Some(InviteId::new([6; 24]).key()),
        _ => invite.await,
    };
    (receipt, invite)
}

fn code(declined: &Declined) -> CauseCode {
    match declined {
        Declined::Refused { cause, .. } => cause.code,
        Declined::OutOfReach(why) => panic!("{why}"),
    }
}

#[tokio::test]
async fn a_forged_bind_binds_nothing_and_asks_nobody() {
    let rows = [
        (Forged::NoReceipt, C::StartAgain),
        (Forged::ReceiptOver, C::AttemptExpired),
        (Forged::NotAnAdmin, C::NotAnAdmin),
        (Forged::NoRoleShown, C::AdminNotProven),
        (Forged::VouchedForNobody, C::NotAnAdmin),
        (Forged::PersonalAccount, C::PersonalAccount),
        (Forged::InviteOfAnotherTenant, C::InviteForAnotherTenant),
        (Forged::InviteUsedByAnother, C::InviteUsed),
        (Forged::InviteOver, C::InviteExpired),
        (Forged::NoSuchInvite, C::InviteUnknown),
        (Forged::NoInvite, C::InviteNeeded),
        (Forged::InviteOfAnotherAuthority, C::WrongCloud),
        (Forged::AnotherCustomers, C::BoundToAnotherCustomer),
        (Forged::Suspended, C::Suspended),
        (Forged::LivesElsewhere, C::InGccHigh),
    ];
    for (forged, expected) in rows {
        let desk = Desk::new();
        let (receipt, invite) = forge(&desk, forged).await;
        let declined = desk.connector.bind(&receipt, invite.as_ref()).await;
        assert_eq!(code(&declined.unwrap_err()), expected, "{forged:?}");
        assert_eq!((desk.connected(), desk.asked()), (0, 0), "{forged:?}");
    }
}

#[tokio::test]
async fn a_tenant_that_has_not_consented_is_not_bound_for_who_cannot_consent() {
    let desk = Desk::new();
    let receipt = desk
        .signed_in(|sign_in| sign_in.role = AdminRole::NotHeld)
        .await;
    let invite = desk.invited(|invite| {
        invite.vouched = true;
        invite.tenant = Some(tenant());
    });
    let invite = invite.await;
    desk.issuer.refuse(C::NotConsented);
    let declined = desk.connector.bind(&receipt, invite.as_ref()).await;
    assert_eq!(code(&declined.unwrap_err()), C::NotConsented);
    assert_eq!((desk.connected(), desk.asked()), (0, 1));
}

#[tokio::test]
async fn without_an_invite_a_tenant_is_bound_to_itself_in_open_mode_alone() {
    for (role, flow, bound) in [
        (AdminRole::Held, ConsentFlow::V2, true),
        (AdminRole::NotHeld, ConsentFlow::V2, false),
        (AdminRole::NotShown, ConsentFlow::V2, false),
        (AdminRole::NotShown, ConsentFlow::V1, true),
        (AdminRole::NotHeld, ConsentFlow::V1, false),
    ] {
        for mode in [ConsentMode::Open, ConsentMode::Invite] {
            let desk = Desk::with(mode, flow, admin());
            let receipt = desk.signed_in(|sign_in| sign_in.role = role).await;
            let outcome = desk.connector.bind(&receipt, None).await;
            let expected = bound && mode == ConsentMode::Open;
            assert_eq!(outcome.is_ok(), expected, "{role:?} {flow:?} {mode:?}");
            assert_eq!(desk.connected(), u32::from(expected));
        }
    }
}

#[tokio::test]
async fn a_bind_that_is_true_binds_once_to_the_account_of_the_invite() {
    let desk = Desk::new();
    let (receipt, invite) = (desk.signed_in(|_| {}).await, desk.invited(|_| {}).await);
    let bound = desk.connector.bind(&receipt, invite.as_ref()).await;
    let granted = bound.unwrap().expect("it was not bound before");
    assert_eq!(granted.cloud, Cloud::Public);
    assert_eq!(granted.roles, ["ActivityFeed.Read"]);
    desk.clock.advance(1);
    let again = desk.connector.bind(&receipt, invite.as_ref()).await;
    assert_eq!(again.unwrap(), None, "nothing was left to do");
    assert_eq!((desk.connected(), desk.asked()), (1, 1));
}

/// A caller that was taken over could repeat a bind: each one costs a signature.
#[tokio::test]
async fn binds_of_one_tenant_are_limited() {
    let desk = Desk::with(ConsentMode::Open, ConsentFlow::V2, admin());
    let receipt = desk.signed_in(|_| {}).await;
    let mut taken = 0;
    while let Ok(Some(_)) = desk.connector.bind(&receipt, None).await {
        taken += 1;
        assert!(taken <= 100, "there is a limit");
    }
    assert_eq!((taken, desk.asked()), (30, 30));
}
