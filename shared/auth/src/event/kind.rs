//! What an event says happened: the names that receivers know.

use std::fmt;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident),+ $(,)?) => {
        /// What happened. The names are part of the outside surface.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind { $($(#[$doc])* $variant),+ }

        impl EventKind {
            /// Every kind.
            pub const ALL: &[EventKind] = &[$(EventKind::$variant),+];

            /// The name in the event's `type`.
            pub fn as_str(self) -> &'static str {
                match self { $(EventKind::$variant => stringify!($variant)),+ }
            }
        }
    };
}

kinds! {
    /// A consent was proven: tokens of this tenant are handed out from now on.
    TenantConnected,
    /// We can no longer get new tokens of this tenant; the last one may still be handed out.
    TenantDegraded,
    /// The customer took the consent away.
    TenantRevoked,
    /// The tenant works again.
    TenantRecovered,
    /// The operator holds the tenant back.
    TenantSuspended,
    /// The operator removed the tenant.
    TenantRemoved,
    /// A fault that every tenant has stops the renewals.
    FleetFault,
    /// That fault is over.
    FleetRecovered,
    /// Content of a tenant's audit log expired or cannot be read any more.
    FeedLoss,
    /// A content type of a tenant's audit log that used to have records has none any more.
    FeedSilent,
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
