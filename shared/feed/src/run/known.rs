//! The tenants as they are connected, and what follows for the row of each: a tenant that is new
//! gets one, one that is not active any more is held, one that is active again goes on.

use std::collections::BTreeMap;
use std::time::Duration;

use auth::ports::{Listing, StoreError, Tenants};
use auth::{Cloud, TenantId, TenantStatus, Timestamp};

use crate::due::{Due, Hold};

/// Rows that one page of the listing examines.
const PAGE: u32 = 1_000;

/// No turn is put off for longer: an hour by `Retry-After`, and by the time in which content
/// settles.
const FARTHEST: Duration = Duration::from_secs(2 * 60 * 60);

/// What a run needs of a tenant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) cloud: Cloud,
    pub(super) status: TenantStatus,
    pub(super) consented_at: Option<Timestamp>,
}

/// What a run does with a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// Its turn.
    Turn,
    /// Its last turn: it was removed.
    LastTurn,
    /// It is not active any more, or cannot be read.
    Hold,
    /// It is active again.
    Wake,
}

/// The tenants of a run.
pub(super) type AllKnown = BTreeMap<TenantId, Known>;

/// All tenants. One whose row cannot be read is not among them.
pub(super) async fn known(tenants: &dyn Tenants) -> Result<AllKnown, StoreError> {
    let (mut known, mut after) = (BTreeMap::new(), None);
    loop {
        let examine = PAGE;
        let listing = Listing {
            after,
            examine,
            ..Listing::default()
        };
        let page = tenants.list(&listing).await?;
        known.extend(page.tenants.into_iter().map(|tenant| {
            let one = Known {
                cloud: tenant.cloud,
                status: tenant.status,
                consented_at: tenant.consented_at,
            };
            (tenant.id, one)
        }));
        after = page.next;
        if after.is_none() {
            return Ok(known);
        }
    }
}

/// What is to be done with a tenant that has a row. `came`: its turn, at its pace.
pub(super) fn task(known: Option<&Known>, due: Due, came: bool, now: Timestamp) -> Option<Task> {
    let Some(known) = known else {
        // Fails closed because nothing says that it is active, or which cloud's host its token
        // may be sent to.
        return (!matches!(due, Due::Held(_))).then_some(Task::Hold);
    };
    match (known.status, due) {
        (TenantStatus::Removed, Due::Held(Hold::Left | Hold::Inactive)) => None,
        (TenantStatus::Removed, _) => Some(Task::LastTurn),
        (status, due) if !status.is_vended() => {
            (!matches!(due, Due::Held(_))).then_some(Task::Hold)
        }
        (_, Due::InTurn(_)) => came.then_some(Task::Turn),
        // One that is too far ahead was written by a clock that was, and says nothing.
        (_, Due::From(at)) => (at <= now || at > now + FARTHEST).then_some(Task::Turn),
        // Whether it left before its last consent, its row says.
        (_, Due::Held(Hold::Inactive | Hold::Left)) => Some(Task::Wake),
        (_, Due::Held(Hold::Paused)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::Pace;

    #[test]
    fn what_a_run_does_follows_from_the_status_and_the_place_in_the_index() {
        use Task::{Hold as Held, LastTurn, Turn, Wake};
        use TenantStatus as S;
        let now = Timestamp::from_unix(1_000);
        let (past, ahead) = (
            Due::From(Timestamp::from_unix(1_000)),
            Due::From(Timestamp::from_unix(1_001)),
        );
        let [paused, inactive, left] = [Hold::Paused, Hold::Inactive, Hold::Left].map(Due::Held);
        let [latest, beyond] =
            [0, 1].map(|more| Due::From(now + FARTHEST + Duration::from_secs(more)));
        let in_turn = Due::InTurn(Pace::SLOWEST);
        // In its turn, in its turn which has not come, from a time, from a later one, from the latest
        // one, from one beyond it, held.
        let turns = [
            Some(Turn),
            None,
            Some(Turn),
            None,
            None,
            Some(Turn),
            None,
            Some(Wake),
            Some(Wake),
        ];
        let holds = [
            Some(Held),
            Some(Held),
            Some(Held),
            Some(Held),
            Some(Held),
            Some(Held),
            None,
            None,
            None,
        ];
        let last = Some(LastTurn);
        let rows = [
            (Some(S::Active), turns),
            (Some(S::Degraded), turns),
            (Some(S::Pending), holds),
            (Some(S::Propagating), holds),
            (Some(S::Revoked), holds),
            (Some(S::Suspended), holds),
            (
                Some(S::Removed),
                [last, last, last, last, last, last, last, None, None],
            ),
            (None, holds),
        ];
        for (status, expected) in rows {
            let known = status.map(|status| Known {
                cloud: Cloud::Public,
                status,
                consented_at: None,
            });
            let places = [
                (in_turn, true),
                (in_turn, false),
                (past, false),
                (ahead, false),
                (latest, false),
                (beyond, false),
                (paused, false),
                (inactive, false),
                (left, false),
            ];
            let found = places.map(|(due, came)| task(known.as_ref(), due, came, now));
            assert_eq!(found, expected, "{status:?}");
        }
    }
}
