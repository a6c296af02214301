//! What is printed of a run.

use auth::fleet::FleetFault;
use auth::last_run::{EndedEarly, LifeLeft, OfCloud, RequestUnits};

use super::*;

/// What a terminal shows of a line.
const COLUMNS: usize = 80;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds)
}

fn busy() -> LastRun {
    LastRun {
        times: (at(0), at(170)),
        refreshed: 99_000,
        failed_by: FailedBy {
            ours: 0,
            customer: 12,
            microsoft: 988,
        },
        causes: [(CauseCode::NotConsented, 12), (CauseCode::Unavailable, 988)].into(),
        clouds: [Cloud::Public, Cloud::GccHigh]
            .map(|cloud| {
                let of = OfCloud {
                    refreshed: 49_500,
                    failed: 500,
                };
                (cloud, of)
            })
            .into(),
        slowest_ms: Some(8_012),
        life_left: Some(LifeLeft {
            least: 1_502,
            median: 1_620,
        }),
        units: RequestUnits {
            read: 50_012.5,
            write: 99_031.0,
        },
        ended_early: Some(EndedEarly::AuthorityDown),
        ..LastRun::default()
    }
}

fn standing_as(fleet: FleetState) -> LastRun {
    LastRun { fleet, ..busy() }
}

fn down() -> FleetState {
    FleetState {
        down: [(Cloud::GccHigh, at(-7_200))].into(),
        ..FleetState::default()
    }
}

fn fault() -> FleetState {
    FleetState {
        fault: Some(FleetFault {
            cause: CauseCode::CredentialRefused,
            since: at(-600),
        }),
        ..down()
    }
}

#[test]
fn the_first_line_says_how_the_fleet_stands_and_the_last_ones_what_to_do() {
    let rows = [
        (FleetState::default(), "well", "", "FAILED"),
        (
            down(),
            "gcc-high is down since ",
            "Nothing to do",
            "they end.",
        ),
        (
            fault(),
            "stopped by a fault on our side since ",
            CauseCode::CredentialRefused.next_step(),
            "fleet-refresh-fault.md.",
        ),
    ];
    for (fleet, first, step, last) in rows {
        let text = for_a_person(&standing_as(fleet.clone()), at(230));
        let line = text.lines().next().unwrap();
        assert!(line.starts_with("fleet ") && line.contains(first), "{line}");
        assert!(text.contains(step), "{text}");
        let tail: Vec<_> = text.lines().rev().take(4).collect();
        assert!(tail.iter().any(|line| line.contains(last)), "{text}");
        for line in text
            .lines()
            .filter(|line| !line.contains(step) || step.is_empty())
        {
            assert!(line.chars().count() <= COLUMNS, "{line}");
        }
    }
}

#[test]
fn every_figure_of_a_run_is_shown() {
    let text = for_a_person(&busy(), at(230));
    for figure in [
        "(1m ago), after 2m 50s",
        "authority_down",
        "99000",
        "1000: 0 ours, 12 customers', 988 Microsoft's",
        "8012 ms",
        "25m 2s at least, 27m in the median",
        "50012.5 read, 99031 written",
        "not_consented",
        "gcc-high",
    ] {
        assert!(text.contains(figure), "{figure}: {text}");
    }
}

#[test]
fn a_script_reads_the_state_in_one_word() {
    for (fleet, state) in [
        (FleetState::default(), "well"),
        (down(), "cloud_down"),
        (fault(), "our_fault"),
    ] {
        let run = standing_as(fleet);
        let view = serde_json::to_value(view(&run)).unwrap();
        assert_eq!(view["fleet"]["state"], state);
        assert_eq!(view["failed_by"]["microsoft"], 988);
        assert_eq!(view["causes"][0]["class"], "consent");
        assert_eq!(view["clouds"][0]["refreshed"], 49_500);
    }
}
