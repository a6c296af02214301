//! A page of a listing: every entry of it, or none.

use feed::content::{Content, ContentKey};
use feed::ports::ListPage;
use serde::Deserialize;
use serde_json::Value;

use super::answer::Answer;
use super::error_body::without_bom;
use super::times;

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
        created: times::moment(&entry.content_created)?,
        unverified_uri: match entry.content_uri {
            Value::String(uri) => uri,
            // It fails by itself.
            _ => String::new(),
        },
    })
}
