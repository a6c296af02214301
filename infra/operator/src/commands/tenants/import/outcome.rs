//! What became of the rows of an import.

use auth::Cause;

use super::rows::Row;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Proven and connected just now.
    Connected,
    /// Connected and active before: nothing was asked.
    Already,
    /// Not connected.
    Refused(Refusal),
    /// The import stopped before its turn.
    NotTried,
}

/// Why a tenant was not connected, as the catalogue tells it. A file that is older than a
/// removal does not undo it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) Cause);

/// Everything that became of an import.
pub(super) struct Done {
    /// In the order of the file.
    pub(super) rows: Vec<(Row, Outcome)>,
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

impl Refusal {
    /// What to do. Nothing was written, so the broker does not try again by itself.
    pub(super) fn next_step(&self) -> &'static str {
        match self.0.code.is_transient() {
            true => "Run the import again later: it goes on where it stopped.",
            false => self.0.code.next_step(),
        }
    }
}

impl Done {
    /// How many rows had an outcome like this.
    pub(super) fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.rows.iter().filter(|(_, outcome)| is(outcome)).count()
    }

    /// The rows that were refused, and why.
    pub(super) fn refused(&self) -> impl Iterator<Item = (&Row, &Refusal)> {
        self.rows.iter().filter_map(|(row, outcome)| match outcome {
            Outcome::Refused(refusal) => Some((row, refusal)),
            _ => None,
        })
    }

    /// The rows whose turn did not come. They are the last ones of the file.
    pub(super) fn not_tried(&self) -> impl Iterator<Item = &Row> {
        let not_tried = |(_, outcome): &&(Row, Outcome)| *outcome == Outcome::NotTried;
        self.rows.iter().filter(not_tried).map(|(row, _)| row)
    }
}
