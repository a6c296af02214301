//! Answers of the Activity API: the same bytes however they are cut, a listing with all of its
//! entries or none, and no number of a refusal that the answer does not hold.

use microsoft::fuzzing::{af_number, decoded, listed};
use serde_json::Value;

use super::parts::json;

/// The first byte chooses how large the pieces are; the rest is the body.
pub(super) fn activity_answers(data: &[u8]) {
    let (choice, body) = data.split_first().unwrap_or((&0, &[]));
    let whole = decoded(body, usize::MAX);
    assert_eq!(decoded(body, usize::from(*choice) + 1), whole);
    let Some(body) = whole else { return };
    if let Ok(page) = listed(&body) {
        let read = json(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body));
        let Some(Value::Array(entries)) = read else {
            panic!("a listing is a list");
        };
        assert_eq!(page.contents.len(), entries.len());
        for (content, entry) in page.contents.iter().zip(&entries) {
            assert!(entry["contentId"].as_str().is_some_and(|id| !id.is_empty()));
            let uri = entry["contentUri"].as_str().unwrap_or_default();
            assert_eq!(content.unverified_uri, uri);
        }
    }
    check_number(&body);
}

fn check_number(body: &[u8]) {
    let Some(number) = af_number(body) else {
        return;
    };
    let text = String::from_utf8_lossy(body).into_owned();
    let unescaped = json(body).unwrap_or_default().to_string();
    let digits = number.to_string();
    assert!(text.contains(&digits) || unescaped.contains(&digits));
}
