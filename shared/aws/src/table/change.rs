//! A change of one item: which attributes are set and removed, and on which condition.
//! Every name goes in by a placeholder, because DynamoDB reserves words such as
//! `status`.

use std::collections::HashMap;

use auth::version::Version;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{Item, item, keys};

/// What a write is conditional on.
pub(super) enum Condition<'a> {
    /// The item has this version.
    Version(&'a Version),
    /// There is no such item.
    Absent,
    /// There is such an item.
    Present,
    /// There is such an item and nothing was bound with it yet: an invite.
    Unused,
    /// Whatever is there: the transaction around it is fenced by another item.
    Always,
}

/// An expression with its placeholders.
#[derive(Default)]
pub(super) struct Expression {
    pub(super) text: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
}

impl Condition<'_> {
    pub(super) fn expression(&self) -> Expression {
        let (text, name) = match self {
            Condition::Version(_) => ("#read = :read", keys::VERSION),
            Condition::Absent => ("attribute_not_exists(#read)", keys::PK),
            Condition::Present => ("attribute_exists(#read)", keys::PK),
            Condition::Unused => (
                "attribute_exists(#read) AND attribute_not_exists(#used)",
                keys::PK,
            ),
            Condition::Always => return Expression::default(),
        };
        let mut names = HashMap::from([("#read".into(), name.into())]);
        if let Condition::Unused = self {
            names.insert("#used".into(), keys::USED_BY.into());
        }
        let mut values = Item::new();
        if let Condition::Version(version) = self {
            values.insert(":read".into(), item::text(&version.0));
        }
        Expression {
            text: text.into(),
            names,
            values,
        }
    }
}

/// Attributes to set and to remove.
#[derive(Default)]
pub(super) struct Change {
    sets: Vec<(&'static str, AttributeValue)>,
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

    pub(super) fn put(self, name: &'static str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }

    /// The update expression; joined with the placeholders of `condition`.
    pub(super) fn expression(self, condition: &Expression) -> Expression {
        let mut expression = Expression {
            text: String::new(),
            names: condition.names.clone(),
            values: condition.values.clone(),
        };
        let sets: Vec<_> = self
            .sets
            .into_iter()
            .map(|(name, value)| {
                expression.values.insert(format!(":{name}"), value);
                expression.names.insert(format!("#{name}"), name.into());
                format!("#{name} = :{name}")
            })
            .collect();
        let removes: Vec<_> = self
            .removes
            .into_iter()
            .map(|name| {
                expression.names.insert(format!("#{name}"), name.into());
                format!("#{name}")
            })
            .collect();
        expression.text = [("SET", sets), ("REMOVE", removes)]
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(word, parts)| format!("{word} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" ");
        expression
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_expression_with_the_condition_it_depends_on() {
        let version = Version("v1".into());
        let condition = Condition::Version(&version).expression();
        let change = Change::default()
            .set(keys::STATUS, item::text("active"))
            .put(keys::CAUSE, None)
            .expression(&condition);
        assert_eq!(change.text, "SET #status = :status REMOVE #cause");
        assert_eq!(change.names.len(), 3);
        assert_eq!(change.values.len(), 2);
        assert_eq!(condition.text, "#read = :read");
    }
}
