//! Service principals and what has been granted to them.
//!
//! A service principal is an application's presence in one tenant. It can exist
//! without any grant: tokens are issued all the same, without `roles`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::directory::applications::Application;
use crate::directory::resources::Resource;

/// Permission names under the application ID of their resource.
type Permissions = BTreeMap<Uuid, BTreeSet<String>>;

/// An application in a tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ServicePrincipal {
    pub(crate) tenant_id: Uuid,
    pub(crate) client_id: Uuid,
    pub(crate) object_id: Uuid,
    /// When an admin last granted application roles, in Unix seconds.
    pub(crate) granted_at: u64,
    roles: Permissions,
    scopes: Permissions,
}

impl ServicePrincipal {
    pub(crate) fn new(tenant_id: Uuid, client_id: Uuid, object_id: Uuid) -> Self {
        Self {
            tenant_id,
            client_id,
            object_id,
            granted_at: 0,
            roles: Permissions::new(),
            scopes: Permissions::new(),
        }
    }

    /// An admin grants all that the application requires of any resource: application
    /// roles and delegated scopes.
    pub(crate) fn grant_required(&mut self, application: &Application, now: u64) {
        for (resource, role) in application.required_roles() {
            insert(&mut self.roles, resource, role);
        }
        for (resource, scope) in application.required_scopes() {
            insert(&mut self.scopes, resource, scope);
        }
        self.granted_at = now;
    }

    /// An admin assigns one application role, registered or not.
    pub(crate) fn assign_role(&mut self, resource: &Resource, role: &str, now: u64) {
        insert(&mut self.roles, resource, role);
        self.granted_at = now;
    }

    /// A person consents to one delegated scope.
    pub(crate) fn grant_scope(&mut self, resource: &Resource, scope: &str) {
        insert(&mut self.scopes, resource, scope);
    }

    /// Whether every required application role and delegated scope has been granted.
    pub(crate) fn has_required(&self, application: &Application) -> bool {
        let mut roles = application.required_roles();
        let mut scopes = application.required_scopes();
        roles.all(|(resource, role)| contains(&self.roles, resource, role))
            && scopes.all(|(resource, scope)| self.has_scope(resource, scope))
    }

    pub(crate) fn has_scope(&self, resource: &Resource, scope: &str) -> bool {
        contains(&self.scopes, resource, scope)
    }

    /// Application roles granted for the resource.
    pub(crate) fn roles(&self, resource: &Resource) -> Vec<String> {
        list(&self.roles, resource)
    }

    /// Delegated scopes granted for the resource.
    pub(crate) fn scopes(&self, resource: &Resource) -> Vec<String> {
        list(&self.scopes, resource)
    }
}

fn insert(permissions: &mut Permissions, resource: &Resource, name: &str) {
    permissions
        .entry(resource.app_id)
        .or_default()
        .insert(name.to_owned());
}

fn contains(permissions: &Permissions, resource: &Resource, name: &str) -> bool {
    permissions
        .get(&resource.app_id)
        .is_some_and(|names| names.contains(name))
}

fn list(permissions: &Permissions, resource: &Resource) -> Vec<String> {
    permissions
        .get(&resource.app_id)
        .map(|names| names.iter().cloned().collect())
        .unwrap_or_default()
}
