//! Nothing is watched that nobody tells, nothing told that nobody sees, and every alarm has
//! its page. What the functions tell is what they wrote, not a list.

use std::collections::BTreeSet;

use auth::metric::Metric;
use serde_json::{Value, json};

use super::codes::redeem_a_code;
use super::runbooks::{Query, Runbook};
use super::stage::{Stage, of_refresher};
use super::template::{Key, NAMESPACE, Template};
use super::{events, policies};

/// Custom metrics of a deployment, whatever its size (decision 0024 has the price).
const CUSTOM_METRICS: usize = 48;
/// What AWS tells by itself, by its documents.
const OF_AWS: [(&str, &str); 12] = [
    ("AWS/ApiGateway", "5xx"),
    ("AWS/ApiGateway", "Count"),
    ("AWS/Lambda", "Duration"),
    ("AWS/Lambda", "Errors"),
    ("AWS/Lambda", "Invocations"),
    ("AWS/Lambda", "Throttles"),
    ("AWS/Lambda", "Url5xxCount"),
    ("AWS/Lambda", "UrlRequestCount"),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    ("AWS/SQS", "NumberOfMessagesDeleted"),
    ("AWS/SQS", "NumberOfMessagesSent"),
];

#[tokio::test]
async fn alarms_and_dashboard_name_what_the_functions_write_and_all_of_it() {
    let mut told = everything_told(3).await;
    told.extend(Metric::TROUBLE.map(|metric| of_refresher(metric.name())));
    let template = Template::read();
    let alarms = template.alarms();
    let of_alarms = alarms.iter().flat_map(|alarm| &alarm.series);
    let of_alarms = of_alarms.map(|series| series.key.clone());
    let shown = shown(&template.dashboard());
    let watched: BTreeSet<Key> = of_alarms.chain(shown.iter().cloned()).collect();
    for key in &watched {
        let of_aws = OF_AWS.contains(&(key.namespace.as_str(), key.name.as_str()));
        assert!(of_aws || told.contains(key), "nobody tells {key:?}");
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
    let index = Runbook::index().text;
    let mut unread: BTreeSet<String> = Runbook::all().into_iter().map(|page| page.name).collect();
    for alarm in Template::read().alarms() {
        let (_, name) = alarm.description.rsplit_once("infra/runbooks/").unwrap();
        let page = Runbook::read(name);
        unread.remove(name);
        assert!(page.text.contains(&alarm.name), "{name}: {}", alarm.name);
        let (listed, link) = (format!("| `{}` |", alarm.name), format!("({name})"));
        let mut rows = index.lines().filter(|row| row.starts_with(&listed));
        assert!(rows.any(|row| row.contains(&link)), "index: {}", alarm.name);
        assert_eq!(alarm.tells, ["AlarmTopic", "AlarmTopic"], "{}", alarm.name);
    }
    assert!(unread.is_empty(), "no alarm leads to {unread:?}");
}

/// A line that no deployment leaves would be waited for in vain.
#[test]
fn the_runbooks_ask_for_events_that_exist() {
    let written = events::written();
    for page in Runbook::all() {
        let queries = page.queries();
        let asked: Vec<_> = queries.iter().flat_map(Query::events).collect();
        let named = page.text.matches("event = \"").count();
        assert_eq!(asked.len(), named, "{}: no query: {asked:?}", page.name);
        for event in asked {
            assert!(written.contains(event), "{}: {event}", page.name);
        }
    }
}

/// Whoever is woken finds what the functions say of it.
#[test]
fn the_runbooks_ask_for_every_event_of_the_guide_to_start_up() {
    let queries: Vec<Query> = Runbook::all().iter().flat_map(Runbook::queries).collect();
    let asked: BTreeSet<&str> = queries.iter().flat_map(Query::events).collect();
    let told = events::told_by_the_guide();
    assert!(told.len() >= 8, "{told:?}");
    for event in &told {
        assert!(asked.contains(event.as_str()), "no runbook: {event}");
    }
}

/// Every metric that a deployment with so many tenants makes.
async fn everything_told(tenants: usize) -> BTreeSet<Key> {
    let mut stage = Stage::start(tenants).await;
    let tenant = stage.run.tenant(0);
    assert_eq!(stage.vend(&tenant).await, 200, "from Entra ID");
    assert_eq!(stage.vend(&tenant).await, 200, "from memory");
    stage.refresh().await;
    stage.collect_audit_logs();
    stage.refuse_the_collector("feed_token_refused");
    stage.work_the_queue_off(3);
    stage.ground.figures_of("webhook");
    stage.rotate_in_vain();
    stage.refuse_notifications(5);
    stage.lose_the_queue();
    let other = stage.run.tenant(1);
    assert_eq!(stage.vend(&other).await, 200, "from the table");
    let unknown = "11111111-2222-4333-8444-555555555555";
    assert_eq!(stage.vend(unknown).await, 404);
    redeem_a_code(&mut stage).await;
    policies::tell_everything(&mut stage).await;
    let fault = stage.run.broker.fault("status", None, json!(503));
    fault.await;
    stage.run.clock.advance(4000);
    assert_eq!(stage.vend(&other).await, 503);
    stage.ground.signer.reach(false);
    assert_eq!(stage.vend(&tenant).await, 503, "no function signs");
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
        assert!([NAMESPACE, "AWS/Lambda", "AWS/SQS"].contains(&names[0].as_str()));
        let options = row.as_array().unwrap().last().unwrap();
        rows.push((key, options.clone()));
        above = names;
    }
    rows
}
