//! Nothing is watched that nobody tells, nothing told that nobody sees, and every alarm has
//! its page. What the functions tell is what they wrote, not a list.

use std::collections::BTreeSet;

use lambda_http::Response;
use serde_json::{Value, json};
use tests::gateway_event;

use super::stage::Stage;
use super::template::{Key, NAMESPACE, Template, root};

/// Custom metrics of a deployment, whatever its size (decision 0024 has the price).
const CUSTOM_METRICS: usize = 27;

#[tokio::test]
async fn alarms_and_dashboard_name_what_the_functions_write_and_all_of_it() {
    let told = everything_told(3).await;
    let template = Template::read();
    let alarms = template.alarms();
    let of_alarms = alarms.iter().flat_map(|alarm| &alarm.series);
    let of_alarms = of_alarms.map(|series| series.key.clone());
    let shown = shown(&template.dashboard());
    let watched: BTreeSet<Key> = of_alarms.chain(shown.iter().cloned()).collect();
    for key in &watched {
        let aws =
            key.namespace == "AWS/Lambda" && ["Errors", "Throttles"].contains(&key.name.as_str());
        assert!(aws || told.contains(key), "nobody tells {key:?}");
    }
    for key in &told {
        assert!(shown.contains(key), "nobody sees {key:?}");
    }
    assert_eq!(told.len(), CUSTOM_METRICS, "{told:#?}");
}

#[tokio::test]
async fn more_tenants_make_no_metric_more() {
    assert_eq!(everything_told(3).await, everything_told(6).await);
}

#[test]
fn every_alarm_has_its_runbook_and_tells_the_topic_of_its_end_too() {
    let directory = root().join("infra/runbooks");
    let index = std::fs::read_to_string(directory.join("README.md")).unwrap();
    let mut pages: BTreeSet<String> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    for alarm in Template::read().alarms() {
        let (_, page) = alarm.description.rsplit_once("infra/runbooks/").unwrap();
        assert!(pages.remove(page), "{}: no page {page}", alarm.name);
        assert!(index.contains(&format!("({page})")), "{page} in the index");
        let text = std::fs::read_to_string(directory.join(page)).unwrap();
        assert!(text.contains(&alarm.name), "{page} names {}", alarm.name);
        assert_eq!(alarm.tells, ["AlarmTopic", "AlarmTopic"], "{}", alarm.name);
    }
    assert!(pages.is_empty(), "no alarm leads to {pages:?}");
}

/// The queries of the pages ask for events that are in the sources.
#[test]
fn the_runbooks_ask_for_events_that_exist() {
    let mut asked = 0;
    for entry in std::fs::read_dir(root().join("infra/runbooks")).unwrap() {
        let page = entry.unwrap().path();
        let text = std::fs::read_to_string(&page).unwrap();
        for part in text.split("event = \"").skip(1) {
            let event = part.split('"').next().unwrap();
            assert!(is_logged(event), "{}: {event}", page.display());
            asked += 1;
        }
    }
    assert!(asked >= 6, "{asked} events asked for");
}

fn is_logged(event: &str) -> bool {
    let wanted = format!("event = \"{event}\"");
    let mut directories = vec![root().join("functions"), root().join("shared")];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if std::fs::read_to_string(&path).is_ok_and(|text| text.contains(&wanted)) {
                return true;
            }
        }
    }
    false
}

/// Every metric that a deployment with so many tenants makes.
async fn everything_told(tenants: usize) -> BTreeSet<Key> {
    let mut stage = Stage::start(tenants).await;
    let tenant = stage.run.tenant(0);
    assert_eq!(stage.vend(&tenant).await, 200, "from Entra ID");
    assert_eq!(stage.vend(&tenant).await, 200, "from memory");
    stage.refresh().await;
    let other = stage.run.tenant(1);
    assert_eq!(stage.vend(&other).await, 200, "from the table");
    let unknown = "11111111-2222-4333-8444-555555555555";
    assert_eq!(stage.vend(unknown).await, 404);
    redeem_a_code(&mut stage).await;
    let fault = stage.run.broker.fault("status", None, json!(503));
    fault.await;
    stage.run.clock.advance(4000);
    assert_eq!(stage.vend(&other).await, 503);
    check_lines(&stage, tenants);
    stage.cloudwatch.ours().into_iter().collect()
}

/// A line of figures holds no tenant, no customer, no token.
fn check_lines(stage: &Stage, tenants: usize) {
    let is_figures = |line: &&Value| line["event"] == "metrics";
    let lines: Vec<_> = stage.lines.iter().map(|(_, line)| line).collect();
    let figures: Vec<_> = lines.into_iter().filter(is_figures).collect();
    assert!(figures.len() >= 6, "{figures:?}");
    for line in figures {
        let text = line.to_string();
        for index in 0..tenants {
            assert!(!text.contains(&stage.run.tenant(index)), "{text}");
        }
        assert!(!text.contains("eyJ"), "{text}");
    }
}

/// The callback asks Entra ID for a code that it has not given out.
async fn redeem_a_code(stage: &mut Stage) {
    let page = ask(stage, &gateway_event::request("GET", "/consent")).await;
    let html = std::str::from_utf8(page.body()).unwrap().to_owned();
    let field = html.split_once(r#"name="form_token" value=""#);
    let (_, field) = field.unwrap_or_else(|| panic!("no form: {html}"));
    let (field, _) = field.split_once('"').unwrap();
    let mut start = gateway_event::post("/consent/start", &format!("form_token={field}"));
    start["cookies"] = json!([cookie(&page)]);
    let started = ask(stage, &start).await;
    let location = started.headers()["location"].to_str().unwrap();
    let location: url::Url = location.parse().unwrap();
    let (_, state) = location
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap();
    let mut callback = gateway_event::request("GET", "/consent/callback");
    callback["rawQueryString"] = json!(format!("code=nobody-gave-it&state={state}"));
    callback["cookies"] = json!([cookie(&started)]);
    assert_eq!(ask(stage, &callback).await.status(), 303);
    stage.collect("ConsentLogGroup");
}

async fn ask(stage: &Stage, event: &Value) -> Response<lambda_http::Body> {
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    stage.consent.handle(request).await
}

fn cookie(response: &Response<lambda_http::Body>) -> String {
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// The metrics of a dashboard; a dot stands for what the line above has there.
pub(super) fn shown(dashboard: &Value) -> BTreeSet<Key> {
    let widgets = dashboard["widgets"].as_array().unwrap().iter();
    let rows = widgets.flat_map(|widget| rows(&widget["properties"]["metrics"]));
    rows.map(|(key, _)| key).collect()
}

/// The rows of a widget, each with its options.
pub(super) fn rows(metrics: &Value) -> Vec<(Key, Value)> {
    let mut above: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for row in metrics.as_array().into_iter().flatten() {
        let mut names = Vec::new();
        for (place, name) in row.as_array().unwrap().iter().enumerate() {
            match name.as_str() {
                Some(".") => names.push(above[place].clone()),
                Some(name) => names.push(name.to_owned()),
                None => {}
            }
        }
        let dimensions = names[2..].chunks(2);
        let key = Key {
            namespace: names[0].clone(),
            name: names[1].clone(),
            dimensions: dimensions
                .map(|pair| (pair[0].clone(), pair[1].clone()))
                .collect(),
        };
        assert!([NAMESPACE, "AWS/Lambda"].contains(&names[0].as_str()));
        let options = row.as_array().unwrap().last().unwrap();
        rows.push((key, options.clone()));
        above = names;
    }
    rows
}
