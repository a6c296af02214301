//! Callers, tenants and questions of the tests.

use std::collections::BTreeMap;

use auth::caller::{
    Action, AllowedIssuer, AwsRole, Caller, ConnectedFacts, Context, Decision, PrivateIssuers,
    Question, Route, Ruling, Subject, TenantFacts, Workload,
};
use auth::{Cloud, Customer, Resource, TenantId, TenantStatus};
use policy::PolicySet;
use serde_json::Value;

pub(crate) const GITHUB: &str = "https://token.actions.githubusercontent.com";
pub(crate) const CLUSTER: &str = "https://oidc.eks.eu-central-1.amazonaws.com/id/1";
pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const MANAGEMENT: &str = "https://manage.office.com";
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";
/// Contoso's tenant, connected, gold.
pub(crate) const CONTOSO: &str = "41463f53-8812-40f4-890f-865bf6e35190";
/// A tenant that no admin has connected.
pub(crate) const STRANGER: &str = "0f2a3b4c-5d6e-4f70-8192-a3b4c5d6e7f8";

pub(crate) fn role(account: &str, name: &str) -> Caller {
    Caller::AwsRole(AwsRole::new(account, name, "AROAEXAMPLE").unwrap())
}

pub(crate) fn workload(issuer: &str, subject: &str, claims: Value) -> Caller {
    any_workload(issuer, subject, claims).unwrap()
}

/// `None` where no token can have this issuer or subject.
pub(crate) fn any_workload(issuer: &str, subject: &str, claims: Value) -> Option<Caller> {
    let Value::Object(mut claims) = claims else {
        panic!("claims are an object: {claims}")
    };
    claims.insert("iss".to_owned(), issuer.into());
    claims.insert("sub".to_owned(), subject.into());
    let workload = Workload::from_payload(claims.into());
    workload.ok().map(Caller::Workload)
}

pub(crate) fn key(name: &str) -> Caller {
    Caller::Key {
        name: name.parse().unwrap(),
    }
}

/// A tenant, connected or not.
#[derive(Debug, Clone)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) connected: Option<Connected>,
}

#[derive(Debug, Clone)]
pub(crate) struct Connected {
    pub(crate) customer: Customer,
    pub(crate) cloud: Cloud,
    pub(crate) status: TenantStatus,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Tenant {
    /// Of a customer, active, in the public cloud, with labels.
    pub(crate) fn of(customer: &str, tags: &[(&str, &str)]) -> Self {
        let tags = tags
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        Self {
            id: CONTOSO.parse().unwrap(),
            connected: Some(Connected {
                customer: customer.parse().unwrap(),
                cloud: Cloud::Public,
                status: TenantStatus::Active,
                tags: tags.collect(),
            }),
        }
    }

    /// Contoso's.
    pub(crate) fn contoso() -> Self {
        Self::of("contoso", &[("tier", "gold")])
    }

    /// One that no admin has connected.
    pub(crate) fn stranger() -> Self {
        Self {
            id: STRANGER.parse().unwrap(),
            connected: None,
        }
    }

    pub(crate) fn with_status(mut self, status: TenantStatus) -> Self {
        if let Some(connected) = &mut self.connected {
            connected.status = status;
        }
        self
    }

    fn facts(&self) -> TenantFacts<'_> {
        TenantFacts {
            id: self.id,
            connected: self.connected.as_ref().map(|connected| ConnectedFacts {
                customer: &connected.customer,
                cloud: connected.cloud,
                status: connected.status,
                tags: &connected.tags,
            }),
        }
    }
}

/// What is asked about.
#[derive(Debug, Clone)]
pub(crate) enum About {
    Tenant(Tenant),
    Customer(Customer),
}

/// A question that owns its parts.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) caller: Caller,
    pub(crate) action: Action,
    pub(crate) about: About,
    pub(crate) resource: Option<Resource>,
    pub(crate) route: Route,
}

impl Asked {
    /// For a token of the management API.
    pub(crate) fn vend(caller: Caller, tenant: Tenant) -> Self {
        Self {
            caller,
            action: Action::Vend,
            about: About::Tenant(tenant),
            resource: Some(MANAGEMENT.parse().unwrap()),
            route: Route::TokenV2,
        }
    }

    pub(crate) fn list(caller: Caller, tenant: Tenant) -> Self {
        Self {
            action: Action::List,
            resource: None,
            route: Route::Tenants,
            ..Self::vend(caller, tenant)
        }
    }

    pub(crate) fn invite(caller: Caller, customer: &str) -> Self {
        Self {
            caller,
            action: Action::Invite,
            about: About::Customer(customer.parse().unwrap()),
            resource: None,
            route: Route::Invites,
        }
    }

    pub(crate) fn for_resource(self, resource: &str) -> Self {
        Self {
            resource: Some(resource.parse().unwrap()),
            ..self
        }
    }

    pub(crate) fn question(&self) -> Question<'_> {
        Question {
            caller: &self.caller,
            action: self.action,
            subject: match &self.about {
                About::Tenant(tenant) => Subject::Tenant(tenant.facts()),
                About::Customer(customer) => Subject::Customer(customer),
            },
            context: Context {
                resource: self.resource.as_ref(),
                route: self.route,
            },
        }
    }

    pub(crate) fn decided_by(&self, policies: &PolicySet) -> Decision {
        policies.decide(&self.question())
    }
}

/// A set that must parse.
pub(crate) fn parsed(text: &str) -> PolicySet {
    PolicySet::parse(text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

/// Issuers that the operator declared private.
pub(crate) fn private(issuers: &[&str]) -> PrivateIssuers {
    PrivateIssuers::of(&private_entries(issuers))
}

/// The entries of private issuers.
pub(crate) fn private_entries(issuers: &[&str]) -> Vec<AllowedIssuer> {
    let entry = |issuer: &&str| AllowedIssuer {
        issuer: (*issuer).to_owned(),
        audience: "broker".to_owned(),
        configuration_url: issuer.parse().unwrap(),
        private: true,
    };
    issuers.iter().map(entry).collect()
}

/// A set that must parse where an issuer is private.
pub(crate) fn parsed_with(text: &str, issuers: &[&str]) -> PolicySet {
    PolicySet::parse_with(text, &private(issuers))
        .unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

/// Ruling and deciding policies, for tables.
pub(crate) fn verdict(decision: &Decision) -> (bool, Vec<&str>) {
    let policies = decision.policies.iter().map(String::as_str);
    (decision.ruling == Ruling::Allow, policies.collect())
}
