//! The items of a notification's JSON, one after the other: of each the four texts that it is
//! judged by, borrowed from the body, and nothing of what is besides them. No tree is kept.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// What is nested deeper is refused. An item's fields are at the second level.
const DEPTH: u8 = 32;
const DEPTH_OF_FIELDS: u8 = DEPTH - 2;

/// What an item is judged by.
#[derive(Default)]
pub(super) struct Item<'de> {
    pub(super) tenant_id: Field<'de>,
    pub(super) client_id: Field<'de>,
    pub(super) content_type: Field<'de>,
    pub(super) content_uri: Field<'de>,
}

/// One field of an item.
#[derive(Default)]
pub(super) enum Field<'de> {
    #[default]
    Missing,
    Text(Cow<'de, str>),
    /// No text, or there twice.
    Unfit,
}

impl<'de> Field<'de> {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Field::Text(text) => Some(text),
            Field::Missing | Field::Unfit => None,
        }
    }

    fn set(&mut self, value: Option<Cow<'de, str>>) {
        *self = match (&self, value) {
            (Field::Missing, Some(text)) => Field::Text(text),
            _ => Field::Unfit,
        };
    }
}

/// Hands each item of an array on.
pub(super) struct Items<F>(pub(super) F);

impl<'de, F: FnMut(&Item<'de>)> DeserializeSeed<'de> for Items<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(&Item<'de>)> Visitor<'de> for Items<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of notifications")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<Item<'de>>()? {
            (self.0)(&item);
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Item<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Name {
    TenantId,
    ClientId,
    ContentType,
    ContentUri,
    #[serde(other)]
    Other,
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Item<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notification")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item<'de>, A::Error> {
        let mut item = Item::default();
        while let Some(name) = map.next_key::<Name>()? {
            let value = map.next_value_seed(Text(DEPTH_OF_FIELDS))?;
            match name {
                Name::TenantId => item.tenant_id.set(value),
                Name::ClientId => item.client_id.set(value),
                Name::ContentType => item.content_type.set(value),
                Name::ContentUri => item.content_uri.set(value),
                Name::Other => {}
            }
        }
        Ok(item)
    }
}

/// A value that is a text, or `None` for any other, which may have so many levels.
struct Text(u8);

impl Text {
    fn inner<E: Error>(&self) -> Result<Self, E> {
        let left = self.0.checked_sub(1);
        left.map(Text).ok_or_else(|| E::custom("nested too deeply"))
    }
}

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        while values.next_element_seed(self.inner()?)?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_key::<serde::de::IgnoredAny>()?.is_some() {
            map.next_value_seed(self.inner()?)?;
        }
        Ok(None)
    }
}
