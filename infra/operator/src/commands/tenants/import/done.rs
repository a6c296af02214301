//! What became of the rows of an import.

use auth::Cause;

use super::rows::Row;

/// How a row ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RowEnd {
    /// Proven and connected just now.
    Connected,
    /// Connected and active before: nothing was asked.
    Already,
    /// Not connected, as the catalogue says why. A file that is older than a removal does
    /// not undo it.
    Refused(Cause),
    /// The import stopped before its turn.
    NotTried,
}

/// Everything that became of an import.
pub(super) struct Done {
    /// In the order of the file.
    pub(super) rows: Vec<(Row, RowEnd)>,
    /// Why it stopped before its end, if it did.
    pub(super) stopped: Option<Stopped>,
}

/// An import that stopped: going on would have repeated one failure for each row.
#[derive(Debug, Clone)]
pub(super) struct Stopped {
    /// How often in a row.
    pub(super) times: u32,
    /// The last of them.
    pub(super) cause: Cause,
    /// What the table said, where it was the table.
    pub(super) detail: Option<String>,
}

/// What to do about a refusal. Nothing was written, so the broker does not try again by
/// itself.
pub(super) fn next_step(cause: &Cause) -> &'static str {
    if cause.code.is_transient() {
        return "Run the import again later: it goes on where it stopped.";
    }
    cause.code.next_step()
}

impl Done {
    /// How many rows ended like this.
    pub(super) fn count(&self, like: &RowEnd) -> usize {
        self.rows.iter().filter(|(_, end)| end == like).count()
    }

    /// The rows that were refused, and why.
    pub(super) fn refused(&self) -> impl Iterator<Item = (&Row, &Cause)> {
        self.rows.iter().filter_map(|(row, end)| match end {
            RowEnd::Refused(cause) => Some((row, cause)),
            _ => None,
        })
    }

    /// The rows whose turn did not come. They are the last ones of the file.
    pub(super) fn not_tried(&self) -> impl Iterator<Item = &Row> {
        let not_tried = |(_, end): &&(Row, RowEnd)| *end == RowEnd::NotTried;
        self.rows.iter().filter(not_tried).map(|(row, _)| row)
    }
}
