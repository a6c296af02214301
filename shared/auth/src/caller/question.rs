//! The question that the policy is asked, and its answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Caller;
use crate::cloud::Cloud;
use crate::identifiers::{Customer, TenantId};
use crate::resource::Resource;
use crate::tenant::{Tenant, TenantStatus};

/// What a caller wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Be handed a token of a tenant.
    Vend,
    /// See a tenant and its status.
    List,
    /// Make a consent link that binds a tenant to a customer account.
    Invite,
}

impl Action {
    /// The word in policies and in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Vend => "vend",
            Action::List => "list",
            Action::Invite => "invite",
        }
    }
}

/// By which route the caller came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// `POST /{tenant}/oauth2/v2.0/token`.
    TokenV2,
    /// `POST /{tenant}/oauth2/token`.
    TokenV1,
    /// `GET /msi/token`.
    ManagedIdentity,
    /// `GET /tenants`, `GET /tenants/{tenant}`.
    Tenants,
    /// `POST /tokens`.
    Tokens,
    /// `POST /invites`.
    Invites,
}

impl Route {
    /// Every route.
    pub const ALL: [Self; 6] = [
        Route::TokenV2,
        Route::TokenV1,
        Route::ManagedIdentity,
        Route::Tenants,
        Route::Tokens,
        Route::Invites,
    ];

    /// Whether a caller that came by this route can be asked about for an action: of a
    /// token's routes also whether it may list a tenant that is not there.
    pub fn leads_to(self, action: Action) -> bool {
        match self {
            Route::TokenV2 | Route::TokenV1 | Route::ManagedIdentity | Route::Tokens => {
                action != Action::Invite
            }
            Route::Tenants => action == Action::List,
            Route::Invites => action == Action::Invite,
        }
    }

    /// The word in policies and in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Route::TokenV2 => "token_v2",
            Route::TokenV1 => "token_v1",
            Route::ManagedIdentity => "managed_identity",
            Route::Tenants => "tenants",
            Route::Tokens => "tokens",
            Route::Invites => "invites",
        }
    }
}

/// What is known of a tenant, as far as it is known: of one that is not connected, its id
/// alone.
#[derive(Debug, Clone, Copy)]
pub struct TenantFacts<'a> {
    /// The tenant.
    pub id: TenantId,
    /// The rest, where the tenant is connected.
    pub connected: Option<ConnectedFacts<'a>>,
}

impl<'a> From<&'a Tenant> for TenantFacts<'a> {
    fn from(tenant: &'a Tenant) -> Self {
        Self {
            id: tenant.id,
            connected: Some(ConnectedFacts {
                customer: &tenant.customer,
                cloud: tenant.cloud,
                status: tenant.status,
                tags: &tenant.tags,
            }),
        }
    }
}

/// What is known of a connected tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectedFacts<'a> {
    /// The account that it is bound to.
    pub customer: &'a Customer,
    /// The cloud that it lives in.
    pub cloud: Cloud,
    /// Where it stands.
    pub status: TenantStatus,
    /// What the operator labelled it with.
    pub tags: &'a BTreeMap<String, String>,
}

/// What a question is about.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// A tenant, connected or not.
    Tenant(TenantFacts<'a>),
    /// A customer account, with tenants or without.
    Customer(&'a Customer),
}

/// The circumstances of a question.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The resource that a token is asked for; none where no token is.
    pub resource: Option<&'a Resource>,
    /// By which route.
    pub route: Route,
}

/// One question to the policy.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// For what.
    pub action: Action,
    /// Of what.
    pub subject: Subject<'a>,
    /// How.
    pub context: Context<'a>,
}

/// Whether it is permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// A policy permits it and none forbids it.
    Allow,
    /// No policy permits it, or one forbids it.
    Deny,
    /// The policies cannot be read: denied, and worth another try.
    Undecided,
}

/// The policy's answer, with what the audit log needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is permitted.
    pub ruling: Ruling,
    /// The ids of the policies that decided; none where nothing permitted it.
    pub policies: Vec<String>,
    /// SHA-256 (hex) of the policy text in force; none where there is none.
    pub digest: Option<Arc<str>>,
    /// What the candidate would decide, where that differs. It changes nothing.
    pub candidate: Option<CandidateDecision>,
}

/// The decision of a candidate policy that is another than that of the policy in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateDecision {
    /// It would permit what is denied; else it would deny what is permitted.
    pub allows: bool,
    /// SHA-256 (hex) of the candidate's text.
    pub digest: Arc<str>,
}

impl Decision {
    /// Nothing permits it: no policy is in force.
    pub fn denied() -> Self {
        Self {
            ruling: Ruling::Deny,
            policies: Vec::new(),
            digest: None,
            candidate: None,
        }
    }

    /// Nothing can be said: the policies cannot be read.
    pub fn undecided() -> Self {
        Self {
            ruling: Ruling::Undecided,
            ..Self::denied()
        }
    }

    /// Whether it may be done.
    pub fn allows(&self) -> bool {
        self.ruling == Ruling::Allow
    }
}
