//! The addresses that a listing names, as they are or as a fault twists them.

use url::Url;

use super::call::Call;
use crate::faults::FaultKind;

/// A reserved name (RFC 2606).
const OTHER_HOST: &str = "collector.example";
const OTHER_TENANT: &str = "00000000-0000-4000-8000-000000000001";
/// Length of a content id under `long_id`.
const LONG: usize = 4096;

/// The addresses of one answer.
pub(crate) struct Addresses<'a> {
    call: &'a Call,
    content: Option<String>,
    next_page: Option<String>,
}

impl<'a> Addresses<'a> {
    /// Each answer counts as one hit of a fault that twists.
    pub(crate) fn of(call: &'a Call) -> Self {
        let twist = |kind| {
            let fault = call.fault(kind)?;
            fault.value.as_str().map(str::to_owned)
        };
        Self {
            call,
            content: twist(FaultKind::ContentUri),
            next_page: twist(FaultKind::NextPageUri),
        }
    }

    /// contentId and contentUri.
    pub(crate) fn content(&self, content_id: &str) -> (String, String) {
        let twist = self.content.as_deref();
        let content_id = if twist == Some("long_id") {
            let repeated = content_id.repeat(LONG / content_id.len().max(1) + 1);
            repeated.chars().take(LONG).collect()
        } else {
            content_id.to_owned()
        };
        let path = format!("v1.0/{}/activity/feed/audit/{content_id}", self.call.tenant);
        let uri = self.address(&path, twist);
        (content_id, uri)
    }

    pub(crate) fn next_page(&self, query: &str) -> String {
        let tenant = self.call.tenant;
        let path = format!("v1/{tenant}/activity/feed/subscriptions/content?{query}");
        self.address(&path, self.next_page.as_deref())
    }

    fn address(&self, path: &str, twist: Option<&str>) -> String {
        let base = &*self.call.site.base_url;
        let tenant = self.call.tenant.to_string();
        let straight = format!("{base}/api/{path}");
        match twist {
            None | Some("long_id") => straight,
            Some("other_host") => format!("https://{OTHER_HOST}/api/{path}"),
            Some("user_info") => format!("https://{}@{OTHER_HOST}/api/{path}", host(base)),
            Some("other_tenant") => straight.replace(&tenant, OTHER_TENANT),
            Some("plain_http") => straight.replacen("https://", "http://", 1),
            Some("parent_path") => {
                let detour = format!("/{tenant}/../{OTHER_TENANT}/");
                straight.replacen(&format!("/{tenant}/"), &detour, 1)
            }
            // A full stop of full width: a reader that normalises sees another host.
            Some("unicode_host") => {
                format!("https://{}\u{ff0e}{OTHER_HOST}/api/{path}", host(base))
            }
            Some(other) => format!("{}/api/{path}", other.trim_end_matches('/')),
        }
    }
}

fn host(base_url: &str) -> String {
    let url = Url::parse(base_url).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}
