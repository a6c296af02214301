//! A request that is signed by hand, after the IAM User Guide's "Create a signed AWS API
//! request" and without aws-sigv4: the verifier must not be its own judge, and a test can
//! sign what no library would.

use aws_lc_rs::{digest, hmac};

use super::{KEY_ID, SECRET};

/// 7 August 2026, 01:37:53 UTC: the clock of these tests.
pub(in super::super) const DATE: &str = "20260807T013753Z";

/// What is signed, and how.
pub(in super::super) struct Attempt {
    pub(in super::super) method: &'static str,
    pub(in super::super) path: String,
    /// In canonical form.
    pub(in super::super) query: String,
    /// Names in lower case.
    pub(in super::super) headers: Vec<(String, String)>,
    pub(in super::super) body: Vec<u8>,
    pub(in super::super) key_id: String,
    pub(in super::super) secret: String,
    /// `YYYYMMDD/region/service/aws4_request`.
    pub(in super::super) scope: String,
    /// The list as it is sent and signed.
    pub(in super::super) signed_headers: String,
    /// The payload's hash as it is signed, where it is not the real one.
    pub(in super::super) hash: Option<String>,
}

/// A request as it goes out.
pub(in super::super) struct Sent {
    pub(in super::super) line: String,
    pub(in super::super) headers: Vec<(String, String)>,
    pub(in super::super) body: Vec<u8>,
}

impl Attempt {
    /// A form for `host` that is all right.
    pub(in super::super) fn at(host: &str) -> Self {
        let headers = [
            ("host", host),
            ("x-amz-date", DATE),
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-mark", "one   two"),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            method: "POST",
            path: "/tenant/oauth2/v2.0/token".to_owned(),
            query: "a=1&b=2".to_owned(),
            headers: headers.map(owned).to_vec(),
            body: b"grant_type=client_credentials".to_vec(),
            key_id: KEY_ID.to_owned(),
            secret: SECRET.to_owned(),
            scope: "20260807/us-east-1/lambda/aws4_request".to_owned(),
            signed_headers: "content-type;host;x-amz-date;x-mark".to_owned(),
            hash: None,
        }
    }

    pub(in super::super) fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(own, _)| own != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub(in super::super) fn remove(&mut self, name: &str) {
        self.headers.retain(|(own, _)| own != name);
    }

    /// The request with its Authorization header.
    pub(in super::super) fn sign(&self) -> Sent {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
            self.key_id,
            self.scope,
            self.signed_headers,
            self.signature()
        );
        let query = match self.query.as_str() {
            "" => String::new(),
            query => format!("?{query}"),
        };
        let mut headers = self.headers.clone();
        headers.push(("authorization".to_owned(), authorization));
        Sent {
            line: format!("{} {}{query}", self.method, self.path),
            headers,
            body: self.body.clone(),
        }
    }

    fn signature(&self) -> String {
        let date = self.value_of("x-amz-date");
        let hash = sha256(self.canonical_request().as_bytes());
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{}\n{hash}", self.scope);
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in self.scope.split('/').chain([text.as_str()]) {
            let hmac_key = hmac::Key::new(hmac::HMAC_SHA256, &key);
            key = hmac::sign(&hmac_key, part.as_bytes()).as_ref().to_vec();
        }
        hexadecimal(&key)
    }

    fn canonical_request(&self) -> String {
        let names = self.signed_headers.split(';');
        let headers: String = names
            .map(|name| format!("{name}:{}\n", self.value_of(name)))
            .collect();
        let real = sha256(&self.body);
        format!(
            "{}\n{}\n{}\n{headers}\n{}\n{}",
            self.method,
            encoded_once_more(&self.path),
            self.query,
            self.signed_headers,
            self.hash.as_ref().unwrap_or(&real)
        )
    }

    /// Values of one name with commas between them, runs of spaces as one.
    fn value_of(&self, name: &str) -> String {
        let own = self.headers.iter().filter(|(own, _)| own == name);
        let values: Vec<String> = own
            .map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        values.join(",")
    }
}

impl Sent {
    pub(in super::super) fn change(&mut self, name: &str, change: impl Fn(&str) -> String) {
        for (_, value) in self.headers.iter_mut().filter(|(own, _)| own == name) {
            *value = change(value);
        }
    }

    pub(in super::super) fn bytes(&self) -> Vec<u8> {
        let mut text = format!("{} HTTP/1.1\r\nConnection: close\r\n", self.line);
        for (name, value) in &self.headers {
            text = format!("{text}{name}: {value}\r\n");
        }
        text = format!("{text}Content-Length: {}\r\n\r\n", self.body.len());
        [text.into_bytes(), self.body.clone()].concat()
    }
}

pub(in super::super) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn encoded_once_more(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes()
        .map(|byte| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}
