//! The kinds, a tenant for each, and what becomes of its log.

use Expected::{Later, Whole};

/// Kind and endpoint of the simulator's fault, its value as JSON, and how often it hits (`None`:
/// until it ends). `THIEF` is the URL of a host that notes what it is asked.
pub(super) type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<u64>,
    Expected,
);

/// What becomes of a tenant with a fault.
#[derive(Clone, Copy)]
pub(super) enum Expected {
    /// The first run stores all; of the records so many are no JSON, and so many have no Id.
    Whole { dead: u64, without_id: u64 },
    /// Some type waits with this cause, and the run after the fault stores all.
    Later(&'static str),
}

const ALL: Expected = Whole {
    dead: 0,
    without_id: 0,
};
const ONE_DEAD: Expected = Whole {
    dead: 1,
    without_id: 0,
};
const ONE_WITHOUT_ID: Expected = Whole {
    dead: 0,
    without_id: 1,
};
const NO_ANSWER: Expected = Later("unavailable");
/// The token is not sent there.
const NOT_OURS: Expected = Later("address_refused");
const ONCE: Option<u64> = Some(1);

/// The tenant that has no fault.
pub(super) const WELL: &str = "well";
/// Under other contentIds it would be other content: this fault does not end.
pub(super) const FOR_EVER: &str = "contentIds of 4 KB";

#[rustfmt::skip]
pub(super) const ROWS: [Row; 35] = [
    (WELL, "", "", "null", None, ALL),
    ("a content that is an object", "object_body", "blob", "null", ONCE, NO_ANSWER),
    ("half a content", "cut_body", "blob", "null", ONCE, NO_ANSWER),
    ("a content that breaks off", "truncate", "blob", "null", ONCE, NO_ANSWER),
    ("a proxy's page for a content", "not_json", "blob", "null", ONCE, NO_ANSWER),
    ("a content that is not there", "status", "blob", "404", ONCE, NO_ANSWER),
    ("an error for a content", "status", "blob", "500", ONCE, NO_ANSWER),
    // The client itself asks once more.
    ("connections that are reset", "reset", "blob", "null", None, NO_ANSWER),
    ("contents in gzip", "gzip", "blob", "null", None, ALL),
    ("contents by and by", "slow", "blob", "1", None, ALL),
    // Longer than what is held back of a record, and of a body.
    ("a record of 2 MB", "huge_record", "blob", "2", ONCE, ALL),
    ("a content of 12 MB", "huge_blob", "blob", "12", ONCE, ALL),
    ("a record without an Id", "odd_record", "blob", "\"without_id\"", ONCE, ONE_WITHOUT_ID),
    ("a record of 10,000 levels", "odd_record", "blob", "\"deep\"", ONCE, ONE_DEAD),
    ("a record that is not UTF-8", "odd_record", "blob", "\"invalid_utf8\"", ONCE, ONE_DEAD),
    ("a record with a NUL", "odd_record", "blob", "\"nul\"", ONCE, ONE_DEAD),
    ("contents on another host", "content_uri", "content", "\"other_host\"", None, NOT_OURS),
    ("contents with user-info", "content_uri", "content", "\"user_info\"", None, NOT_OURS),
    ("contents of another tenant", "content_uri", "content", "\"other_tenant\"", None, NOT_OURS),
    ("contents without TLS", "content_uri", "content", "\"plain_http\"", None, NOT_OURS),
    ("contents above the path", "content_uri", "content", "\"parent_path\"", None, NOT_OURS),
    ("contents in odd letters", "content_uri", "content", "\"unicode_host\"", None, NOT_OURS),
    ("contents at a thief", "content_uri", "content", "\"THIEF\"", None, NOT_OURS),
    ("contents that lead to a thief", "redirect", "blob", "\"THIEF\"", None, NO_ANSWER),
    ("a next page at a thief", "next_page_uri", "content", "\"THIEF\"", None, NOT_OURS),
    ("a next page of another tenant", "next_page_uri", "content", "\"other_tenant\"", None, NOT_OURS),
    ("a page that names itself", "same_page", "content", "null", None, NO_ANSWER),
    (FOR_EVER, "content_uri", "content", "\"long_id\"", None, ALL),
    ("a listing that is an object", "object_body", "content", "null", ONCE, ALL),
    ("half a listing", "cut_body", "content", "null", ONCE, ALL),
    ("a listing that breaks off", "truncate", "content", "null", ONCE, ALL),
    ("listings in gzip", "gzip", "content", "null", None, ALL),
    ("types in another case", "odd_case", "content", "null", None, ALL),
    ("subscriptions that are an object", "object_body", "subscriptions", "null", ONCE, NO_ANSWER),
    ("subscriptions without a status", "without_status", "subscriptions", "null", None, ALL),
];
