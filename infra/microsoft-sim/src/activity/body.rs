//! The bytes of a blob, made on demand: in pieces, never all at once.

use serde::{Deserialize, Serialize};

use super::blob::{Blob, Log};
use super::record::{Record, Records};

/// One megabyte, as the faults count.
const MEGABYTE: u64 = 1_000_000;
/// Levels of the record that is nested deeply.
const DEEP: usize = 10_000;

/// What a fault has made of a blob, for good: what was offered once stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Alteration {
    /// That many megabytes of records.
    HugeBlob(u64),
    /// One more record of that many megabytes.
    HugeRecord(u64),
    /// One more record without an Id.
    WithoutId,
    /// One more record that is not UTF-8.
    InvalidUtf8,
    /// One more record with a raw NUL in a string.
    Nul,
    /// One more record of 10,000 levels.
    Deep,
}

/// A blob with its content.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    log: Log,
    blob: Blob,
    alteration: Option<Alteration>,
}

/// Sums over a blob.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Size {
    pub(crate) records: u64,
    /// Of the body, brackets and commas included.
    pub(crate) bytes: u64,
}

impl Content {
    pub(crate) fn new(log: Log, blob: Blob, alteration: Option<Alteration>) -> Self {
        Self {
            log,
            blob,
            alteration,
        }
    }

    /// Whether its body should not be held in memory.
    pub(crate) fn is_huge(&self) -> bool {
        use Alteration::{HugeBlob, HugeRecord};
        matches!(self.alteration, Some(HugeBlob(_) | HugeRecord(_)))
    }

    /// Its records, in order.
    pub(crate) fn records(&self) -> impl Iterator<Item = Record> + Send + use<> {
        let (log, source) = (self.log, &self.blob.source);
        let created = source.created_ms / 1000;
        let chance = source.chance.clone();
        let mut records = Records::new(chance, log.tenant, log.content_type, created);
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

    /// Its body, a JSON array, one piece for each record.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Vec<u8>> + Send + use<> {
        // A third has line breaks between its records.
        let comma: &[u8] = if self.blob.source.created_ms.is_multiple_of(3) {
            b",\r\n"
        } else {
            b","
        };
        let records = self.records().enumerate().map(move |(position, record)| {
            let before: &[u8] = if position == 0 { b"[" } else { comma };
            [before, &record.bytes].concat()
        });
        records.chain(std::iter::once(b"]".to_vec()))
    }

    pub(crate) fn size(&self) -> Size {
        self.look_through(|_| {})
    }

    /// Its size, while every piece is looked at once.
    pub(crate) fn look_through(&self, mut look: impl FnMut(&[u8])) -> Size {
        let mut size = Size::default();
        for piece in self.pieces() {
            look(&piece);
            size.records += 1;
            size.bytes += length(&piece);
        }
        // The closing bracket is a piece and no record.
        size.records -= 1;
        size
    }
}

impl std::ops::AddAssign for Size {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.bytes += other.bytes;
    }
}

/// The record that a fault adds.
fn further(alteration: Alteration) -> Option<Record> {
    const ID: &str = "0dd00000-0000-4000-8000-000000000000";
    let with = |value: &[u8]| [b"{\"Id\":\"", ID.as_bytes(), b"\",\"Odd\":", value, b"}"].concat();
    let bytes = match alteration {
        Alteration::HugeBlob(_) => return None,
        Alteration::HugeRecord(megabytes) => {
            let length = usize::try_from(megabytes * MEGABYTE).unwrap_or(0);
            with(format!("\"{}\"", "x".repeat(length)).as_bytes())
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
