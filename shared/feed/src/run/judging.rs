//! What one tenant's turn says of the turns to come: whether going on with the others is worth it.
//! One tenant's trouble is its own, and so is one answer of Microsoft's.

use auth::breaker::Side;

use super::state::Run;
use crate::collect::{Halt, Report};
use crate::refusal::Refusal;

impl Run<'_> {
    /// Ends the run after so many failures in a row that every tenant may have.
    pub(super) fn judge(&self, report: &Report) {
        match &report.halt {
            Some(Halt::Store(_)) => return self.failed(&self.storing, Side::Here),
            // The vending function may be at fault, or one tenant's token.
            Some(Halt::NoToken) => return self.failed(&self.asking, Side::AtMicrosoft),
            Some(Halt::Damaged(_) | Halt::Raced) => return,
            Some(Halt::Deadline | Halt::Throttled) | None => {}
        }
        if report.stored > 0 {
            self.storing.succeeded();
        }
        if report.windows > 0 {
            return self.asking.succeeded();
        }
        match common(report).map(side) {
            Some(Some(side)) => self.failed(&self.asking, side),
            Some(None) => self.asking.microsoft_answered(),
            None => {}
        }
    }
}

/// What every type that is asked for was refused with, where that is the same.
fn common(report: &Report) -> Option<Refusal> {
    let refusals = report.refusals.iter().map(|(_, refusal)| *refusal);
    let mut refusals = refusals.filter(|refusal| *refusal != Refusal::Paused);
    let first = refusals.next()?;
    refusals.all(|other| other == first).then_some(first)
}

/// Where the reason lies of a refusal that the next tenant may meet as well; `None` where it is
/// this tenant's, or a word about one address, window or content.
fn side(refusal: Refusal) -> Option<Side> {
    match refusal {
        // Ours: what is wrong in one request is wrong in all.
        Refusal::RequestRefused => Some(Side::Here),
        // There may be no tokens for any tenant, or this one is not active any more: the list of
        // tenants is a moment older. It takes as many in a row as an outage of Microsoft's.
        Refusal::NoToken => Some(Side::AtMicrosoft),
        Refusal::Unavailable | Refusal::Throttled | Refusal::TokenRefused => {
            Some(Side::AtMicrosoft)
        }
        // The tenant's, or its admin's.
        Refusal::RoleMissing
        | Refusal::SubscriptionDisabled
        | Refusal::AuditingOff
        | Refusal::TenantGone
        | Refusal::TenantMisconfigured
        | Refusal::NotSubscribed
        | Refusal::AlreadyEnabled
        | Refusal::Paused => None,
        // Our address did not answer: the subscription begins without a webhook.
        Refusal::WebhookRefused => None,
        // One answer's. A clock of ours that is wrong costs each tenant a request more, and a
        // listing by Microsoft's clock is still worth it.
        Refusal::WindowRefused
        | Refusal::PageStale
        | Refusal::AddressRefused
        | Refusal::ContentGone
        | Refusal::ContentExpired => None,
    }
}

#[cfg(test)]
mod tests {
    use auth::Fault;

    use super::*;
    use crate::content_type::ContentType;

    #[test]
    fn a_run_ends_for_what_every_tenant_may_have_and_for_no_ones_own() {
        use Refusal as R;
        use Side::{AtMicrosoft, Here};
        let rows = [
            (R::AlreadyEnabled, None),
            (R::Throttled, Some(AtMicrosoft)),
            (R::TokenRefused, Some(AtMicrosoft)),
            (R::RoleMissing, None),
            (R::NotSubscribed, None),
            (R::SubscriptionDisabled, None),
            (R::AuditingOff, None),
            (R::TenantGone, None),
            (R::TenantMisconfigured, None),
            (R::WindowRefused, None),
            (R::PageStale, None),
            (R::AddressRefused, None),
            (R::ContentGone, None),
            (R::ContentExpired, None),
            (R::RequestRefused, Some(Here)),
            (R::NoToken, Some(AtMicrosoft)),
            (R::Paused, None),
            (R::WebhookRefused, None),
            (R::Unavailable, Some(AtMicrosoft)),
        ];
        assert_eq!(rows.len(), R::ALL.len());
        for (refusal, expected) in rows {
            assert_eq!(side(refusal), expected, "{refusal:?}");
            // Three in a row end a run only for a fault of ours.
            assert!(expected != Some(Here) || refusal.fault() == Fault::Ours);
        }
    }

    #[test]
    fn types_that_are_not_asked_for_say_nothing() {
        use Refusal::{AuditingOff, Paused, RoleMissing};
        let rows = [
            (vec![], None),
            (vec![Paused], None),
            (vec![Paused, Paused], None),
            (vec![AuditingOff], Some(AuditingOff)),
            (vec![AuditingOff, AuditingOff], Some(AuditingOff)),
            (vec![Paused, AuditingOff], Some(AuditingOff)),
            (vec![AuditingOff, Paused], Some(AuditingOff)),
            (vec![AuditingOff, RoleMissing], None),
            (vec![RoleMissing, Paused, AuditingOff], None),
            (vec![RoleMissing, Paused, RoleMissing], Some(RoleMissing)),
        ];
        for (refusals, expected) in rows {
            let types = refusals
                .iter()
                .map(|refusal| (ContentType::General, *refusal));
            let report = Report {
                refusals: types.collect(),
                ..Report::default()
            };
            assert_eq!(common(&report), expected, "{refusals:?}");
        }
    }
}
