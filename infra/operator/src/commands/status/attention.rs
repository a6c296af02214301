//! What of the page wants attention, with what to do. The worst comes first.

use auth::last_run::LastRun;
use auth::{Fault, TenantStatus, Timestamp};

use super::parts::{Certificate, Parts, Policies, Ring, Tenants};
use crate::commands::feed::fleet::Totals;
use crate::output;
use crate::time_span::spelled;

/// A run that has nothing to do leaves no record, and no token lives longer than a day; the usual
/// one lives an hour. So long without a record is no idleness, where a token is wanted.
const OVERDUE_SECONDS: u64 = 2 * 60 * 60;
/// A certificate is replaced before it has so few days left.
const CERTIFICATE_DAYS: i64 = 30;
/// Longer than a content usually takes to be stored.
const LAG_SECONDS: u64 = 60 * 60;

/// All of it.
pub(super) fn all(parts: &Parts, now: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(parts.unread().into_keys().map(|part| {
        let part = part.replace('_', " ");
        format!("{part} cannot be read: `operator doctor` looks for the reason")
    }));
    if let Ok(last) = &parts.last_run {
        // What was connected a moment ago has a token that was not due yet.
        let tenants = parts.tenants.as_ref().ok();
        let since = tenants.and_then(|tenants| tenants.active_since);
        let is_wanted = since.is_some_and(|since| since.seconds_until(now) > OVERDUE_SECONDS);
        lines.extend(of_last_run(last.as_ref(), is_wanted, now));
    }
    if let Ok(certificate) = &parts.certificate {
        lines.extend(of_certificate(certificate));
    }
    lines.extend(parts.rings.iter().flatten().filter_map(of_ring));
    if let Ok(policy) = &parts.policy {
        lines.extend(of_policy(policy));
    }
    if let Ok(feed) = &parts.feed {
        lines.extend(of_feed(feed));
    }
    if let Ok(tenants) = &parts.tenants {
        lines.extend(of_tenants(tenants));
    }
    lines
}

fn of_last_run(last: Option<&LastRun>, is_wanted: bool, now: Timestamp) -> Vec<String> {
    let Some(run) = last else {
        let line = "no token was renewed yet: infra/runbooks/refresher-not-running.md";
        return is_wanted.then(|| line.to_owned()).into_iter().collect();
    };
    let mut lines = Vec::new();
    if let Some(fault) = run.fleet.fault {
        let cause = fault.cause;
        lines.push(format!(
            "no token is renewed, by a fault on our side: {cause}. {} \
             infra/runbooks/fleet-refresh-fault.md",
            cause.next_step()
        ));
    }
    let ago = run.times.1.seconds_until(now);
    if is_wanted && ago > OVERDUE_SECONDS {
        lines.push(format!(
            "nothing was renewed for {}: infra/runbooks/refresher-not-running.md",
            spelled(ago)
        ));
    }
    for (cloud, since) in &run.fleet.down {
        lines.push(format!(
            "Entra ID of {cloud} gives no tokens since {since}: nothing to do, its tenants go on \
             with the first that comes"
        ));
    }
    lines
}

fn of_certificate(certificate: &Certificate) -> Option<String> {
    let in_use = certificate.versions.iter();
    let Some(current) = in_use.clone().find(|version| version.stage == "current") else {
        return Some("there is no certificate: `operator certificate publish DIR`".to_owned());
    };
    if let Some(problem) = &current.problem {
        return Some(format!(
            "the certificate cannot be used: {problem}. infra/runbooks/certificate-ends.md"
        ));
    }
    let days = current.days_left.unwrap_or_default();
    let replace = match certificate.rotated {
        Some(true) => "`operator certificate rotate` begins a rotation now",
        _ => "infra/runbooks/certificate-ends-soon.md",
    };
    let left = output::counted(days.unsigned_abs(), "day");
    (days < CERTIFICATE_DAYS).then(|| format!("the certificate has {left} left: {replace}"))
}

fn of_ring(ring: &Ring) -> Option<String> {
    let has_none = ring.primary.is_none();
    has_none.then(|| {
        format!(
            "the {} ring has no keys: make them with `operator keys create`",
            ring.ring
        )
    })
}

fn of_policy(policy: &Policies) -> Vec<String> {
    let mut lines = Vec::new();
    if policy.version.is_none() {
        lines.push(
            "no policy is stored, and every caller is denied: `operator policy put FILE`"
                .to_owned(),
        );
    }
    let problem = policy.candidate.as_ref();
    if let Some(problem) = problem.and_then(|candidate| candidate.problem.as_deref()) {
        lines.push(format!(
            "the candidate policy cannot be tried: {problem}; remove it with `operator policy \
             drop-candidate`"
        ));
    }
    lines
}

fn of_feed(feed: &Totals) -> Vec<String> {
    let rows = [
        (
            feed.lag_seconds > LAG_SECONDS,
            format!("an audit log is {} behind", spelled(feed.lag_seconds)),
        ),
        (
            feed.lost > 0,
            format!("audit logs lack {}", output::counted(feed.lost, "content")),
        ),
        (
            feed.expired_seconds > 0,
            format!(
                "{} of audit logs expired before they were stored",
                spelled(feed.expired_seconds)
            ),
        ),
        (
            feed.silent > 0,
            output::counted(feed.silent, "silent content type"),
        ),
    ];
    let lines = rows.into_iter().filter(|(is_so, _)| *is_so);
    lines
        .map(|(_, what)| format!("{what}: `operator feed status`"))
        .collect()
}

fn of_tenants(tenants: &Tenants) -> Vec<String> {
    let mut lines: Vec<_> = [TenantStatus::Degraded, TenantStatus::Revoked]
        .iter()
        .filter_map(|status| Some((status, tenants.by_status.get(status.as_str())?)))
        .map(|(status, count)| {
            let tenants = output::counted(*count, &format!("{status} tenant"));
            format!("{tenants}: `operator tenants list --status {status}`")
        })
        .collect();
    if tenants.damaged > 0 {
        lines.push(format!(
            "{} of the table that cannot be read: `operator tenants list` names them. {}",
            output::counted(tenants.damaged, "row"),
            Fault::Ours.whose_turn()
        ));
    }
    lines
}

#[cfg(test)]
#[path = "attention_tests.rs"]
mod tests;
