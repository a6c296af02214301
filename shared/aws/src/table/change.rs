//! What one write says of an item: the attributes that are set and removed, and the condition
//! that it depends on. Every name goes in by a placeholder, because DynamoDB reserves words
//! such as `status`.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use auth::version::Version;
use auth::{Cause, Timestamp};
use aws_sdk_dynamodb::types::AttributeValue;

use super::attributes::{number, numbers, text, time};
use super::keys::{self, CauseNames, Item};

/// What a write is conditional on.
pub(super) enum Condition {
    /// Whatever is there: it has no other writer, or the transaction around it is fenced by
    /// another item.
    Always,
    /// There is no such item.
    Absent,
    /// There is such an item.
    Present,
    /// There is such an item, and it has no such attribute.
    Without(&'static str),
    /// The attribute has this value.
    Is(&'static str, AttributeValue),
    /// There is no such attribute, or its time is not after the first one, or after the second.
    Outside(&'static str, Timestamp, Timestamp),
    /// There is such an item, and the attribute has this value or is not there.
    IsOrWithout(&'static str, AttributeValue),
    /// The item has this version, and the attribute's number is none but these.
    Within(Version, &'static str, RangeInclusive<Timestamp>),
}

impl Condition {
    /// The item has this version.
    pub(super) fn version(read: &Version) -> Self {
        Condition::Is(keys::VERSION, text(&read.0))
    }

    /// What is stored has the counted version right before this one: nothing at all before the
    /// first.
    pub(super) fn before(version: u64) -> Self {
        match version {
            1 => Condition::Absent,
            version => Condition::Is(keys::VERSION, text(version.saturating_sub(1))),
        }
    }

    /// The expressions of a write without an update: a put or a deletion.
    pub(super) fn expressions(self) -> Expressions {
        const PK: (&str, &str) = ("#pk", keys::PK);
        let (condition, names, values) = match self {
            Condition::Always => return Expressions::default(),
            Condition::Absent => ("attribute_not_exists(#pk)", vec![PK], vec![]),
            Condition::Present => ("attribute_exists(#pk)", vec![PK], vec![]),
            Condition::Without(name) => (
                "attribute_exists(#pk) AND attribute_not_exists(#read)",
                vec![PK, ("#read", name)],
                vec![],
            ),
            Condition::Is(name, value) => (
                "#read = :read",
                vec![("#read", name)],
                vec![(":read", value)],
            ),
            Condition::Outside(name, first, last) => (
                "attribute_not_exists(#read) OR #read <= :first OR #read > :last",
                vec![("#read", name)],
                vec![(":first", time(first)), (":last", time(last))],
            ),
            Condition::IsOrWithout(name, value) => (
                "attribute_exists(#pk) AND (attribute_not_exists(#read) OR #read = :read)",
                vec![PK, ("#read", name)],
                vec![(":read", value)],
            ),
            Condition::Within(version, name, times) => (
                "#read = :read AND #within BETWEEN :first AND :last",
                vec![("#read", keys::VERSION), ("#within", name)],
                vec![
                    (":read", text(&version.0)),
                    (":first", time(*times.start())),
                    (":last", time(*times.end())),
                ],
            ),
        };
        let names = names.into_iter();
        let names = names.map(|(placeholder, name)| (placeholder.to_owned(), name.to_owned()));
        let values = values.into_iter();
        let values = values.map(|(placeholder, value)| (placeholder.to_owned(), value));
        let values: Item = values.collect();
        Expressions {
            condition: Some(condition.to_owned()),
            update: None,
            names: Some(names.collect()),
            values: Some(values).filter(|values| !values.is_empty()),
        }
    }
}

/// The expressions of one write with their placeholders, as the SDK's builders take them: an
/// empty map would be refused.
#[derive(Default)]
pub(super) struct Expressions {
    pub(super) condition: Option<String>,
    pub(super) update: Option<String>,
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Option<Item>,
}

/// Attributes to set and to remove.
#[derive(Default)]
pub(super) struct Change {
    sets: Vec<(&'static str, AttributeValue)>,
    /// Set where the item has no such attribute yet.
    firsts: Vec<(&'static str, AttributeValue)>,
    removes: Vec<&'static str>,
}

impl Change {
    pub(super) fn set(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.sets.push((name, value));
        self
    }

    pub(super) fn remove(mut self, name: &'static str) -> Self {
        self.removes.push(name);
        self
    }

    /// Sets it where the item has no such attribute yet.
    pub(super) fn first(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.firsts.push((name, value));
        self
    }

    /// Says under which layout the item is made, if it is made by this.
    pub(super) fn layout(self) -> Self {
        self.first(keys::LAYOUT, number(keys::KNOWN_LAYOUT))
    }

    /// Sets what there is, and removes what there is not.
    pub(super) fn put(self, name: &'static str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }

    /// Puts a cause into these attributes.
    pub(super) fn cause(self, names: CauseNames, cause: Option<&Cause>) -> Self {
        let [code, aadsts, also] = names;
        self.put(code, cause.map(|cause| text(cause.code)))
            .put(aadsts, cause.and_then(|cause| cause.aadsts).map(number))
            .put(also, cause.and_then(|cause| numbers(&cause.also)))
    }

    /// The new item with this key and what is set.
    pub(super) fn into_item(self, mut key: Item) -> Item {
        let sets = self.sets.into_iter().chain(self.firsts);
        key.extend(sets.map(|(name, value)| (name.to_owned(), value)));
        key
    }

    /// The expressions of an update.
    pub(super) fn on(self, condition: Condition) -> Expressions {
        let mut expressions = condition.expressions();
        let names = expressions.names.get_or_insert_default();
        let mut sets = Vec::new();
        for (name, value) in self.sets {
            let values = expressions.values.get_or_insert_default();
            values.insert(format!(":{name}"), value);
            names.insert(format!("#{name}"), name.to_owned());
            sets.push(format!("#{name} = :{name}"));
        }
        for (name, value) in self.firsts {
            let values = expressions.values.get_or_insert_default();
            values.insert(format!(":{name}"), value);
            names.insert(format!("#{name}"), name.to_owned());
            sets.push(format!("#{name} = if_not_exists(#{name}, :{name})"));
        }
        let mut removes = Vec::new();
        for name in self.removes {
            names.insert(format!("#{name}"), name.to_owned());
            removes.push(format!("#{name}"));
        }
        let clauses = [("SET", sets), ("REMOVE", removes)].into_iter();
        let clauses = clauses.filter(|(_, parts)| !parts.is_empty());
        let clauses = clauses.map(|(word, parts)| format!("{word} {}", parts.join(", ")));
        expressions.update = Some(clauses.collect::<Vec<_>>().join(" "));
        expressions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_expression_with_the_condition_it_depends_on() {
        let version = Version("v1".into());
        let expressions = Change::default()
            .set(keys::STATUS, text("active"))
            .put(keys::CAUSE, None)
            .on(Condition::version(&version));
        let update = "SET #status = :status REMOVE #cause";
        assert_eq!(expressions.update.as_deref(), Some(update));
        assert_eq!(expressions.condition.as_deref(), Some("#read = :read"));
        assert_eq!(expressions.names.map(|names| names.len()), Some(3));
        assert_eq!(expressions.values.map(|values| values.len()), Some(2));
    }

    #[test]
    fn sets_the_layout_where_there_is_none() {
        let change = Change::default().set(keys::TTL, number(5)).layout();
        let expressions = change.on(Condition::Always);
        let update = "SET #ttl = :ttl, #v = if_not_exists(#v, :v)";
        assert_eq!(expressions.update.as_deref(), Some(update));
        assert_eq!(expressions.names.map(|names| names.len()), Some(2));
    }
}
