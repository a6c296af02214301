//! `/_sim/activity/scenario`: what a tenant's logs are like, set before the first of it is
//! offered.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::scenario::Scenario;
use crate::answer;
use crate::site::Site;

/// A scenario as it is asked for.
#[derive(Deserialize)]
struct Wanted {
    /// `None` is every tenant that has none of its own.
    tenant: Option<Uuid>,
    /// Where the other fields begin: `default`, `month`, `backlog`, `silent`.
    named: Option<String>,
    /// Fields of [`Scenario`] that differ.
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// `PUT /_sim/activity/scenario`: 409 where content has been offered.
pub(crate) async fn set(State(site): State<Site>, body: Bytes) -> Response {
    let (tenant, scenario) = match parse(&body) {
        Ok(wanted) => wanted,
        Err(problem) => return failed(StatusCode::BAD_REQUEST, &problem),
    };
    match site.core.activity.set_scenario(tenant, scenario) {
        Ok(Ok(())) => answer::json(
            StatusCode::OK,
            &json!({"tenant": tenant, "scenario": scenario}),
        ),
        Ok(Err(_)) => failed(
            StatusCode::CONFLICT,
            "a subscription has been started: what was offered would change",
        ),
        Err(error) => failed(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    }
}

fn parse(body: &[u8]) -> Result<(Option<Uuid>, Scenario), String> {
    let wanted: Wanted = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let name = wanted.named.as_deref().unwrap_or("default");
    let base = Scenario::named(name)
        .ok_or_else(|| "named must be one of default, month, backlog, silent".to_owned())?;
    let mut merged = json!(base);
    for (field, value) in wanted.fields {
        merged[field] = value;
    }
    let scenario: Scenario = serde_json::from_value(merged).map_err(|error| error.to_string())?;
    if scenario.is_possible() {
        Ok((wanted.tenant, scenario))
    } else {
        Err(
            "records_per_blob and page_size must be at least 1, no time longer than ten years"
                .to_owned(),
        )
    }
}

fn failed(status: StatusCode, problem: &str) -> Response {
    answer::json(status, &json!({"error": problem}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_a_named_one_with_what_differs_or_a_sentence() {
        let of = |body: &str| parse(body.as_bytes()).map(|(_, scenario)| scenario);
        let every = |seconds| Scenario {
            blob_every_seconds: seconds,
            ..Scenario::MONTH
        };
        for (body, expected) in [
            ("{}", Scenario::default()),
            (r#"{"named":"default"}"#, Scenario::default()),
            (r#"{"named":"month"}"#, Scenario::MONTH),
            (r#"{"named":"backlog","tenant":null}"#, Scenario::BACKLOG),
            (r#"{"named":"silent"}"#, Scenario::SILENT),
            (r#"{"named":"month","blob_every_seconds":60}"#, every(60)),
        ] {
            assert_eq!(of(body), Ok(expected), "{body}");
        }
        for (body, says) in [
            ("", "EOF"),
            ("[]", "invalid"),
            (r#"{"named":"year"}"#, "silent"),
            (r#"{"named":7}"#, "string"),
            (r#"{"tenant":"contoso"}"#, "UUID"),
            (r#"{"sed":1}"#, "unknown field"),
            (r#"{"seed":-1}"#, "invalid value"),
            (r#"{"seed":null}"#, "invalid type"),
            (r#"{"blob_every_seconds":315360001}"#, "ten years"),
            (r#"{"records_per_blob":0}"#, "at least 1"),
            (r#"{"page_size":0}"#, "at least 1"),
            (r#"{"backlog_seconds":3155760000}"#, "ten years"),
        ] {
            let problem = of(body).unwrap_err();
            assert!(problem.contains(says), "{body}: {problem}");
        }
    }
}
