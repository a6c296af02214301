//! The array itself: its brackets and commas, and what becomes of each element.
//!
//! A record is held back until it ends, so that one that is no JSON goes to the dead as it came
//! and never among the records. One longer than [`HOLD`] is handed on in pieces; if it then
//! turns out to be no JSON, that is [`Torn`], and nothing that was made of these bytes may stay.

use super::grammar::{Value, Was};
use super::held::Held;
use super::id::{Reading, RecordId};
use super::loose::{self, Loose};

/// Bytes of a record that are held back: the memory of a scanner, but for some kilobytes.
/// Records are 1.3 KB on average, and 99 of 100 below 3.2 KB (protocol notes §10).
pub const HOLD: usize = 1 << 20;

/// Spaces before the array. It is none if there are more.
const LEADING: usize = 4_096;

const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// Why bytes are dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dead {
    /// The whole is no JSON array: an error in place of content, for instance.
    NotAnArray,
    /// An element is no JSON (its grammar, its UTF-8, a NUL), or no object: readers that expect
    /// objects stop at it. Or something stands beside the elements.
    NotJson,
    /// The bytes end before the array does.
    CutOff,
}

/// Takes what a scanner finds, in the order of the bytes.
pub trait Sink {
    /// The next piece of the record that is being read.
    fn record(&mut self, piece: &[u8]);
    /// That record is whole, and has no line break in it.
    fn record_ends(&mut self, id: Option<RecordId>);
    /// The next piece of what is dead, as it came.
    fn dead(&mut self, piece: &[u8]);
    /// That is all of it; it may be nothing.
    fn dead_ends(&mut self, why: Dead);
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Records that are JSON, those without an Id among them.
    pub records: u64,
    /// Records without an `Id` that is a text of 1 to 128 bytes. They are kept like any other.
    pub without_id: u64,
    /// Times that something was dead.
    pub dead: u64,
}

/// A record of which pieces were handed on is no JSON. The sink throws them away, and keeps the
/// whole blob as dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record of more than {HOLD} bytes is no JSON")]
pub struct Torn;

/// Where in the array.
#[derive(Debug)]
enum At {
    /// Before its bracket; so many bytes of a byte order mark came. They are held.
    Start(usize),
    /// After its bracket.
    First,
    /// After a comma.
    Next,
    InRecord,
    InDead(Loose),
    AfterElement,
    Ended,
    /// All that comes is dead.
    Rest(Dead),
}

/// Cuts one blob into records.
#[derive(Debug)]
pub struct Scanner {
    at: At,
    value: Value,
    held: Held,
    id: Reading,
    hold: usize,
    counts: Counts,
}

impl Default for Scanner {
    fn default() -> Self {
        Self::holding(HOLD)
    }
}

impl Scanner {
    /// One that holds back records of up to `hold` bytes.
    pub fn holding(hold: usize) -> Self {
        Self {
            at: At::Start(0),
            value: Value::new(),
            held: Held::default(),
            id: Reading::default(),
            hold,
            counts: Counts::default(),
        }
    }

    /// The next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<(), Torn> {
        let mut rest = bytes;
        while let Some((byte, after)) = rest.split_first() {
            let taken = match &mut self.at {
                At::InRecord => self.in_record(rest, sink)?,
                At::InDead(_) => self.in_dead(rest, sink),
                At::Rest(_) => {
                    sink.dead(rest);
                    rest.len()
                }
                _ => self.between(*byte, sink),
            };
            // Each of them takes a byte, or leaves it for the state that comes next.
            rest = rest.get(taken..).unwrap_or(after);
        }
        Ok(())
    }

    /// The bytes are at their end.
    pub fn end(mut self, sink: &mut impl Sink) -> Result<Counts, Torn> {
        match &self.at {
            At::Ended => {}
            At::Rest(why) => {
                let why = *why;
                self.dead_ends(why, sink);
            }
            At::InRecord if self.held.is_torn() => return Err(Torn),
            At::InRecord => {
                sink.dead(self.held.as_they_came());
                self.dead_ends(Dead::CutOff, sink);
            }
            At::Start(_) => {
                sink.dead(self.held.as_they_came());
                self.dead_ends(Dead::CutOff, sink);
            }
            _ => self.dead_ends(Dead::CutOff, sink),
        }
        Ok(self.counts)
    }

    /// Outside of the elements; how many bytes it took.
    fn between(&mut self, byte: u8, sink: &mut impl Sink) -> usize {
        let is_space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at = match (&self.at, byte) {
            (At::Start(mark), _) if BYTE_ORDER_MARK.get(*mark) == Some(&byte) => {
                self.held.keep(&[byte]);
                At::Start(mark + 1)
            }
            (At::Start(0 | 3), _) if is_space && self.held.len() < LEADING => {
                self.held.keep(&[byte]);
                return 1;
            }
            (At::Start(0 | 3), b'[') => At::First,
            (At::Start(_), _) => {
                sink.dead(self.held.as_they_came());
                self.at = At::Rest(Dead::NotAnArray);
                return 0;
            }
            (_, _) if is_space => return 1,
            (At::First | At::AfterElement, b']') => At::Ended,
            (At::AfterElement, b',') => At::Next,
            (At::First | At::Next, b'{') => {
                self.begin();
                return 0;
            }
            (At::First | At::Next, _) => {
                self.begin();
                At::InDead(Loose::after(&self.value))
            }
            (At::Ended, _) => {
                self.at = At::Rest(Dead::NotJson);
                return 0;
            }
            // No comma: what comes is dead up to the next.
            _ => {
                self.begin();
                At::InDead(Loose::after(&self.value))
            }
        };
        usize::from(!matches!(self.at, At::InDead(_)))
    }

    fn begin(&mut self) {
        self.value.restart();
        self.held.restart();
        self.id.restart();
        self.at = At::InRecord;
    }

    /// Takes bytes of a record up to its end; how many. They are kept in runs.
    fn in_record(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Torn> {
        // What is held stays within its bound.
        let room = self.hold.saturating_sub(self.held.len()).saturating_add(1);
        let bytes = &bytes[..bytes.len().min(room)];
        let (mut kept, mut taken) = (0, 0);
        loop {
            // Only the members of the record itself say its Id, and only until it is found.
            let brackets = usize::from(self.id.found().is_none());
            taken += self.value.inner(&bytes[taken..], brackets);
            let rest = &bytes[taken..];
            let plain = &rest[..self.value.plain(rest)];
            self.id.took_plain(&self.value, plain);
            taken += plain.len();
            let Some(&byte) = bytes.get(taken) else {
                break;
            };
            let was = (self.value.is_in_key(), self.value.is_in_string());
            let Ok(what) = self.value.push(byte) else {
                self.held.keep(&bytes[kept..taken]);
                return self.dies(sink).map(|()| taken);
            };
            if what == Was::Space && matches!(byte, b'\n' | b'\r') {
                self.held.keep(&bytes[kept..taken]);
                self.held.keep_break(byte);
                kept = taken + 1;
                self.hand_on_if_full(sink);
            }
            taken += usize::from(what != Was::After);
            self.id.took(&self.value, was, byte);
            if matches!(what, Was::Last | Was::After) {
                self.held.keep(&bytes[kept..taken]);
                self.record_ends(sink);
                return Ok(taken);
            }
        }
        self.held.keep(&bytes[kept..taken]);
        self.hand_on_if_full(sink);
        Ok(taken)
    }

    fn hand_on_if_full(&mut self, sink: &mut impl Sink) {
        if self.held.len() > self.hold {
            sink.record(self.held.as_one_line());
            self.held.handed_on();
        }
    }

    fn record_ends(&mut self, sink: &mut impl Sink) {
        sink.record(self.held.as_one_line());
        sink.record_ends(self.id.found());
        self.counts.records += 1;
        self.counts.without_id += u64::from(self.id.found().is_none());
        self.at = At::AfterElement;
    }

    /// The record that is being read is none.
    fn dies(&mut self, sink: &mut impl Sink) -> Result<(), Torn> {
        if self.held.is_torn() {
            return Err(Torn);
        }
        sink.dead(self.held.as_they_came());
        self.at = At::InDead(Loose::after(&self.value));
        Ok(())
    }

    /// Takes bytes of what is dead up to its end; how many.
    fn in_dead(&mut self, bytes: &[u8], sink: &mut impl Sink) -> usize {
        let At::InDead(element) = &mut self.at else {
            return 0;
        };
        let mut taken = 0;
        let mut is_over = false;
        for byte in bytes {
            let was = element.push(*byte);
            taken += usize::from(was != loose::Was::After);
            is_over = was != loose::Was::Part;
            if is_over {
                break;
            }
        }
        sink.dead(&bytes[..taken]);
        if is_over {
            self.dead_ends(Dead::NotJson, sink);
            self.at = At::AfterElement;
        }
        taken
    }

    fn dead_ends(&mut self, why: Dead, sink: &mut impl Sink) {
        sink.dead_ends(why);
        self.counts.dead += 1;
    }
}
