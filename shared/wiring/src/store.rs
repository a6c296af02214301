//! The two tables, as the ports that they implement. They are made once; whoever needs one clones
//! its `Arc`.

use std::sync::Arc;

use auth::ports::{
    CallerKeyBook, CallerKeys, Invites, IssuerStore, Leases, OperatorLog, PolicyStore, Random,
    Runs, SignIns, SingleUse, Tenants,
};
use aws::{CapacityMeter, Connection, ControlTable, Table};

use crate::settings::TableNames;

/// All that the tables keep. Sealed tokens need a ring besides:
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
    /// The refresher's last run.
    pub runs: Arc<dyn Runs>,
    /// The caller keys, for whoever checks one.
    pub caller_keys: Arc<dyn CallerKeys>,
    /// The caller keys, for the operator who adds and removes them.
    pub key_book: Arc<dyn CallerKeyBook>,
    /// The policy in force and the candidate beside it.
    pub policies: Arc<dyn PolicyStore>,
    /// What operators did.
    pub operator_log: Arc<dyn OperatorLog>,
    /// The stored list of callers' issuers.
    pub issuers: Arc<dyn IssuerStore>,
}

impl Store {
    /// The ports of `table` and `control`. Makes no request: a function whose role has no
    /// permission for the control table uses none of its ports.
    pub fn new(table: Table, control: ControlTable) -> Self {
        let (shared, control) = (Arc::new(table.clone()), Arc::new(control));
        Self {
            table,
            tenants: shared.clone(),
            invites: shared.clone(),
            single_use: shared.clone(),
            sign_ins: shared.clone(),
            leases: shared.clone(),
            runs: shared,
            caller_keys: control.clone(),
            key_book: control.clone(),
            policies: control.clone(),
            issuers: control.clone(),
            operator_log: control,
        }
    }

    /// The same of the tables with these names, over `connection`; `random` makes versions.
    pub fn on(connection: &Connection, names: &TableNames, random: Arc<dyn Random>) -> Self {
        Self::new(
            connection.table(&names.table, Arc::clone(&random)),
            connection.control_table(&names.control, random),
        )
    }

    /// The same, with every request for the table of tenants reported to `meter`.
    pub fn metered(self, meter: Arc<dyn CapacityMeter>) -> Self {
        let table = self.table.with_meter(meter);
        let shared = Arc::new(table.clone());
        Self {
            table,
            tenants: shared.clone(),
            invites: shared.clone(),
            single_use: shared.clone(),
            sign_ins: shared.clone(),
            leases: shared.clone(),
            runs: shared,
            ..self
        }
    }

    /// The table of tenants itself, for what no port covers.
    pub fn table(&self) -> &Table {
        &self.table
    }
}
