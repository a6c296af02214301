//! What the template promises of the audit log: the queue that can lose nothing, how long objects
//! are kept, and the table of Athena.

use yaml_rust2::Yaml;

use crate::{resources, template, texts};

fn properties(name: &str) -> Yaml {
    let resource = &template()["Resources"][name];
    assert!(!resource.is_badvalue(), "{name}");
    resource["Properties"].clone()
}

/// A message that is worked on is nobody else's meanwhile, and comes again; five failures end it.
#[test]
fn the_queue_holds_a_message_for_longer_than_its_worker_works_and_gives_up_after_five() {
    let (queue, dead) = (properties("FeedQueue"), properties("FeedDeadLetters"));
    let worker = properties("CollectorWorkerFunction")["Timeout"].as_i64();
    assert!(queue["VisibilityTimeout"].as_i64() > worker);
    let redrive = &queue["RedrivePolicy"];
    assert_eq!(redrive["maxReceiveCount"].as_i64(), Some(5));
    let target = redrive["deadLetterTargetArn"].as_str();
    assert_eq!(target, Some("FeedDeadLetters.Arn"));
    // SQS keeps nothing for longer than 14 days.
    let kept = |of: &Yaml| of["MessageRetentionPeriod"].as_i64();
    assert_eq!(kept(&dead), Some(14 * 86_400));
    assert!(kept(&queue) < kept(&dead));
    for one in [&queue, &dead] {
        assert_eq!(one["SqsManagedSseEnabled"].as_bool(), Some(true));
        assert!(one["FifoQueue"].is_badvalue());
    }
    let mapping = properties("CollectorWorkerMapping");
    let answers = texts(&mapping["FunctionResponseTypes"]);
    assert_eq!(answers, ["ReportBatchItemFailures"]);
    let limit = mapping["ScalingConfig"]["MaximumConcurrency"].as_str();
    assert_eq!(limit, Some("FeedWorkers"));
}

/// One program: a worker that lacks a setting of the schedule's would store elsewhere.
#[test]
fn the_worker_has_the_schedules_settings() {
    let of = |name: &str| properties(name)["Environment"]["Variables"].clone();
    let [scheduled, worker] = ["CollectorFunction", "CollectorWorkerFunction"].map(of);
    assert_eq!(scheduled, worker);
    let [scheduled, worker] = ["CollectorFunction", "CollectorWorkerFunction"]
        .map(|name| properties(name)["Role"].clone());
    assert_eq!(scheduled, worker);
}

/// What expired at Microsoft is nowhere else.
#[test]
fn the_bucket_keeps_versions_and_everything_unless_a_parameter_says_otherwise() {
    let template = template();
    let bucket = properties("AuditLogBucket");
    let versions = bucket["VersioningConfiguration"]["Status"].as_str();
    assert_eq!(versions, Some("Enabled"));
    for (name, default) in [("FeedGlacierAfterDays", 0), ("FeedExpireAfterDays", 0)] {
        let found = template["Parameters"][name]["Default"].as_i64();
        assert_eq!(found, Some(default), "{name}");
    }
    let rules = bucket["LifecycleConfiguration"]["Rules"].as_vec().unwrap();
    for rule in rules {
        // Of what is current something happens under a condition alone.
        let acts = ["ExpirationInDays", "Transitions"];
        let is_bare = acts.iter().any(|act| !rule[*act].is_badvalue());
        assert!(!is_bare, "{rule:?}");
    }
    let conditions: Vec<_> = rules.iter().filter_map(|rule| rule[0].as_str()).collect();
    assert_eq!(conditions, ["FeedGoesToGlacier", "FeedExpires"]);
    for name in ["ObjectLockEnabled", "ObjectLockConfiguration"] {
        assert_eq!(bucket[name][0].as_str(), Some("FeedIsLocked"), "{name}");
    }
    assert_eq!(
        template["Parameters"]["FeedLockMode"]["Default"].as_str(),
        Some("")
    );
}

#[test]
fn the_alarm_on_lag_is_above_what_a_quiet_tenant_may_lag() {
    let template = template();
    let default = |name: &str| template["Parameters"][name]["Default"].as_i64();
    assert!(default("FeedLagAlarmSeconds") > default("FeedLagMaxSeconds"));
}

/// Microsoft is given the address that the gateway has a route for.
#[test]
fn notifications_come_to_the_route_of_the_webhook() {
    let webhook =
        properties("CollectorFunction")["Environment"]["Variables"]["FEED_WEBHOOK_URL"].clone();
    let addresses = texts(&webhook);
    let own: Vec<_> = addresses
        .iter()
        .filter(|text| text.starts_with("https://"))
        .collect();
    assert_eq!(own.len(), 2);
    let route = properties("WebhookRoute")["RouteKey"].clone();
    let (_, path) = route.as_str().unwrap().split_once(' ').unwrap();
    assert!(own.iter().all(|url| url.ends_with(path)), "{own:?}");
    let routes = resources(&template(), "AWS::ApiGatewayV2::Route");
    assert!(routes.iter().any(|(name, _)| name == "WebhookRoute"));
}
