use super::*;
use crate::cloud::Cloud;
use crate::identifiers::TenantId;

fn tenant(status: TenantStatus) -> Tenant {
    let id: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
    Tenant {
        status,
        consented_at: Some(Timestamp::from_unix(-86_400)),
        ..Tenant::connected(id, Timestamp::from_unix(0))
    }
}

fn management() -> Resource {
    Cloud::Public.management_resource()
}

/// `tenant` after `code` kept us from a token for the management API.
fn failed(
    tenant: &Tenant,
    cause: &Cause,
    (holds_living_token, confirmed): (bool, bool),
    now: Timestamp,
) -> Option<Tenant> {
    let failure = Failure {
        resource: &management(),
        cause,
        holds_living_token,
        confirmed,
    };
    tenant.after_failure(&failure, now)
}

const LIVING: (bool, bool) = (true, true);
const STARVED: (bool, bool) = (false, true);

#[test]
fn failures_move_a_tenant_by_status_and_cause() {
    use CauseCode as C;
    use TenantStatus as S;
    let day = i64::try_from(PROPAGATION_LIMIT.as_secs()).unwrap();
    // status, cause, a living token held, at, what comes out
    let rows = [
        (S::Active, C::NotConsented, true, 10, Some(S::Revoked)),
        (S::Active, C::RolesMissing, true, 10, Some(S::Revoked)),
        (S::Active, C::ResourceMissing, false, 10, Some(S::Degraded)),
        (S::Active, C::Unavailable, true, 10, None),
        (S::Active, C::Unavailable, false, 10, Some(S::Degraded)),
        (S::Active, C::Unknown, false, 10, Some(S::Degraded)),
        (S::Active, C::CredentialRefused, false, 10, None),
        (S::Degraded, C::CredentialRefused, false, 10, None),
        (S::Degraded, C::Unavailable, false, 10, Some(S::Degraded)),
        (S::Degraded, C::NotConsented, false, 10, Some(S::Revoked)),
        (
            S::Propagating,
            C::NotConsented,
            false,
            day - 1,
            Some(S::Propagating),
        ),
        (
            S::Propagating,
            C::RolesMissing,
            false,
            day,
            Some(S::Degraded),
        ),
        (S::Revoked, C::NotConsented, false, 10, Some(S::Revoked)),
        (S::Removed, C::NotConsented, false, 10, None),
    ];
    for (status, code, living, at, expected) in rows {
        let now = Timestamp::from_unix(at);
        let after = failed(&tenant(status), &code.into(), (living, true), now);
        assert_eq!(after.map(|t| t.status), expected, "{status} {code}");
    }
}

#[test]
fn a_refusal_that_nobody_confirmed_degrades_a_tenant_at_most() {
    use CauseCode as C;
    use TenantStatus as S;
    let grace = i64::try_from(CONSENT_GRACE.as_secs()).unwrap();
    // status, cause, a living token held, seconds since the consent, unconfirmed, confirmed
    let rows = [
        (
            S::Active,
            C::NotConsented,
            true,
            grace,
            None,
            Some(S::Revoked),
        ),
        (
            S::Active,
            C::RolesMissing,
            true,
            grace,
            None,
            Some(S::Revoked),
        ),
        (
            S::Active,
            C::ApplicationDisabled,
            true,
            grace,
            None,
            Some(S::Revoked),
        ),
        (
            S::Active,
            C::TenantNotFound,
            true,
            grace,
            None,
            Some(S::Revoked),
        ),
        (
            S::Active,
            C::NotConsented,
            false,
            grace,
            Some(S::Degraded),
            Some(S::Revoked),
        ),
        (
            S::Active,
            C::RolesMissing,
            false,
            grace,
            Some(S::Degraded),
            Some(S::Revoked),
        ),
        (
            S::Degraded,
            C::NotConsented,
            true,
            grace,
            Some(S::Degraded),
            Some(S::Revoked),
        ),
        (
            S::Degraded,
            C::TenantNotFound,
            false,
            grace,
            Some(S::Degraded),
            Some(S::Revoked),
        ),
        // Right after a consent "not there" is "not there yet".
        (
            S::Active,
            C::NotConsented,
            true,
            grace - 1,
            None,
            Some(S::Propagating),
        ),
        (
            S::Active,
            C::NotConsented,
            false,
            grace - 1,
            Some(S::Propagating),
            Some(S::Propagating),
        ),
        // Of others nothing has to be confirmed.
        (
            S::Active,
            C::TenantInactive,
            false,
            grace,
            Some(S::Degraded),
            Some(S::Degraded),
        ),
        (S::Active, C::CredentialRefused, false, grace, None, None),
        (
            S::Revoked,
            C::NotConsented,
            false,
            grace,
            Some(S::Revoked),
            Some(S::Revoked),
        ),
    ];
    for (status, code, living, age, unconfirmed, confirmed) in rows {
        let mut tenant = tenant(status);
        tenant.consented_at = Some(Timestamp::from_unix(0));
        let now = Timestamp::from_unix(age);
        let after = |confirmed| failed(&tenant, &code.into(), (living, confirmed), now);
        let statuses = [false, true].map(|confirmed| after(confirmed).map(|t| t.status));
        assert_eq!(
            statuses,
            [unconfirmed, confirmed],
            "{status} {code} {living}"
        );
    }
}

#[test]
fn another_cause_is_told_without_a_new_since_and_the_same_one_changes_nothing() {
    let now = Timestamp::from_unix(10);
    let mut degraded = tenant(TenantStatus::Degraded);
    degraded.cause = Some(CauseCode::Unavailable.into());
    let same = CauseCode::Unavailable.into();
    assert!(failed(&degraded, &same, STARVED, now).is_none());
    let other = CauseCode::BlockedByPolicy.into();
    let told = failed(&degraded, &other, STARVED, now).unwrap();
    assert_eq!(told.cause, Some(other));
    assert_eq!(told.since, degraded.since);
}

#[test]
fn right_after_a_consent_missing_roles_are_on_their_way() {
    let now = Timestamp::from_unix(10);
    let mut fresh = tenant(TenantStatus::Active);
    fresh.consented_at = Some(Timestamp::from_unix(0));
    let after = failed(&fresh, &CauseCode::RolesMissing.into(), LIVING, now);
    assert_eq!(after.unwrap().status, TenantStatus::Propagating);
}

#[test]
fn a_token_heals_what_its_own_resource_broke() {
    let graph: Resource = "https://graph.microsoft.com".parse().unwrap();
    let now = Timestamp::from_unix(5);
    let mut degraded = tenant(TenantStatus::Degraded);
    degraded.cause = Some(CauseCode::ResourceMissing.into());
    degraded.cause_resource = Some(graph.clone());
    assert!(degraded.after_token(&management(), &[], now).is_none());
    let healed = degraded.after_token(&graph, &["Role".into()], now).unwrap();
    assert_eq!(healed.status, TenantStatus::Active);
    assert_eq!(healed.cause, None);
    assert_eq!(healed.since, now);
}

#[test]
fn a_removed_tenant_never_comes_back_by_a_token() {
    let removed = tenant(TenantStatus::Removed);
    assert!(
        removed
            .after_token(&management(), &[], Timestamp::from_unix(1))
            .is_none()
    );
}

#[test]
fn the_reason_that_a_consent_saw_is_not_told_over_by_a_bare_token() {
    let mut waiting = tenant(TenantStatus::Propagating);
    waiting.cause = Some(CauseCode::DelegatedOnly.into());
    let bare = CauseCode::RolesMissing.into();
    let now = Timestamp::from_unix(10);
    let after = failed(&waiting, &bare, STARVED, now);
    assert!(after.is_none(), "{after:?}");
    let day = Timestamp::from_unix(0) + PROPAGATION_LIMIT;
    let given_up = failed(&waiting, &bare, STARVED, day);
    let given_up = given_up.unwrap();
    assert_eq!(given_up.status, TenantStatus::Degraded);
    assert_eq!(given_up.cause, Some(CauseCode::DelegatedOnly.into()));
    let later = failed(&given_up, &bare, STARVED, day);
    assert!(later.is_none(), "a fault of ours never revokes: {later:?}");
}

#[test]
fn what_the_operator_holds_back_moves_by_no_token_and_no_failure() {
    let now = Timestamp::from_unix(10);
    let held = tenant(TenantStatus::Active).suspended(now).unwrap();
    assert_eq!(held.cause, Some(CauseCode::Suspended.into()));
    assert!(held.suspended(now).is_none());
    assert!(held.after_token(&management(), &[], now).is_none());
    let revoked = CauseCode::NotConsented.into();
    assert!(failed(&held, &revoked, STARVED, now).is_none());
    assert!(tenant(TenantStatus::Removed).suspended(now).is_none());
}

#[test]
fn a_tenant_that_is_moved_or_removed_keeps_all_the_rest() {
    let now = Timestamp::from_unix(10);
    let active = tenant(TenantStatus::Active);
    assert!(active.moved_to(&active.customer).is_none());
    let moved = active.moved_to(&"Contoso".parse().unwrap()).unwrap();
    assert_eq!(moved.customer.as_str(), "Contoso");
    assert_eq!((moved.status, moved.since), (active.status, active.since));
    let removed = moved.removed(now).unwrap();
    assert_eq!(removed.customer.as_str(), "Contoso");
    assert!(removed.removed(now).is_none());
}
