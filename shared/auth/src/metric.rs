//! The figures that the functions give about themselves. Each name is one custom metric
//! for each function that gives it, at any number of tenants: a tenant is never part of a
//! name or a dimension. What is counted per request stands in the audit line instead, and
//! the deployment counts those lines.

use crate::tenant::TenantStatus;

/// What a figure counts or measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Milliseconds that Entra ID's token endpoint took for one request.
    EntraLatency,
    /// Milliseconds from the beginning of `main` until a new process is ready.
    ColdStart,
    /// Tokens that a refresh run renewed; zero too, so that it also says that a run ended.
    TokensRefreshed,
    /// Attempts of a run that failed through a fault of ours, the table's included.
    RefreshesFailedOurs,
    /// Attempts of a run that failed because a customer has to act.
    RefreshesFailedCustomer,
    /// Attempts of a run that failed at Microsoft's.
    RefreshesFailedMicrosoft,
    /// Attempts of a run that somebody else had settled first.
    RefreshesLost,
    /// 1 for a run that ended before it had tried everything that was due.
    RunsEndedEarly,
    /// 1 for a run that met a fault which every tenant has.
    FleetFault,
    /// Seconds of life that every token has left at least (`watch`).
    MinimumRemainingLife,
    /// Whole days until the certificate that signs ends.
    CertificateDaysLeft,
    /// Tenants with this status.
    Tenants(TenantStatus),
    /// Seconds of an audit log that have settled and are not stored, of the tenant and type that
    /// has most. Without those that wait for their customer, or are paused.
    FeedLag,
    /// Records that a collector's run stored; zero too, so that it also says that a run ended.
    FeedStored,
    /// Records that workers stored, beside the runs.
    FeedWorkerStored,
    /// Contents that a run found lost, and no customer's refusal had held up.
    FeedLost,
    /// Seconds that expired before they were stored, and no customer's refusal had held up.
    FeedExpired,
    /// Pieces that a run kept as bytes, because they are no JSON.
    FeedDead,
    /// Content types that talk, over all tenants.
    FeedTalking,
    /// Of these, those that have stopped.
    FeedSilent,
    /// Seconds since the oldest event that some destination does not have, after a refresh run;
    /// zero where none waits.
    EventsWaiting,
    /// 1 for a step of the certificate's rotation that failed.
    RotationsFailed,
    /// What differs between the key credentials of the application and the certificate's secret,
    /// as the daily check found it; zero too.
    CredentialDrift,
}

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Whole milliseconds.
    Milliseconds,
    /// Whole seconds.
    Seconds,
}

impl Metric {
    /// The name that alarms and dashboard know.
    pub fn name(self) -> &'static str {
        match self {
            Metric::EntraLatency => "EntraLatency",
            Metric::ColdStart => "ColdStart",
            Metric::TokensRefreshed => "TokensRefreshed",
            Metric::RefreshesFailedOurs => "RefreshesFailedOurs",
            Metric::RefreshesFailedCustomer => "RefreshesFailedCustomer",
            Metric::RefreshesFailedMicrosoft => "RefreshesFailedMicrosoft",
            Metric::RefreshesLost => "RefreshesLost",
            Metric::RunsEndedEarly => "RunsEndedEarly",
            Metric::FleetFault => "FleetFault",
            Metric::MinimumRemainingLife => "MinimumRemainingLife",
            Metric::CertificateDaysLeft => "CertificateDaysLeft",
            Metric::Tenants(status) => match status {
                TenantStatus::Pending => "TenantsPending",
                TenantStatus::Propagating => "TenantsPropagating",
                TenantStatus::Active => "TenantsActive",
                TenantStatus::Degraded => "TenantsDegraded",
                TenantStatus::Revoked => "TenantsRevoked",
                TenantStatus::Suspended => "TenantsSuspended",
                TenantStatus::Removed => "TenantsRemoved",
            },
            Metric::FeedLag => "FeedLag",
            Metric::FeedStored => "FeedStored",
            Metric::FeedWorkerStored => "FeedWorkerStored",
            Metric::FeedLost => "FeedLost",
            Metric::FeedExpired => "FeedExpired",
            Metric::FeedDead => "FeedDead",
            Metric::FeedTalking => "FeedTalking",
            Metric::FeedSilent => "FeedSilent",
            Metric::EventsWaiting => "EventsWaiting",
            Metric::RotationsFailed => "RotationsFailed",
            Metric::CredentialDrift => "CredentialDrift",
        }
    }

    /// Whether a zero is written. One of a count that is nothing but trouble is not: a metric is
    /// charged for the hours in which it has a value.
    pub fn has_zeros(self) -> bool {
        !Self::TROUBLE.contains(&self)
    }

    /// The counts that are nothing but trouble.
    pub const TROUBLE: [Metric; 5] = [
        Metric::RefreshesFailedOurs,
        Metric::RefreshesFailedMicrosoft,
        Metric::RefreshesLost,
        Metric::RunsEndedEarly,
        Metric::FleetFault,
    ];

    /// What it is counted in.
    pub fn unit(self) -> Unit {
        match self {
            Metric::EntraLatency | Metric::ColdStart => Unit::Milliseconds,
            Metric::MinimumRemainingLife
            | Metric::FeedLag
            | Metric::FeedExpired
            | Metric::EventsWaiting => Unit::Seconds,
            _ => Unit::Count,
        }
    }
}

impl Unit {
    /// As CloudWatch spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Count => "Count",
            Unit::Milliseconds => "Milliseconds",
            Unit::Seconds => "Seconds",
        }
    }
}
