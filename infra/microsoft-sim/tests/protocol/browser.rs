//! What a browser and the consent function behind it send.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::Value;

use crate::world::{CLIENT_ID, REDIRECT_URI, RESOURCE, SECRET, World, redirected, value};

pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";

pub(crate) type Fields = Vec<(&'static str, String)>;

/// A sign-in on v2.0 with PKCE and nonce.
pub(crate) fn v2_request() -> Fields {
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()));
    vec![
        ("client_id", CLIENT_ID.to_string()),
        ("response_type", "code".to_owned()),
        ("redirect_uri", REDIRECT_URI.to_owned()),
        ("scope", "openid profile".to_owned()),
        ("state", "s-1".to_owned()),
        ("nonce", "n-1".to_owned()),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256".to_owned()),
    ]
}

/// The consent link of 2016.
pub(crate) fn v1_request() -> Fields {
    vec![
        ("client_id", CLIENT_ID.to_string()),
        ("response_type", "code".to_owned()),
        ("redirect_uri", REDIRECT_URI.to_owned()),
        ("resource", RESOURCE.to_owned()),
        ("state", "s-1".to_owned()),
    ]
}

pub(crate) fn redemption(code: &str) -> Fields {
    vec![
        ("grant_type", "authorization_code".to_owned()),
        ("client_id", CLIENT_ID.to_string()),
        ("client_secret", SECRET.to_owned()),
        ("redirect_uri", REDIRECT_URI.to_owned()),
        ("code", code.to_owned()),
    ]
}

pub(crate) fn v2_redemption(code: &str) -> Fields {
    let mut form = redemption(code);
    form.push(("code_verifier", VERIFIER.to_owned()));
    form
}

pub(crate) fn with(mut fields: Fields, name: &'static str, value: &str) -> Fields {
    fields.retain(|(known, _)| *known != name);
    if !value.is_empty() {
        fields.push((name, value.to_owned()));
    }
    fields
}

impl World {
    pub(crate) async fn submit(
        &self,
        path: &str,
        request: &Fields,
        account: &str,
        action: &str,
    ) -> reqwest::Response {
        let mut form = request.clone();
        form.push(("account", account.to_owned()));
        form.push(("action", action.to_owned()));
        self.http
            .post(self.url(path))
            .form(&form)
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn accept(
        &self,
        path: &str,
        request: &Fields,
        account: &str,
    ) -> Vec<(String, String)> {
        redirected(&self.submit(path, request, account, "accept").await)
    }

    pub(crate) async fn redeem(&self, path: &str, form: &Fields) -> (StatusCode, Value) {
        let response = self
            .http
            .post(self.url(path))
            .form(form)
            .send()
            .await
            .unwrap();
        (response.status(), response.json().await.unwrap())
    }

    pub(crate) async fn v2_code(&self) -> String {
        let admin = &self.tenants[0].admin;
        let answer = self
            .accept("/organizations/oauth2/v2.0/authorize", &v2_request(), admin)
            .await;
        value(&answer, "code").unwrap().to_owned()
    }
}
