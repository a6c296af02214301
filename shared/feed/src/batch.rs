//! A batch: the contents of one listing that were created in the same hour of UTC, which become
//! one object and one row of the ledger.
//!
//! By the hour, so that what is known of a window is read by the hours of the window, an object
//! belongs to one day, and what fails holds up no more than an hour of a backlog.

use std::collections::{BTreeMap, BTreeSet};

use auth::Timestamp;
use auth::digest::sha256;
use auth::encoding::hex;

use crate::content::{Content, ContentKey};
use crate::window::Window;

/// The most contents of one batch, so that it fits into a turn and its row, with 16 bytes for
/// each, into 4 KB. One that takes longer is cut where its time was over.
pub const LARGEST: usize = 256;

/// Contents that become one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The hour in which all were created.
    pub hour: Window,
    /// In the order of their keys, each once.
    pub contents: Vec<Content>,
}

impl Batch {
    /// The name of the batch, which follows from its hour and its contents: a run that does it
    /// again writes to the same key.
    pub fn name(&self) -> BatchName {
        let keys: Vec<_> = self.contents.iter().map(|content| content.key).collect();
        BatchName::of(self.hour.start(), &keys)
    }
}

/// Names a batch among those of its hour: 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchName(String);

impl BatchName {
    /// Of these contents of this hour, in any order.
    pub fn of(hour: Timestamp, keys: &[ContentKey]) -> Self {
        let keys: BTreeSet<_> = keys.iter().collect();
        let mut bytes = hour.unix().to_be_bytes().to_vec();
        keys.iter().for_each(|key| bytes.extend_from_slice(&key.0));
        Self(hex(&sha256(&bytes)[..16]))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The batches of what a listing named and the ledger does not know, newest first.
pub fn batches(
    listed: impl IntoIterator<Item = Content>,
    known: &BTreeSet<ContentKey>,
) -> Vec<Batch> {
    let mut hours: BTreeMap<Window, BTreeMap<ContentKey, Content>> = BTreeMap::new();
    for content in listed {
        if !known.contains(&content.key) {
            let hour = hours.entry(Window::hour_of(content.created)).or_default();
            hour.entry(content.key).or_insert(content);
        }
    }
    let hours = hours.into_iter().rev();
    hours
        .flat_map(|(hour, contents)| of_hour(hour, contents))
        .collect()
}

fn of_hour(hour: Window, contents: BTreeMap<ContentKey, Content>) -> Vec<Batch> {
    let contents: Vec<_> = contents.into_values().collect();
    let parts = contents.chunks(LARGEST).map(<[Content]>::to_vec);
    parts.map(|contents| Batch { hour, contents }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(id: &str, created: i64) -> Content {
        Content {
            key: ContentKey::of(id),
            unverified_uri: format!("https://manage.office.com/{id}"),
            created: Timestamp::from_unix(created),
        }
    }

    #[test]
    fn a_listing_becomes_a_batch_for_each_hour_of_what_is_new_in_it() {
        let listed = [
            content("a", 3_599),
            content("b", 3_600),
            content("a", 3_599),
            content("known", 3_700),
            content("c", 7_199),
        ];
        let known = BTreeSet::from([ContentKey::of("known")]);
        let found = batches(listed, &known);
        let found: Vec<_> = found
            .iter()
            .map(|batch| (batch.hour.start().unix(), batch.contents.len()))
            .collect();
        assert_eq!(found, [(3_600, 2), (0, 1)]);
        assert_eq!(batches([], &known), []);
    }

    #[test]
    fn a_name_follows_from_hour_and_contents_in_whatever_order_they_were_listed() {
        let hour = Timestamp::from_unix(3_600);
        let [a, b] = ["a", "b"].map(ContentKey::of);
        let name = BatchName::of(hour, &[a, b]);
        assert_eq!(name, BatchName::of(hour, &[b, a, b]));
        assert_eq!(
            name.as_str(),
            "164b5f34e7289e4938d3a42d1d919450",
            "objects in use would be made twice"
        );
        let others = [
            BatchName::of(hour, &[a]),
            BatchName::of(Timestamp::from_unix(0), &[a, b]),
            BatchName::of(hour, &[]),
        ];
        for other in others {
            assert_ne!(other, name);
            assert_eq!(other.as_str().len(), 32);
        }
    }

    #[test]
    fn no_batch_is_larger_than_a_turn_has_time_for() {
        let listed = (0..600).map(|number| content(&number.to_string(), 10));
        let found = batches(listed, &BTreeSet::new());
        let sizes: Vec<_> = found.iter().map(|batch| batch.contents.len()).collect();
        assert_eq!(sizes, [256, 256, 88]);
    }
}
