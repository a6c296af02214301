//! The kinds of items, by their partition keys, as the layout in `shared/aws/src/table` has
//! them: a new kind is in the page by itself.

use std::collections::BTreeSet;
use std::path::Path;

use tests::iam::Template;

/// The kinds that only the operator writes, in a table of their own.
pub(super) const OF_CONTROL: [&str; 4] = ["POLICY", "CALLERS", "ISSUERS", "AUDIT#"];
/// Asked for by health checks; no item has it.
const NOTHING: &str = "NOTHING";

/// One kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    /// What its partition keys begin with: `T#`, or the whole of it: `POLICY`.
    pub(super) prefix: String,
    /// Its table in the template.
    pub(super) table: String,
    /// The names of all attributes that its items may have, without those of the key.
    pub(super) attributes: BTreeSet<String>,
}

impl Kind {
    /// A partition key of this kind.
    pub(super) fn sample(&self) -> String {
        match self.prefix.ends_with('#') {
            true => format!("{}1", self.prefix),
            false => self.prefix.clone(),
        }
    }

    /// As people write it.
    pub(super) fn text(&self) -> String {
        match self.prefix.ends_with('#') {
            true => format!("`{}…`", self.prefix),
            false => format!("`{}`", self.prefix),
        }
    }
}

/// All kinds, and one that no item has.
pub(super) fn all(template: &Template) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for [_, pk, _, of_index, others, _] in layout() {
        let prefix = words(&pk).next().unwrap_or_default();
        let prefix = prefix.split('{').next().unwrap_or_default().to_owned();
        let names = [of_index, others];
        let names = names.iter().flat_map(|cell| words(cell)).map(str::to_owned);
        match kinds.iter_mut().find(|kind| kind.prefix == prefix) {
            Some(kind) => kind.attributes.extend(names),
            None => kinds.push(Kind {
                table: table_of(template, &prefix),
                attributes: names.collect(),
                prefix,
            }),
        }
    }
    kinds.push(Kind {
        prefix: NOTHING.to_owned(),
        table: "Table".to_owned(),
        attributes: BTreeSet::new(),
    });
    let known: Vec<&str> = kinds.iter().map(|kind| kind.prefix.as_str()).collect();
    for needed in [
        "T#",
        "INVITE#",
        "ONCE#",
        "LEASE#vend#",
        "LEASE#refresh#",
        "POLICY",
        "CALLERS",
    ] {
        assert!(
            known.contains(&needed),
            "{needed} is not in the layout: {known:?}"
        );
    }
    kinds
}

fn table_of(template: &Template, prefix: &str) -> String {
    let is_control = OF_CONTROL.contains(&prefix) && template.has("ControlTable");
    if is_control { "ControlTable" } else { "Table" }.to_owned()
}

/// The rows of the layout: item, `pk`, `sk`, keys of indexes, other attributes, writers. The
/// control table has no index, and no column for its keys.
fn layout() -> Vec<[String; 6]> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/aws/src/table");
    let files = std::fs::read_dir(directory).unwrap();
    let mut rows = Vec::new();
    for file in files
        .map(|file| file.unwrap().path())
        .filter(|path| path.is_file())
    {
        let text = std::fs::read_to_string(file).unwrap();
        rows.extend(text.lines().filter_map(row));
    }
    rows
}

fn row(line: &str) -> Option<[String; 6]> {
    let line = line.strip_prefix("//! | ")?.strip_suffix(" |")?;
    let cells: Vec<String> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
    let cells: [String; 6] = match <[String; 5]>::try_from(cells) {
        Ok([item, pk, sk, others, writers]) => [item, pk, sk, String::new(), others, writers],
        Err(cells) => cells.try_into().ok()?,
    };
    // The head of the table, and what is no row of an item.
    cells[1]
        .starts_with('`')
        .then_some(cells)
        .filter(|cells| cells[1] != "`pk`")
}

/// What stands in backquotes.
fn words(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}
