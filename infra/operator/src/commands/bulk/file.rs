//! A file of tenants: an ID at the beginning of each line. Whatever is wrong with it is said, with
//! the line, before anything is done.

use std::collections::HashMap;
use std::path::Path;

use auth::TenantId;
use auth::text::shown;
use csv::{ReaderBuilder, Trim};

use crate::console::Console;
use crate::input::{Input, SizeLimit};

const LIMIT: SizeLimit = SizeLimit {
    bytes: 64 * 1024 * 1024,
    refusal: |name| anyhow::anyhow!("{name} is larger than 64 MiB: split it"),
};
/// More lines of the same kind say nothing new.
const PROBLEMS_SHOWN: usize = 20;

/// The IDs, in their order.
pub(super) fn read(file: &Path, console: &mut Console<'_>) -> anyhow::Result<Vec<TenantId>> {
    let input = Input::of_file_or_stdin(file, &LIMIT, console)?;
    ids(&input.text).map_err(|problems| {
        let count = problems.len();
        let mut lines: Vec<_> = problems.into_iter().take(PROBLEMS_SHOWN).collect();
        if count > PROBLEMS_SHOWN {
            lines.push(format!("and {} more", count - PROBLEMS_SHOWN));
        }
        anyhow::anyhow!(
            "{}: nothing was done, because of {}:\n{}",
            input.name,
            crate::output::counted(count as u64, "line"),
            lines.join("\n")
        )
    })
}

/// The IDs of a text, or all that is wrong with it. A first line whose first column is called
/// `tenant_id` is the header.
fn ids(text: &str) -> Result<Vec<TenantId>, Vec<String>> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let (mut ids, mut problems) = (Vec::new(), Vec::new());
    let mut seen: HashMap<TenantId, u64> = HashMap::new();
    for (index, record) in reader.records().enumerate() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(error.to_string());
                break;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let cell = record.get(0).unwrap_or_default();
        if record.iter().all(str::is_empty) || (index == 0 && cell == "tenant_id") {
            continue;
        }
        match cell.parse::<TenantId>() {
            Err(error) => problems.push(format!("line {line}: {}: {error}", shown(cell))),
            Ok(id) => match seen.insert(id, line) {
                Some(first) => problems.push(format!("line {line}: {id} is in line {first}, too")),
                None => ids.push(id),
            },
        }
    }
    if ids.is_empty() && problems.is_empty() {
        problems.push("there is no tenant in it".to_owned());
    }
    match problems.is_empty() {
        true => Ok(ids),
        false => Err(problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "41463f53-8812-40f4-890f-865bf6e35190";
    const B: &str = "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357";

    #[test]
    fn an_id_stands_at_the_beginning_of_each_line() {
        let rows = [
            (format!("{A}\n{B}\n"), Ok(2)),
            (A.to_owned(), Ok(1)),
            (
                format!("tenant_id,customer\n{A},\"Contoso, Inc.\"\r\n{B},x\r\n"),
                Ok(2),
            ),
            (format!("\n  {A}  \n\n{B}\n\n"), Ok(2)),
            (format!("{A},a,b\n{B}\n"), Ok(2)),
            (
                format!("{A}\ncontoso.com\n"),
                Err(vec!["line 2: contoso.com"]),
            ),
            (
                format!("{A}\n{B}\n{A}\n"),
                Err(vec!["line 3", "in line 1, too"]),
            ),
            (format!("{A}\ntenant_id\n"), Err(vec!["line 2: tenant_id"])),
            (
                "customer,tenant_id\n".to_owned(),
                Err(vec!["line 1: customer"]),
            ),
            (String::new(), Err(vec!["no tenant"])),
            ("tenant_id\n".to_owned(), Err(vec!["no tenant"])),
            (
                "x\ny\nz\n".to_owned(),
                Err(vec!["line 1", "line 2", "line 3"]),
            ),
        ];
        for (text, expected) in rows {
            match (ids(&text), expected) {
                (Ok(ids), Ok(count)) => assert_eq!(ids.len(), count, "{text}"),
                (Err(problems), Err(parts)) => {
                    let all = problems.join("; ");
                    for part in parts {
                        assert!(all.contains(part), "{part} in {all}");
                    }
                }
                (found, expected) => panic!("{text}: {found:?} and not {expected:?}"),
            }
        }
    }
}
