//! Which change of a tenant, or of the fleet, is a transition, and what it is called.

use super::{Event, EventCause, EventKind, id};
use crate::cause::Cause;
use crate::fleet::{FleetChange, Transition};
use crate::tenant::{Tenant, TenantStatus};
use crate::timestamp::Timestamp;

impl Event {
    /// The event of a tenant that was `before` and is `after`; `None` where its status says the
    /// same as before: another cause, another account or other tags are no transition.
    pub fn of_change(before: Option<&Tenant>, after: &Tenant) -> Option<Self> {
        let kind = kind(before.map(|before| before.status), after.status)?;
        let read = before.and_then(|before| before.version.as_ref());
        let read = read.map_or("", |version| &version.0);
        Some(Self {
            id: id(kind, &after.id.to_string(), read, after.since),
            kind,
            time: after.since,
            tenant: Some(after.id),
            customer: Some(after.customer.clone()),
            cause: after.cause.as_ref().map(EventCause::from),
            feed: None,
        })
    }

    /// The events of what a run changed of the fleet, written down at `now`: a fault of ours
    /// began, or is over. A cloud that is down has none: what its tenants lack has its own.
    pub fn of_fleet(change: &FleetChange, now: Timestamp) -> Vec<Self> {
        let numbers = (1..=change.last_number).rev();
        let numbered = numbers.zip(change.transitions.iter().rev());
        let mut events: Vec<_> = numbered
            .filter_map(|(number, transition)| Self::of_transition(number, transition, now))
            .collect();
        events.reverse();
        events
    }

    fn of_transition(number: u64, transition: &Transition, now: Timestamp) -> Option<Self> {
        let (kind, time, cause) = match transition {
            Transition::Fault(fault) => {
                let cause = Cause::from(fault.cause);
                (EventKind::FleetFault, fault.since, Some(cause))
            }
            Transition::Recovered(_) => (EventKind::FleetRecovered, now, None),
            Transition::CloudDown(..) | Transition::CloudBack(..) => return None,
        };
        Some(Self {
            id: id(kind, "fleet", &number.to_string(), time),
            kind,
            time,
            tenant: None,
            customer: None,
            cause: cause.as_ref().map(EventCause::from),
            feed: None,
        })
    }
}

/// A tenant is connected when a proof shows that it works after a consent, not before: one that
/// is `propagating` has no event of its own, unless it worked.
fn kind(before: Option<TenantStatus>, after: TenantStatus) -> Option<EventKind> {
    use EventKind as E;
    use TenantStatus as S;
    if before == Some(after) {
        return None;
    }
    match after {
        S::Active => Some(match before {
            None | Some(S::Pending | S::Propagating | S::Removed) => E::TenantConnected,
            Some(_) => E::TenantRecovered,
        }),
        // Minutes after a consent replicas of Entra ID can lag: it worked, and has to wait again.
        S::Propagating if before == Some(S::Active) => Some(E::TenantDegraded),
        S::Pending | S::Propagating => None,
        S::Degraded => Some(E::TenantDegraded),
        S::Revoked => Some(E::TenantRevoked),
        S::Suspended => Some(E::TenantSuspended),
        S::Removed => Some(E::TenantRemoved),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::CauseCode;
    use crate::cloud::Cloud;
    use crate::fleet::FleetFault;
    use crate::timestamp::Timestamp;
    use crate::version::Version;

    fn tenant(status: TenantStatus) -> Tenant {
        let id = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
        Tenant {
            status,
            version: Some(Version("v1".into())),
            ..Tenant::connected(id, Timestamp::from_unix(0))
        }
    }

    #[test]
    fn each_change_of_status_is_one_event_or_none() {
        use EventKind as E;
        use TenantStatus as S;
        let [connected, degraded, revoked] =
            [E::TenantConnected, E::TenantDegraded, E::TenantRevoked].map(Some);
        let [recovered, suspended, removed] =
            [E::TenantRecovered, E::TenantSuspended, E::TenantRemoved].map(Some);
        // From, and in the order of `TenantStatus::ALL`: to pending, propagating, active,
        // degraded, revoked, suspended, removed.
        let rows = [
            (
                None,
                [None, None, connected, degraded, revoked, suspended, removed],
            ),
            (
                Some(S::Pending),
                [None, None, connected, degraded, revoked, suspended, removed],
            ),
            (
                Some(S::Propagating),
                [None, None, connected, degraded, revoked, suspended, removed],
            ),
            (
                Some(S::Active),
                [None, degraded, None, degraded, revoked, suspended, removed],
            ),
            (
                Some(S::Degraded),
                [None, None, recovered, None, revoked, suspended, removed],
            ),
            (
                Some(S::Revoked),
                [None, None, recovered, degraded, None, suspended, removed],
            ),
            (
                Some(S::Suspended),
                [None, None, recovered, degraded, revoked, None, removed],
            ),
            (
                Some(S::Removed),
                [None, None, connected, degraded, revoked, suspended, None],
            ),
        ];
        assert_eq!(rows.len(), TenantStatus::ALL.len() + 1);
        for (from, expected) in rows {
            let before = from.map(tenant);
            for (to, expected) in TenantStatus::ALL.iter().zip(expected) {
                let event = Event::of_change(before.as_ref(), &tenant(*to));
                assert_eq!(event.map(|event| event.kind), expected, "{from:?} {to}");
            }
        }
    }

    #[test]
    fn what_leaves_the_status_as_it_is_is_no_transition() {
        let degraded = Tenant {
            cause: Some(CauseCode::Unavailable.into()),
            ..tenant(TenantStatus::Degraded)
        };
        let other_cause = Tenant {
            cause: Some(CauseCode::BlockedByPolicy.into()),
            ..degraded.clone()
        };
        let moved = degraded.moved_to(&"Contoso".parse().unwrap()).unwrap();
        for after in [&other_cause, &moved] {
            assert_eq!(Event::of_change(Some(&degraded), after), None);
        }
    }

    #[test]
    fn a_fault_of_ours_and_its_end_are_events_and_an_outage_of_a_cloud_is_none() {
        let since = Timestamp::from_unix(100);
        let now = Timestamp::from_unix(130);
        let fault = FleetFault {
            cause: CauseCode::CredentialRefused,
            since,
        };
        let change = |transitions: &[Transition], last_number| FleetChange {
            transitions: transitions.to_vec(),
            last_number,
        };
        let (began, over) = (Transition::Fault(fault), Transition::Recovered(fault));
        let down = Transition::CloudDown(Cloud::China, since);
        let up = Transition::CloudBack(Cloud::China, since);
        let (is_fault, is_over) = (
            (EventKind::FleetFault, since, Some("credential_refused")),
            (EventKind::FleetRecovered, now, None),
        );
        let rows = [
            (vec![began], vec![is_fault]),
            (vec![over], vec![is_over]),
            (vec![began, down], vec![is_fault]),
            (vec![over, up], vec![is_over]),
            (vec![down, up], vec![]),
        ];
        for (transitions, expected) in rows {
            let events = Event::of_fleet(&change(&transitions, 9), now);
            let seen: Vec<_> = events
                .iter()
                .map(|event| (event.kind, event.time, event.cause.as_ref().map(|c| c.code)))
                .collect();
            assert_eq!(seen, expected, "{transitions:?}");
        }
        let id = |transitions: &[Transition], number| {
            let events = Event::of_fleet(&change(transitions, number), now);
            events[0].id.clone()
        };
        assert_eq!(
            id(&[began], 9),
            id(&[began, down], 10),
            "the same transition"
        );
        assert_ne!(
            id(&[began], 9),
            id(&[began], 11),
            "a later one in the same second"
        );
    }

    #[test]
    fn an_id_is_of_one_transition_and_the_same_for_its_repeats() {
        let before = tenant(TenantStatus::Active);
        let now = Timestamp::from_unix(10);
        let id = |before: &Tenant, at| {
            let after = before.suspended(at).unwrap();
            Event::of_change(Some(before), &after).unwrap().id
        };
        let first = id(&before, now);
        assert_eq!(first, id(&before, now));
        assert_eq!(first.len(), 26);
        let read_later = Tenant {
            version: Some(Version("v2".into())),
            ..before.clone()
        };
        assert_ne!(first, id(&read_later, now));
        assert_ne!(first, id(&before, Timestamp::from_unix(11)));
        let removed = before.removed(now).unwrap();
        let removed = Event::of_change(Some(&before), &removed).unwrap();
        assert_ne!(first, removed.id);
    }
}
