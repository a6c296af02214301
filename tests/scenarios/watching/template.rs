//! What `template.yaml` says of watching: alarms, metric filters, the dashboard. Read as
//! CloudFormation would put it, with every parameter at its default.

use std::path::{Path, PathBuf};

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

/// What a stack of this name calls its metrics.
pub(super) const NAMESPACE: &str = "token-broker/test";

/// One metric: its namespace, its name, its dimensions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) dimensions: Vec<(String, String)>,
}

/// A metric over time.
#[derive(Debug, Clone)]
pub(super) struct Series {
    /// The name in an expression.
    pub(super) id: String,
    pub(super) key: Key,
    pub(super) statistic: String,
}

#[derive(Debug, Clone)]
pub(super) struct Alarm {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) series: Vec<Series>,
    /// Of the series; `None` for the one series itself.
    pub(super) expression: Option<String>,
    pub(super) period: i64,
    pub(super) evaluated: i64,
    pub(super) breaching: i64,
    pub(super) comparison: String,
    pub(super) threshold: f64,
    pub(super) missing: String,
    pub(super) tells: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) log_group: String,
    pub(super) pattern: String,
    pub(super) name: String,
    /// The field that the value is taken from; `None`: each line counts 1.
    pub(super) value: Option<String>,
    /// The dimension, and the field that it is taken from.
    pub(super) dimension: Option<(String, String)>,
}

pub(super) struct Template(Yaml);

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

impl Template {
    pub(super) fn read() -> Self {
        let text = std::fs::read_to_string(root().join("template.yaml")).unwrap();
        Self(YamlLoader::load_from_str(&text).unwrap().remove(0))
    }

    pub(super) fn alarms(&self) -> Vec<Alarm> {
        let alarms = self.resources("AWS::CloudWatch::Alarm");
        alarms
            .map(|(name, properties)| self.alarm(name, properties))
            .collect()
    }

    pub(super) fn filters(&self) -> Vec<Filter> {
        let filters = self.resources("AWS::Logs::MetricFilter");
        filters
            .map(|(_, properties)| {
                let to = &properties["MetricTransformations"][0];
                assert_eq!(self.text(&to["MetricNamespace"]), NAMESPACE);
                let value = self.text(&to["MetricValue"]);
                let field = value.strip_prefix("$.").map(str::to_owned);
                assert!(field.is_some() || value == "1", "{value}");
                let dimension = &to["Dimensions"][0];
                let key = dimension["Key"].as_str().map(str::to_owned);
                Filter {
                    log_group: self.text(&properties["LogGroupName"]),
                    pattern: self.text(&properties["FilterPattern"]),
                    name: self.text(&to["MetricName"]),
                    value: field,
                    dimension: key.map(|key| (key, self.text(&dimension["Value"]))),
                }
            })
            .collect()
    }

    pub(super) fn dashboard(&self) -> Value {
        let (_, properties) = self
            .resources("AWS::CloudWatch::Dashboard")
            .next()
            .expect("a dashboard");
        serde_json::from_str(&self.text(&properties["DashboardBody"])).unwrap()
    }

    fn alarm(&self, name: &str, properties: &Yaml) -> Alarm {
        let number = |name: &str| self.text(&properties[name]).parse::<f64>().ok();
        let evaluated = number("EvaluationPeriods").unwrap() as i64;
        let (series, expression, period) = match &properties["Metrics"] {
            Yaml::Array(metrics) => self.math(metrics),
            _ => {
                let series = Series {
                    id: name.to_owned(),
                    key: self.key(properties),
                    statistic: self.text(&properties["Statistic"]),
                };
                (vec![series], None, number("Period").unwrap() as i64)
            }
        };
        let tells = ["AlarmActions", "OKActions"].iter();
        Alarm {
            name: name.to_owned(),
            description: self.text(&properties["AlarmDescription"]),
            series,
            expression,
            period,
            evaluated,
            breaching: number("DatapointsToAlarm").map_or(evaluated, |number| number as i64),
            comparison: self.text(&properties["ComparisonOperator"]),
            threshold: number("Threshold").expect("a threshold"),
            missing: self.text(&properties["TreatMissingData"]),
            tells: tells
                .map(|actions| self.text(&properties[*actions][0]))
                .collect(),
        }
    }

    /// The series of an expression, the expression, and the period that all of them have.
    fn math(&self, metrics: &[Yaml]) -> (Vec<Series>, Option<String>, i64) {
        let mut expression = None;
        let (mut series, mut periods) = (Vec::new(), Vec::new());
        for metric in metrics {
            let stat = &metric["MetricStat"];
            if stat.is_badvalue() {
                expression = Some(self.text(&metric["Expression"]));
                continue;
            }
            periods.push(self.text(&stat["Period"]).parse().unwrap());
            series.push(Series {
                id: self.text(&metric["Id"]),
                key: self.key(&stat["Metric"]),
                statistic: self.text(&stat["Stat"]),
            });
        }
        assert!(periods.windows(2).all(|two| two[0] == two[1]));
        (series, expression, periods[0])
    }

    fn key(&self, metric: &Yaml) -> Key {
        let dimensions = metric["Dimensions"].as_vec().cloned().unwrap_or_default();
        let dimensions = dimensions
            .iter()
            .map(|one| (self.text(&one["Name"]), self.text(&one["Value"])));
        Key {
            namespace: self.text(&metric["Namespace"]),
            name: self.text(&metric["MetricName"]),
            dimensions: dimensions.collect(),
        }
    }

    fn resources(&self, kind: &'static str) -> impl Iterator<Item = (&str, &Yaml)> {
        let resources = self.0["Resources"].as_hash().unwrap().iter();
        resources
            .filter(move |(_, resource)| resource["Type"].as_str() == Some(kind))
            .map(|(name, resource)| (name.as_str().unwrap(), &resource["Properties"]))
    }

    /// A scalar, with what `!Ref` and `!Sub` put into it. The reader drops the tags; a word
    /// that is a parameter's name stands for its default. By the defaults no condition holds, so
    /// of `!If` the last branch counts.
    fn text(&self, value: &Yaml) -> String {
        let text = match value {
            Yaml::Array(branches) if branches.len() == 3 => return self.text(&branches[2]),
            Yaml::String(text) | Yaml::Real(text) => text.clone(),
            Yaml::Integer(number) => return number.to_string(),
            _ => return String::new(),
        };
        let text = text.trim_end_matches(".QueueName");
        match self.default_of(text) {
            Some(default) => default,
            None => self.substituted(text),
        }
    }

    fn default_of(&self, parameter: &str) -> Option<String> {
        let default = &self.0["Parameters"][parameter]["Default"];
        match default {
            Yaml::Integer(number) => Some(number.to_string()),
            other => other.as_str().map(str::to_owned),
        }
    }

    fn substituted(&self, text: &str) -> String {
        let (mut done, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').unwrap();
            done.push_str(before);
            done.push_str(&match name {
                "AWS::StackName" => "test".to_owned(),
                "AWS::Region" => "eu-central-1".to_owned(),
                _ => self.default_of(name).unwrap_or_else(|| {
                    let name = name.trim_end_matches(".Arn");
                    let name = name.trim_end_matches(".QueueName");
                    let known = !self.0["Resources"][name].is_badvalue();
                    assert!(known, "{name} is no resource");
                    name.to_owned()
                }),
            });
            rest = after;
        }
        done + rest
    }
}
