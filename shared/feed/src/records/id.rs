//! The `Id` of a record, read without a tree: the member of that name of the outermost object.

use auth::digest::sha256;

use super::grammar::Value;

/// A longer text is no Id: Microsoft's are GUIDs of 36 characters.
const LONGEST: usize = 128;

/// A record's Id, by the first 8 bytes of its SHA-256: enough to count repeats by, and not to
/// drop anything by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(u64);

impl RecordId {
    /// The Id of this text, as it stands between its quotes.
    pub fn of(text: &[u8]) -> Self {
        let mut first = [0; 8];
        first.copy_from_slice(&sha256(text)[..8]);
        Self(u64::from_be_bytes(first))
    }
}

/// What a record's bytes have said of its Id so far.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The key that is read, or the value of `Id`; as far as it may be needed.
    text: Vec<u8>,
    what: What,
    found: Option<RecordId>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum What {
    /// Nothing that matters.
    #[default]
    Other,
    Key,
    /// The key was `Id`, and its value has not begun.
    Awaited,
    Id,
}

impl Reading {
    pub(super) fn restart(&mut self) {
        self.text.clear();
        self.what = What::Other;
        self.found = None;
    }

    pub(super) fn found(&self) -> Option<RecordId> {
        self.found
    }

    /// The value took a byte. `was`: whether it was in a key or in a string before it.
    pub(super) fn took(&mut self, value: &Value, was: (bool, bool), byte: u8) {
        let (was_key, was_string) = was;
        if value.depth() != 1 {
            if value.depth() > 1 && self.what == What::Awaited {
                self.what = What::Other;
            }
            return;
        }
        match self.what {
            What::Key if value.is_in_key() => self.keep(byte),
            What::Key => {
                let is_id = self.text == b"Id" && self.found.is_none();
                self.what = if is_id { What::Awaited } else { What::Other };
            }
            What::Id if value.is_in_string() => self.keep(byte),
            What::Id => {
                let fits = (1..=LONGEST).contains(&self.text.len());
                self.found = fits.then(|| RecordId::of(&self.text));
                self.what = What::Other;
            }
            What::Awaited if value.is_in_string() && !was_string => self.begin(What::Id),
            What::Awaited if byte == b',' => self.what = What::Other,
            What::Other if value.is_in_key() && !was_key => self.begin(What::Key),
            What::Awaited | What::Other => {}
        }
    }

    /// Plain text of the string that is being read.
    pub(super) fn took_plain(&mut self, value: &Value, bytes: &[u8]) {
        if value.depth() == 1 && matches!(self.what, What::Key | What::Id) {
            let room = (LONGEST + 1).saturating_sub(self.text.len());
            self.text.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    fn begin(&mut self, what: What) {
        self.text.clear();
        self.what = what;
    }

    fn keep(&mut self, byte: u8) {
        if self.text.len() <= LONGEST {
            self.text.push(byte);
        }
    }
}
