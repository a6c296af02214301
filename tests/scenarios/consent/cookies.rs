//! The cookie of an attempt, and what comes in its place to a page that is for its browser
//! alone.

use tests::Browser;
use url::Url;

const PREFIX: &str = "__Host-consent-";
pub(super) const FORM_COOKIE: &str = "__Host-consent-form";

/// A row's name, the cookies that come, and the cause that the page refuses them with.
type Row = (&'static str, Vec<(String, String)>, &'static str);

/// The attempt's cookie in `browser`.
pub(super) fn of_attempt(browser: &Browser, site: &Url) -> (String, String) {
    let mut cookies = browser.cookies_of(site).into_iter();
    let is_attempts = |name: &str| name.starts_with(PREFIX) && name != FORM_COOKIE;
    cookies.find(|(name, _)| is_attempts(name)).unwrap()
}

/// What comes without the attempt's own cookie: none, another attempt's, a changed one.
pub(super) fn of_others(
    (name, own): (&str, &str),
    (other_name, others): (&str, &str),
    form: &str,
    handle: &str,
) -> [Row; 12] {
    let of = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let changed = |at: usize| {
        let other = if &own[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &own[..at], &own[at + 1..])
    };
    let (elsewhere, damaged) = ("other_browser", "start_again");
    [
        ("none", Vec::new(), elsewhere),
        ("the form's", of(FORM_COOKIE, form), elsewhere),
        ("another attempt's", of(other_name, others), elsewhere),
        ("in capitals", of(&name.to_uppercase(), own), elsewhere),
        ("without the prefix", of(&name[7..], own), elsewhere),
        ("another's value", of(name, others), damaged),
        ("changed early", of(name, &changed(20)), damaged),
        ("changed late", of(name, &changed(own.len() - 9)), damaged),
        ("cut", of(name, &own[..own.len() - 4]), damaged),
        ("empty", of(name, ""), damaged),
        ("over-long", of(name, &"A".repeat(3000)), damaged),
        ("the handle", of(name, handle), damaged),
    ]
}
