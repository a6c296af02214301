//! What can be wrong with a secret, with the secrets manager, with the table and with the queue.

use auth::Timestamp;
use auth::secret::ExposeSecret as _;
use microsoft::certificate::create;
use serde_json::json;
use tests::aws_service::{Act, Fault};

use super::stage::Stage;

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Secret(&'static str, OfSecret),
    Secrets(OfService),
    Table(OfService),
    Queue(OfService),
    /// The table lacks this index.
    NoIndex(&'static str),
}

/// What is wrong with one secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfSecret {
    Missing,
    Empty,
    WithoutKey,
    NotJson,
    Expired,
    Denied,
}

/// What is wrong with a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfService {
    /// No such table, or queue.
    Missing,
    Denied,
    Throttled,
    /// Only what writes; what is due is found.
    ThrottledWrites,
    Failing,
    Down,
    Hanging,
}

impl Trouble {
    /// As the table of the guide names it.
    pub(super) fn name(self) -> String {
        use OfSecret::{Denied, Empty, Expired, Missing, NotJson, WithoutKey};
        let of_service = |service: &str, trouble: OfService| match trouble {
            OfService::Missing => format!("no {service}"),
            OfService::Denied => format!("no permission on the {service}"),
            OfService::Throttled => format!("{service} throttled"),
            OfService::ThrottledWrites => format!("writes to the {service} throttled"),
            OfService::Failing => format!("{service} answers 500"),
            OfService::Down => format!("{service} down"),
            OfService::Hanging => format!("{service} hangs"),
        };
        match self {
            Trouble::Secret(secret, Missing) => format!("no secret `{secret}`"),
            Trouble::Secret(secret, Empty) => format!("`{secret}` empty"),
            Trouble::Secret(secret, WithoutKey) => format!("`{secret}` without its key"),
            Trouble::Secret(secret, NotJson) => format!("`{secret}` not JSON"),
            Trouble::Secret(secret, Expired) => format!("`{secret}` expired"),
            Trouble::Secret(secret, Denied) => format!("no permission to read `{secret}`"),
            Trouble::Secrets(trouble) => of_service("Secrets Manager", trouble),
            Trouble::Table(trouble) => of_service("table", trouble),
            Trouble::Queue(trouble) => of_service("queue", trouble),
            Trouble::NoIndex(index) => format!("table without index `{index}`"),
        }
    }

    /// Every trouble with this secret at a start.
    pub(super) fn of_secret(secret: &'static str) -> impl Iterator<Item = Trouble> {
        use OfSecret::{Denied, Empty, Expired, Missing, NotJson, WithoutKey};
        let all = [Missing, Empty, WithoutKey, NotJson, Denied, Expired];
        all.into_iter()
            .filter(move |trouble| *trouble != Expired || secret == "certificate")
            .map(move |trouble| Trouble::Secret(secret, trouble))
    }

    /// Every trouble with the secrets manager.
    pub(super) fn of_secrets() -> impl Iterator<Item = Trouble> {
        use OfService::{Down, Failing, Hanging, Throttled};
        [Throttled, Failing, Down, Hanging]
            .into_iter()
            .map(Trouble::Secrets)
    }

    /// Every trouble with the whole table.
    pub(super) fn of_table() -> impl Iterator<Item = Trouble> {
        use OfService::{Denied, Down, Failing, Hanging, Missing, Throttled};
        [Missing, Denied, Throttled, Failing, Down, Hanging]
            .into_iter()
            .map(Trouble::Table)
    }

    /// Every trouble with the queue.
    pub(super) fn of_queue() -> impl Iterator<Item = Trouble> {
        use OfService::{Denied, Down, Failing, Hanging, Missing, Throttled};
        [Missing, Denied, Throttled, Failing, Down, Hanging]
            .into_iter()
            .map(Trouble::Queue)
    }

    /// Brings it about.
    pub(super) async fn begin(self, stage: &mut Stage) {
        match self {
            Trouble::Secret(secret, OfSecret::Denied) => stage.secrets.fail(Fault {
                only: Some(stage.secret_id(secret)),
                act: Act::Answer(400, "AccessDeniedException"),
            }),
            Trouble::Secret(secret, trouble) => {
                let id = stage.secret_id(secret);
                let text = trouble.text(secret, &stage.good(secret));
                stage.secrets.put_secret(&id, text.as_deref());
            }
            Trouble::Secrets(OfService::Down) => stage.secrets.go_down().await,
            Trouble::Secrets(trouble) => stage.secrets.fail(trouble.fault()),
            Trouble::Table(OfService::Down) => stage.table.go_down().await,
            Trouble::Table(trouble) => stage.table.fail(trouble.fault()),
            Trouble::Queue(OfService::Down) => stage.queue.go_down().await,
            Trouble::Queue(trouble) => stage.queue.fail(trouble.fault()),
            Trouble::NoIndex(index) => stage.table.fail(Fault {
                only: Some(format!("\"IndexName\":\"{index}\"")),
                act: Act::Answer(400, "ValidationException"),
            }),
        }
    }
}

impl OfSecret {
    /// The secret's text; `None` where there is none. `good`: as it should be.
    fn text(self, secret: &str, good: &str) -> Option<String> {
        match self {
            OfSecret::Missing | OfSecret::Denied => None,
            OfSecret::Empty => Some(String::new()),
            OfSecret::NotJson => Some(good.replacen('{', "", 1)),
            OfSecret::WithoutKey => Some(without_key(secret, good)),
            OfSecret::Expired => Some(expired()),
        }
    }
}

fn without_key(secret: &str, good: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(good).unwrap();
    let key = match secret {
        "certificate" => "private_key",
        "consent-keys" => "cookie_key",
        _ => "primary",
    };
    assert!(value.as_object_mut().unwrap().remove(key).is_some());
    value.to_string()
}

/// A pair that was good for a day in 2020.
fn expired() -> String {
    let made = create("Expired", 1, Timestamp::from_unix(1_577_836_800)).unwrap();
    let key = made.private_key_pem.expose_secret();
    json!({"certificate": made.certificate_pem, "private_key": key}).to_string()
}

impl OfService {
    fn fault(self) -> Fault {
        let act = match self {
            OfService::Missing => Act::Answer(400, "ResourceNotFoundException"),
            OfService::Denied => Act::Answer(400, "AccessDeniedException"),
            OfService::Throttled => Act::Answer(400, "ThrottlingException"),
            OfService::ThrottledWrites => {
                Act::Answer(400, "ProvisionedThroughputExceededException")
            }
            OfService::Failing => Act::Answer(500, "InternalServerError"),
            OfService::Hanging => Act::Hang,
            OfService::Down => unreachable!("nobody is there to answer"),
        };
        let only = match self {
            OfService::ThrottledWrites => Some("UpdateItem".to_owned()),
            _ => None,
        };
        Fault { only, act }
    }
}
