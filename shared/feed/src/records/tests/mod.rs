mod rows;

use rows::ROWS;
use serde_json::Value;

use super::*;

/// What a scanner handed on.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Found {
    lines: Vec<(Vec<u8>, Option<RecordId>)>,
    dead: Vec<(Vec<u8>, Dead)>,
    line: Vec<u8>,
    dying: Vec<u8>,
    counts: Counts,
}

impl Sink for Found {
    fn record(&mut self, piece: &[u8]) {
        self.line.extend_from_slice(piece);
    }
    fn record_ends(&mut self, id: Option<RecordId>) {
        self.lines.push((std::mem::take(&mut self.line), id));
    }
    fn dead(&mut self, piece: &[u8]) {
        self.dying.extend_from_slice(piece);
    }
    fn dead_ends(&mut self, why: Dead) {
        self.dead.push((std::mem::take(&mut self.dying), why));
    }
}

fn scan<'a>(hold: usize, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Found, Torn> {
    let mut found = Found::default();
    let mut scanner = Scanner::holding(hold);
    for piece in pieces {
        scanner.push(piece, &mut found)?;
    }
    found.counts = scanner.end(&mut found)?;
    assert!(found.line.is_empty() && found.dying.is_empty());
    Ok(found)
}

#[test]
fn a_blob_becomes_its_records_and_what_is_dead_wherever_it_is_cut() {
    for (blob, lines, dead) in ROWS {
        let name = String::from_utf8_lossy(blob);
        let whole = scan(HOLD, [*blob]).unwrap();
        let found: Vec<_> = whole
            .lines
            .iter()
            .map(|(line, _)| line.as_slice())
            .collect();
        assert_eq!(found, *lines, "{name}");
        let found: Vec<_> = whole
            .dead
            .iter()
            .map(|(bytes, why)| (&bytes[..], *why))
            .collect();
        assert_eq!(found, *dead, "{name}");
        assert_eq!(whole.counts.records, lines.len() as u64);
        assert_eq!(whole.counts.dead, dead.len() as u64);
        for first in 0..=blob.len() {
            for second in first..=blob.len() {
                let pieces = [&blob[..first], &blob[first..second], &blob[second..]];
                assert_eq!(
                    scan(HOLD, pieces),
                    Ok(whole.clone()),
                    "{name}: {first} {second}"
                );
            }
        }
        for hold in [0, 1, 2, 5, 9] {
            let mut found = scan(hold, blob.chunks(1));
            // A record that was handed on in part and is none makes all of it dead.
            let may_tear = !dead.is_empty();
            assert!(found.is_ok() || may_tear, "{name}: {hold}");
            if let Ok(found) = &mut found {
                assert_eq!(*found, whole, "{name}: {hold}");
            }
        }
    }
}

#[test]
fn the_id_of_a_record_is_the_member_of_its_outermost_object() {
    let id = |text: &str| Some(RecordId::of(text.as_bytes()));
    let long = format!(r#"{{"Id":"{}"}}"#, "x".repeat(129));
    let longest = format!(r#"{{"Id":"{}"}}"#, "x".repeat(128));
    let rows = [
        (r#"{"Id":"4a-1"}"#, id("4a-1")),
        (r#"{"a":{"Id":"no"}, "Id" : "yes" }"#, id("yes")),
        (r#"{"Id":"first","Id":"second"}"#, id("first")),
        (r#"{"a":[{"Id":"no"}],"b":"Id","Id":"yes"}"#, id("yes")),
        (r#"{"Id":"a\"b\u00e9"}"#, id(r#"a\"b\u00e9"#)),
        (r#"{"Id":"日本"}"#, id("日本")),
        (&longest, id(&"x".repeat(128))),
        (&long, None),
        (r#"{"Id":""}"#, None),
        (r#"{"Id":7,"x":"7"}"#, None),
        (r#"{"Id":null,"Id":"second"}"#, id("second")),
        (r#"{"Id":{"Id":"no"},"x":"no"}"#, None),
        (r#"{"Id":["no"],"x":"no"}"#, None),
        (r#"{"id":"no","ID":"no","Idx":"no","I":"no"}"#, None),
        ("{}", None),
    ];
    for (record, expected) in rows {
        let blob = format!("[{record}]");
        for size in 1..blob.len() {
            let found = scan(HOLD, blob.as_bytes().chunks(size)).unwrap();
            assert_eq!(found.lines.len(), 1, "{record}");
            assert_eq!(found.lines[0].1, expected, "{record} in pieces of {size}");
            assert_eq!(found.counts.without_id, u64::from(expected.is_none()));
        }
    }
}

/// Every text over a small alphabet, against a parser that keeps a tree.
#[test]
fn a_text_is_whole_exactly_where_a_parser_takes_it_and_every_line_is_json() {
    const ALPHABET: &[u8] = b"[]{}\",:1\\\n\x00\xc3\xa9";
    for length in 0..=5 {
        let mut digits = vec![0; length];
        loop {
            let rest: Vec<u8> = digits.iter().map(|digit| ALPHABET[*digit]).collect();
            agrees(&rest);
            agrees(&[b"[", rest.as_slice()].concat());
            if !next(&mut digits, ALPHABET.len()) {
                break;
            }
        }
    }
}

/// The same over words, so that longer texts are met.
#[test]
fn words_of_json_in_any_order_are_taken_as_a_parser_takes_them() {
    const WORDS: &[&str] = &[
        "{", "}", "[", "]", ",", ":", "\"Id\"", "\"\\\"", "\"", "-", "0", "1.5", "e", "true", "nul",
    ];
    for length in 0..=4 {
        let mut digits = vec![0; length];
        loop {
            let text: String = digits.iter().map(|digit| WORDS[*digit]).collect();
            agrees(format!("[{text}]").as_bytes());
            if !next(&mut digits, WORDS.len()) {
                break;
            }
        }
    }
}

fn next(digits: &mut [usize], base: usize) -> bool {
    for digit in digits {
        *digit += 1;
        if *digit < base {
            return true;
        }
        *digit = 0;
    }
    false
}

fn agrees(blob: &[u8]) {
    let name = || String::from_utf8_lossy(blob).into_owned();
    let found = scan(HOLD, [blob]).unwrap();
    for (line, _) in &found.lines {
        let json = serde_json::from_slice::<Value>(line);
        assert!(json.is_ok() && !line.contains(&b'\n'), "{}", name());
    }
    match serde_json::from_slice::<Vec<Value>>(blob) {
        Ok(expected) => {
            let lines = found.lines.iter().map(|(line, _)| line);
            let values = lines.map(|line| serde_json::from_slice::<Value>(line).unwrap());
            let (objects, others): (Vec<_>, Vec<_>) =
                expected.into_iter().partition(Value::is_object);
            assert_eq!(values.collect::<Vec<_>>(), objects, "{}", name());
            assert_eq!(found.dead.len(), others.len(), "{}", name());
        }
        Err(_) => assert!(!found.dead.is_empty(), "{}", name()),
    }
    kept(blob, &found);
}

/// No byte is lost but brackets, commas and spaces between the elements, and none is added.
fn kept(blob: &[u8], found: &Found) {
    let solid = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes.retain(|byte| !b" \n[],".contains(byte));
        bytes.sort_unstable();
        bytes
    };
    let lines = found.lines.iter().flat_map(|(line, _)| line);
    let dead = found.dead.iter().flat_map(|(bytes, _)| bytes);
    let all: Vec<u8> = lines.chain(dead).copied().collect();
    assert_eq!(
        solid(&all),
        solid(blob),
        "{}",
        String::from_utf8_lossy(blob)
    );
}

#[test]
fn a_record_of_20_mb_and_a_blob_of_100_mb_are_handed_on_in_small_pieces() {
    /// Remembers how much was handed on, and the longest piece.
    #[derive(Default)]
    struct Measure(usize, usize, usize);
    impl Sink for Measure {
        fn record(&mut self, piece: &[u8]) {
            self.0 += piece.len();
            self.1 = self.1.max(piece.len());
        }
        fn record_ends(&mut self, _: Option<RecordId>) {
            self.2 += 1;
        }
        fn dead(&mut self, _: &[u8]) {
            panic!("dead");
        }
        fn dead_ends(&mut self, _: Dead) {
            panic!("dead");
        }
    }
    let text = "x".repeat(1 << 16);
    let (mut scanner, mut found) = (Scanner::default(), Measure::default());
    for record in 0..5 {
        let before = if record == 0 { "[" } else { "," };
        let opening = format!("{before}{{\"Id\":\"{record}\",\"t\":\"");
        scanner.push(opening.as_bytes(), &mut found).unwrap();
        for _ in 0..320 {
            scanner.push(text.as_bytes(), &mut found).unwrap();
        }
        scanner.push(b"\"}", &mut found).unwrap();
    }
    scanner.push(b"]", &mut found).unwrap();
    let counts = scanner.end(&mut found).unwrap();
    assert_eq!((counts.records, counts.dead, counts.without_id), (5, 0, 0));
    assert!(found.0 > 5 * 320 * (1 << 16));
    assert!(found.1 <= 2 * HOLD, "{}", found.1);
    assert_eq!(found.2, 5);
}

#[test]
fn a_long_record_that_is_no_json_tears() {
    let long = "x".repeat(100);
    let rows = [
        format!("[{{\"a\":\"{long}\x00\"}}]"),
        format!("[{{\"a\":\"{long}"),
        format!("[{{\"a\":\"{long}\" 1}}]"),
    ];
    for blob in rows {
        assert_eq!(scan(10, [blob.as_bytes()]), Err(Torn), "{blob}");
        assert!(scan(1_000, [blob.as_bytes()]).is_ok(), "{blob}");
    }
}

#[test]
fn depth_costs_a_bit_and_too_much_of_it_is_dead() {
    let deep = |depth: usize| format!("[{{\"a\":{}{}}}]", "[".repeat(depth), "]".repeat(depth));
    let found = scan(HOLD, [deep(8_191).as_bytes()]).unwrap();
    assert_eq!((found.lines.len(), found.dead.len()), (1, 0));
    let found = scan(HOLD, [deep(100_000).as_bytes()]).unwrap();
    assert_eq!((found.lines.len(), found.dead.len()), (0, 1));
    assert_eq!(found.dead[0].0.len(), 200_006);
}

#[test]
fn line_breaks_and_spaces_take_no_more_memory_than_records() {
    let mut scanner = Scanner::default();
    let mut found = Found::default();
    scanner.push(b"[{", &mut found).unwrap();
    for _ in 0..64 {
        found.line.clear();
        scanner.push(&[b'\n'; 1 << 15], &mut found).unwrap();
        assert!(found.line.len() <= HOLD / 4, "{}", found.line.len());
    }
    // More spaces than any writer puts before an array: kept, as they came.
    for many in [4_095, 4_096, 4_097, 10_000] {
        let blob = format!("{}[{{}}]", " ".repeat(many));
        let found = scan(HOLD, [blob.as_bytes()]).unwrap();
        let expected = if many <= 4_096 { (1, 0) } else { (0, 1) };
        assert_eq!((found.lines.len(), found.dead.len()), expected, "{many}");
        assert!(found.dead.iter().all(|(bytes, _)| bytes == blob.as_bytes()));
    }
}
