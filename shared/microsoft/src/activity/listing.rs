//! A page of a listing: every entry of it, or none.

use auth::Timestamp;
use feed::content::{Content, ContentKey};
use feed::ports::ListPage;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::answer::Answer;
use super::error_body::without_bom;

/// What is read of an entry. Its `contentType` says nothing: its case varies, and the listing's
/// counts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    content_id: String,
    #[serde(default)]
    content_uri: Value,
    content_created: String,
}

/// The page, or why it is none.
pub(crate) fn page(answer: &Answer) -> Result<ListPage, &'static str> {
    let at = answer.head.at.ok_or("it has no Date, or two")?;
    let entries: Vec<Entry> = serde_json::from_slice(without_bom(&answer.body))
        .map_err(|_| "it is no array of contents that each have an id and a time")?;
    let contents = entries.into_iter().map(content).collect::<Option<_>>();
    Ok(ListPage {
        contents: contents.ok_or("a content has no id, or a time that cannot be read")?,
        unverified_next: answer.head.next_page()?,
        at,
    })
}

fn content(entry: Entry) -> Option<Content> {
    if entry.content_id.is_empty() {
        return None;
    }
    Some(Content {
        key: ContentKey::of(&entry.content_id),
        created: created(&entry.content_created)?,
        unverified_uri: match entry.content_uri {
            Value::String(uri) => uri,
            // It fails by itself.
            _ => String::new(),
        },
    })
}

/// `contentCreated` has milliseconds, which are cut off; UTC where it names no zone.
fn created(text: &str) -> Option<Timestamp> {
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    let at = parse(text).or_else(|| parse(&format!("{text}Z")))?;
    Some(Timestamp::from_unix(at.unix_timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_to_the_second() {
        let rows = [
            ("2026-11-30T09:41:07.000Z", Some(1_796_031_667)),
            ("2026-11-30T09:41:07.999Z", Some(1_796_031_667)),
            ("2026-11-30T09:41:07.9999999Z", Some(1_796_031_667)),
            ("2026-11-30T09:41:07Z", Some(1_796_031_667)),
            ("2026-11-30T09:41:07", Some(1_796_031_667)),
            ("2026-11-30T09:41:07.123", Some(1_796_031_667)),
            ("2026-11-30T10:41:07+01:00", Some(1_796_031_667)),
            ("1969-12-31T23:59:59.5Z", Some(-1)),
            ("2026-11-30", None),
            ("2026-11-30T09:41", None),
            ("2026-02-30T09:41:07Z", None),
            ("30.11.2026 09:41:07", None),
            ("1796031667", None),
            ("2026-11-30T09:41:07Z\0", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(created(text).map(Timestamp::unix), expected, "{text}");
        }
    }
}
