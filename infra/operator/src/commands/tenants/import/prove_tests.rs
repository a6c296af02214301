//! An import whose table stops answering: what it says, and that nothing further is
//! asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use auth::invite::{Invite, InviteKey};
use auth::ports::{
    AuthorityError, Connecting, HeldClock, Invites, IssuedToken, Listing, ListingPage, Tenants,
    TokenIssuer, Write,
};
use auth::requirements::Requirements;
use auth::{CauseCode, Resource, TenantId, Timestamp};

use super::super::rows::Position;
use super::*;

/// A table of nobody that answers `left` times, and then with this.
struct Failing {
    left: AtomicU32,
    then: StoreError,
}

#[async_trait]
impl Tenants for Failing {
    async fn find(&self, _: TenantId) -> Result<Option<Tenant>, StoreError> {
        let left = self.left.load(Ordering::SeqCst);
        self.left.store(left.saturating_sub(1), Ordering::SeqCst);
        match left {
            0 => Err(self.then.clone()),
            _ => Ok(None),
        }
    }

    async fn next_attempt_at(
        &self,
        _: TenantId,
        _: &Resource,
    ) -> Result<Option<Timestamp>, StoreError> {
        unreachable!("an import asks for no time")
    }

    async fn connect(&self, _: Connecting<'_>) -> Result<Write, StoreError> {
        unreachable!("nobody is proven")
    }

    async fn change(&self, _: &Tenant, _: &Tenant) -> Result<Write, StoreError> {
        unreachable!("an import changes nobody")
    }

    async fn remove(&self, _: &Tenant, _: &Tenant) -> Result<Write, StoreError> {
        unreachable!("an import removes nobody")
    }

    async fn list(&self, _: &Listing) -> Result<ListingPage, StoreError> {
        unreachable!("an import lists nobody")
    }
}

/// Knows no invite, and gives no token.
struct Nothing;

#[async_trait]
impl Invites for Nothing {
    async fn create_invite(&self, _: &InviteKey, _: &Invite) -> Result<(), StoreError> {
        unreachable!("an import makes no invite")
    }

    async fn find_invite(&self, _: &InviteKey) -> Result<Option<Invite>, StoreError> {
        unreachable!("an import uses no invite")
    }
}

#[async_trait]
impl TokenIssuer for Nothing {
    async fn app_only_token(
        &self,
        _: TenantId,
        _: Cloud,
        _: &Resource,
    ) -> Result<IssuedToken, AuthorityError> {
        Err(Cause::from(CauseCode::NotConsented).into())
    }
}

fn rows(count: u32) -> Vec<Row> {
    let row = |number: u32| Row {
        position: Position::Entry(number as usize),
        tenant: format!("41463f53-8812-40f4-890f-{number:012}")
            .parse()
            .unwrap(),
        customer: "Contoso".parse().unwrap(),
        cloud: None,
    };
    (1..=count).map(row).collect()
}

/// The table answers six times, which is what two rows need.
async fn import_of_nine(then: StoreError) -> Done {
    let left = AtomicU32::new(6);
    let binding = Binding {
        tenants: Arc::new(Failing { left, then }),
        invites: Arc::new(Nothing),
        issuer: Arc::new(Nothing),
        requirements: Requirements::new(None, vec![]),
        clock: Arc::new(HeldClock::at(0)),
    };
    let import = Import::new(binding, Cloud::Public);
    import.run(rows(9), 1, &Progress::new(9, false)).await
}

#[tokio::test]
async fn damaged_rows_stop_nobody_but_their_own_tenants() {
    let done = import_of_nine(StoreError::Damaged("item T#x TENANT".to_owned())).await;
    assert!(done.stopped.is_none());
    assert_eq!((done.refused().count(), done.not_tried().count()), (9, 0));
}

#[tokio::test]
async fn a_table_that_does_not_answer_stops_it_and_says_what_it_said() {
    // Each row that is refused by Entra ID reads three times.
    let done = import_of_nine(StoreError::Broken("Find: no permission\u{1b}".to_owned())).await;
    let refused: Vec<_> = done
        .refused()
        .map(|(_, cause)| cause.code.as_str())
        .collect();
    let expected = ["not_consented", "not_consented"];
    assert_eq!(refused[..2], expected);
    assert_eq!(refused[2..], ["broker_unavailable"; 3]);
    assert_eq!(done.not_tried().count(), 4);
    let stopped = done.stopped.as_ref().unwrap();
    assert_eq!(stopped.times, 3);
    assert!(stopped.detail.as_ref().unwrap().contains("no permission"));
    let told = super::super::report::refuse(&done).unwrap_err().to_string();
    for part in ["no permission?)", "4 of 9 tenants, from entry 6 on"] {
        assert!(told.contains(part), "{told}");
    }
}
