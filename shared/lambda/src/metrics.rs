//! The functions' figures as lines in CloudWatch's embedded metric format, on the standard
//! output that the log goes to (decision 0024). A line holds numbers and the function's
//! name, and nothing of a tenant or a caller.
//!
//! Figures wait in memory until they are flushed, which a function does before each answer:
//! a frozen process holds none.

use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use auth::metric::Metric;
use auth::ports::{Clock, Meter};
use serde_json::{Map, Value, json};
use tracing_subscriber::fmt::MakeWriter;
use wiring::settings::Lookup;

/// Names the deployment's metrics. Without it no figures are written: the one-machine run.
const NAMESPACE: &str = "METRICS_NAMESPACE";
/// The one dimension of every figure.
const DIMENSION: &str = "Function";
/// Values of one metric in one line (embedded metric format, "Target members").
const VALUES_MAX: usize = 100;

/// The meter of `function`, if the environment names a namespace.
pub fn meter(
    function: &'static str,
    environment: Lookup<'_>,
    clock: Arc<dyn Clock>,
) -> Option<Arc<dyn Meter>> {
    let namespace = environment(NAMESPACE)?;
    let lines = MetricLines::new(namespace, function, clock, std::io::stdout);
    Some(Arc::new(lines))
}

/// Writes figures to `W`.
pub struct MetricLines<W> {
    namespace: String,
    function: &'static str,
    clock: Arc<dyn Clock>,
    noted: Mutex<Vec<(Metric, Vec<u64>)>>,
    writer: W,
}

impl<W> MetricLines<W> {
    /// `namespace`: one per deployment. `function`: whose figures they are.
    pub fn new(
        namespace: String,
        function: &'static str,
        clock: Arc<dyn Clock>,
        writer: W,
    ) -> Self {
        Self {
            namespace,
            function,
            clock,
            noted: Mutex::default(),
            writer,
        }
    }

    fn noted(&self) -> MutexGuard<'_, Vec<(Metric, Vec<u64>)>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One line of all figures; the values are those of the root's members.
    fn line(&self, noted: &[(Metric, Vec<u64>)]) -> String {
        let definition = |(metric, _): &(Metric, Vec<u64>)| json!({"Name": metric.name(), "Unit": metric.unit().as_str()});
        let definitions: Vec<Value> = noted.iter().map(definition).collect();
        let mut root = Map::new();
        root.insert(
            "_aws".to_owned(),
            json!({
                // Milliseconds since the epoch.
                "Timestamp": self.clock.now().unix().saturating_mul(1000),
                "CloudWatchMetrics": [{
                    "Namespace": self.namespace,
                    "Dimensions": [[DIMENSION]],
                    "Metrics": definitions,
                }],
            }),
        );
        root.insert("event".to_owned(), json!("metrics"));
        root.insert(DIMENSION.to_owned(), json!(self.function));
        for (metric, values) in noted {
            let value = match values[..] {
                [value] => json!(value),
                _ => json!(values),
            };
            root.insert(metric.name().to_owned(), value);
        }
        Value::Object(root).to_string() + "\n"
    }
}

impl<W> MetricLines<W>
where
    W: for<'w> MakeWriter<'w>,
{
    fn write(&self, noted: &[(Metric, Vec<u64>)]) {
        if noted.is_empty() {
            return;
        }
        let line = self.line(noted);
        // As with a line of the log: where it cannot be written, it is lost.
        let _ = self.writer.make_writer().write_all(line.as_bytes());
    }
}

impl<W> Meter for MetricLines<W>
where
    W: for<'w> MakeWriter<'w> + Send + Sync,
{
    fn record(&self, metric: Metric, value: u64) {
        if value == 0 && !metric.has_zeros() {
            return;
        }
        let mut noted = self.noted();
        match noted.iter_mut().find(|(known, _)| *known == metric) {
            Some((_, values)) => values.push(value),
            None => noted.push((metric, vec![value])),
        }
        if noted.iter().any(|(_, values)| values.len() == VALUES_MAX) {
            self.write(&std::mem::take(&mut *noted));
        }
    }

    fn flush(&self) {
        let noted = std::mem::take(&mut *self.noted());
        self.write(&noted);
    }
}

#[cfg(test)]
mod tests {
    use auth::ports::HeldClock;

    use super::*;
    use crate::written::Written;

    fn clock() -> Arc<dyn Clock> {
        Arc::new(HeldClock::at(1_800_000_000))
    }

    fn written_of(function: &'static str, record: impl Fn(&dyn Meter)) -> Written {
        let written = Written::default();
        let (namespace, clock) = ("broker/test".into(), clock());
        let meter = MetricLines::new(namespace, function, clock, written.clone());
        record(&meter);
        meter.flush();
        written
    }

    fn lines(record: impl Fn(&dyn Meter)) -> Vec<Value> {
        written_of("vending", record).lines()
    }

    #[test]
    fn what_was_noted_is_one_line_in_the_embedded_format() {
        let written = lines(|meter| {
            meter.record(Metric::EntraLatency, 120);
            meter.record(Metric::MinimumRemainingLife, 1620);
            meter.record(Metric::EntraLatency, 80);
            meter.flush();
        });
        let expected = json!({
            "_aws": {
                "Timestamp": 1_800_000_000_000_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "broker/test",
                    "Dimensions": [["Function"]],
                    "Metrics": [
                        {"Name": "EntraLatency", "Unit": "Milliseconds"},
                        {"Name": "MinimumRemainingLife", "Unit": "Seconds"},
                    ],
                }],
            },
            "event": "metrics",
            "Function": "vending",
            "EntraLatency": [120, 80],
            "MinimumRemainingLife": 1620,
        });
        assert_eq!(written, [expected]);
    }

    #[test]
    fn nothing_noted_writes_nothing() {
        assert!(lines(|meter| meter.flush()).is_empty());
    }

    #[test]
    fn a_line_holds_a_hundred_values_and_none_is_lost() {
        let written = lines(|meter| {
            for value in 0..250 {
                meter.record(Metric::EntraLatency, value);
            }
            meter.flush();
        });
        let counts: Vec<usize> = written
            .iter()
            .map(|line| line["EntraLatency"].as_array().unwrap().len())
            .collect();
        assert_eq!(counts, [100, 100, 50]);
    }

    /// The cost page counts them. What a function gives is said where it gives it: `auth::watch`,
    /// `feed::figures`.
    #[test]
    fn what_each_function_gives_is_as_long_as_the_cost_page_says() {
        let latencies = vec![(Metric::EntraLatency, 180); 100];
        let refresher = vec![
            (Metric::TokensRefreshed, 1_500),
            (Metric::RefreshesFailedOurs, 0),
            (Metric::RefreshesFailedCustomer, 0),
            (Metric::RefreshesFailedMicrosoft, 0),
            (Metric::RefreshesLost, 0),
            (Metric::RunsEndedEarly, 0),
            (Metric::FleetFault, 0),
            (Metric::CertificateDaysLeft, 200),
            (Metric::MinimumRemainingLife, 1_620),
        ];
        let collector = vec![
            (Metric::FeedLag, 600),
            (Metric::FeedStored, 15_000),
            (Metric::FeedLost, 0),
            (Metric::FeedExpired, 0),
            (Metric::FeedDead, 0),
            (Metric::FeedTalking, 4_000),
            (Metric::FeedSilent, 0),
        ];
        let worker = vec![
            (Metric::FeedWorkerStored, 150),
            (Metric::FeedLost, 0),
            (Metric::FeedDead, 0),
        ];
        let rows = [
            ("metrics_run_bytes", "refresher", refresher, 1),
            ("metrics_renewal_bytes", "refresher", latencies, 100),
            (
                "metrics_on_demand_bytes",
                "on-demand",
                vec![(Metric::EntraLatency, 180)],
                1,
            ),
            (
                "metrics_start_bytes",
                "vending",
                vec![(Metric::ColdStart, 12)],
                1,
            ),
            ("feed_run_metrics_bytes", "collector", collector, 1),
            ("feed_worker_metrics_bytes", "collector", worker, 1),
        ];
        let costs = include_str!("../../../infra/cost.toml");
        for (name, function, figures, parts) in rows {
            let written = written_of(function, |meter| {
                for (metric, value) in &figures {
                    meter.record(*metric, *value);
                }
            });
            let bytes = written.text().len() / parts;
            let said = format!("{name} = {{ value = {bytes},");
            assert!(costs.contains(&said), "infra/cost.toml has to say: {said}");
        }
    }

    #[test]
    fn a_zero_of_what_is_nothing_but_trouble_is_not_written() {
        let written = written_of("refresher", |meter| {
            meter.record(Metric::FleetFault, 0);
            meter.record(Metric::TokensRefreshed, 0);
            meter.record(Metric::RunsEndedEarly, 1);
        });
        let text = written.text();
        let has = |name: &str| text.contains(name);
        let [trouble, heartbeat, met] =
            ["FleetFault", "TokensRefreshed", "RunsEndedEarly"].map(has);
        assert!(!trouble && heartbeat && met, "{text}");
    }

    #[test]
    fn without_a_namespace_there_is_no_meter() {
        assert!(meter("vending", &|_: &str| None, clock()).is_none());
        let named = |name: &str| (name == "METRICS_NAMESPACE").then(|| "broker".to_owned());
        assert!(meter("vending", &named, clock()).is_some());
    }
}
