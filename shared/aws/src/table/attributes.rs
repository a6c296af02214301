//! Values of attributes, made and read. An item that cannot be read is an operator's
//! business: the error names its key and the attribute, never a value.

use std::collections::BTreeMap;
use std::str::FromStr;

use auth::ports::StoreError;
use auth::version::Version;
use auth::{Cause, CauseCode, Customer, Timestamp};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use super::keys::{self, CauseNames, Item};

pub(super) fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn time(at: Timestamp) -> AttributeValue {
    number(at.unix())
}

pub(super) fn bytes(value: Vec<u8>) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

pub(super) fn texts(values: &[String]) -> AttributeValue {
    // A list, because a set may not be empty.
    AttributeValue::L(values.iter().map(text).collect())
}

/// A map of texts; an empty one is no attribute.
pub(super) fn text_map(values: &BTreeMap<String, String>) -> Option<AttributeValue> {
    let members = values
        .iter()
        .map(|(name, value)| (name.clone(), text(value)));
    (!values.is_empty()).then(|| AttributeValue::M(members.collect()))
}

/// A list of numbers; nothing where there is none.
pub(super) fn numbers(values: &[u32]) -> Option<AttributeValue> {
    let members = values.iter().map(number).collect();
    (!values.is_empty()).then_some(AttributeValue::L(members))
}

/// Numbers in their order.
pub(super) fn number_list<T: ToString>(values: impl IntoIterator<Item = T>) -> AttributeValue {
    AttributeValue::L(values.into_iter().map(number).collect())
}

/// The numbers of a list; `None` where one is none.
pub(super) fn as_numbers<T: FromStr>(list: &[AttributeValue]) -> Option<Vec<T>> {
    let numbers = list.iter().map(|value| value.as_n().ok()?.parse().ok());
    numbers.collect()
}

/// What can be read of `rows`, and what is wrong with the others: a damaged row is an
/// operator's business, and must not hide those beside it. The log names it.
pub(super) fn readable<T>(
    rows: &[Item],
    read: impl Fn(&Item) -> Result<T, StoreError>,
) -> (Vec<T>, Vec<StoreError>) {
    let (mut readable, mut damaged) = (Vec::new(), Vec::new());
    for row in rows {
        match read(row) {
            Ok(value) => readable.push(value),
            Err(error) => {
                tracing::error!(event = "row_unreadable", %error, "a row was passed over");
                damaged.push(error);
            }
        }
    }
    (readable, damaged)
}

/// Reads the attributes of one item.
pub(super) struct Reader<'a>(&'a Item);

impl<'a> Reader<'a> {
    /// Of a whole row. Fails closed because a row that a later release wrote under another
    /// layout may say something else than this one would read in it: it is refused, for
    /// decisions and for lists alike, and that release can read it. A row without a layout is
    /// of before every row had one, and of layout 1.
    pub(super) fn of(row: &'a Item) -> Result<Self, StoreError> {
        let reader = Self(row);
        match reader.optional_number::<u64>(keys::LAYOUT)? {
            None | Some(1..=keys::KNOWN_LAYOUT) => Ok(reader),
            Some(0) => Err(reader.unreadable(keys::LAYOUT)),
            Some(_) => Err(reader.damaged(
                keys::LAYOUT,
                "says that a later release wrote it, which alone can read it",
            )),
        }
    }

    /// Of a key, or of what is in a row: it is the same under every layout.
    pub(super) fn of_key(key: &'a Item) -> Self {
        Self(key)
    }
}

impl Reader<'_> {
    pub(super) fn text(&self, name: &'static str) -> Result<&str, StoreError> {
        self.optional(name, as_text)?
            .ok_or_else(|| self.unreadable(name))
    }

    pub(super) fn version(&self) -> Result<Version, StoreError> {
        Ok(Version(self.text(keys::VERSION)?.to_owned()))
    }

    /// A text that is an identifier, a status or the like.
    pub(super) fn parsed<T: FromStr>(&self, name: &'static str) -> Result<T, StoreError> {
        self.text(name)?.parse().map_err(|_| self.unreadable(name))
    }

    /// The account. A name that the rule of today would refuse keeps no row from being read.
    pub(super) fn customer(&self) -> Result<Customer, StoreError> {
        Customer::stored(self.text(keys::CUSTOMER)?).ok_or_else(|| self.unreadable(keys::CUSTOMER))
    }

    pub(super) fn optional_parsed<T: FromStr>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, StoreError> {
        self.optional(name, |value| value.as_s().ok()?.parse().ok())
    }

    pub(super) fn number<T: FromStr>(&self, name: &'static str) -> Result<T, StoreError> {
        self.optional_number(name)?
            .ok_or_else(|| self.unreadable(name))
    }

    pub(super) fn time(&self, name: &'static str) -> Result<Timestamp, StoreError> {
        self.number(name).map(Timestamp::from_unix)
    }

    pub(super) fn optional_time(
        &self,
        name: &'static str,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.optional_number(name)?.map(Timestamp::from_unix))
    }

    pub(super) fn texts(&self, name: &'static str) -> Result<Vec<String>, StoreError> {
        let list = self.optional(name, |value| {
            let members = value.as_l().ok()?.iter();
            members.map(|member| member.as_s().ok().cloned()).collect()
        })?;
        list.ok_or_else(|| self.unreadable(name))
    }

    /// A map of texts; empty where there is none.
    pub(super) fn text_map(
        &self,
        name: &'static str,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let map = self.optional(name, |value| {
            let members = value.as_m().ok()?.iter();
            members
                .map(|(name, value)| Some((name.clone(), value.as_s().ok()?.clone())))
                .collect()
        })?;
        Ok(map.unwrap_or_default())
    }

    /// A map of attributes; `None` where there is none.
    pub(super) fn members(&self, name: &'static str) -> Result<Option<&Item>, StoreError> {
        self.optional(name, |value| value.as_m().ok())
    }

    /// A list; empty where there is none.
    pub(super) fn list(&self, name: &'static str) -> Result<&[AttributeValue], StoreError> {
        let list = self.optional(name, |value| value.as_l().ok())?;
        Ok(list.map(Vec::as_slice).unwrap_or_default())
    }

    pub(super) fn bytes(&self, name: &'static str) -> Result<&[u8], StoreError> {
        self.optional_bytes(name)?
            .ok_or_else(|| self.unreadable(name))
    }

    /// A count: 0 where there is none.
    pub(super) fn count(&self, name: &'static str) -> Result<u64, StoreError> {
        Ok(self.optional_number(name)?.unwrap_or_default())
    }

    pub(super) fn optional_bytes(&self, name: &'static str) -> Result<Option<&[u8]>, StoreError> {
        self.optional(name, as_bytes)
    }

    /// The cause in these attributes.
    pub(super) fn cause(
        &self,
        [code, aadsts, also]: CauseNames,
    ) -> Result<Option<Cause>, StoreError> {
        let code: Option<CauseCode> = self.optional_parsed(code)?;
        let aadsts = self.optional_number(aadsts)?;
        let also = self.optional(also, |value| {
            let members = value.as_l().ok()?.iter();
            members
                .map(|member| member.as_n().ok()?.parse().ok())
                .collect()
        })?;
        Ok(code.map(|code| Cause {
            code,
            aadsts,
            also: also.unwrap_or_default(),
        }))
    }

    pub(super) fn unreadable(&self, attribute: &'static str) -> StoreError {
        self.damaged(attribute, "is missing or cannot be read")
    }

    fn damaged(&self, attribute: &'static str, how: &str) -> StoreError {
        let of_key = |name: &str| self.0.get(name).and_then(as_text).unwrap_or("?");
        let (pk, sk) = (of_key(keys::PK), of_key(keys::SK));
        StoreError::Damaged(format!("item {pk} {sk}: attribute {attribute} {how}"))
    }

    pub(super) fn optional_number<T: FromStr>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, StoreError> {
        self.optional(name, |value| value.as_n().ok()?.parse().ok())
    }

    /// `None` when the attribute is absent; an error when it is something else.
    fn optional<'a, T>(
        &'a self,
        name: &'static str,
        read: impl Fn(&'a AttributeValue) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.unreadable(name)),
        }
    }
}

fn as_text(value: &AttributeValue) -> Option<&str> {
    value.as_s().ok().map(String::as_str)
}

fn as_bytes(value: &AttributeValue) -> Option<&[u8]> {
    value.as_b().ok().map(Blob::as_ref)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_by_its_layout_or_says_why_not() {
        let (later, damaged) = ("a later release", "is missing or cannot be read");
        let rows = [
            (None, None),
            (Some(number(1)), None),
            (Some(number("1.0")), Some(damaged)),
            (Some(number(2)), Some(later)),
            (Some(number(3)), Some(later)),
            (Some(number(u64::MAX)), Some(later)),
            (Some(number("100000000000000000000")), Some(damaged)),
            (Some(number(0)), Some(damaged)),
            (Some(number(-1)), Some(damaged)),
            (Some(number("1.5")), Some(damaged)),
            (Some(text("1")), Some(damaged)),
            (Some(text("2")), Some(damaged)),
            (Some(AttributeValue::Bool(true)), Some(damaged)),
            (Some(AttributeValue::Null(true)), Some(damaged)),
        ];
        for (layout, expected) in rows {
            let mut row = keys::key("T#1", "TENANT");
            row.extend(
                layout
                    .clone()
                    .map(|layout| (keys::LAYOUT.to_owned(), layout)),
            );
            let error = Reader::of(&row).err().map(|error| error.to_string());
            let fits = match (&error, expected) {
                (None, None) => true,
                (Some(error), Some(why)) => {
                    error.contains("item T#1 TENANT: attribute v ") && error.contains(why)
                }
                _ => false,
            };
            assert!(fits, "{layout:?}: {error:?}");
            assert!(Reader::of_key(&row).text(keys::SK).is_ok(), "{layout:?}");
        }
    }
}
