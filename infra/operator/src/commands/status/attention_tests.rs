//! What wants attention, and what does not.

use auth::fleet::{FleetFault, FleetState};
use auth::{CauseCode, Cloud};

use super::*;
use crate::commands::certificate::status::VersionView;
use crate::commands::status::parts::{Candidate, Part};

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

fn ago(seconds: i64) -> Timestamp {
    Timestamp::from_unix(NOW.unix() - seconds)
}

fn ring(primary: Option<&str>) -> Ring {
    Ring {
        ring: "sealing",
        primary: primary.map(str::to_owned),
        ..Ring::default()
    }
}

/// An installation of one tenant, all well.
fn well() -> Parts {
    Parts {
        tenants: Ok(Tenants {
            total: 1,
            by_status: [("active", 1)].into(),
            active_since: Some(ago(10_000)),
            ..Tenants::default()
        }),
        last_run: Ok(Some(LastRun {
            times: (ago(310), ago(300)),
            ..LastRun::default()
        })),
        feed: Ok(Totals {
            collected: 1,
            complete: 1,
            lag_seconds: 600,
            ..Totals::default()
        }),
        certificate: Ok(certificate(Some(31), None)),
        rings: Ok(vec![ring(Some("k1"))]),
        policy: Ok(Policies {
            version: Some(1),
            put_at: None,
            candidate: None,
        }),
    }
}

fn certificate(days_left: Option<i64>, problem: Option<&str>) -> Certificate {
    Certificate {
        rotated: Some(true),
        versions: vec![VersionView {
            stage: "current",
            sha1_hex: None,
            not_after: None,
            days_left,
            problem: problem.map(str::to_owned),
        }],
    }
}

fn run(of: impl FnOnce(&mut LastRun)) -> Part<Option<LastRun>> {
    let mut run = LastRun {
        times: (ago(310), ago(300)),
        ..LastRun::default()
    };
    of(&mut run);
    Ok(Some(run))
}

fn with(change: impl FnOnce(&mut Parts)) -> Parts {
    let mut parts = well();
    change(&mut parts);
    parts
}

fn statuses(statuses: &[(&'static str, u64)]) -> Part<Tenants> {
    Ok(Tenants {
        by_status: statuses.iter().copied().collect(),
        ..Tenants::default()
    })
}

fn feed(of: impl FnOnce(&mut Totals)) -> Part<Totals> {
    let mut totals = Totals::default();
    of(&mut totals);
    Ok(totals)
}

#[test]
fn each_trouble_is_one_line_that_says_what_to_do() {
    let fault = FleetFault {
        cause: CauseCode::CredentialRefused,
        since: ago(600),
    };
    let rows: Vec<(Parts, &[&str])> = vec![
        (well(), &[]),
        (with(|p| p.last_run = Ok(None)), &["refresher-not-running"]),
        (
            with(|p| (p.last_run, p.tenants) = (Ok(None), statuses(&[("removed", 2)]))),
            &[],
        ),
        (
            with(|p| {
                p.last_run = Ok(None);
                let tenants = p.tenants.as_mut().unwrap();
                tenants.active_since = Some(ago(60));
            }),
            &[],
        ),
        (
            with(|p| p.last_run = run(|run| run.times = (ago(9000), ago(8000)))),
            &["nothing was renewed for 2h 13m"],
        ),
        (
            with(|p| {
                p.last_run = run(|run| {
                    run.fleet = FleetState {
                        fault: Some(fault),
                        ..FleetState::default()
                    };
                });
            }),
            &["fleet-refresh-fault.md"],
        ),
        (
            with(|p| {
                p.last_run = run(|run| run.fleet.down = [(Cloud::China, ago(60))].into());
            }),
            &["Entra ID of china"],
        ),
        (
            with(|p| p.certificate = Ok(certificate(Some(29), None))),
            &["29 days left: `operator certificate rotate`"],
        ),
        (
            with(|p| p.certificate = Ok(certificate(None, Some("no key")))),
            &["cannot be used: no key"],
        ),
        (
            with(|p| p.rings = Ok(vec![ring(None)])),
            &["operator keys create"],
        ),
        (
            with(|p| {
                p.policy = Ok(Policies {
                    version: None,
                    put_at: None,
                    candidate: Some(Candidate {
                        put_at: None,
                        problem: Some("torn".to_owned()),
                    }),
                });
            }),
            &["every caller is denied", "torn"],
        ),
        (
            with(|p| p.feed = feed(|feed| feed.lag_seconds = 3601)),
            &["1h behind"],
        ),
        (
            with(|p| {
                p.feed = feed(|feed| {
                    (feed.lost, feed.expired_seconds, feed.silent) = (3, 60, 2);
                });
            }),
            &[
                "lack 3 contents",
                "1m of audit logs expired",
                "2 silent content types",
            ],
        ),
        (
            with(|p| p.tenants = statuses(&[("revoked", 7), ("degraded", 2), ("suspended", 1)])),
            &["2 degraded tenants", "list --status revoked"],
        ),
        (
            with(|p| p.tenants = Err("no table".to_owned())),
            &["tenants cannot be read"],
        ),
    ];
    for (parts, expected) in rows {
        let lines = all(&parts, NOW);
        assert_eq!(lines.len(), expected.len(), "{lines:?}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.contains(expected), "{expected:?} in {line:?}");
        }
    }
}
