//! A page that was answered, and its forms.

use reqwest::Response;
use reqwest::header::{HeaderMap, LOCATION, REFRESH};
use url::Url;

/// A page that was answered.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it is.
    pub url: Url,
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// HTML.
    pub body: String,
}

/// A form of a page.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where it is posted.
    pub action: Url,
    /// Hidden fields.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The same with a field replaced.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut form = self.without(name);
        form.fields.push((name.to_owned(), value.to_owned()));
        form
    }

    /// The same without a field.
    pub fn without(&self, name: &str) -> Self {
        let mut form = self.clone();
        form.fields.retain(|(key, _)| key != name);
        form
    }

    /// A field's value.
    pub fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(key, _)| key == name);
        found.map_or_else(|| panic!("no field {name}"), |(_, value)| value)
    }
}

impl Page {
    /// What was answered at `url`.
    pub(super) async fn read(url: Url, response: Response) -> Self {
        Self {
            url,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Url {
        let location = self.headers.get(LOCATION).unwrap_or_else(|| {
            panic!("{} is no redirect: {} {}", self.url, self.status, self.body)
        });
        self.url.join(location.to_str().unwrap()).unwrap()
    }

    /// Where the page leads by itself, and after how many seconds (HTML, shared declarative
    /// refresh steps); the same page where no address is named.
    pub fn refresh(&self) -> Option<(u64, Url)> {
        let (seconds, address) = parse_refresh(self.headers.get(REFRESH)?.to_str().unwrap());
        Some((seconds, self.url.join(address).unwrap()))
    }

    /// Where a browser goes on to at once, if it does not stay.
    pub fn onward(&self) -> Option<Url> {
        match self.headers.contains_key(LOCATION) {
            true => Some(self.location()),
            false => self
                .refresh()
                .and_then(|(seconds, url)| (seconds == 0).then_some(url)),
        }
    }

    /// The first form of the page.
    pub fn form(&self) -> Form {
        let form = between(&self.body, "<form", "</form>")
            .unwrap_or_else(|| panic!("{} has no form: {}", self.url, self.body));
        let action = attribute(form.split('>').next().unwrap(), "action").unwrap_or_default();
        let fields = form
            .split("<input")
            .skip(1)
            .map(|input| input.split('>').next().unwrap())
            .filter(|input| attribute(input, "type").as_deref() == Some("hidden"))
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
            .collect();
        Form {
            action: self.url.join(&action).unwrap(),
            fields,
        }
    }

    /// The page's heading.
    pub fn heading(&self) -> String {
        let text = between(&self.body, "<h1>", "</h1>").unwrap_or_default();
        unescape(text)
    }

    /// The cause code that a refusal shows.
    pub fn cause(&self) -> String {
        let after = self.body.split("<dt>Code</dt>").nth(1).unwrap_or_default();
        unescape(between(after, "<code>", "</code>").unwrap_or_default())
    }
}

/// Seconds and address of a `Refresh` header; the address is empty where none is named.
pub fn parse_refresh(refresh: &str) -> (u64, &str) {
    let (seconds, address) = refresh.split_once("; url=").unwrap_or((refresh, ""));
    (seconds.parse().unwrap(), address)
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inner, _)| inner)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    between(tag, &format!("{name}=\""), "\"").map(unescape)
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}
