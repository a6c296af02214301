//! Conditions of statements, as the IAM User Guide has them ("IAM JSON policy elements:
//! Condition operators", "Multivalued context keys"). An operator or a key that is not read
//! here ends the test: a condition that is passed over would be taken for met.

use serde_json::Value;

use super::asked::{Asked, KNOWN, Many};
use super::one_or_many::texts;
use super::pattern::is_like;

/// What has to hold of a request: every clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(Vec<Clause>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Clause {
    key: &'static str,
    set: Set,
    test: Test,
    if_exists: bool,
    values: Vec<String>,
}

/// Of many values in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    One,
    All,
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Null,
    Equals,
    NotEquals,
    EqualsIgnoreCase,
    NotEqualsIgnoreCase,
    Like,
    NotLike,
    Bool,
}

impl Condition {
    pub(super) fn read(condition: &Value) -> Self {
        let operators = condition.as_object().unwrap();
        let clauses = operators.iter().flat_map(|(operator, keys)| {
            let keys = keys.as_object().unwrap().iter();
            keys.map(move |(key, values)| Clause::read(operator, key, texts(values)))
        });
        Self(clauses.collect())
    }

    pub(super) fn holds(&self, asked: &Asked) -> bool {
        self.0.iter().all(|clause| clause.holds(asked))
    }

    /// For a table that people read.
    pub fn to_text(&self) -> String {
        let clauses: Vec<_> = self.0.iter().map(Clause::to_text).collect();
        clauses.join(" and ")
    }
}

impl Clause {
    fn read(operator: &str, key: &str, values: Vec<String>) -> Self {
        let (key, many) = *KNOWN
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(key))
            .unwrap_or_else(|| panic!("the condition key {key} is not read here"));
        let (set, rest) = match operator.split_once(':') {
            None => (Set::One, operator),
            Some(("ForAllValues", rest)) => (Set::All, rest),
            Some(("ForAnyValue", rest)) => (Set::Any, rest),
            Some(_) => panic!("{operator} is not read here"),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let test = Test::named(name);
        // AWS leaves open what it then does.
        assert!(
            set != Set::One || many == Many::No || test == Test::Null,
            "{operator} on {key}, of which there may be many"
        );
        assert!(
            test != Test::Null || (set, if_exists) == (Set::One, false),
            "{operator}"
        );
        Self {
            key,
            set,
            test,
            if_exists,
            values,
        }
    }

    fn holds(&self, asked: &Asked) -> bool {
        let found = asked.values(self.key);
        if self.test == Test::Null {
            let absent = found.is_none_or(<[String]>::is_empty);
            return self
                .values
                .iter()
                .any(|value| value == if absent { "true" } else { "false" });
        }
        // "If the key is not present in the request": IfExists is met, and so is a negated
        // operator; a set operator decides as of an empty set.
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            return self.if_exists
                || match self.set {
                    Set::All => true,
                    Set::Any => false,
                    Set::One => self.test.is_negated(),
                };
        };
        match self.set {
            Set::One | Set::All => found.iter().all(|value| self.meets(value)),
            Set::Any => found.iter().any(|value| self.meets(value)),
        }
    }

    /// One of the values is met; of a negated operator, none is.
    fn meets(&self, found: &str) -> bool {
        let one = self
            .values
            .iter()
            .any(|value| self.test.is_met(value, found));
        one != self.test.is_negated()
    }

    fn to_text(&self) -> String {
        let set = match self.set {
            Set::One => "",
            Set::All => "all of ",
            Set::Any => "any of ",
        };
        let (_, key) = self.key.split_once(':').unwrap();
        let exists = if self.if_exists { " if there" } else { "" };
        let values = self.values.join(", ");
        format!("{set}{key} {:?}{exists} {values}", self.test)
    }
}

impl Test {
    fn named(name: &str) -> Self {
        match name {
            "Null" => Self::Null,
            // The wildcards of ArnEquals are those of ArnLike.
            "StringEquals" => Self::Equals,
            "StringNotEquals" => Self::NotEquals,
            "StringEqualsIgnoreCase" => Self::EqualsIgnoreCase,
            "StringNotEqualsIgnoreCase" => Self::NotEqualsIgnoreCase,
            "StringLike" | "ArnLike" | "ArnEquals" => Self::Like,
            "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => Self::NotLike,
            "Bool" => Self::Bool,
            _ => panic!("the operator {name} is not read here"),
        }
    }

    fn is_negated(self) -> bool {
        matches!(
            self,
            Self::NotEquals | Self::NotEqualsIgnoreCase | Self::NotLike
        )
    }

    /// Before it is negated.
    fn is_met(self, wanted: &str, found: &str) -> bool {
        match self {
            Self::Equals | Self::NotEquals => wanted == found,
            Self::EqualsIgnoreCase | Self::NotEqualsIgnoreCase | Self::Bool => {
                wanted.eq_ignore_ascii_case(found)
            }
            Self::Like | Self::NotLike => is_like(wanted, found),
            Self::Null => unreachable!("it judges whether there is a value"),
        }
    }
}
