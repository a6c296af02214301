//! The path of a request in the one form in which it is routed. Clients write a slash too
//! many, one at the end, `/MSI/` for `/msi/` and `%2E` for a dot; Entra ID and App Service
//! take all of that, and so do we (decision 0042).
//!
//! Every check of a request hangs on the destination of the path in this form (`routes.rs`), so
//! that no way of writing it goes past one. A tenant in it stays unverified.

use lambda::request;
use lambda_http::Request;

/// A path without what clients write differently for the same place.
pub(crate) struct Path(String);

impl Path {
    pub(crate) fn of(request: &Request) -> Self {
        Self::new(request::path(request))
    }

    /// Decodes what needs no encoding (RFC 3986 §6.2.2.2), once: `%2F` is no slash. API
    /// Gateway has decoded it all before, and a function URL nothing.
    pub(crate) fn new(received: &str) -> Self {
        let mut path = String::with_capacity(received.len());
        let mut rest = received;
        while let Some((before, after)) = rest.split_once('%') {
            path.push_str(before);
            match unreserved(after) {
                Some((decoded, after)) => {
                    path.push(decoded);
                    rest = after;
                }
                None => {
                    path.push('%');
                    rest = after;
                }
            }
        }
        path.push_str(rest);
        Self(path)
    }

    /// The same in lower case, as the words of a route are compared. Its segments are as many.
    pub(crate) fn in_lower_case(&self) -> Self {
        Self(self.0.to_ascii_lowercase())
    }

    /// What stands between its slashes, without empty ones.
    pub(crate) fn segments(&self) -> Vec<&str> {
        let segments = self.0.split('/');
        segments.filter(|segment| !segment.is_empty()).collect()
    }

    /// Whether clients of the managed-identity protocol ask here: they read errors in its
    /// words, on a route that there is and on one that there is not.
    pub(crate) fn is_of_managed_identity(&self) -> bool {
        let first = self.segments().first().copied().unwrap_or_default();
        first.eq_ignore_ascii_case("msi")
    }
}

/// The character of the two digits at the beginning, if it is unreserved (RFC 3986 §2.3),
/// and what follows.
fn unreserved(digits: &str) -> Option<(char, &str)> {
    let (digits, after) = digits.split_at_checked(2)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let byte = u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    let is_unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    is_unreserved.then(|| (char::from(byte), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_no_encoding_is_decoded_once_and_nothing_else_is() {
        let rows = [
            ("/a", "/a"),
            ("/%61", "/a"),
            ("/%2e%2E%7E%5f%2D", "/..~_-"),
            ("/%2F", "/%2F"),
            ("/%25", "/%25"),
            ("/%2561", "/%2561"),
            ("/%", "/%"),
            ("/%6", "/%6"),
            ("/%+1", "/%+1"),
            ("/%zz", "/%zz"),
            ("/%00%0a", "/%00%0a"),
            ("/%c3%a4", "/%c3%a4"),
            ("/%ä", "/%ä"),
            ("/%%61", "/%a"),
        ];
        for (received, expected) in rows {
            assert_eq!(Path::new(received).0, expected, "{received}");
        }
    }

    #[test]
    fn errors_are_told_in_app_services_words_wherever_the_path_begins_with_msi() {
        let rows = [
            ("/msi/token", true),
            ("/MSI/token/", true),
            ("//msi", true),
            ("/msi/", true),
            ("/msi/token/x", true),
            ("/ms%69/tokens", true),
            ("/msi2/token", false),
            ("/x/msi/token", false),
            ("/", false),
            ("", false),
        ];
        for (path, expected) in rows {
            assert_eq!(Path::new(path).is_of_managed_identity(), expected, "{path}");
        }
    }
}
