//! One tenant that has consented, with a token for its audit log.

use microsoft_sim::{Clock as _, Config, Scenario, Webhooks};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::world::{World, registration};

/// The publisher of these tests: any GUID.
pub(crate) const PUBLISHER: &str = "6d41e1b2-0000-4000-8000-000000000016";
pub(crate) const DAY: u64 = 86_400;

/// A tenant's audit log.
pub(crate) struct Feed {
    pub(crate) world: World,
    pub(crate) tenant: Uuid,
    pub(crate) token: String,
}

/// Short pages, so that every day has several.
pub(crate) fn scenario() -> Scenario {
    Scenario {
        page_size: 7,
        records_per_blob: 3,
        ..Scenario::default()
    }
}

impl Feed {
    pub(crate) async fn start() -> Self {
        Self::start_with(scenario()).await
    }

    pub(crate) async fn start_with(activity: Scenario) -> Self {
        let config = Config {
            token_life_seconds: 40 * DAY,
            activity,
            // The clock stands still, and hooks are of these tests.
            webhooks: Webhooks {
                by_themselves: false,
                plain_loopback: true,
                ..Webhooks::default()
            },
            ..Config::default()
        };
        let world = World::start_with(config).await;
        let mut registration = registration();
        let roles = &mut registration.required_roles[0].roles;
        roles.push("ActivityFeed.ReadDlp".to_owned());
        world.simulator.register(registration).unwrap();
        world.grant();
        let tenant = world.tenants[0].tenant_id;
        let token = token(&world, tenant).await;
        Self {
            world,
            tenant,
            token,
        }
    }

    /// Where an operation is.
    pub(crate) fn url(&self, path: &str) -> Url {
        let base = self
            .world
            .url(&format!("/api/v1.0/{}/activity/feed/", self.tenant));
        Url::parse(&base).unwrap().join(path).unwrap()
    }

    /// A request with bearer and publisher.
    pub(crate) fn ask(&self, method: Method, mut url: Url) -> RequestBuilder {
        url.query_pairs_mut()
            .append_pair("PublisherIdentifier", PUBLISHER);
        self.world
            .http
            .request(method, url)
            .bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        let request = self.ask(Method::GET, self.url(path));
        request.send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<String>) -> Response {
        let body = body.into();
        // Not sent of an empty body by itself.
        let request = self.ask(Method::POST, self.url(path));
        let request = request.header("content-length", body.len()).body(body);
        request.send().await.unwrap()
    }

    pub(crate) async fn subscribe(&self, content_type: &str) {
        let path = format!("subscriptions/start?contentType={content_type}");
        let response = self.post(&path, "").await;
        assert_eq!(response.status(), StatusCode::OK);
    }

    /// A start with this webhook: its status, and its AF code.
    pub(crate) async fn hook(&self, content_type: &str, webhook: Value) -> (u16, String) {
        let path = format!("subscriptions/start?contentType={content_type}");
        let body = json!({"webhook": webhook}).to_string();
        refusal(self.post(&path, body).await).await
    }

    /// Sends the notifications that are due: how many were answered with 200, how many were not,
    /// and how many wait.
    pub(crate) async fn notify(&self) -> (u64, u64, u64) {
        let url = self.world.url("/_sim/activity/notify");
        let response = self.world.http.post(url).send().await.unwrap();
        let said: Value = response.json().await.unwrap();
        let number = |name: &str| said[name].as_u64().unwrap();
        (number("sent"), number("failed"), number("waiting"))
    }

    /// Every entry of a window, all pages, and how many pages were empty.
    pub(crate) async fn list(&self, content_type: &str, window: &str) -> (Vec<Value>, usize) {
        let first = format!("subscriptions/content?contentType={content_type}{window}");
        let (mut url, mut entries, mut empty) = (self.url(&first), Vec::new(), 0);
        loop {
            let response = self.ask(Method::GET, url).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            let next = next_page(&response);
            let page: Vec<Value> = response.json().await.unwrap();
            empty += usize::from(page.is_empty());
            entries.extend(page);
            let Some(next) = next else {
                return (entries, empty);
            };
            url = Url::parse(&next).unwrap();
        }
    }

    /// What an operation lists in a window of one second.
    pub(crate) async fn list_second(&self, content_type: &str, second: u64) -> Response {
        let window = format!("startTime={}&endTime={}", text(second), text(second + 1));
        let path = format!("subscriptions/content?contentType={content_type}&{window}");
        self.get(&path).await
    }

    /// Moves the clock to that moment, which must not be over.
    pub(crate) fn wait_until(&self, moment: u64) {
        let now = self.world.clock.unix_seconds();
        self.world.clock.advance(moment.checked_sub(now).unwrap());
    }

    /// Lines of the book.
    pub(crate) async fn book(&self, what: &str, query: &str) -> Vec<Value> {
        let url = self.world.url(&format!("/_sim/activity/{what}?{query}"));
        let response = self.world.http.get(url).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let text = response.text().await.unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    pub(crate) async fn fault(&self, kind: &str, value: Value) -> String {
        let fault = json!({"kind": kind, "value": value, "tenant": self.tenant, "times": 1});
        self.world.set_fault(fault).await
    }
}

/// A moment as a window has it.
pub(crate) fn text(unix_seconds: u64) -> String {
    let seconds = i64::try_from(unix_seconds).unwrap();
    let moment = time::OffsetDateTime::from_unix_timestamp(seconds).unwrap();
    let full = moment
        .format(&time::format_description::well_known::Rfc3339)
        .unwrap();
    full.trim_end_matches('Z').to_owned()
}

/// An app-only token of this tenant.
pub(crate) async fn token(world: &World, tenant: Uuid) -> String {
    let (status, body) = world.ask_app_only(tenant).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["access_token"].as_str().unwrap().to_owned()
}

pub(crate) fn next_page(response: &Response) -> Option<String> {
    let value = response.headers().get("NextPageUri")?;
    Some(value.to_str().unwrap().to_owned())
}

/// Status and AF code of a refusal.
pub(crate) async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let code = body["error"]["code"].as_str().unwrap_or_default();
    (status, code.to_owned())
}
