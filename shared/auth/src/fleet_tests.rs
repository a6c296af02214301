//! What runs see, one after the other or at the same time, and what becomes of the fleet by it.

use super::*;
use CloudSeen::{Answers, Down};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn fault(since: i64) -> FleetFault {
    FleetFault {
        cause: CauseCode::CredentialRefused,
        since: at(since),
    }
}

fn token(seconds: i64) -> Observed {
    Observed {
        token_at: Some(at(seconds)),
        ..Observed::default()
    }
}

fn broken(since: i64) -> Observed {
    Observed {
        fault: Some(fault(since)),
        failures: 3,
        ..Observed::default()
    }
}

fn cloud(cloud: Cloud, seen: CloudSeen) -> Observed {
    Observed {
        clouds: [(cloud, seen)].into(),
        ..Observed::default()
    }
}

#[test]
fn each_transition_is_made_once_whatever_the_runs_see_and_write_first() {
    use Transition::{CloudBack, CloudDown, Fault, Recovered};
    const C: Cloud = Cloud::Public;
    const G: Cloud = Cloud::GccHigh;
    type Row = (&'static str, Vec<Observed>, Vec<Transition>);
    let rows: Vec<Row> = vec![
        ("nothing", vec![Observed::default(), token(5)], vec![]),
        (
            "a fault that lasts is one",
            vec![token(1), broken(10), broken(310), broken(610)],
            vec![Fault(fault(10))],
        ),
        (
            "a token ends it and the next one is another",
            vec![broken(10), token(20), token(30), broken(40), token(50)],
            vec![
                Fault(fault(10)),
                Recovered(fault(10)),
                Fault(fault(40)),
                Recovered(fault(40)),
            ],
        ),
        (
            "a run that got its tokens before the fault ends nothing",
            vec![broken(10), token(9)],
            vec![Fault(fault(10))],
        ),
        (
            "a run that met the fault before another one's token begins nothing",
            vec![token(11), broken(10)],
            vec![],
        ),
        (
            "in one second the fault comes after the tokens of the runs before",
            vec![token(10), broken(10)],
            vec![Fault(fault(10))],
        ),
        (
            "a run without an answer leaves it as it is",
            vec![broken(10), Observed::default()],
            vec![Fault(fault(10))],
        ),
        (
            "clouds go down and come back by themselves",
            vec![
                cloud(C, Down(at(10))),
                cloud(C, Down(at(310))),
                cloud(G, Answers(at(320))),
                cloud(G, Down(at(330))),
                cloud(C, Answers(at(9))),
                cloud(C, Answers(at(610))),
            ],
            vec![
                CloudDown(C, at(10)),
                CloudDown(G, at(330)),
                CloudBack(C, at(10)),
            ],
        ),
    ];
    for (row, seen, expected) in rows {
        let (mut state, mut made) = (FleetState::default(), Vec::new());
        for seen in &seen {
            let (after, change) = state.after(seen);
            if let Some(change) = &change {
                assert_eq!(change.last_number, after.changes, "{row}");
            }
            made.extend(change.into_iter().flat_map(|change| change.transitions));
            assert_eq!(after.changes, made.len() as u64, "{row}");
            state = after;
        }
        assert_eq!(made, expected, "{row}");
    }
}

#[test]
fn the_last_token_of_all_runs_is_kept() {
    let (state, _) = FleetState::default().after(&token(20));
    let (state, _) = state.after(&token(10));
    assert_eq!(state.token_at, Some(at(20)));
    let (state, _) = state.after(&broken(30));
    assert_eq!((state.token_at, state.failures), (Some(at(20)), 3));
    let (state, _) = state.after(&token(40));
    assert_eq!((state.token_at, state.failures), (Some(at(40)), 0));
    let (state, change) = state.after(&broken(39));
    assert_eq!(
        (state.failures, change),
        (0, None),
        "that token came after it"
    );
}
