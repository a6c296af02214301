//! The addresses that a listing names, as they are or as a fault twists them.

use url::Url;

use super::call::Call;
use crate::faults::FaultKind;

/// A reserved name (RFC 2606).
const OTHER_HOST: &str = "collector.example";
const OTHER_TENANT: &str = "00000000-0000-4000-8000-000000000001";
/// Length of a content id under `long_id`.
const LONG: usize = 4096;
/// What makes a content id long begins with this.
const LONGER: &str = "$long$";

/// The addresses of one answer.
pub(crate) struct Addresses<'a> {
    call: &'a Call,
    content: Option<String>,
}

impl<'a> Addresses<'a> {
    /// Of an answer with that many entries: one that has any counts as one hit of a fault
    /// that twists contentUri.
    pub(crate) fn of(call: &'a Call, entries: usize) -> Self {
        let twisted = entries > 0;
        Self {
            call,
            content: twisted
                .then(|| twist(call, FaultKind::ContentUri))
                .flatten(),
        }
    }

    /// contentId and contentUri.
    pub(crate) fn content(&self, content_id: &str) -> (String, String) {
        let twist = self.content.as_deref();
        let content_id = if twist == Some("long_id") {
            format!("{:0<LONG$}", format!("{content_id}{LONGER}"))
        } else {
            content_id.to_owned()
        };
        let path = format!("v1.0/{}/activity/feed/audit/{content_id}", self.call.tenant);
        let uri = self.address(&path, twist);
        (content_id, uri)
    }

    /// NextPageUri, which counts as a hit of a fault that twists it.
    pub(crate) fn next_page(&self, query: &str) -> String {
        let tenant = self.call.tenant;
        let path = format!("v1/{tenant}/activity/feed/subscriptions/content?{query}");
        let twist = twist(self.call, FaultKind::NextPageUri);
        self.address(&path, twist.as_deref())
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
            Some("plain_http") => plain_http(base) + "/api/" + path,
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

/// The id that [`Addresses::content`] made longer; any other is its own.
pub(crate) fn own_id(content_id: &str) -> &str {
    match content_id.split_once(LONGER) {
        Some((own, _)) if content_id.len() == LONG => own,
        _ => content_id,
    }
}

fn twist(call: &Call, kind: FaultKind) -> Option<String> {
    let fault = call.fault(kind)?;
    fault.value.as_str().map(str::to_owned)
}

/// The same place without TLS; of a place that has none, port 80 of its host.
fn plain_http(base_url: &str) -> String {
    match base_url.strip_prefix("https://") {
        Some(rest) => format!("http://{rest}"),
        None => format!("http://{}", host(base_url)),
    }
}

fn host(base_url: &str) -> String {
    let url = Url::parse(base_url).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}
