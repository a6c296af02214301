//! What a role may do, found by asking the evaluator for each kind of item, each secret and
//! each function: the page shows what would be decided, not what a statement looks like.

use std::collections::{BTreeMap, BTreeSet};

use tests::iam::{Asked, Role, Template};

use super::kinds::{self, Kind};

/// What is read and written by item.
pub(super) const ACTS: [(&str, &str); 6] = [
    ("dynamodb:GetItem", "reads an item"),
    ("dynamodb:BatchGetItem", "reads many items"),
    ("dynamodb:Query", "reads a partition"),
    ("dynamodb:PutItem", "writes an item whole"),
    ("dynamodb:UpdateItem", "changes an item, or makes it"),
    ("dynamodb:DeleteItem", "deletes an item"),
];
/// Asked for one by one; what a statement permits beside them is shown as it stands.
const SHOWN_ELSEWHERE: [&str; 4] = [
    "secretsmanager:GetSecretValue",
    "lambda:InvokeFunction",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

/// What a role may do with items of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Extent {
    /// With any attribute.
    All,
    /// With these attributes alone, besides the key.
    Only(BTreeSet<String>),
}

/// What a role may do.
pub(super) struct Permitted {
    /// By action, then by the prefix of a kind.
    pub(super) items: BTreeMap<&'static str, BTreeMap<String, Extent>>,
    /// As `Table/index/due`.
    pub(super) indexes: BTreeSet<String>,
    /// Tables and indexes that it may read whole.
    pub(super) scans: BTreeSet<String>,
    pub(super) secrets: BTreeSet<String>,
    pub(super) functions: BTreeSet<String>,
    /// Anything else, as the statement has it.
    pub(super) others: BTreeSet<String>,
}

impl Permitted {
    pub(super) fn of(role: &Role, template: &Template) -> Self {
        let kinds = kinds::all(template);
        let items = ACTS.iter().map(|(action, _)| {
            let permitted = kinds
                .iter()
                .filter_map(|kind| Some((kind.prefix.clone(), extent(role, action, kind)?)));
            (*action, permitted.collect())
        });
        let may = |action: &str, resource: &str| role.allows(&Asked::new(action, resource));
        let of = |kind: &str, action: &'static str| -> BTreeSet<String> {
            let names = template.of_type(kind).into_iter();
            let named = names.filter(|(name, _)| may(action, name));
            named.map(|(name, _)| name.to_owned()).collect()
        };
        let places = places(template);
        let scans = places.iter().filter(|place| may("dynamodb:Scan", place));
        Self {
            items: items.collect(),
            indexes: places
                .iter()
                .filter(|place| place.contains("/index/"))
                .filter(|place| names(role, "dynamodb:Query", place))
                .cloned()
                .collect(),
            scans: scans.cloned().collect(),
            secrets: of(
                "AWS::SecretsManager::Secret",
                "secretsmanager:GetSecretValue",
            ),
            functions: invoked(role, template),
            others: others(role),
        }
    }

    /// The kinds on which one of these actions is permitted.
    pub(super) fn kinds(&self, actions: &[&str]) -> BTreeSet<String> {
        let of = actions.iter().flat_map(|action| self.items[action].keys());
        of.cloned().collect()
    }
}

/// Whether a statement is about it, whatever its condition: what an index has as its key is no
/// prefix of an item's.
fn names(role: &Role, action: &str, resource: &str) -> bool {
    let mut allowing = role.statements.iter().filter(|statement| statement.allows);
    allowing.any(|statement| statement.names(action, resource))
}

/// What may be done with the attributes of this kind; nothing where not even its key may be
/// named.
fn extent(role: &Role, action: &str, kind: &Kind) -> Option<Extent> {
    let asked = |names: &[&str]| {
        let asked = Asked::new(action, &kind.table).keys([kind.sample()]);
        let key = ["pk", "sk"];
        role.allows(&asked.attributes(key.iter().chain(names).copied()))
    };
    if !asked(&[]) {
        return None;
    }
    let names: Vec<&str> = kind.attributes.iter().map(String::as_str).collect();
    if asked(&[&names[..], &["any_other"]].concat()) {
        return Some(Extent::All);
    }
    let permitted = names.into_iter().filter(|name| asked(&[name]));
    Some(Extent::Only(permitted.map(str::to_owned).collect()))
}

/// The tables and their indexes.
fn places(template: &Template) -> Vec<String> {
    let tables = template.of_type("AWS::DynamoDB::Table").into_iter();
    let places = tables.flat_map(|(table, properties)| {
        let indexes = properties["GlobalSecondaryIndexes"]
            .as_array()
            .into_iter()
            .flatten();
        let indexes = indexes.map(|index| index["IndexName"].as_str().unwrap());
        let of_table: Vec<String> = indexes
            .map(|index| format!("{table}/index/{index}"))
            .collect();
        std::iter::once(table.to_owned()).chain(of_table)
    });
    places.collect()
}

fn others(role: &Role) -> BTreeSet<String> {
    let allowing = role.statements.iter().filter(|statement| statement.allows);
    let pairs = allowing.flat_map(|statement| {
        let actions = statement.actions.iter().filter(|action| !is_shown(action));
        actions.map(|action| format!("`{action}` on `{}`", statement.resources.join("`, `")))
    });
    pairs.collect()
}

fn is_shown(action: &str) -> bool {
    let items = ACTS.iter().map(|(act, _)| *act);
    items.chain(SHOWN_ELSEWHERE).any(|shown| shown == action)
}

/// The functions that it invokes: by whatever name, or by these aliases alone.
fn invoked(role: &Role, template: &Template) -> BTreeSet<String> {
    let may = |name: &str| role.allows(&Asked::new("lambda:InvokeFunction", name));
    let functions = template.of_type("AWS::Serverless::Function").into_iter();
    let names = functions.flat_map(|(name, _)| {
        if may(name) {
            return vec![name.to_owned()];
        }
        let mut aliases = template.aliases_of(name);
        aliases.retain(|alias| may(alias));
        aliases
    });
    names.collect()
}
