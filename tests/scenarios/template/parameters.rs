//! What each parameter takes and refuses, as CloudFormation judges it: a pattern holds for the
//! whole value, a number has bounds, a choice has its list.

use std::collections::BTreeSet;

use regex::Regex;
use yaml_rust2::Yaml;

use crate::template;

const GUID: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";
const CERTIFICATE: &str = "arn:aws-us-gov:acm:us-gov-west-1:000000000000:certificate/2d4d11a2-f814-46a7-890a-274a72a7309e";

fn is_taken(parameter: &Yaml, value: &str) -> bool {
    let allowed = parameter["AllowedValues"].as_vec();
    let within = |bound: &str, holds: fn(i64, i64) -> bool| match parameter[bound].as_i64() {
        Some(bound) => value.parse().is_ok_and(|number| holds(number, bound)),
        None => true,
    };
    let length = parameter["MaxLength"].as_i64();
    let pattern = parameter["AllowedPattern"].as_str();
    allowed.is_none_or(|allowed| allowed.iter().any(|one| scalar(one) == value))
        && within("MinValue", |number, bound| number >= bound)
        && within("MaxValue", |number, bound| number <= bound)
        && length.is_none_or(|length| value.chars().count() <= usize::try_from(length).unwrap())
        && pattern.is_none_or(|pattern| whole(pattern).is_match(value))
}

fn whole(pattern: &str) -> Regex {
    Regex::new(&format!("^(?:{pattern})$")).unwrap()
}

fn scalar(yaml: &Yaml) -> String {
    match yaml {
        Yaml::Integer(number) => number.to_string(),
        other => other.as_str().unwrap().to_owned(),
    }
}

#[test]
fn what_an_operator_may_type_is_taken_and_what_would_fail_later_is_refused_first() {
    let template = template();
    for (name, taken, refused) in [
        (
            "EntraClientId",
            &[GUID] as &[_],
            &["", "2d4d11a2", "x"] as &[_],
        ),
        ("EntraHomeTenant", &["", GUID], &["contoso.com", "common"]),
        ("RotationDays", &["7", "90", "365"], &["0", "6", "366"]),
        ("RotationValidityDays", &["14", "730"], &["13", "731"]),
        ("RotationOverlapHours", &["1", "720"], &["0", "721"]),
        ("FeedPublisherId", &[GUID], &["", "contoso", "*"]),
        (
            "FeedContentTypes",
            &["", "DLP.All", "Audit.Exchange, Audit.General,DLP.All"],
            &["Audit", "Audit.All", "Audit.Exchange,", "audit.exchange"],
        ),
        ("FeedFormat", &["gzip", "zstd"], &["", "lz4"]),
        (
            "FeedPrefix",
            &["", "feed", "feed/2026", "a=b/c.d"],
            &["/feed", "feed/", "a//b", "a/../b", ".", "a b", "a?b"],
        ),
        (
            "FeedBucket",
            &["", "audit-log", "a.b.c", "123"],
            &["ab", "Audit", "-ab", "ab-", "a_b", "arn:aws:s3:::x"],
        ),
        ("FeedConcurrency", &["1", "8", "64"], &["0", "65"]),
        ("FeedWorkers", &["2", "5", "1000"], &["0", "1", "1001"]),
        (
            "FeedLagMaxSeconds",
            &["600", "3900", "14400"],
            &["599", "14401", ""],
        ),
        (
            "FeedWebhookUrl",
            &["", "none", "https://broker.example/feed/webhook"],
            &[
                "None",
                "off",
                "http://broker.example/feed/webhook",
                "https://broker.example/webhook",
                "https://broker.example/feed/webhook?x=1",
            ],
        ),
        ("FeedGlacierAfterDays", &["0", "90"], &["-1", "1.5"]),
        ("FeedExpireAfterDays", &["0", "2555"], &["-1", "36501"]),
        (
            "FeedLockMode",
            &["", "GOVERNANCE", "COMPLIANCE"],
            &["governance", "on"],
        ),
        ("FeedLockDays", &["1", "365"], &["0", "36501"]),
        (
            "FeedEventsQueueArn",
            &[
                "",
                "arn:aws:sqs:eu-central-1:000000000000:siem",
                "arn:aws-us-gov:sqs:us-gov-west-1:000000000000:siem_1-a",
            ],
            &[
                "siem",
                "https://sqs.eu-central-1.amazonaws.com/000000000000/siem",
                "arn:aws:sns:eu-central-1:000000000000:siem",
                "arn:aws:sqs:eu-central-1:000000000000:siem.fifo",
            ],
        ),
        (
            "EventBusArn",
            &[
                "",
                "arn:aws:events:eu-central-1:000000000000:event-bus/default",
                "arn:aws-us-gov:events:us-gov-west-1:000000000000:event-bus/security-1",
            ],
            &[
                "default",
                "arn:aws:events:eu-central-1:000000000000:rule/default",
                "arn:aws:events:eu-central-1:000000000000:event-bus/*",
            ],
        ),
        (
            "EventWebhookUrl",
            &["", "https://hooks.example/broker"],
            &[
                "http://hooks.example/broker",
                "https://hooks.example/?key=1",
                "https://a:b@hooks.example/",
                "hooks.example",
            ],
        ),
        (
            "DomainName",
            &[
                "",
                "broker.example.com",
                "a-1.b.example",
                "xn--bcher-kva.example",
            ],
            &[
                "broker",
                "Broker.example",
                "*.example.com",
                "https://broker.example.com",
                "broker.example.com/",
                "broker.example.com.",
                "-a.example.com",
                "a..example",
            ],
        ),
        (
            "CertificateArn",
            &[
                "",
                CERTIFICATE,
                "arn:aws:acm:eu-central-1:000000000000:certificate/2d4d11a2-f814-46a7-890a-274a72a7309e",
            ],
            &[
                "certificate",
                "arn:aws:iam::000000000000:server-certificate/broker",
                "arn:aws:acm:eu-central-1:0:certificate/2d4d11a2-f814-46a7-890a-274a72a7309e",
            ],
        ),
        (
            "StateName",
            &["", "token-broker", "Broker_1.eu", "abc"],
            &[
                "ab",
                "token broker",
                "token/broker",
                "-broker",
                "arn:aws:dynamodb:x",
            ],
        ),
        (
            "ConsentRedirectUri",
            &["", "https://broker.example.com/consent/callback"],
            &[
                "http://broker.example.com/consent/callback",
                "https://broker.example.com/consent",
                "https://broker.example.com/consent/callback?x=1",
            ],
        ),
        (
            "CallerAccount1",
            &["", "012345678901"],
            &["12345678901", "0123456789012", "*", "root"],
        ),
        (
            "CallerAccount4",
            &["", "999999999999"],
            &["999999999999,", "none"],
        ),
        (
            "CallerOrganizationId",
            &["", "o-a1b2c3d4e5"],
            &["o-", "a1b2c3d4e5", "*"],
        ),
        (
            "ConsentCompanyName",
            &["", r#"Contoso & Sons "Ltd""#],
            &[&"x".repeat(81)],
        ),
        (
            "EntraResources",
            &["", "https://manage.office.com, https://graph.microsoft.com"],
            &["graph", "https://a b"],
        ),
        (
            "ApiRate",
            &["1", "100", "10000"],
            &["0", "-1", "10001", "1.5", ""],
        ),
        ("ApiBurst", &["1", "200", "5000"], &["0", "5001"]),
        (
            "ConsentReservedConcurrency",
            &["-1", "0", "5"],
            &["-2", "", "none"],
        ),
        (
            "VendingReservedConcurrency",
            &["-1", "0", "900"],
            &["-2", "10001"],
        ),
        (
            "AlarmEmail",
            &["", "ops@example.com"],
            &["ops", "ops @example.com", "a@b@c"],
        ),
        ("HttpApiAccessLog", &["true", "false"], &["", "on"]),
        ("LogRetentionDays", &["1", "90", "3653"], &["2", "91", "0"]),
        (
            "EntraCloud",
            &["public", "gcc-high"],
            &["", "Public", "germany"],
        ),
    ] {
        let parameter = &template["Parameters"][name];
        assert!(!parameter.is_badvalue(), "{name}");
        for value in taken {
            assert!(is_taken(parameter, value), "{name} refuses {value:?}");
        }
        for value in refused {
            assert!(!is_taken(parameter, value), "{name} takes {value:?}");
        }
    }
}

#[test]
fn every_default_is_a_value_that_is_taken() {
    for (name, parameter) in template()["Parameters"].as_hash().unwrap() {
        let default = &parameter["Default"];
        if !default.is_badvalue() {
            assert!(is_taken(parameter, &scalar(default)), "{name:?}");
        }
    }
}

/// The console shows a parameter without a group last and without a word, and a refusal
/// without a description shows the pattern.
#[test]
fn every_parameter_is_described_stands_in_one_group_and_says_what_it_wants() {
    let template = template();
    let groups = &template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"];
    let grouped: Vec<_> = groups
        .as_vec()
        .unwrap()
        .iter()
        .flat_map(|group| group["Parameters"].as_vec().unwrap().clone())
        .collect();
    let unique: BTreeSet<_> = grouped.iter().collect();
    assert_eq!(unique.len(), grouped.len(), "in two groups");
    let parameters = template["Parameters"].as_hash().unwrap();
    assert_eq!(unique, parameters.keys().collect());
    for (name, parameter) in parameters {
        assert!(parameter["Description"].as_str().is_some(), "{name:?}");
        let is_explained = parameter["ConstraintDescription"].as_str().is_some();
        assert_eq!(
            is_explained,
            parameter["AllowedPattern"].as_str().is_some(),
            "{name:?}"
        );
    }
}
