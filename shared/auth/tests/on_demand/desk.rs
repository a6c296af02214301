//! The program that signs, over ports that are held in memory.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::consent::Binding;
use auth::invite::{Invite, InviteId, InviteKey};
use auth::on_demand::{ConnectLimits, ConnectOnDemand, ConnectSettings};
use auth::ports::{
    AuthorityError, Clock as _, CodeRedeemer, CodeRedemption, Connecting, HeldClock, HeldRandom,
    Invites, Listing, ListingPage, SignIns, SignedIn, StoreError, Tenants, Write,
};
use auth::protocol::{ConsentFlow, ConsentMode};
use auth::requirements::Requirements;
use auth::sign_in::{AdminRole, ReceiptId, ReceiptKey, SignIn};
use auth::{Cloud, Resource, Tenant, TenantId, Timestamp};

use crate::fakes::{FakeIssuer, tenant};

pub(super) const NOW: i64 = 1_800_000_000;
pub(super) const ADMIN: &str = "62e90394-69f5-4237-9190-012177145e10";

pub(super) fn other() -> TenantId {
    "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357".parse().unwrap()
}

/// The rows of a table: tenants, invites and sign-ins.
#[derive(Default)]
pub(super) struct Rows {
    tenants: Mutex<HashMap<TenantId, Tenant>>,
    invites: Mutex<HashMap<InviteKey, Invite>>,
    sign_ins: Mutex<HashMap<ReceiptKey, SignIn>>,
    used_with: Mutex<HashMap<ReceiptKey, Option<InviteKey>>>,
    pub(super) connected: AtomicU32,
}

#[async_trait]
impl Tenants for Rows {
    async fn find(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError> {
        Ok(self.tenants.lock().unwrap().get(&tenant).cloned())
    }

    async fn next_attempt_at(
        &self,
        _: TenantId,
        _: &Resource,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }

    async fn connect(&self, connecting: Connecting<'_>) -> Result<Write, StoreError> {
        let after = connecting.after.clone();
        if let Some(key) = connecting.invite {
            let mut invites = self.invites.lock().unwrap();
            let invite = invites.get_mut(key).unwrap();
            assert_eq!(invite.used_by, None, "an invite is used once");
            invite.used_by = Some(after.id);
        }
        self.connected.fetch_add(1, Ordering::SeqCst);
        self.tenants.lock().unwrap().insert(after.id, after);
        Ok(Write::Done)
    }

    async fn change(&self, _: &Tenant, _: &Tenant) -> Result<Write, StoreError> {
        Ok(Write::Stale)
    }

    async fn remove(&self, _: &Tenant, _: &Tenant) -> Result<Write, StoreError> {
        Ok(Write::Stale)
    }

    async fn list(&self, _: &Listing) -> Result<ListingPage, StoreError> {
        Ok(ListingPage::default())
    }
}

#[async_trait]
impl Invites for Rows {
    async fn create_invite(&self, key: &InviteKey, invite: &Invite) -> Result<(), StoreError> {
        self.invites
            .lock()
            .unwrap()
            .insert(key.clone(), invite.clone());
        Ok(())
    }

    async fn find_invite(&self, key: &InviteKey) -> Result<Option<Invite>, StoreError> {
        Ok(self.invites.lock().unwrap().get(key).cloned())
    }
}

#[async_trait]
impl SignIns for Rows {
    async fn keep_sign_in(&self, key: &ReceiptKey, sign_in: &SignIn) -> Result<(), StoreError> {
        self.sign_ins
            .lock()
            .unwrap()
            .insert(key.clone(), sign_in.clone());
        Ok(())
    }

    async fn find_sign_in(&self, key: &ReceiptKey) -> Result<Option<SignIn>, StoreError> {
        Ok(self.sign_ins.lock().unwrap().get(key).cloned())
    }

    async fn use_sign_in(
        &self,
        key: &ReceiptKey,
        invite: Option<&InviteKey>,
    ) -> Result<Write, StoreError> {
        let mut used_with = self.used_with.lock().unwrap();
        let first = used_with.entry(key.clone()).or_insert(invite.cloned());
        Ok(match first.as_ref() == invite {
            true => Write::Done,
            false => Write::Stale,
        })
    }
}

/// An authority whose every code is of this person.
pub(super) struct Codes(pub(super) SignedIn);

#[async_trait]
impl CodeRedeemer for Codes {
    async fn redeem(&self, _: CodeRedemption<'_>) -> Result<SignedIn, AuthorityError> {
        Ok(self.0.clone())
    }
}

/// An admin of the tenant.
pub(super) fn admin() -> SignedIn {
    SignedIn {
        tenant: tenant(),
        person: Some("67cb0334-e242-4783-8028-0f39132fb5ad".parse().unwrap()),
        username: Some("admin@contoso.example".to_owned()),
        directory_roles: Some(vec![ADMIN.to_owned()]),
        delegated_scopes: Vec::new(),
    }
}

/// What a binding is asked at.
pub(super) struct Desk {
    pub(super) rows: Arc<Rows>,
    pub(super) issuer: Arc<FakeIssuer>,
    pub(super) clock: Arc<HeldClock>,
    pub(super) connector: ConnectOnDemand,
}

impl Desk {
    /// Invitations only, as deployed.
    pub(super) fn new() -> Self {
        Self::with(ConsentMode::Invite, ConsentFlow::V2, admin())
    }

    pub(super) fn with(mode: ConsentMode, flow: ConsentFlow, person: SignedIn) -> Self {
        let (rows, clock) = (Arc::new(Rows::default()), Arc::new(HeldClock::at(NOW)));
        let issuer = Arc::new(FakeIssuer::giving());
        let connector = ConnectOnDemand {
            settings: ConnectSettings {
                flow,
                mode,
                redirect_uri: "https://broker.example/consent/callback".parse().unwrap(),
                cloud: Cloud::Public,
                admin_roles: None,
            },
            codes: Arc::new(Codes(person)),
            binding: Binding {
                tenants: rows.clone(),
                invites: rows.clone(),
                issuer: issuer.clone(),
                requirements: Requirements::new(None, vec!["ActivityFeed.Read".into()]),
                clock: clock.clone(),
            },
            sign_ins: rows.clone(),
            limits: ConnectLimits::default(),
            random: Arc::new(HeldRandom::counting()),
        };
        Self {
            rows,
            issuer,
            clock,
            connector,
        }
    }

    pub(super) fn asked(&self) -> u32 {
        self.issuer.asked.load(Ordering::SeqCst)
    }

    pub(super) fn connected(&self) -> u32 {
        self.rows.connected.load(Ordering::SeqCst)
    }

    /// A sign-in of the tenant's admin, changed.
    pub(super) async fn signed_in(&self, change: impl FnOnce(&mut SignIn)) -> ReceiptId {
        let receipt = ReceiptId::new([9; 24]);
        let mut sign_in = SignIn {
            tenant: tenant(),
            person: None,
            role: AdminRole::Held,
            delegated: false,
            home: None,
            expires_at: Timestamp::from_unix(NOW + 60),
        };
        change(&mut sign_in);
        let kept = self.rows.keep_sign_in(&receipt.key(), &sign_in).await;
        kept.unwrap();
        receipt
    }

    /// An invite for Contoso, changed.
    pub(super) async fn invited(&self, change: impl FnOnce(&mut Invite)) -> Option<InviteKey> {
        Some(self.invited_by(5, change).await)
    }

    /// The same, by a link of its own.
    pub(super) async fn invited_by(&self, link: u8, change: impl FnOnce(&mut Invite)) -> InviteKey {
        let key = InviteId::new([link; 24]).key();
        let mut invite = Invite {
            customer: "Contoso".parse().unwrap(),
            tenant: None,
            vouched: false,
            cloud: None,
            created_at: self.clock.now(),
            expires_at: Timestamp::from_unix(NOW + 1000),
            return_url: None,
            used_by: None,
        };
        change(&mut invite);
        self.rows.create_invite(&key, &invite).await.unwrap();
        key
    }

    /// A tenant that is there already, changed.
    pub(super) fn there(&self, change: impl FnOnce(&mut Tenant)) {
        let mut there = Tenant::connected(tenant(), Timestamp::from_unix(NOW - 1000));
        there.customer = "Contoso".parse().unwrap();
        change(&mut there);
        self.rows.tenants.lock().unwrap().insert(there.id, there);
    }
}
