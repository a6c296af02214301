//! A receipt is for the invite that it is first used with.

use auth::cause::CauseCode as C;
use auth::invite::{InviteId, InviteKey};
use auth::ports::{Declined, TenantConnector as _};
use auth::protocol::{ConsentFlow, ConsentMode};
use auth::{Customer, Timestamp};

use super::desk::{Desk, NOW, admin, other};
use crate::fakes::tenant;

/// By which link a bind comes.
#[derive(Debug, Clone, Copy)]
enum By {
    A,
    B,
    /// Of another account.
    OfAnother,
    NoLink,
    UnknownLink,
    LinkThatIsOver,
    LinkOfAnotherTenant,
}

/// What becomes of it.
type Outcome = Result<Came, C>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    Now,
    Before,
}

/// `A` and `B` are of one account, so that nothing but the receipt tells them apart.
async fn link(desk: &Desk, by: By) -> Option<InviteKey> {
    let account = Customer::itself(tenant());
    Some(match by {
        By::NoLink => return None,
        By::UnknownLink => InviteId::new([9; 24]).key(),
        By::A | By::B | By::OfAnother => InviteId::new([by as u8; 24]).key(),
        By::LinkThatIsOver => {
            let over = Timestamp::from_unix(NOW);
            desk.invited_by(7, |invite| invite.expires_at = over).await
        }
        By::LinkOfAnotherTenant => {
            let change = |invite: &mut auth::invite::Invite| {
                (invite.customer, invite.tenant) = (account, Some(other()));
            };
            desk.invited_by(8, change).await
        }
    })
}

async fn desk() -> Desk {
    let desk = Desk::with(ConsentMode::Open, ConsentFlow::V2, admin());
    for by in [By::A, By::B] {
        desk.invited_by(by as u8, |invite| {
            invite.customer = Customer::itself(tenant())
        })
        .await;
    }
    desk.invited_by(By::OfAnother as u8, |_| {}).await;
    desk
}

#[tokio::test]
async fn a_receipt_binds_with_the_first_invite_again_and_again_and_with_no_other() {
    use By::{A, B, LinkOfAnotherTenant, LinkThatIsOver, NoLink, OfAnother, UnknownLink};
    const NOW: Outcome = Ok(Came::Now);
    const BEFORE: Outcome = Ok(Came::Before);
    const USED: Outcome = Err(C::SignInUsed);
    let rows: [&[(By, Outcome)]; 16] = [
        // The page is loaded again, or the first answer was lost.
        &[(A, NOW), (A, BEFORE), (A, BEFORE)],
        &[(A, NOW), (B, USED)],
        &[(B, NOW), (A, USED)],
        &[(A, NOW), (B, USED), (B, USED), (A, BEFORE)],
        &[(A, NOW), (NoLink, USED)],
        &[(NoLink, NOW), (A, USED)],
        &[(NoLink, NOW), (A, USED), (B, USED), (NoLink, NOW)],
        &[(NoLink, NOW), (NoLink, NOW)],
        // The tenant is bound by then, and the second link is refused as a second one all the same.
        &[(A, NOW), (OfAnother, USED)],
        &[(OfAnother, NOW), (A, USED), (OfAnother, BEFORE)],
        &[(OfAnother, NOW), (NoLink, USED)],
        // What is refused before uses nothing up.
        &[(UnknownLink, Err(C::InviteUnknown)), (A, NOW)],
        &[(LinkThatIsOver, Err(C::InviteExpired)), (B, NOW), (A, USED)],
        &[
            (LinkOfAnotherTenant, Err(C::InviteForAnotherTenant)),
            (A, NOW),
        ],
        &[(A, NOW), (UnknownLink, Err(C::InviteUnknown)), (A, BEFORE)],
        &[(A, NOW), (LinkThatIsOver, Err(C::InviteExpired)), (B, USED)],
    ];
    for steps in rows {
        let desk = desk().await;
        let receipt = desk.signed_in(|_| {}).await;
        for (number, (by, expected)) in steps.iter().enumerate() {
            let invite = link(&desk, *by).await;
            let connected = desk.connected();
            let outcome = desk.connector.bind(&receipt, invite.as_ref()).await;
            let outcome = match outcome {
                Ok(granted) => Ok(granted.map_or(Came::Before, |_| Came::Now)),
                Err(Declined::Refused { cause, .. }) => Err(cause.code),
                Err(declined) => panic!("{declined}"),
            };
            assert_eq!(outcome, *expected, "step {number} of {steps:?}");
            let bound = u32::from(outcome == NOW);
            assert_eq!(desk.connected(), connected + bound, "{steps:?}");
        }
    }
}

/// It is used up before Entra ID is asked: a second link cannot wait for what the first one
/// waits for.
#[tokio::test]
async fn a_receipt_stays_with_an_invite_whose_proof_failed() {
    let desk = desk().await;
    let receipt = desk.signed_in(|_| {}).await;
    desk.issuer.refuse(C::TenantNotFound);
    let mut said = Vec::new();
    for by in [By::A, By::B, By::NoLink, By::A] {
        let invite = link(&desk, by).await;
        match desk.connector.bind(&receipt, invite.as_ref()).await {
            Err(Declined::Refused { cause, .. }) => said.push(cause.code),
            outcome => panic!("{outcome:?}"),
        }
    }
    let expected = [
        C::TenantNotFound,
        C::SignInUsed,
        C::SignInUsed,
        C::TenantNotFound,
    ];
    assert_eq!(said, expected);
    assert_eq!((desk.connected(), desk.asked()), (0, 2));
}
