use super::*;

/// 2026-11-29T12:00:00Z.
const NOW: i64 = 1_795_953_600;

fn asked(from: &str, to: Option<&str>) -> Result<(String, String), String> {
    let arguments = BackfillArguments {
        tenant: "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap(),
        from: from.parse().unwrap(),
        to: to.map(|to| to.parse().unwrap()),
        no_wait: false,
    };
    let found = window(&arguments, Timestamp::from_unix(NOW));
    let found = found.map(|window| (window.start().to_string(), window.end().to_string()));
    found.map_err(|error| error.to_string())
}

#[test]
fn a_time_of_the_last_seven_days_can_be_asked_for() {
    let rows = [
        (
            "2026-11-29",
            None,
            "2026-11-29T00:00:00Z",
            "2026-11-29T12:00:00Z",
        ),
        (
            "2026-11-28",
            Some("2026-11-29"),
            "2026-11-28T00:00:00Z",
            "2026-11-29T00:00:00Z",
        ),
        ("7d", None, "2026-11-22T12:00:00Z", "2026-11-29T12:00:00Z"),
        (
            "2026-11-22T12:00:00Z",
            Some("0s"),
            "2026-11-22T12:00:00Z",
            "2026-11-29T12:00:00Z",
        ),
        (
            "36h",
            Some("12h"),
            "2026-11-28T00:00:00Z",
            "2026-11-29T00:00:00Z",
        ),
        ("1s", None, "2026-11-29T11:59:59Z", "2026-11-29T12:00:00Z"),
        (
            "2026-11-29T13:30:00+02:00",
            None,
            "2026-11-29T11:30:00Z",
            "2026-11-29T12:00:00Z",
        ),
    ];
    for (from, to, start, end) in rows {
        let expected = (start.to_owned(), end.to_owned());
        assert_eq!(asked(from, to), Ok(expected), "{from} {to:?}");
    }
}

#[test]
fn every_other_time_is_refused_with_what_to_write() {
    let rows = [
        ("2026-11-29", Some("2026-11-29"), "no time between"),
        ("0s", None, "no time between"),
        ("2026-11-29", Some("2026-11-28"), "swap them"),
        ("12h", Some("36h"), "swap them"),
        (
            "2026-11-30",
            None,
            "--from 2026-11-30T00:00:00Z is yet to come",
        ),
        ("2026-11-29T12:00:01Z", None, "yet to come"),
        (
            "2026-11-30",
            Some("2026-12-01"),
            "--from 2026-11-30T00:00:00Z is yet to come",
        ),
        ("1h", Some("2026-11-30"), "leave it out"),
        ("2026-11-22", None, "is 7d 12h ago"),
        ("8d", None, "write --from 7d"),
        (
            "2026-11-22T11:59:59Z",
            Some("2026-11-23"),
            "write --from 7d",
        ),
        ("1970-01-01", None, "write --from 7d"),
        ("99999999999d", None, "write --from 7d"),
        (
            "0000-01-01",
            Some("9999-12-31"),
            "--to 9999-12-31T00:00:00Z is yet to come",
        ),
    ];
    for (from, to, expected) in rows {
        let refused = asked(from, to).unwrap_err();
        assert!(refused.contains(expected), "{from} {to:?}: {refused}");
    }
}
