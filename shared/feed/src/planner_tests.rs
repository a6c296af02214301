use super::*;

const NOW: i64 = 1_000 * DAY;

fn at(unix: i64) -> Timestamp {
    Timestamp::from_unix(unix)
}

fn window(start: i64, end: i64) -> Window {
    Window::between(start, end).unwrap()
}

/// Seconds before now.
fn ago(start: i64, end: i64) -> Window {
    window(NOW - start, NOW - end)
}

fn all_listed_but(mark: i64, gaps: &[Window]) -> Progress {
    let mut progress = Progress::beginning(at(NOW - 30 * DAY), 300);
    let whole = window(NOW - 30 * DAY, mark);
    progress.listed(whole, at(NOW), &Spans::from_iter(gaps.iter().copied()));
    progress
}

#[test]
fn the_windows_due_are_the_newest_and_then_the_oldest() {
    const H: i64 = HOUR;
    const M: i64 = 60;
    let begun = |since| Progress::beginning(at(since), 300);
    // What is so, the ledger, the windows.
    let rows: [(&str, Progress, Vec<Window>); 11] = [
        ("nothing has settled yet", begun(NOW - 300), vec![]),
        (
            "one second has",
            begun(NOW - 301),
            vec![ago(301 + 600, 300)],
        ),
        (
            "the usual turn: five minutes and the overlap",
            all_listed_but(NOW - 600, &[]),
            vec![ago(20 * M, 5 * M)],
        ),
        (
            "an idle day that was never written is one request, for the pass after hours, too",
            begun(NOW - 20 * H),
            vec![ago(20 * H + 600, 300)],
        ),
        (
            "exactly a day has no room for the overlap",
            begun(NOW - 300 - DAY),
            vec![ago(300 + DAY, 300)],
        ),
        (
            "two days: the newest, then the oldest",
            begun(NOW - 2 * DAY),
            vec![ago(DAY + 300, 300), ago(2 * DAY, DAY + 300)],
        ),
        (
            "ten days: nothing beyond what can be listed",
            begun(NOW - 10 * DAY),
            vec![
                ago(DAY + 300, 300),
                ago(7 * DAY - 300, 6 * DAY - 300),
                ago(6 * DAY - 300, 5 * DAY - 300),
                ago(5 * DAY - 300, 4 * DAY - 300),
                ago(4 * DAY - 300, 3 * DAY - 300),
                ago(3 * DAY - 300, 2 * DAY - 300),
                ago(2 * DAY - 300, DAY + 300),
            ],
        ),
        (
            "a gap of the first pass, apart",
            all_listed_but(NOW - 600, &[ago(50 * H, 49 * H)]),
            vec![ago(20 * M, 5 * M), ago(50 * H, 49 * H)],
        ),
        (
            "a gap that is near is listed along",
            all_listed_but(NOW - 600, &[ago(3 * H, 2 * H)]),
            vec![ago(3 * H + 600, 300)],
        ),
        (
            "the clock was set back: nothing is due",
            all_listed_but(NOW - 300, &[]),
            vec![],
        ),
        (
            "a gap alone",
            all_listed_but(NOW - 300, &[ago(H, 300)]),
            vec![ago(H + 600, 300)],
        ),
    ];
    for (what, progress, expected) in rows {
        assert_eq!(due(at(NOW), &progress, 0), expected, "{what}");
    }
}

#[test]
fn the_later_passes_wait_until_they_are_worth_a_request() {
    // Everything was listed up to `then`, which is on the grid; now so many seconds later.
    let then = NOW - 30 * DAY;
    // Pass, seconds that are ripe, where the grid begins, how many of them are due.
    let rows = [
        (Pass::AfterHours, HOUR - 1, 0, 0),
        (Pass::AfterHours, HOUR, 0, HOUR),
        (Pass::AfterHours, HOUR + 7, 99, HOUR + 7),
        (Pass::AfterADay, 1, 0, 0),
        (Pass::AfterADay, 12 * HOUR - 1, 0, 0),
        (Pass::AfterADay, 12 * HOUR, 0, 12 * HOUR),
        (Pass::AfterADay, 20 * HOUR, 0, 12 * HOUR),
        (Pass::AfterADay, 24 * HOUR, 0, 24 * HOUR),
        (Pass::AfterADay, HOUR - 1, HOUR, 0),
        (Pass::AfterADay, HOUR, HOUR, HOUR),
        (Pass::OnDaySix, 12 * HOUR - 1, 0, 0),
        (Pass::OnDaySix, 12 * HOUR, 0, 12 * HOUR),
        (Pass::OnDaySix, 13 * HOUR, HOUR, 13 * HOUR),
    ];
    for (pass, ripe, grid, expected) in rows {
        let progress = Progress::beginning(at(then), 300);
        let now = at(then + pass.delay(300) + ripe);
        let found = due_in(pass, (now, grid), &progress);
        assert_eq!(
            found.seconds(),
            expected.unsigned_abs(),
            "{pass:?} {ripe} {grid}"
        );
    }
}

#[test]
fn tenants_have_their_twelve_hours_at_other_times() {
    let id = |number: u32| {
        format!(
            "41463f53-8812-40f4-890f-865b{:08x}",
            number.wrapping_mul(2_654_435_761)
        )
    };
    let mut of_hour = [0; 12];
    for number in 0..1_200 {
        let grid = grid_of(id(number).parse().unwrap());
        of_hour[usize::try_from(grid / HOUR).unwrap()] += 1;
    }
    assert!(
        of_hour.iter().all(|many| (50..150).contains(many)),
        "{of_hour:?}"
    );
}

#[test]
fn no_window_is_longer_than_a_day_or_out_of_reach_whatever_the_clock_says() {
    let progress = all_listed_but(
        NOW - DAY,
        &[ago(6 * DAY, 5 * DAY), ago(40 * HOUR, 39 * HOUR)],
    );
    for hours in -400..400 {
        let now = at(NOW + hours * 1_801);
        let windows = due(now, &progress, 17);
        let mut seconds = 0;
        for window in &windows {
            assert!(fits(*window), "{window}");
            assert!(window.start() >= horizon(now), "{window}");
            assert!(window.end() <= progress.ripe(Pass::First, now), "{window}");
            seconds += window.seconds();
        }
        let whole: Spans = windows.into_iter().collect();
        let overlap = OVERLAP.unsigned_abs();
        assert!(seconds - whole.seconds() <= overlap, "a request too many");
    }
}
