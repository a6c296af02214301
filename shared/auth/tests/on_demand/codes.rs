//! Codes: what a sign-in shows is read from its token, kept, and answered with a receipt.

use auth::cause::CauseCode;
use auth::ports::{
    Declined, OutOfReach, Receipted, Redemption, SignIns as _, SignedIn, TenantConnector as _,
};
use auth::protocol::{ConsentFlow, ConsentMode};
use auth::sign_in::{AdminRole, RECEIPT_LIFE, SignIn};
use auth::{Cloud, Timestamp};

use super::desk::{ADMIN, Desk, NOW, admin};
use crate::fakes::tenant;

fn redemption(cloud: Cloud) -> Redemption {
    Redemption {
        tenant: None,
        cloud,
        unverified_code: "the code".into(),
        code_verifier: "the verifier".into(),
        nonce: "n".into(),
    }
}

async fn redeemed(person: SignedIn) -> (Receipted, SignIn) {
    let desk = Desk::with(ConsentMode::Invite, ConsentFlow::V2, person);
    let redeemed = desk.connector.redeem(&redemption(Cloud::Public)).await;
    let redeemed = redeemed.unwrap();
    let kept = desk.rows.find_sign_in(&redeemed.receipt.key()).await;
    (redeemed, kept.unwrap().expect("the sign-in is kept"))
}

#[tokio::test]
async fn the_row_says_what_the_token_showed() {
    let wids = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect());
    let user = "b79fbf4d-3ef9-4689-8143-76b194e85509";
    let rows = [
        (wids(&[ADMIN]), AdminRole::Held),
        (wids(&[user, ADMIN]), AdminRole::Held),
        (wids(&[user]), AdminRole::NotHeld),
        (wids(&[]), AdminRole::NotHeld),
        (wids(&["admin"]), AdminRole::NotHeld),
        // What app-only tokens carry.
        (
            wids(&["0997a1d0-0d1d-4acb-b408-d5ca73121e90"]),
            AdminRole::NotHeld,
        ),
        (None, AdminRole::NotShown),
    ];
    for (directory_roles, role) in rows {
        let person = SignedIn {
            directory_roles,
            ..admin()
        };
        let (answered, kept) = redeemed(person).await;
        assert_eq!((answered.role, kept.role), (role, role));
        assert_eq!((answered.tenant, kept.tenant), (tenant(), tenant()));
        assert_eq!(kept.person, admin().person);
        assert_eq!(kept.expires_at, Timestamp::from_unix(NOW) + RECEIPT_LIFE);
        assert!(!kept.delegated);
    }
    let scopes = ["ActivityFeed.Read", "ServiceHealth.Read"];
    let person = SignedIn {
        delegated_scopes: scopes.map(str::to_owned).to_vec(),
        ..admin()
    };
    assert!(redeemed(person).await.1.delegated);
}

/// The cloud is consent's word, and chooses nothing but a resource of our own authority.
#[tokio::test]
async fn a_code_of_another_authority_is_not_redeemed() {
    let desk = Desk::new();
    for cloud in [Cloud::GccHigh, Cloud::Dod, Cloud::China] {
        let declined = desk.connector.redeem(&redemption(cloud)).await;
        let expected = Declined::from(CauseCode::WrongCloud);
        assert_eq!(declined.unwrap_err(), expected, "{cloud}");
    }
    assert!(desk.connector.redeem(&redemption(Cloud::Gcc)).await.is_ok());
}

#[tokio::test]
async fn codes_are_limited_and_come_back_with_time() {
    let desk = Desk::new();
    let mut taken = 0;
    let declined = loop {
        match desk.connector.redeem(&redemption(Cloud::Public)).await {
            Ok(_) => taken += 1,
            Err(declined) => break declined,
        }
    };
    assert_eq!(taken, 1280);
    assert_eq!(declined, Declined::OutOfReach(OutOfReach::Busy));
    desk.clock.advance(1);
    assert!(
        desk.connector
            .redeem(&redemption(Cloud::Public))
            .await
            .is_ok()
    );
}
