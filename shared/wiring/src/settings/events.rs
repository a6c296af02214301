//! `EVENT_*`: where events are delivered.

use auth::ports::DeployedSecret;
use url::Url;

use super::plain_url::webhook;
use super::reader::Reader;

const BUS: &str = "EVENT_BUS_NAME";
const WEBHOOK_URL: &str = "EVENT_WEBHOOK_URL";
const LOG: &str = "EVENT_LOG";

/// The destinations of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSettings {
    /// `EVENT_BUS_NAME`: the name or ARN of an event bus of EventBridge; `None` without one.
    pub bus: Option<String>,
    /// The operator's webhook; `None` without one.
    pub webhook: Option<EventWebhookPlace>,
    /// `EVENT_LOG`: each event is a line of the log as well. It is one in any case where there is
    /// no other destination.
    pub log: bool,
}

/// A webhook of the operator's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventWebhookPlace {
    /// `EVENT_WEBHOOK_URL`.
    pub url: Url,
    /// `EVENT_WEBHOOK_KEYS_SECRET_ID`: the keys of its signatures.
    pub keys_secret_id: String,
}

impl EventSettings {
    /// Reads them.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let bus = reader.name(BUS).filter(|bus| !bus.is_empty());
        let webhook = EventWebhookPlace::read(reader);
        let log = match reader.text(LOG).as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                reader.problem(LOG, "must be true or false");
                return None;
            }
        };
        Some(Self {
            bus,
            webhook: webhook?,
            log,
        })
    }
}

impl EventWebhookPlace {
    /// None where `EVENT_WEBHOOK_URL` is not set, or empty.
    fn read(reader: &mut Reader<'_>) -> Option<Option<Self>> {
        if reader.text(WEBHOOK_URL).is_none_or(|url| url.is_empty()) {
            return Some(None);
        }
        let url: Url = reader.optional(WEBHOOK_URL)?;
        let keys_secret_id = reader.required_secret_name(
            DeployedSecret::EventKeys.variable(),
            "the name of the secret with the keys of the events' webhook",
        )?;
        let url = webhook(reader, WEBHOOK_URL, url)?;
        Some(Some(Self {
            url,
            keys_secret_id,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::read;

    fn of(variables: &[(&str, &str)]) -> Result<EventSettings, Vec<String>> {
        let find = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        read(&find, EventSettings::read).map_err(|error| error.0)
    }

    #[test]
    fn there_are_destinations_where_they_are_named() {
        let none = EventSettings {
            bus: None,
            webhook: None,
            log: false,
        };
        assert_eq!(of(&[]), Ok(none.clone()));
        assert_eq!(
            of(&[(BUS, ""), (WEBHOOK_URL, ""), (LOG, "false")]),
            Ok(none)
        );
        let keys = (DeployedSecret::EventKeys.variable(), "stack/EventKeys");
        let all = of(&[
            (BUS, "security"),
            (WEBHOOK_URL, "https://example.com/hook"),
            keys,
            (LOG, "true"),
        ]);
        let all = all.unwrap();
        assert_eq!(all.bus.as_deref(), Some("security"));
        let webhook = all.webhook.unwrap();
        assert_eq!(webhook.url.as_str(), "https://example.com/hook");
        assert_eq!(webhook.keys_secret_id, keys.1);
        assert!(all.log);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let keys = (DeployedSecret::EventKeys.variable(), "stack/EventKeys");
        let rows: [(&[(&str, &str)], &str); 6] = [
            (&[(WEBHOOK_URL, "https://example.com/hook")], keys.0),
            (
                &[(WEBHOOK_URL, "http://example.com/hook"), keys],
                WEBHOOK_URL,
            ),
            (
                &[(WEBHOOK_URL, "https://a:b@example.com/"), keys],
                WEBHOOK_URL,
            ),
            (
                &[(WEBHOOK_URL, "https://example.com/?key=1"), keys],
                WEBHOOK_URL,
            ),
            (&[(WEBHOOK_URL, "example.com"), keys], WEBHOOK_URL),
            (&[(LOG, "yes")], LOG),
        ];
        for (variables, named) in rows {
            let problems = of(variables).unwrap_err();
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].starts_with(named), "{problems:?}");
        }
    }
}
