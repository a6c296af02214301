//! The page for a person, in 80 columns.

use std::collections::BTreeMap;

use auth::Timestamp;
use auth::last_run::LastRun;

use super::attention;
use super::parts::{Certificate, Part, Parts, Policies, Ring, Tenants};
use crate::commands::feed::fleet::Totals;
use crate::commands::runs::standing;
use crate::output;
use crate::time_span::spelled;

const DAY: u64 = 24 * 60 * 60;

/// The whole of it.
pub(super) fn page(parts: &Parts, now: Timestamp, width: Option<usize>) -> String {
    let mut fields = vec![("at", now.to_string())];
    let mut add = |name, part: Result<Vec<(&'static str, String)>, &String>| match part {
        Ok(part) => fields.extend(part),
        Err(why) => fields.push((name, format!("CANNOT BE READ: {why}"))),
    };
    add("tenants", of(&parts.tenants, tenants));
    add("last run", of(&parts.last_run, |run| last_run(run, now)));
    add("audit logs", of(&parts.feed, feed));
    add("certificate", of(&parts.certificate, certificate));
    add("keys", of(&parts.rings, |of| rings(of, now)));
    add("policy", of(&parts.policy, policy));
    output::fields(0, &fields) + &attention(&attention::all(parts, now), width)
}

fn of<T>(
    part: &Part<T>,
    fields: impl FnOnce(&T) -> Vec<(&'static str, String)>,
) -> Result<Vec<(&'static str, String)>, &String> {
    part.as_ref().map(fields)
}

fn attention(lines: &[String], width: Option<usize>) -> String {
    if lines.is_empty() {
        return "\nNothing wants attention.\n".to_owned();
    }
    let lines = lines
        .iter()
        .map(|line| format!("- {}\n", output::wrapped(line, width, 2)));
    format!("\nWants attention:\n{}", lines.collect::<String>())
}

fn tenants(tenants: &Tenants) -> Vec<(&'static str, String)> {
    let all = match tenants.total {
        0 => "none".to_owned(),
        total => format!("{total} in all: {}", listed(&tenants.by_status)),
    };
    let mut fields = vec![("tenants", all)];
    if tenants.by_cloud.len() > 1 {
        fields.push(("clouds", listed(&tenants.by_cloud)));
    }
    fields
}

fn listed<T: std::fmt::Display>(counts: &BTreeMap<T, u64>) -> String {
    let counts = counts.iter().map(|(of, count)| format!("{count} {of}"));
    counts.collect::<Vec<_>>().join(", ")
}

fn last_run(run: &Option<LastRun>, now: Timestamp) -> Vec<(&'static str, String)> {
    let Some(run) = run else {
        return vec![("last run", "none yet".to_owned())];
    };
    let (began, ended) = run.times;
    let by = run.failed_by;
    let mut fields = vec![
        ("fleet", standing(&run.fleet)),
        (
            "last run",
            format!(
                "ended {} ago, after {}: {} renewed, {} failed",
                spelled(ended.seconds_until(now)),
                spelled(began.seconds_until(ended)),
                run.refreshed,
                by.ours + by.customer + by.microsoft
            ),
        ),
    ];
    if let Some(life) = run.life_left {
        let [least, median] = [life.least, life.median].map(spelled);
        fields.push((
            "token life",
            format!("{least} left at least, {median} in the median, when renewed"),
        ));
    }
    fields
}

fn feed(feed: &Totals) -> Vec<(&'static str, String)> {
    let collected = format!(
        "{} collected, {} of them complete",
        feed.collected, feed.complete
    );
    let lag = format!(
        "{} behind at most; {} contents lost",
        spelled(feed.lag_seconds),
        feed.lost
    );
    vec![("audit logs", collected), ("", lag)]
}

fn certificate(certificate: &Certificate) -> Vec<(&'static str, String)> {
    let rotated = match certificate.rotated {
        Some(true) => "; Secrets Manager rotates it",
        Some(false) => "; it is not rotated",
        None => "",
    };
    let versions = certificate.versions.iter();
    versions
        .map(|version| {
            let what = match (&version.problem, version.days_left, &version.not_after) {
                (Some(problem), ..) => problem.clone(),
                (None, Some(days), Some(until)) => {
                    let left = output::counted(days.unsigned_abs(), "day");
                    format!("{left} left, until {until}")
                }
                _ => String::new(),
            };
            match version.stage {
                "current" => ("certificate", format!("{what}{rotated}")),
                stage => ("", format!("the {stage} one: {what}")),
            }
        })
        .collect()
}

fn rings(rings: &[Ring], now: Timestamp) -> Vec<(&'static str, String)> {
    let lines = rings.iter().map(|ring| {
        let Some(primary) = &ring.primary else {
            return format!("{}: none", ring.ring);
        };
        let age = ring.age(now).map(|seconds| match seconds / DAY {
            0 => " for less than a day".to_owned(),
            days => format!(" for {}", output::counted(days, "day")),
        });
        let pending = ring.pending.as_ref().map(|id| format!("; {id} is pending"));
        format!(
            "{}: {primary} is primary{}{}",
            ring.ring,
            age.unwrap_or_default(),
            pending.unwrap_or_default()
        )
    });
    let names = std::iter::once("keys").chain(std::iter::repeat(""));
    names.zip(lines).collect()
}

fn policy(policy: &Policies) -> Vec<(&'static str, String)> {
    let in_force = match (policy.version, &policy.put_at) {
        (Some(version), Some(at)) => format!("version {version}, put at {at}"),
        _ => "none".to_owned(),
    };
    let candidate = match &policy.candidate {
        None => "no candidate".to_owned(),
        Some(candidate) => match &candidate.put_at {
            Some(at) => format!("a candidate, put at {at}"),
            None => "a candidate that cannot be tried".to_owned(),
        },
    };
    vec![("policy", format!("{in_force}; {candidate}"))]
}
