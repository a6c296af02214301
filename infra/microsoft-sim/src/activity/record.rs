//! The records of a blob: the generator's second half.
//!
//! Each is one JSON object as bytes, never built from a tree: order of keys, white space,
//! numbers above 2^53, escapes and JSON inside strings are as a careless reader would not
//! write them again. Some records repeat the Id of the one before, with the same bytes or
//! with others.

use uuid::Uuid;

use super::blob::Source;
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
    /// What the Ids of the first records follow from.
    named: std::iter::Flatten<std::array::IntoIter<Option<Chance>, 2>>,
    last: Option<Record>,
}

#[rustfmt::skip]
const PEOPLE: [&str; 8] = [
    "alex.admin@contoso.example", "zo\u{eb}.m\u{fc}ller@contoso.example", r"ren\u00e9e@contoso.example",
    "\u{674e}\u{96f7}@contoso.example", r"smile\ud83d\ude00@contoso.example", "\u{1f469}\u{200d}\u{1f4bb}@contoso.example",
    "o'brien@contoso.example", r#"\"quoted\" \\ person@contoso.example"#,
];
#[rustfmt::skip]
const OPERATIONS: [&str; 10] = [
    "FileAccessed", "UserLoggedIn", "New-InboxRule", "MailItemsAccessed", "TeamsSessionStarted", "DlpRuleMatch",
    "UserLoginFailed", "FileDownloaded", "Consent to application.", "Add member to role.",
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

/// What a change of a directory object looks like.
#[rustfmt::skip]
const PROPERTIES: [&str; 12] = [
    r#"{"Name":"StrongAuthenticationMethod","NewValue":"[{\"MethodType\":6,\"Default\":true}]","OldValue":"[]"}"#,
    r#"{"Name":"Included Updated Properties","NewValue":"AssignedLicense, AssignedPlan, LicenseAssignmentDetail","OldValue":""}"#,
    r#"{"Name":"TargetId.UserType","NewValue":"Member","OldValue":""}"#,
    r#"{"Name":"Group.DisplayName","NewValue":"\"All employees of the northern region\"","OldValue":"\"All employees\""}"#,
    r#"{"Name":"LastDirSyncTime","NewValue":"[\r\n  \"2026-01-14T23:41:07Z\"\r\n]","OldValue":"[\r\n  \"2026-01-14T22:41:07Z\"\r\n]"}"#,
    r#"{"Name":"AccountEnabled","NewValue":"[\r\n  true\r\n]","OldValue":"[]"}"#,
    r#"{"Name":"ActorContextId","NewValue":"5f0b0f3a-3e0c-4c8e-9b53-000000000016","OldValue":""}"#,
    r#"{"Name":"Target SharePoint site","NewValue":"https://contoso.sharepoint.example/sites/finance/Shared%20Documents/Forms/AllItems.aspx","OldValue":""}"#,
    r#"{"Name":"UserAgent","NewValue":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36","OldValue":""}"#,
    r#"{"Name":"ClientInfoString","NewValue":"Client=REST;Client=RESTSystem;;","OldValue":""}"#,
    r#"{"Name":"MailboxOwnerUPN","NewValue":"shared.mailbox@contoso.example","OldValue":""}"#,
    r#"{"Name":"LogonType","NewValue":"0","OldValue":""}"#,
];

impl Records {
    pub(crate) fn new(source: Source, tenant: Uuid, content_type: ContentType) -> Self {
        Self {
            chance: source.chance,
            tenant,
            content_type,
            created: source.created_ms / 1000,
            named: [Some(source.first_id), source.echo].into_iter().flatten(),
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
        let padding = properties(chance);
        // A quarter has the Id last, and spaces.
        let text = if chance.one_in(4) {
            format!(
                "{{\"Workload\": \"{workload}\", \"RecordType\": {kind}, \"UserId\": \"{person}\", \
                 \"ItemSize\": {size}{odd}, \"ModifiedProperties\": [{padding}], \"Version\": 1, \
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
                 \"ModifiedProperties\":[{padding}]{odd}}}"
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
        let record = match (self.named.next(), self.chance.below(50), last) {
            (Some(mut named), ..) => self.fresh(guid(&mut named)),
            (None, 0, Some(last)) => last,
            (None, 1, Some(Record { id: Some(id), .. })) => self.fresh(id),
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

/// Properties that make a record as long as real ones are, 1,349 bytes on average with a
/// hundredth above 3.2 KB, and as easy to compress: 15 to 23 times (the reference, section 10).
fn properties(chance: &mut Chance) -> String {
    let count = if chance.one_in(100) {
        26 + chance.below(16)
    } else {
        1 + chance.below(14)
    };
    let mut text = String::with_capacity(4096);
    for position in 0..count {
        if position > 0 {
            text.push(',');
        }
        text.push_str(chance.pick(&PROPERTIES));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use flate2::Compression;

    use super::*;
    use crate::activity::gzip;

    fn records(seed: u64) -> Records {
        let tenant = Uuid::from_u128(7);
        let source = Source {
            chance: Chance::of(&[seed]),
            created_ms: 1_768_435_200_000,
            first_id: Chance::of(&[seed, 1]),
            echo: Some(Chance::of(&[seed, 2])),
        };
        Records::new(source, tenant, ContentType::Exchange)
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
    fn the_second_record_has_the_id_of_another_blob_with_other_bytes() {
        let source = |first: u64, echo: Option<u64>| Source {
            chance: Chance::of(&[first]),
            created_ms: 1_768_435_200_000,
            first_id: Chance::of(&[first, 1]),
            echo: echo.map(|of| Chance::of(&[of, 1])),
        };
        let of = |source| Records::new(source, Uuid::from_u128(7), ContentType::Exchange).take(2);
        let earlier: Vec<Record> = of(source(1, None)).collect();
        let later: Vec<Record> = of(source(2, Some(1))).collect();
        assert_eq!(later[1].id, earlier[0].id);
        assert_ne!(later[1].bytes, earlier[0].bytes);
        assert_ne!(later[0].id, earlier[0].id);
    }

    /// As real records do (the reference, section 10): 15 by gzip.
    #[test]
    fn records_are_as_easy_to_compress_as_real_ones() {
        let bytes: Vec<u8> = records(5)
            .take(2000)
            .flat_map(|record| record.bytes)
            .collect();
        let packed = gzip::packed(&bytes, Compression::default());
        let ratio = bytes.len() / packed.len();
        assert!((13..=23).contains(&ratio), "{ratio}");
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        assert!(records(3).take(50).eq(records(3).take(50)));
        assert!(records(3).take(50).ne(records(4).take(50)));
    }
}
