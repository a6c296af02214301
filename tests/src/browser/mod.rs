//! A browser without a window: keeps cookies by their rules, follows redirects and pages that
//! lead on at once, reads forms. It remembers every page and every cookie, for the looks that come after.

mod page;

use std::collections::BTreeMap;
use std::path::Path;

pub use page::{Form, Page, parse_refresh};
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, redirect};
use url::Url;

use crate::Entrance;
use crate::broker::trusting_only;

/// One person's browser.
pub struct Browser {
    client: Client,
    /// For the names of an emulated account.
    entrance: Option<Entrance>,
    /// What listens at the second port answers for the first.
    detour: Option<(u16, u16)>,
    /// Cookies by host and port (browsers keep them by host alone; on one machine the
    /// port is what tells hosts apart).
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// Every answer, redirects included.
    pub history: Vec<Page>,
}

impl Default for Browser {
    fn default() -> Self {
        Self::with(Client::builder())
    }
}

impl Browser {
    /// A browser that trusts the CA in this file, and no other.
    pub fn trusting(ca_file: &Path) -> Self {
        Self::with(trusting_only(ca_file))
    }

    /// A browser for which the names of AWS lead into an emulated account.
    pub fn entering_by(entrance: Entrance) -> Self {
        Self {
            entrance: Some(entrance),
            ..Self::default()
        }
    }

    /// A browser for which what listens at port `to` of this machine answers for port `from`.
    pub fn detoured(from: u16, to: u16) -> Self {
        Self {
            detour: Some((from, to)),
            ..Self::default()
        }
    }

    fn with(builder: ClientBuilder) -> Self {
        let builder = builder.redirect(redirect::Policy::none()).no_proxy();
        Self {
            client: builder.build().unwrap(),
            entrance: None,
            detour: None,
            cookies: BTreeMap::new(),
            history: Vec::new(),
        }
    }

    /// Opens an address and follows where it leads.
    pub async fn open(&mut self, url: &str) -> Page {
        let url = url.parse().unwrap();
        self.go(Method::GET, url, Vec::new()).await
    }

    /// Posts a form with more fields and follows where it leads.
    pub async fn submit(&mut self, form: &Form, more: &[(&str, &str)]) -> Page {
        let mut fields = form.fields.clone();
        for (name, value) in more {
            fields.retain(|(key, _)| key != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        self.go(Method::POST, form.action.clone(), fields).await
    }

    /// Posts a form of ours: the address of the authority that its next page leads on to.
    pub async fn way_out(&mut self, form: &Form) -> Url {
        let answer = self.post(form, &[]).await;
        let go = self.request(Method::GET, answer.location(), &[]).await;
        let onward = go.onward();
        onward.unwrap_or_else(|| panic!("{} leads nowhere: {}", go.url, go.body))
    }

    /// One request, no following.
    pub async fn request(&mut self, method: Method, url: Url, fields: &[(String, String)]) -> Page {
        let request = self.begin(method.clone(), &url);
        let request = match method {
            Method::POST => request.form(fields),
            _ => request,
        };
        self.send(url, request).await
    }

    /// Posts a form as it is, with headers of its own; no following.
    pub async fn post(&mut self, form: &Form, headers: &[(&'static str, &str)]) -> Page {
        let request = self.begin(Method::POST, &form.action).form(&form.fields);
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        self.send(form.action.clone(), request).await
    }

    /// Posts a body as it is, as a form; no following.
    pub async fn post_body(&mut self, url: Url, kind: &str, body: Vec<u8>) -> Page {
        let request = self.begin(Method::POST, &url).header(CONTENT_TYPE, kind);
        self.send(url, request.body(body)).await
    }

    fn begin(&self, method: Method, url: &Url) -> RequestBuilder {
        match (&self.entrance, self.detour) {
            (Some(entrance), _) => entrance.request(&self.client, method, url),
            (None, Some((from, to))) if url.port() == Some(from) => {
                let mut there = url.clone();
                there.set_port(Some(to)).unwrap();
                self.client.request(method, there)
            }
            _ => self.client.request(method, url.clone()),
        }
    }

    async fn send(&mut self, url: Url, request: RequestBuilder) -> Page {
        let response = self.with_cookies(request, &url).send().await.unwrap();
        self.keep_cookies(&url, response.headers());
        let page = Page::read(url, response).await;
        self.history.push(page.clone());
        page
    }

    async fn go(&mut self, method: Method, url: Url, fields: Vec<(String, String)>) -> Page {
        let mut page = self.request(method, url, &fields).await;
        for _ in 0..10 {
            let Some(onward) = page.onward() else {
                return page;
            };
            page = self.request(Method::GET, onward, &[]).await;
        }
        panic!("a redirect without end at {}", page.url);
    }

    /// The cookies that the origin of `url` would get.
    pub fn cookies_of(&self, url: &Url) -> BTreeMap<String, String> {
        self.cookies.get(&place(url)).cloned().unwrap_or_default()
    }

    /// Puts a cookie into this browser for the origin of `url`.
    pub fn put_cookie(&mut self, url: &Url, name: &str, value: &str) {
        let jar = self.cookies.entry(place(url)).or_default();
        jar.insert(name.to_owned(), value.to_owned());
    }

    /// Gives another browser's cookies to this one.
    pub fn take_cookies_of(&mut self, other: &Browser) {
        self.cookies = other.cookies.clone();
    }

    /// Forgets every cookie: another browser.
    pub fn forget_cookies(&mut self) {
        self.cookies.clear();
    }

    fn with_cookies(&self, request: RequestBuilder, url: &Url) -> RequestBuilder {
        let cookies = self.cookies_of(url);
        if cookies.is_empty() {
            return request;
        }
        let pairs: Vec<_> = cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        request.header(COOKIE, pairs.join("; "))
    }

    fn keep_cookies(&mut self, url: &Url, headers: &HeaderMap) {
        let jar = self.cookies.entry(place(url)).or_default();
        for header in headers.get_all(SET_COOKIE) {
            let text = header.to_str().unwrap();
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            if name.starts_with("__Host-") {
                check_host_cookie(url, text);
            }
            match text.contains("Max-Age=0") {
                true => jar.remove(name),
                false => jar.insert(name.to_owned(), value.to_owned()),
            };
        }
    }
}

/// A cookie with this prefix is dropped by browsers unless it is `Secure`, for `/`,
/// and without `Domain` (RFC 6265bis §4.1.3.2). A `Secure` cookie comes over https, or
/// from this machine itself, which browsers trust as much.
fn check_host_cookie(url: &Url, text: &str) {
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    assert!(url.scheme() == "https" || is_local, "{url}: {text}");
    assert!(text.contains("; Secure"), "{text}");
    assert!(text.contains("; Path=/;"), "{text}");
    assert!(text.contains("; HttpOnly"), "{text}");
    assert!(!text.contains("Domain="), "{text}");
}

fn place(url: &Url) -> String {
    format!("{}:{:?}", url.host_str().unwrap_or_default(), url.port())
}
