//! The pages of the consent function and the method that each takes. A slash too many, in
//! the middle or at the end, changes nothing.

use lambda_http::http::Method;

/// A page, or what a form of one is sent to. A handle is still what somebody typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page<'a> {
    Landing,
    Start,
    Go(&'a str),
    Callback,
    Question(&'a str),
    Confirm,
    Result(&'a str),
}

impl Page<'_> {
    /// The method that it takes. HEAD is asked and answered as GET (`request::method`).
    pub(crate) fn method(self) -> Method {
        match self {
            Page::Landing | Page::Go(_) | Page::Callback | Page::Question(_) | Page::Result(_) => {
                Method::GET
            }
            Page::Start | Page::Confirm => Method::POST,
        }
    }
}

/// The page of a path.
pub(crate) fn find_page(path: &str) -> Option<Page<'_>> {
    let segments: Vec<&str> = path.split('/').filter(|one| !one.is_empty()).collect();
    Some(match segments[..] {
        ["consent"] => Page::Landing,
        ["consent", "start"] => Page::Start,
        ["consent", "go", handle] => Page::Go(handle),
        ["consent", "callback"] => Page::Callback,
        ["consent", "confirm"] => Page::Confirm,
        ["consent", "confirm", handle] => Page::Question(handle),
        ["consent", "result", handle] => Page::Result(handle),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_page_with_a_slash_too_many_or_none() {
        let rows = [
            ("/consent", Some(Page::Landing)),
            ("/consent/", Some(Page::Landing)),
            ("/consent//", Some(Page::Landing)),
            ("//consent", Some(Page::Landing)),
            ("/consent/start", Some(Page::Start)),
            ("/consent//start/", Some(Page::Start)),
            ("/consent/go/a", Some(Page::Go("a"))),
            ("/consent//go/a/", Some(Page::Go("a"))),
            ("/consent/go", None),
            ("/consent/callback/", Some(Page::Callback)),
            ("/consent/confirm", Some(Page::Confirm)),
            ("/consent/confirm/", Some(Page::Confirm)),
            ("/consent/confirm/a", Some(Page::Question("a"))),
            ("/consent//confirm//a/", Some(Page::Question("a"))),
            ("/consent/result/a/", Some(Page::Result("a"))),
            ("/consent/result", None),
            ("/consent/result/a/b", None),
            ("/consent/other", None),
            ("/Consent", None),
            ("/consents", None),
            ("/", None),
        ];
        for (path, page) in rows {
            assert_eq!(find_page(path), page, "{path}");
        }
    }
}
