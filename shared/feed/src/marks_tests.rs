use std::collections::BTreeMap;

use super::*;
use crate::due::Hold;

const CYCLE: u64 = 300;

fn at(unix: i64) -> Timestamp {
    Timestamp::from_unix(unix)
}

fn tenants() -> Vec<TenantId> {
    let name = |number: u32| format!("00000000-0000-4000-8000-{number:012}");
    (0..64)
        .map(|number| name(number).parse().unwrap())
        .collect()
}

/// Whatever the runs do, and at whatever pace tenants are looked at, a lease says of no tenant that
/// more is listed than its last turn did; and of one whose turns all came no less than that of the
/// run which looked at it. A pace changes in a turn, whose row then says how far it came.
#[test]
fn a_lease_never_says_more_than_the_turns_did() {
    let turns = turns(Duration::from_secs(CYCLE));
    // Seconds between runs, by turns; which run leaves tenants; which begins without a mark.
    let rows: [(&[i64], usize, usize); 13] = [
        (&[300], 0, 0),
        (&[299], 0, 0),
        (&[301], 0, 0),
        (&[60], 0, 0),
        (&[10], 0, 0),
        (&[60, 500, 10], 0, 0),
        (&[60], 3, 0),
        (&[299, 10], 2, 0),
        (&[60], 3, 5),
        (&[300, 7], 2, 3),
        (&[300], 2, 0),
        (&[400, 1_000], 1, 0),
        (&[5_000], 0, 0),
    ];
    for (row, (steps, leaves, forgets)) in rows.into_iter().enumerate() {
        let (mut now, mut lease) = (1_800_000_000, None::<Looked>);
        let mut listed: BTreeMap<TenantId, i64> = BTreeMap::new();
        let numbers = Pace::all().cycle();
        let mut paces: BTreeMap<_, _> = tenants().into_iter().zip(numbers).collect();
        for run in 1..300_usize {
            now += steps[run % steps.len()];
            if forgets > 0 && run.is_multiple_of(forgets) {
                lease = None;
            }
            let before = believed(lease.take(), turns, at(now));
            let (mut least, mut until) = (None::<Timestamp>, at(now));
            for (index, tenant) in tenants().into_iter().enumerate() {
                let who = (tenant, paces[&tenant]);
                if !came(before.as_ref(), turns, who, at(now)) {
                    continue;
                }
                if leaves > 0 && (run + index).is_multiple_of(leaves * 7) {
                    let turn = turn_of(before.as_ref(), turns, who, at(now));
                    until = until.min(turn - Duration::from_secs(1));
                    continue;
                }
                let mark = now - 300 - i64::try_from(index % 5).unwrap();
                listed.insert(tenant, mark);
                least = Some(least.map_or(at(mark), |least| least.min(at(mark))));
                if index.is_multiple_of(3) {
                    let number = i64::try_from((run + index) % 5).unwrap();
                    paces.insert(tenant, Pace::numbered(number));
                }
            }
            let looked = looked(before.as_ref(), turns, (at(now), until), least);
            assert!(looked.noted.len() <= MOST);
            for (index, tenant) in tenants().into_iter().enumerate() {
                let pace = paces[&tenant];
                let says = mark_of(&looked, turns, tenant, Due::InTurn(pace));
                assert!(says.is_none_or(|mark| mark.pace == pace));
                let says = says.map(|mark| mark.until.unix());
                let is = listed.get(&tenant).copied();
                if let Some(says) = says {
                    assert!(is.is_some_and(|is| says <= is), "row {row} run {run}");
                }
                // As far back as there is a note for each run.
                let noted = 40 * steps.iter().min().unwrap();
                let is_noted = pace.period(turns).as_secs() <= noted.unsigned_abs();
                let is_exact = leaves == 0 && is_noted && index % 3 > 0;
                if let Some(is) = is.filter(|_| forgets == 0 && run > 60 && is_exact) {
                    let says = says.expect("it was looked at");
                    assert!(says >= is - 4, "row {row} run {run} {pace:?}");
                }
            }
            lease = Some(looked);
        }
    }
}

#[test]
fn a_lease_speaks_for_tenants_in_their_turns_and_for_no_other() {
    let turns = turns(Duration::from_secs(CYCLE));
    let now = 1_800_000_000;
    let looked = looked(None, turns, (at(now), at(now)), Some(at(now - 300)));
    for tenant in tenants() {
        let mark = |due| mark_of(&looked, turns, tenant, due);
        let in_turn = mark(Due::InTurn(Pace::FASTEST)).unwrap();
        assert_eq!(
            (in_turn.pace, in_turn.until),
            (Pace::FASTEST, at(now - 300))
        );
        for due in [
            Due::From(at(now)),
            Due::Held(Hold::Paused),
            Due::Held(Hold::Inactive),
            Due::Held(Hold::Left),
        ] {
            assert_eq!(mark(due), None, "{due:?}");
        }
    }
}

#[test]
fn what_is_of_another_cycle_or_yet_to_come_is_not_believed() {
    let turns = turns(Duration::from_secs(CYCLE));
    let lease = |until, cycle| {
        Some(Looked {
            until: at(until),
            cycle,
            noted: Vec::new(),
        })
    };
    for (looked, expected) in [
        (None, false),
        (lease(1_000, CYCLE), true),
        (lease(0, CYCLE), true),
        (lease(1_001, CYCLE), false),
        (lease(i64::MAX, CYCLE), false),
        (lease(1_000, CYCLE + 1), false),
        (lease(1_000, 0), false),
    ] {
        let found = believed(looked.clone(), turns, at(1_000));
        assert_eq!(found.is_some(), expected, "{looked:?}");
    }
}
