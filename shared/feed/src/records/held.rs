//! The record that is being read, held back until it is known whether it is one.

/// The bytes of a record, as they came.
#[derive(Debug, Default)]
pub(super) struct Held {
    bytes: Vec<u8>,
    /// Where line breaks stand between its parts.
    breaks: Vec<u32>,
    /// A part was handed on already.
    is_torn: bool,
}

impl Held {
    pub(super) fn restart(&mut self) {
        self.bytes.clear();
        self.breaks.clear();
        self.is_torn = false;
    }

    pub(super) fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Bytes of memory that it takes.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() + size_of::<u32>() * self.breaks.len()
    }

    pub(super) fn keep(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A line break between the parts of the record.
    pub(super) fn keep_break(&mut self, byte: u8) {
        if let Ok(at) = u32::try_from(self.bytes.len()) {
            self.breaks.push(at);
        }
        self.bytes.push(byte);
    }

    /// The bytes as they came.
    pub(super) fn as_they_came(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes for one line: a space stands for each line break between the parts.
    pub(super) fn as_one_line(&mut self) -> &[u8] {
        for at in self.breaks.drain(..) {
            let byte = usize::try_from(at)
                .ok()
                .and_then(|at| self.bytes.get_mut(at));
            byte.into_iter().for_each(|byte| *byte = b' ');
        }
        &self.bytes
    }

    /// What was held is handed on; the record goes on.
    pub(super) fn handed_on(&mut self) {
        self.bytes.clear();
        self.is_torn = true;
    }
}
