//! When a command on many tenants stops by itself: every further tenant would fail in the same
//! way.

use auth::breaker::{Breaker, Side};
use auth::cause::{Cause, Class};

/// Counts a tenant's failure. How many in a row it makes, where that is reason to stop.
pub(crate) fn count_failure(breaker: &Breaker, cause: &Cause) -> Option<u32> {
    let side = match cause.code.class() {
        Class::Ours => Side::Here,
        Class::Retry | Class::Throttle => Side::AtMicrosoft,
        Class::Consent | Class::Tenant => {
            breaker.microsoft_answered();
            return None;
        }
        Class::User | Class::Code | Class::Held => return None,
    };
    breaker.failed(side)
}
