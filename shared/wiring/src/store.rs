//! The table, as the ports that it implements. They are made once; whoever needs one clones
//! its `Arc`.

use std::sync::Arc;

use auth::ports::{
    CallerKeyBook, CallerKeys, Invites, Leases, PolicyStore, SignIns, SingleUse, Tenants,
};
use aws::Table;

/// All that the table keeps. Sealed tokens need a ring besides:
/// [`sealed_tokens`](crate::sealed_tokens).
#[derive(Clone)]
pub struct Store {
    table: Table,
    /// The tenants and what became of them.
    pub tenants: Arc<dyn Tenants>,
    /// The invites that consent links carry.
    pub invites: Arc<dyn Invites>,
    /// What may be used once: the states of attempts to consent.
    pub single_use: Arc<dyn SingleUse>,
    /// What sign-ins showed: for the function that signs alone.
    pub sign_ins: Arc<dyn SignIns>,
    /// Who works on what at the moment.
    pub leases: Arc<dyn Leases>,
    /// The caller keys, for whoever checks one.
    pub caller_keys: Arc<dyn CallerKeys>,
    /// The caller keys, for the operator who adds and removes them.
    pub key_book: Arc<dyn CallerKeyBook>,
    /// The policy in force and the candidate beside it.
    pub policies: Arc<dyn PolicyStore>,
}

impl Store {
    /// The ports of `table`.
    pub fn new(table: Table) -> Self {
        let shared = Arc::new(table.clone());
        Self {
            table,
            tenants: shared.clone(),
            invites: shared.clone(),
            single_use: shared.clone(),
            sign_ins: shared.clone(),
            leases: shared.clone(),
            caller_keys: shared.clone(),
            key_book: shared.clone(),
            policies: shared,
        }
    }

    /// The table itself, for what no port covers.
    pub fn table(&self) -> &Table {
        &self.table
    }
}
