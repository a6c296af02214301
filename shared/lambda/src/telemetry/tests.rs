//! Log lines as JSON: what a reader of the log gets back is what was logged, whatever
//! stood in it, and the shape is that of tracing-subscriber's own formatter.

use std::io;

use serde_json::Value;
use tracing::Subscriber;

use super::*;
use crate::written::Written;

/// What our log says of these events.
fn ours(filter: Option<&str>, events: impl FnOnce()) -> Vec<Value> {
    let written = Written::default();
    let subscriber = json_lines(filter, written.clone());
    tracing::subscriber::with_default(subscriber, events);
    written.lines()
}

/// What tracing-subscriber's own formatter says of them.
fn theirs(events: impl FnOnce()) -> Vec<Value> {
    let written = Written::default();
    let subscriber: Box<dyn Subscriber + Send + Sync> = Box::new(
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_writer(written.clone())
            .finish(),
    );
    tracing::subscriber::with_default(subscriber, events);
    written.lines()
}

fn without_timestamps(mut lines: Vec<Value>) -> Vec<Value> {
    for line in &mut lines {
        let timestamp = line.as_object_mut().unwrap().remove("timestamp");
        let timestamp = timestamp.as_ref().and_then(Value::as_str).unwrap();
        assert_eq!(timestamp.len(), "2026-11-25T12:00:00.000000Z".len());
        assert!(timestamp.ends_with('Z'), "{timestamp}");
    }
    lines
}

fn events_of_every_kind() {
    let absent: Option<&str> = None;
    tracing::info!(
        text = "plain", number = -5, large = u64::MAX, part = 1.5, nothing = f64::NAN,
        yes = true, no = false, shown = %"a display", debug = ?Some("a debug"), absent,
        wide = u128::MAX, "dotted.name" = 1, "a message with {}", "an argument"
    );
    tracing::warn!(target: "elsewhere", error = &io::Error::other("broken") as &dyn std::error::Error);
    tracing::info!("nothing but a message");
    let outer = tracing::info_span!("outer", request = "r-1", later = tracing::field::Empty);
    let _outer = outer.enter();
    tracing::info!(inside = 1, "in one span");
    outer.record("later", 7);
    let _inner = tracing::info_span!("inner").entered();
    tracing::error!("in two spans");
}

#[test]
fn lines_are_what_the_library_would_write() {
    let lines = without_timestamps(ours(None, events_of_every_kind));
    assert_eq!(lines, without_timestamps(theirs(events_of_every_kind)));
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[0]["message"], "a message with an argument");
}

/// Of whatever span, however deep, once: some lines say it themselves.
#[test]
fn what_happens_in_a_request_has_its_id() {
    let id = "request-\"1\"";
    let lines = ours(None, || {
        let _request = tracing::info_span!("request", request_id = id, other = 1).entered();
        let _inner = tracing::info_span!("inner", part = 2).entered();
        tracing::info!("in a request");
        tracing::info!(target: "audit", request_id = id, "an audit line of a request");
        tracing::info!(target: "audit", event = "assertion_signed", "an audit line in a request");
    });
    assert_eq!(lines[0]["other"], Value::Null);
    for line in &lines {
        assert_eq!(line["request_id"], id);
    }
    let outside = ours(None, || tracing::info!("in none"));
    assert_eq!(outside[0].get("request_id"), None);
}

/// Of the function that signs, whose lines are joined to the asker's by it.
#[test]
fn a_line_carries_the_id_of_the_request_that_its_asker_answers_too() {
    let said = || {
        tracing::info!("in an invocation");
        tracing::info!(target: "audit", event = "tenant_bound", "an audit line");
    };
    for (own, asker) in [
        ("own-1", Some("asker-1")),
        ("", Some("asker-1")),
        ("own-1", None),
    ] {
        let lines = ours(None, || {
            let span = tracing::info_span!("on_demand", request_id = own, asker_request_id = asker);
            let _on_demand = span.entered();
            let _inner = tracing::info_span!("inner", part = 2).entered();
            said();
        });
        for line in &lines {
            let id = |name: &str| line.get(name).and_then(Value::as_str);
            assert_eq!(id("request_id"), Some(own).filter(|id| !id.is_empty()));
            assert_eq!(id("asker_request_id"), asker);
        }
        assert_eq!(lines.len(), 2);
    }
}

#[test]
fn any_text_comes_back_as_it_was() {
    let every_character: String = (0..0x500).filter_map(char::from_u32).collect();
    let texts = [
        "",
        "\"",
        "\\",
        "a\nb\r\tc",
        "\u{0}",
        "ü\u{2028}𝄞",
        "\"}\n{\"",
        &every_character,
    ];
    for text in texts {
        let lines = ours(None, || tracing::info!(text, shown = %text, "{text}"));
        let [line] = &lines[..] else {
            panic!("one line for {text:?}: {lines:?}")
        };
        for field in ["text", "shown", "message"] {
            assert_eq!(line[field], text, "{field}");
        }
    }
}

#[test]
fn audit_lines_come_through_every_filter() {
    for filter in ["off", "error", "audit=off", "nonsense=="] {
        let lines = ours(Some(filter), || {
            tracing::info!(target: "audit", event = "token_v2", "an audit line");
        });
        assert_eq!(lines.len(), 1, "{filter}");
    }
}

/// Texts that would forge a line or steer a terminal, with what a person's line shows of
/// them. In the JSON log each comes back as it was.
const HOSTILE: [(&str, &str); 14] = [
    ("repo:a\nerror: forged", r"repo:a\nerror: forged"),
    ("a\r\nb", r"a\r\nb"),
    ("a\rb", r"a\rb"),
    ("a\tb", r"a\tb"),
    ("\u{1b}[2J\u{1b}[1;31mred", r"\u{1b}[2J\u{1b}[1;31mred"),
    ("\u{1b}]0;title\u{7}", r"\u{1b}]0;title\u{7}"),
    ("a\u{8}\u{7f}b", r"a\u{8}\u{7f}b"),
    ("\u{9b}31m\u{85}", r"\u{9b}31m\u{85}"),
    ("a\u{2028}b\u{2029}c", r"a\u{2028}b\u{2029}c"),
    ("\u{202e}oslotnoC\u{202c}", r"\u{202e}oslotnoC\u{202c}"),
    ("\u{2066}a\u{2069}\u{61c}", r"\u{2066}a\u{2069}\u{61c}"),
    (
        "a\u{200b}\u{200d}\u{feff}\u{ad}b",
        r"a\u{200b}\u{200d}\u{feff}\u{ad}b",
    ),
    ("\u{e0041}\u{e007f}", r"\u{e0041}\u{e007f}"),
    ("a\u{fff9}b\u{180e}", r"a\u{fff9}b\u{180e}"),
];

#[test]
fn a_line_for_a_person_escapes_what_is_not_shown() {
    for (text, expected) in HOSTILE {
        let written = Written::default();
        let subscriber = text_lines(None, written.clone());
        let error = io::Error::other(text);
        tracing::subscriber::with_default(subscriber, || {
            let _span = tracing::info_span!("request", inside = %text).entered();
            tracing::info!(
                subject = %text, debug = ?text, plain = text,
                error = &error as &dyn std::error::Error, "message of {text}"
            );
        });
        let line = written.text();
        let shown = line.strip_suffix('\n').unwrap();
        assert!(!shown.contains(is_invisible), "{text:?}: {shown:?}");
        let message = format!("message of {expected} subject={expected} debug=");
        assert!(shown.contains(&message), "{shown}");
        assert!(shown.contains(&format!("inside={expected}")), "{shown}");
    }
    let written = Written::default();
    tracing::subscriber::with_default(text_lines(None, written.clone()), || {
        tracing::info!(customer = %"Müller 漢字 😀", "plain");
    });
    assert!(written.text().ends_with("plain customer=Müller 漢字 😀\n"));
}

#[test]
fn a_line_in_json_shows_every_character_of_a_text() {
    for (text, _) in HOSTILE {
        let written = Written::default();
        let error = io::Error::other(text);
        tracing::subscriber::with_default(json_lines(None, written.clone()), || {
            tracing::info!(
                text, shown = %text, error = &error as &dyn std::error::Error, "{text}"
            );
        });
        let line = written.text();
        assert!(
            !line.trim_end_matches('\n').contains(is_invisible),
            "{line:?}"
        );
        let [line] = &written.lines()[..] else {
            panic!("one line for {text:?}: {line:?}")
        };
        for field in ["text", "shown", "error", "message"] {
            assert_eq!(line[field], text, "{field}");
        }
    }
    let written = Written::default();
    tracing::subscriber::with_default(json_lines(None, written.clone()), || {
        tracing::info!(customer = %"Müller 漢字 😀", "plain");
    });
    assert!(written.text().contains(r#""customer":"Müller 漢字 😀""#));
}
