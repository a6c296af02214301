//! Rows in CSV (RFC 4180): a header that names the columns in any order, a line for each
//! tenant. Blank lines, blanks around a value and columns without a value do no harm.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::rows::{CLOUD, CUSTOMER, Check, Fields, Position, TENANT_ID, quoted};

const WANTED: &str = "the first line names the columns: tenant_id,customer or \
                      tenant_id,customer,cloud";

/// Which column holds what.
struct Columns {
    count: usize,
    tenant_id: usize,
    customer: usize,
    cloud: Option<usize>,
}

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

/// `None` where the rows cannot be told apart.
fn header(at: Position, record: &StringRecord, check: &mut Check) -> Option<Columns> {
    for (index, name) in record.iter().enumerate() {
        if ![TENANT_ID, CUSTOMER, CLOUD].contains(&name) {
            let hint = match name.contains([';', '\t']) {
                true => "columns are separated by commas",
                false => "the columns are tenant_id, customer and, where wanted, cloud",
            };
            check.problem(at, format_args!("unknown column {}: {hint}", quoted(name)));
        } else if record.iter().position(|other| other == name) != Some(index) {
            check.problem(at, format_args!("the column {name} stands there twice"));
        }
    }
    let column = |wanted: &str| record.iter().position(|name| name == wanted);
    for wanted in [TENANT_ID, CUSTOMER] {
        if column(wanted).is_none() {
            check.problem(at, format_args!("the column {wanted} is missing; {WANTED}"));
        }
    }
    Some(Columns {
        count: record.len(),
        tenant_id: column(TENANT_ID)?,
        customer: column(CUSTOMER)?,
        cloud: column(CLOUD),
    })
}

fn row(at: Position, columns: &Columns, record: &StringRecord, check: &mut Check) {
    if record.iter().all(str::is_empty) {
        return;
    }
    check.count_row();
    if record.len() != columns.count {
        let (found, wanted) = (record.len(), columns.count);
        let what = format!(
            "{found} values where the header has {wanted} columns: a value with a comma stands \
             in quotes"
        );
        return check.problem(at, what);
    }
    check.row(
        at,
        Fields {
            tenant_id: record.get(columns.tenant_id),
            customer: record.get(columns.customer),
            cloud: columns.cloud.and_then(|cloud| record.get(cloud)),
        },
    );
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
