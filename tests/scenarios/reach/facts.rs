//! What a sentence of the page rests on. Each is judged by what the roles of the template
//! permit: a sentence that is no longer so fails.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::permitted::{Extent, Permitted};

/// One fact about a role.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fact {
    /// It reads these secrets, and no other.
    Secrets(&'static [&'static str]),
    /// It invokes these functions, and no other.
    Functions(&'static [&'static str]),
    /// It reads items of no other kind than these, one by one or a partition at once.
    ReadsAtMost(&'static [&'static str]),
    /// It writes, changes and deletes items of no other kind than these.
    WritesAtMost(&'static [&'static str]),
    /// It deletes items of no other kind than these.
    DeletesAtMost(&'static [&'static str]),
    /// It reads an item of this kind.
    Reads(&'static str),
    /// It writes or changes items of this kind.
    Writes(&'static str),
    /// Of this kind it writes no such attribute.
    NeverWrites(&'static str, &'static [&'static str]),
    /// It asks these indexes, and no other.
    Indexes(&'static [&'static str]),
    /// It scans nothing, and nothing is permitted that the page has no row for.
    NothingElse,
    /// It scans nothing, and of what the page has no row for it may this, as the statements have
    /// it.
    NothingElseBut(&'static [&'static str]),
}

const READS: [&str; 3] = [
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
];
const WRITES: [&str; 3] = [
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
];

impl Fact {
    /// Whether it is so; else what is.
    pub(super) fn check(self, of: &Permitted) -> Result<(), String> {
        let (so, is) = match self {
            Fact::Secrets(names) => (of.secrets == set(names), format!("{:?}", of.secrets)),
            Fact::Functions(names) => (of.functions == set(names), format!("{:?}", of.functions)),
            Fact::Indexes(names) => (of.indexes == set(names), format!("{:?}", of.indexes)),
            Fact::ReadsAtMost(kinds) => at_most(of, &READS, kinds),
            Fact::WritesAtMost(kinds) => at_most(of, &WRITES, kinds),
            Fact::DeletesAtMost(kinds) => at_most(of, &WRITES[2..], kinds),
            Fact::Reads(kind) => has(of, &READS, kind),
            Fact::Writes(kind) => has(of, &WRITES[..2], kind),
            Fact::NeverWrites(kind, names) => never(of, kind, names),
            Fact::NothingElse => {
                let beside: BTreeSet<_> = of.scans.union(&of.others).collect();
                (beside.is_empty(), format!("{beside:?}"))
            }
            Fact::NothingElseBut(others) => {
                let so = of.scans.is_empty() && of.others == set(others);
                (so, format!("{:?} {:?}", of.scans, of.others))
            }
        };
        if so {
            Ok(())
        } else {
            Err(format!("{}, but: {is}", self.text()))
        }
    }

    /// In the page.
    pub(super) fn text(self) -> String {
        match self {
            Fact::Secrets(names) => format!("secrets read: {}", only(names)),
            Fact::Functions(names) => format!("functions invoked: {}", only(names)),
            Fact::Indexes(names) => format!("indexes asked: {}", only(names)),
            Fact::ReadsAtMost(kinds) => format!("items read: {}", only(kinds)),
            Fact::WritesAtMost(kinds) => format!("items written: {}", only(kinds)),
            Fact::DeletesAtMost(kinds) => format!("items deleted: {}", only(kinds)),
            Fact::Reads(kind) => format!("it reads `{kind}`"),
            Fact::Writes(kind) => format!("it writes `{kind}`"),
            Fact::NeverWrites(kind, names) => {
                format!("of `{kind}` it never writes {}", quoted(names))
            }
            Fact::NothingElse => "no scan and no other permission".to_owned(),
            Fact::NothingElseBut(others) => {
                format!("no scan and no other permission but {}", others.join(", "))
            }
        }
    }
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn at_most(of: &Permitted, actions: &[&str], kinds: &[&str]) -> (bool, String) {
    let found = of.kinds(actions);
    (found.is_subset(&set(kinds)), format!("{found:?}"))
}

fn has(of: &Permitted, actions: &[&str], kind: &str) -> (bool, String) {
    let found = of.kinds(actions);
    (found.contains(kind), format!("{found:?}"))
}

fn never(of: &Permitted, kind: &str, names: &[&str]) -> (bool, String) {
    let mut written = String::new();
    for action in &WRITES[..2] {
        match of.items[action].get(kind) {
            None => {}
            Some(Extent::All) => write!(written, "{action} of everything ").unwrap(),
            Some(Extent::Only(permitted)) => {
                let too_many = names.iter().filter(|name| permitted.contains(**name));
                too_many.for_each(|name| write!(written, "{action} of {name} ").unwrap());
            }
        }
    }
    (written.is_empty(), written)
}

fn only(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        names => format!("{} alone", quoted(names)),
    }
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
