//! The records of a blob: the generator's second half.
//!
//! Each is one JSON object as bytes, never built from a tree: order of keys, white space,
//! numbers above 2^53, escapes and JSON inside strings are as a careless reader would not
//! write them again. Some records repeat the Id of the one before, with the same bytes or
//! with others.

use std::fmt::Write as _;

use uuid::Uuid;

use super::chance::Chance;
use super::content_type::ContentType;
use crate::moment;

/// Events are up to that many seconds older than their blob.
const OLDEST_EVENT: u64 = 7200;

/// One audit record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// `Id`; a record can be without one.
    pub(crate) id: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// The records of one blob, without an end: the reader takes as many as it wants.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    chance: Chance,
    tenant: Uuid,
    content_type: ContentType,
    /// contentCreated in Unix seconds.
    created: u64,
    last: Option<Record>,
}

#[rustfmt::skip]
const PEOPLE: [&str; 8] = [
    "alex.admin@contoso.example", "zo\u{eb}.m\u{fc}ller@contoso.example", r"ren\u00e9e@contoso.example",
    "\u{674e}\u{96f7}@contoso.example", r"smile\ud83d\ude00@contoso.example", "\u{1f469}\u{200d}\u{1f4bb}@contoso.example",
    "o'brien@contoso.example", r#"\"quoted\" \\ person@contoso.example"#,
];
#[rustfmt::skip]
const OPERATIONS: [&str; 6] = [
    "FileAccessed", "UserLoggedIn", "New-InboxRule", "MailItemsAccessed", "TeamsSessionStarted", "DlpRuleMatch",
];
/// A reader that takes numbers for floating point changes all but the first two.
#[rustfmt::skip]
const NUMBERS: [&str; 7] = [
    "0", "1024", "9007199254740993", "9223372036854775807", "18446744073709551615", "-9223372036854775808", "1.10",
];
/// Fields that a reader may not know, each with its comma.
#[rustfmt::skip]
const ODD_FIELDS: [&str; 7] = [
    r#","AppAccessContext":{"AADSessionId":"","CorrelationId":null,"UniqueTokenId":"a\/b"}"#,
    r#","ExtendedProperties":[{"Name":"additionalDetails","Value":"{\"User-Agent\":\"Mozilla/5.0\",\"inner\":\"{\\\"deep\\\":[1,{}]}\"}"},{"Name":"extendedAuditEventCategory","Value":"User"}]"#,
    r#","FieldOf2031":{"z":1,"a":[],"b":{},"c":null,"d":1.0,"e":1E+2,"f":-0}"#,
    ",\"Subject\":\"line\u{2028}separator, tab\\t, nul\\u0000, bell\\u0007 and \u{feff}mark\"",
    r#", "Spaced" : [ 1 , 2,3 ]"#,
    r#","Parameters":[{"Name":"Identity","Value":"<div class=\"x\">&amp;</div>"}]"#,
    r#","":"a key without a name""#,
];

impl Records {
    pub(crate) fn new(
        chance: Chance,
        tenant: Uuid,
        content_type: ContentType,
        created: u64,
    ) -> Self {
        Self {
            chance,
            tenant,
            content_type,
            created,
            last: None,
        }
    }

    /// How many a blob has, at `mean` on average: asked first, once.
    pub(crate) fn draw_count(&mut self, mean: u64) -> u64 {
        1 + self.chance.below(mean.max(1) * 2 - 1)
    }

    fn fresh(&mut self, id: String) -> Record {
        let chance = &mut self.chance;
        let facts = self.content_type.facts();
        let time = moment::without_zone(self.created.saturating_sub(chance.below(OLDEST_EVENT)));
        let person = chance.pick(&PEOPLE);
        let operation = chance.pick(&OPERATIONS);
        let size = chance.pick(&NUMBERS);
        let mut odd = String::new();
        for _ in 0..chance.below(3) {
            odd.push_str(chance.pick(&ODD_FIELDS));
        }
        let tenant = self.tenant;
        let (workload, kind) = (facts.workload, facts.record_type);
        let padding = padding(chance);
        // A quarter has the Id last, and spaces.
        let text = if chance.one_in(4) {
            format!(
                "{{\"Workload\": \"{workload}\", \"RecordType\": {kind}, \"UserId\": \"{person}\", \
                 \"ItemSize\": {size}{odd}, \"ModifiedProperties\": [\"{padding}\"], \"Version\": 1, \
                 \"UserType\": 0, \"UserKey\": \"{person}\", \"OrganizationId\": \"{tenant}\", \
                 \"Operation\": \"{operation}\", \"ClientIP\": null, \"CreationTime\": \"{time}\", \
                 \"Id\": \"{id}\"}}"
            )
        } else {
            format!(
                "{{\"CreationTime\":\"{time}\",\"Id\":\"{id}\",\"Operation\":\"{operation}\",\
                 \"OrganizationId\":\"{tenant}\",\"RecordType\":{kind},\"ResultStatus\":\"Succeeded\",\
                 \"UserKey\":\"{person}\",\"UserType\":0,\"Version\":1,\"Workload\":\"{workload}\",\
                 \"ClientIP\":\"203.0.113.7\",\"UserId\":\"{person}\",\"ItemSize\":{size},\
                 \"ModifiedProperties\":[\"{padding}\"]{odd}}}"
            )
        };
        Record {
            id: Some(id),
            bytes: text.into_bytes(),
        }
    }
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let last = self.last.take();
        let record = match (self.chance.below(50), last) {
            (0, Some(last)) => last,
            (1, Some(Record { id: Some(id), .. })) => self.fresh(id),
            _ => {
                let id = guid(&mut self.chance);
                self.fresh(id)
            }
        };
        self.last = Some(record.clone());
        Some(record)
    }
}

/// A random GUID, as a record's `Id`.
fn guid(chance: &mut Chance) -> String {
    let value = (u128::from(chance.draw()) << 64) | u128::from(chance.draw());
    uuid::Builder::from_random_bytes(value.to_be_bytes())
        .into_uuid()
        .to_string()
}

/// Hexadecimal text that makes a record as long as real ones are: 1,349 bytes on average,
/// a hundredth above 3.2 KB.
fn padding(chance: &mut Chance) -> String {
    let words = if chance.one_in(100) {
        160 + chance.below(100)
    } else {
        20 + chance.below(60)
    };
    let mut text = String::new();
    for _ in 0..words {
        // Writing to a String cannot fail.
        let _ = write!(text, "{:016x}", chance.draw());
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn records(seed: u64) -> Records {
        let tenant = Uuid::from_u128(7);
        Records::new(
            Chance::of(&[seed]),
            tenant,
            ContentType::Exchange,
            1_768_435_200,
        )
    }

    #[test]
    fn every_record_is_json_on_one_line_and_says_its_id() {
        let mut bytes = 0;
        for record in records(1).take(2000) {
            let value: serde_json::Value = serde_json::from_slice(&record.bytes).unwrap();
            assert_eq!(value["Id"].as_str(), record.id.as_deref());
            assert!(!record.bytes.contains(&b'\n'));
            bytes += record.bytes.len();
        }
        assert!((1_200..1_600).contains(&(bytes / 2000)), "{}", bytes / 2000);
    }

    #[test]
    fn ids_come_again_with_the_same_bytes_and_with_others() {
        let mut by_id = BTreeMap::<_, Vec<Vec<u8>>>::new();
        for record in records(2).take(2000) {
            by_id.entry(record.id).or_default().push(record.bytes);
        }
        let again = by_id.values().filter(|all| all.len() > 1);
        let distinct = again.map(|all| all.iter().collect::<BTreeSet<_>>().len());
        let distinct: BTreeSet<usize> = distinct.collect();
        assert!(
            distinct.contains(&1) && distinct.contains(&2),
            "{distinct:?}"
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        assert!(records(3).take(50).eq(records(3).take(50)));
        assert!(records(3).take(50).ne(records(4).take(50)));
    }
}
