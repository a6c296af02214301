//! The bytes of a blob, made on demand: in pieces, never all at once.

use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;

use super::alteration::Alteration;
use super::blob::{Blob, Log};
use super::chance::Chance;
use super::digest;
use super::record::{Record, Records};

/// One megabyte, as the faults count.
const MEGABYTE: u64 = 1_000_000;
/// Levels of the record that is nested deeply.
const DEEP: usize = 10_000;

/// A body comes in pieces of at least that many bytes.
const PIECE: usize = 65_536;
/// A body of more records on average than that is not held in memory.
const MANY: u64 = 500;

/// A blob with its content.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    log: Log,
    blob: Blob,
    alteration: Option<Alteration>,
}

/// Sums over blobs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Size {
    pub(crate) records: u64,
    /// Of the body, brackets and commas included.
    pub(crate) bytes: u64,
}

/// What the book says of a blob's body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Summary {
    pub(crate) size: Size,
    pub(crate) sha256: [u8; 32],
}

/// A body, in pieces.
pub(crate) struct Pieces<R> {
    records: R,
    comma: &'static [u8],
    /// Records so far.
    count: u64,
    is_closed: bool,
}

impl Content {
    pub(crate) fn new(log: Log, blob: Blob, alteration: Option<Alteration>) -> Self {
        Self {
            log,
            blob,
            alteration,
        }
    }

    pub(crate) fn log(&self) -> Log {
        self.log
    }

    pub(crate) fn blob(&self) -> &Blob {
        &self.blob
    }

    pub(crate) fn alteration(&self) -> Option<Alteration> {
        self.alteration
    }

    /// Whether its body should not be held in memory.
    pub(crate) fn is_large(&self) -> bool {
        use Alteration::{HugeBlob, HugeRecord};
        self.log.scenario.records_per_blob > MANY
            || matches!(self.alteration, Some(HugeBlob(_) | HugeRecord(_)))
    }

    /// Its records, in order.
    pub(crate) fn records(&self) -> impl Iterator<Item = Record> + Send + use<> {
        let log = self.log;
        let source = log.source(&self.blob);
        let mut records = Records::new(source, log.tenant, log.content_type);
        let mut count = records.draw_count(log.scenario.records_per_blob);
        let mut bytes = u64::MAX;
        if let Some(Alteration::HugeBlob(megabytes)) = self.alteration {
            (count, bytes) = (u64::MAX, megabytes * MEGABYTE);
        }
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let regular = records.take(count).scan(0_u64, move |sum, record| {
            let before = *sum;
            *sum += length(&record.bytes);
            (before < bytes).then_some(record)
        });
        regular.chain(self.alteration.and_then(further))
    }

    /// Its body, a JSON array.
    pub(crate) fn pieces(&self) -> Pieces<impl Iterator<Item = Record> + Send + use<>> {
        // A third has line breaks between its records.
        let created_ms = self.log.source(&self.blob).created_ms;
        Pieces {
            records: self.records(),
            comma: if created_ms.is_multiple_of(3) {
                b",\r\n"
            } else {
                b","
            },
            count: 0,
            is_closed: false,
        }
    }

    pub(crate) fn summary(&self) -> Summary {
        let (mut sum, mut bytes) = (Context::new(&SHA256), 0);
        let mut pieces = self.pieces();
        for piece in pieces.by_ref() {
            sum.update(&piece);
            bytes += length(&piece);
        }
        let records = pieces.count;
        Summary {
            size: Size { records, bytes },
            sha256: digest::finished(sum),
        }
    }
}

impl<R: Iterator<Item = Record>> Iterator for Pieces<R> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.is_closed {
            return None;
        }
        let mut piece = Vec::with_capacity(PIECE / 8);
        while piece.len() < PIECE {
            let Some(record) = self.records.next() else {
                piece.push(b']');
                self.is_closed = true;
                break;
            };
            let before: &[u8] = if self.count == 0 { b"[" } else { self.comma };
            piece.extend_from_slice(before);
            piece.extend_from_slice(&record.bytes);
            self.count += 1;
        }
        Some(piece)
    }
}

impl std::ops::AddAssign for Size {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.bytes += other.bytes;
    }
}

/// Characters from `#` to `[`, in which no compressor finds much: an object of several parts.
fn text(length: usize) -> Vec<u8> {
    let mut chance = Chance::of(&[]);
    let mut text = Vec::with_capacity(length);
    while text.len() < length {
        let drawn = chance.draw().to_le_bytes();
        let letters = drawn.iter().map(|byte| b'#' + byte % 57);
        text.extend(letters.take(length - text.len()));
    }
    text
}

/// The record that a fault adds.
fn further(alteration: Alteration) -> Option<Record> {
    const ID: &str = "0dd00000-0000-4000-8000-000000000000";
    let with = |value: &[u8]| [b"{\"Id\":\"", ID.as_bytes(), b"\",\"Odd\":", value, b"}"].concat();
    let bytes = match alteration {
        Alteration::HugeBlob(_) => return None,
        Alteration::HugeRecord(megabytes) => {
            let length = usize::try_from(megabytes * MEGABYTE).unwrap_or(0);
            with(&[b"\"", text(length).as_slice(), b"\""].concat())
        }
        Alteration::WithoutId => {
            let bytes = br#"{"Operation":"NoId","RecordType":463}"#.to_vec();
            return Some(Record { id: None, bytes });
        }
        Alteration::InvalidUtf8 => with(b"\"a\xff\xfe\xc3\""),
        Alteration::Nul => with(b"\"a\0b\""),
        Alteration::Deep => with([b"[".repeat(DEEP), b"]".repeat(DEEP)].concat().as_slice()),
    };
    let id = Some(ID.to_owned());
    Some(Record { id, bytes })
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
