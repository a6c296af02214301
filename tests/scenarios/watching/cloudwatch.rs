//! CloudWatch's part, as far as the template uses it: figures out of log lines, statistics,
//! and the state of an alarm. Stricter than CloudWatch where a line breaks the format, which
//! CloudWatch passes over in silence.

use std::collections::BTreeMap;

use serde_json::Value;

use super::expression;
use super::template::{Alarm, Filter, Key, NAMESPACE, Template};

/// The values that came, with their times (Unix seconds).
#[derive(Default)]
pub(super) struct CloudWatch {
    filters: Vec<Filter>,
    points: BTreeMap<Key, Vec<(i64, f64)>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Ok,
    Alarm,
    /// Nothing new is known: the state stays what it was.
    Stays,
}

impl CloudWatch {
    pub(super) fn of(template: &Template) -> Self {
        Self {
            filters: template.filters(),
            points: BTreeMap::new(),
        }
    }

    /// A line of a log group that came at `now`.
    pub(super) fn take(&mut self, log_group: &str, line: &Value, now: i64) {
        if line.get("_aws").is_some() {
            self.take_embedded(line);
        }
        for filter in self.filters.clone() {
            if filter.log_group == log_group && matches(&filter.pattern, line) {
                let field = filter.value.as_ref();
                let value = field.map_or(Some(1.0), |field| line[field.as_str()].as_f64());
                self.note(filtered(&filter, line), now, value.expect("a number"));
            }
        }
    }

    /// One metric more of AWS's own.
    pub(super) fn note(&mut self, key: Key, at: i64, value: f64) {
        self.points.entry(key).or_default().push((at, value));
    }

    /// What has come so far under our own namespace.
    pub(super) fn ours(&self) -> Vec<Key> {
        let keys = self.points.keys().cloned();
        keys.filter(|key| key.namespace == NAMESPACE).collect()
    }

    /// Over `from` (exclusive) to `to` (inclusive); `None` where nothing came.
    pub(super) fn statistic(&self, key: &Key, name: &str, from: i64, to: i64) -> Option<f64> {
        let points = self.points.get(key)?;
        let within = points.iter().filter(|(at, _)| from < *at && *at <= to);
        let mut values: Vec<f64> = within.map(|(_, value)| *value).collect();
        values.sort_by(f64::total_cmp);
        let (first, last) = (*values.first()?, *values.last()?);
        Some(match name {
            "Sum" => values.iter().sum(),
            "SampleCount" => values.len() as f64,
            "Minimum" => first,
            "Maximum" => last,
            percentile => {
                let share: f64 = percentile.strip_prefix('p').unwrap().parse().unwrap();
                let rank = (share / 100.0 * values.len() as f64).ceil() as usize;
                values[rank.clamp(1, values.len()) - 1]
            }
        })
    }

    pub(super) fn state(&self, alarm: &Alarm, now: i64) -> State {
        let values: Vec<_> = (0..alarm.evaluated)
            .map(|back| self.value(alarm, now - back * alarm.period))
            .collect();
        if alarm.missing == "ignore" && values.iter().all(Option::is_none) {
            return State::Stays;
        }
        let breaches = values.iter().filter(|value| match value {
            Some(value) => breaks(alarm, *value),
            None => alarm.missing == "breaching",
        });
        match breaches.count() as i64 >= alarm.breaching {
            true => State::Alarm,
            false => State::Ok,
        }
    }

    /// Of the period that ends at `to`.
    fn value(&self, alarm: &Alarm, to: i64) -> Option<f64> {
        let of = |index: usize| {
            let series = &alarm.series[index];
            self.statistic(&series.key, &series.statistic, to - alarm.period, to)
        };
        let Some(expression) = &alarm.expression else {
            return of(0);
        };
        expression::value(expression, &|id: &str| {
            let index = alarm.series.iter().position(|series| series.id == id);
            of(index.expect("a series of the expression"))
        })
    }

    /// The rules of the specification ("embedded metric format") that a line of ours can
    /// break.
    fn take_embedded(&mut self, line: &Value) {
        let at = line["_aws"]["Timestamp"].as_i64().unwrap();
        assert!(at > 1_000_000_000_000, "milliseconds: {line}");
        let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        for directive in directives {
            let dimensions = directive["Dimensions"][0].as_array().unwrap();
            let dimension = |name: &Value| {
                let name = name.as_str().unwrap();
                (name.to_owned(), line[name].as_str().unwrap().to_owned())
            };
            let dimensions: Vec<_> = dimensions.iter().map(dimension).collect();
            for metric in directive["Metrics"].as_array().unwrap() {
                let key = Key {
                    namespace: directive["Namespace"].as_str().unwrap().to_owned(),
                    name: metric["Name"].as_str().unwrap().to_owned(),
                    dimensions: dimensions.clone(),
                };
                for value in values(&line[&key.name]) {
                    self.note(key.clone(), at / 1000, value);
                }
            }
        }
    }
}

fn values(target: &Value) -> Vec<f64> {
    match target {
        Value::Array(values) => {
            assert!(values.len() <= 100, "{} values", values.len());
            values.iter().map(|value| value.as_f64().unwrap()).collect()
        }
        value => vec![value.as_f64().expect("a number")],
    }
}

fn filtered(filter: &Filter, line: &Value) -> Key {
    let dimension = filter.dimension.iter().map(|(name, field)| {
        let field = field.strip_prefix("$.").unwrap();
        (name.clone(), line[field].as_str().unwrap().to_owned())
    });
    Key {
        namespace: NAMESPACE.to_owned(),
        name: filter.name.clone(),
        dimensions: dimension.collect(),
    }
}

/// A pattern of the form `{ $.field OP value && … }`, or several such with `||` between.
fn matches(pattern: &str, line: &Value) -> bool {
    let inner = pattern.strip_prefix("{ ").unwrap().strip_suffix(" }");
    let mut choices = inner.unwrap().split(" || ");
    choices.any(|terms| terms.split(" && ").all(|term| holds(term, line)))
}

fn holds(term: &str, line: &Value) -> bool {
    let [field, operator, wanted] = term.split(' ').collect::<Vec<_>>()[..] else {
        panic!("no term of a pattern: {term}");
    };
    let found = &line[field.strip_prefix("$.").unwrap()];
    match (operator, wanted.trim_matches('"')) {
        ("=", "*") => !found.is_null(),
        ("=", text) => found.as_str() == Some(text),
        (">=", number) => found.as_f64() >= Some(number.parse().unwrap()) && found.is_number(),
        ("<", number) => found.as_f64() < Some(number.parse().unwrap()) && found.is_number(),
        _ => panic!("no operator: {operator}"),
    }
}

fn breaks(alarm: &Alarm, value: f64) -> bool {
    match alarm.comparison.as_str() {
        "GreaterThanOrEqualToThreshold" => value >= alarm.threshold,
        "LessThanOrEqualToThreshold" => value <= alarm.threshold,
        "LessThanThreshold" => value < alarm.threshold,
        other => panic!("no comparison: {other}"),
    }
}
