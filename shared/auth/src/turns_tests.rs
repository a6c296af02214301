use super::*;

const USUAL: u64 = 1_979;

fn turns(cycle: u64) -> Turns {
    Turns::every(Duration::from_secs(cycle))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

#[test]
fn a_slot_never_changes_and_even_consecutive_tenants_spread() {
    let tenant: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
    assert_eq!(Slot::of(tenant).number(), 143, "rows name it");
    let mut counts = [0_u32; SLOTS as usize];
    for number in 0..25_600_u32 {
        let text = format!("00000000-0000-4000-8000-{number:012x}");
        counts[usize::from(Slot::of(text.parse().unwrap()).number())] += 1;
    }
    let spread = counts.iter().all(|count| (60..=140).contains(count));
    assert!(spread, "{counts:?}");
}

#[test]
fn a_slot_has_one_turn_in_every_cycle() {
    for cycle in [256, 300, USUAL, 2_879, 3_479] {
        let turns = turns(cycle);
        for number in [0, 1, 7, 100, 254, 255] {
            let slot = Slot::numbered(number);
            for now in [-1, 0, 1, 1_000, 1_800_000_000, 1_800_000_977] {
                let (last, next) = (turns.last(slot, at(now)), turns.next(slot, at(now)));
                assert!(
                    last <= at(now) && at(now) < next,
                    "{cycle}, {number}, {now}"
                );
                assert_eq!(last.seconds_until(next), cycle);
                assert_eq!(turns.last(slot, next), next);
            }
        }
    }
}

/// What runs look at one after another is each turn once, however they lie.
#[test]
fn what_lies_between_runs_is_exactly_the_turns_that_came() {
    for cycle in [256, 300, USUAL, 2_879] {
        let turns = turns(cycle);
        for since in [0, 1, 7, 977, USUAL as i64 - 1, 1_800_000_000] {
            for passed in [0, 1, 7, 8, 60, 255, 256, 299, 300, 1_000, USUAL as i64 - 1] {
                let (since, now) = (at(since), at(since + passed));
                let found: Vec<u8> = turns
                    .between(Some(since), now)
                    .into_iter()
                    .flatten()
                    .collect();
                let came = |slot: &u8| turns.last(Slot::numbered(*slot), now) > since;
                let mut expected: Vec<u8> = (0..=u8::MAX).filter(came).collect();
                expected.sort_by_key(|slot| turns.last(Slot::numbered(*slot), now));
                assert_eq!(found, expected, "{cycle}, {since:?}, {passed}");
            }
        }
    }
}

#[test]
fn every_slot_is_looked_at_where_it_is_not_known_how_far_the_runs_came() {
    let (turns, now) = (turns(USUAL), at(1_800_000_000));
    let day = Duration::from_secs(86_400);
    let cycle = Duration::from_secs(USUAL);
    let second = Duration::from_secs(1);
    // The last two: a clock that was set back, by little and by much.
    for since in [
        None,
        Some(now - cycle),
        Some(now - day),
        Some(now + second),
        Some(now + day),
    ] {
        let found: Vec<u8> = turns.between(since, now).into_iter().flatten().collect();
        assert_eq!(found.len(), SLOTS as usize, "{since:?}");
        let order = found.windows(2).all(|pair| {
            let of = |slot| turns.last(Slot::numbered(slot), now);
            of(pair[0]) <= of(pair[1])
        });
        assert!(order, "the longest waiting first");
    }
    let nearly = turns.between(Some(now - cycle + second), now);
    assert!(nearly.into_iter().flatten().count() >= SLOTS as usize - 1);
}
