//! The settings of the webhook function, and the two of them that the collector has as well.

use auth::ports::DeployedSecret;
use feed::address::FeedHost;
use url::Url;

use super::entra::EntraSettings;
use super::feed::read_api;
use super::function::FunctionSettings;
use super::reader::Reader;

const QUEUE_URL: &str = "FEED_QUEUE_URL";

/// The settings of the webhook function.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// What all functions share.
    pub entra: EntraSettings,
    /// `FEED_WEBHOOK_KEYS_SECRET_ID`.
    pub keys_secret_id: String,
    /// `FEED_QUEUE_URL`.
    pub queue_url: String,
    /// `FEED_API_URL`: the Activity API of every tenant, in place of its cloud's.
    pub api: Option<FeedHost>,
}

impl FunctionSettings for WebhookSettings {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let entra = EntraSettings::read(reader);
        let keys_secret_id = read_webhook_keys(reader);
        let queue_url = reader.required_text(QUEUE_URL, "the URL of the queue");
        let queue_url = queue_url.and_then(|url| checked(url, reader));
        let api = read_api(reader);
        Some(Self {
            entra: entra?,
            keys_secret_id: keys_secret_id?,
            queue_url: queue_url?,
            api,
        })
    }

    fn entra(&self) -> &EntraSettings {
        &self.entra
    }
}

/// `FEED_WEBHOOK_KEYS_SECRET_ID`.
pub fn read_webhook_keys(reader: &mut Reader<'_>) -> Option<String> {
    reader.required_secret_name(
        DeployedSecret::WebhookKeys.variable(),
        "the name of the secret with the webhook's keys",
    )
}

/// `FEED_QUEUE_URL`, of a function that may be without a queue. `None` where it is not set, or is
/// wrong.
pub fn read_queue_url(reader: &mut Reader<'_>) -> Option<String> {
    let url = reader.name(QUEUE_URL)?;
    checked(url, reader)
}

/// Its host is not asked: the SDK asks the service's, and names the queue by this URL.
fn checked(text: String, reader: &mut Reader<'_>) -> Option<String> {
    let url = Url::parse(&text).ok();
    let is_url = url.is_some_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.path().len() > 1
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    if !is_url {
        reader.problem(
            QUEUE_URL,
            "must be a queue's URL, such as https://sqs.eu-west-1.amazonaws.com/111122223333/feed",
        );
        return None;
    }
    Some(text)
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
