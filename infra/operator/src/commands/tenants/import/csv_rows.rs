//! Rows in CSV (RFC 4180): a header that names the columns in any order, a line for each
//! tenant. Blank lines, blanks around a value and columns without a value do no harm.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::rows::{Check, Field, Fields, Position};

const WANTED: &str = "the first line names the columns: tenant_id,customer or \
                      tenant_id,customer,cloud";

/// What each column holds; none where the header is wrong there.
type Columns = Vec<Option<Field>>;

/// Counts lines up to a byte. The reader's own count is not that of an editor: it takes
/// the end of `\r\n`, and blank lines, for the beginning of the next row.
struct Lines<'t> {
    bytes: &'t [u8],
    counted: usize,
    line: usize,
}

/// Hands all rows of `text` over.
pub(super) fn read(text: &str, check: &mut Check) {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut lines = Lines {
        bytes: text.as_bytes(),
        counted: 0,
        line: 1,
    };
    let mut columns = None;
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => return check.problem_of_the_file(error.to_string()),
        };
        let start = record.position().map_or(0, csv::Position::byte);
        let at = Position::Line(lines.of_row(start));
        match &columns {
            None => match header(at, &record, check) {
                Some(found) => columns = Some(found),
                None => return,
            },
            Some(columns) => row(at, columns, &record, check),
        }
    }
    if columns.is_none() {
        check.problem_of_the_file(format!("it is empty; {WANTED}"));
    }
}

/// `None` where a row could not be read by it.
fn header(at: Position, record: &StringRecord, check: &mut Check) -> Option<Columns> {
    let mut columns = Columns::new();
    for name in record {
        let hint = if name.contains([';', '\t']) {
            ": columns are separated by commas"
        } else {
            ": the columns are tenant_id, customer and, where wanted, cloud"
        };
        columns.push(check.field(at, name, &columns, hint));
    }
    let wanted = [Field::TenantId, Field::Customer].into_iter();
    let missing: Vec<_> = wanted
        .filter(|field| !columns.contains(&Some(*field)))
        .collect();
    for field in &missing {
        let name = field.name();
        check.problem(at, format_args!("the column {name} is missing; {WANTED}"));
    }
    missing.is_empty().then_some(columns)
}

fn row(at: Position, columns: &[Option<Field>], record: &StringRecord, check: &mut Check) {
    if record.iter().all(str::is_empty) {
        return;
    }
    check.count_row();
    if record.len() != columns.len() {
        let (found, wanted) = (record.len(), columns.len());
        let what = format!(
            "{found} values where the header has {wanted} columns: a value with a comma stands \
             in quotes"
        );
        return check.problem(at, what);
    }
    let named = columns.iter().zip(record);
    let fields: Fields<'_> = named
        .filter_map(|(field, value)| Some(((*field)?, value)))
        .collect();
    check.row(at, &fields);
}

impl Lines<'_> {
    /// The line in which the row begins that the reader found from byte `start` on.
    fn of_row(&mut self, start: u64) -> usize {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        while let Some(byte) = self.bytes.get(self.counted) {
            let is_break = matches!(byte, b'\n' | b'\r');
            if self.counted >= start && !is_break {
                break;
            }
            self.counted += 1;
            // `\r\n` is one break, and counted at its end.
            let goes_on = *byte == b'\r' && self.bytes.get(self.counted) == Some(&b'\n');
            self.line += usize::from(is_break && !goes_on);
        }
        self.line
    }
}
