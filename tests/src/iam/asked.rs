//! One permission that a request takes: an action on a resource, and what the request says of
//! itself by which a condition may judge it.

use std::collections::BTreeMap;

/// What conditions may speak of, by its name in lower case. IAM does not tell cases apart in
/// names of keys.
pub(super) const KNOWN: [(&str, Many); 6] = [
    (LEADING_KEYS, Many::Yes),
    (ATTRIBUTES, Many::Yes),
    (SELECT, Many::No),
    (RETURN_VALUES, Many::No),
    (RETURN_CONSUMED_CAPACITY, Many::No),
    (ENCLOSING_OPERATION, Many::No),
];

/// The partition keys of the items that are named.
pub(super) const LEADING_KEYS: &str = "dynamodb:leadingkeys";
/// The top-level attributes that are named, keys included.
pub(super) const ATTRIBUTES: &str = "dynamodb:attributes";
/// What a read returns.
pub(super) const SELECT: &str = "dynamodb:select";
/// What a write returns.
pub(super) const RETURN_VALUES: &str = "dynamodb:returnvalues";
pub(super) const RETURN_CONSUMED_CAPACITY: &str = "dynamodb:returnconsumedcapacity";
/// The transaction around a write or a read.
pub(super) const ENCLOSING_OPERATION: &str = "dynamodb:enclosingoperation";

/// Whether a request may have several values of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Many {
    Yes,
    No,
}

/// One permission that a request takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// As `dynamodb:GetItem`.
    pub action: String,
    /// By the template's names, as `Table` or `Table/index/due`.
    pub resource: String,
    context: BTreeMap<&'static str, Vec<String>>,
}

impl Asked {
    /// An action on a resource, of which nothing else is known.
    pub fn new(action: &str, resource: &str) -> Self {
        Self {
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: BTreeMap::new(),
        }
    }

    /// On the items of these partitions.
    pub fn keys<K: Into<String>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        self.with(LEADING_KEYS, keys)
    }

    /// Naming these attributes.
    pub fn attributes<A: Into<String>>(self, names: impl IntoIterator<Item = A>) -> Self {
        self.with(ATTRIBUTES, names)
    }

    /// With these values of a key of [`KNOWN`].
    pub(super) fn with<V: Into<String>>(
        mut self,
        key: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.context.insert(key, values);
        self
    }

    /// The partition keys that the request names.
    pub fn leading_keys(&self) -> &[String] {
        self.values(LEADING_KEYS).unwrap_or_default()
    }

    /// The attributes that the request names.
    pub fn attribute_names(&self) -> &[String] {
        self.values(ATTRIBUTES).unwrap_or_default()
    }

    /// `None` where the request has no such key.
    pub(super) fn values(&self, key: &str) -> Option<&[String]> {
        self.context.get(key).map(Vec::as_slice)
    }
}
