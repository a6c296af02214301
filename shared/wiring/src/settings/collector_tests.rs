use feed::ContentType;
use feed::object_key::Format;

use super::*;
use crate::settings::SettingsError;
use crate::settings::tests::{COLLECTS, GOOD, read_from};

fn read(more: &[(&str, &str)]) -> Result<CollectorSettings, Vec<String>> {
    let pairs = [more, &COLLECTS[..], &GOOD[..2]].concat();
    read_from::<CollectorSettings>(&pairs).map_err(|SettingsError(problems)| problems)
}

#[test]
fn without_a_word_the_four_types_are_collected_every_five_minutes() {
    let settings = read(&[]).unwrap();
    let types: Vec<&str> = settings.feed.types.iter().map(|one| one.as_str()).collect();
    let expected = [
        "Audit.AzureActiveDirectory",
        "Audit.Exchange",
        "Audit.SharePoint",
        "Audit.General",
    ];
    assert_eq!(types, expected);
    assert_eq!(settings.feed.format, Format::Gzip);
    assert_eq!(settings.feed.prefix, "");
    assert_eq!(
        (settings.feed.settle, settings.feed.every.as_secs()),
        (300, 300)
    );
    assert_eq!(settings.feed.api, None);
    assert_eq!(settings.vending.rules.server_id.as_str(), "broker.example");
    assert_eq!(settings.vending.rules.regions.to_string(), "eu-central-1");
    assert_eq!(settings.concurrency, 32);
    assert_eq!(settings.webhook, None);
}

#[test]
fn a_webhook_is_an_address_and_the_keys_of_its_auth_ids() {
    const KEYS: (&str, &str) = ("FEED_WEBHOOK_KEYS_SECRET_ID", "webhook-keys");
    let found = |url: &str| {
        let settings = read(&[("FEED_WEBHOOK_URL", url), KEYS]);
        settings.map(|settings| settings.webhook.map(|webhook| webhook.url.to_string()))
    };
    for (url, expected) in [
        ("", None),
        (
            "https://broker.example/feed/webhook",
            Some("https://broker.example/feed/webhook"),
        ),
        ("https://broker.example", Some("https://broker.example/")),
        (
            "http://localhost:8080/feed/webhook",
            Some("http://localhost:8080/feed/webhook"),
        ),
    ] {
        assert_eq!(found(url), Ok(expected.map(str::to_owned)), "{url}");
    }
    for url in [
        "http://broker.example/feed/webhook",
        "https://broker.example/?a=1",
        "https://broker.example/#a",
        "https://user@broker.example/",
        "https://:secret@broker.example/",
        "ftp://broker.example/",
        "broker.example/feed/webhook",
        "/feed/webhook",
        "https://",
        " ",
    ] {
        let problems = found(url).unwrap_err();
        assert_eq!(problems.len(), 1, "{url}: {problems:?}");
        assert!(problems[0].starts_with("FEED_WEBHOOK_URL"), "{problems:?}");
    }
    let url = ("FEED_WEBHOOK_URL", "https://broker.example/feed/webhook");
    let problems = read(&[url]).unwrap_err();
    assert!(problems[0].starts_with(KEYS.0), "{problems:?}");
    // Without an address there is nothing to do with keys.
    assert_eq!(read(&[KEYS]).unwrap().webhook, None);
}

#[test]
fn what_a_person_says_is_taken() {
    let settings = read(&[
        ("FEED_CONTENT_TYPES", "dlp.all, Audit.Exchange"),
        ("FEED_PREFIX", "feed/2026"),
        ("FEED_FORMAT", "zstd"),
        ("FEED_SETTLE_SECONDS", "0"),
        ("FEED_EVERY_SECONDS", "600"),
        ("FEED_LAG_MAX_SECONDS", "1800"),
        ("FEED_API_URL", "http://localhost:8081"),
        ("FEED_CONCURRENCY", "64"),
        ("VENDING_URL", "http://localhost:8080/"),
        ("VENDING_SERVER_ID", "broker"),
        ("VENDING_STS_REGIONS", "us-east-1,eu-west-1"),
    ])
    .unwrap();
    let feed = settings.feed;
    assert_eq!(feed.types, [ContentType::Dlp, ContentType::Exchange]);
    assert_eq!(feed.prefix, "feed/2026/");
    assert_eq!(feed.format, Format::Zstd);
    assert_eq!((feed.settle, feed.every.as_secs()), (0, 600));
    assert_eq!(feed.lag_max.as_secs(), 1_800);
    assert_eq!(feed.api.unwrap().as_str(), "http://localhost:8081");
    assert_eq!(settings.vending.rules.server_id.as_str(), "broker");
    assert_eq!(
        settings.vending.rules.regions.first().unwrap().1,
        "us-east-1"
    );
}

#[test]
fn the_brokers_name_is_the_host_of_its_url_with_the_port() {
    let rows = [
        ("https://broker.example", "broker.example"),
        ("https://broker.example:443/", "broker.example"),
        ("https://broker.example:8443/base", "broker.example:8443"),
        ("http://localhost:8080", "localhost:8080"),
    ];
    for (url, name) in rows {
        let settings = read(&[("VENDING_URL", url)]).unwrap();
        assert_eq!(settings.vending.rules.server_id.as_str(), name, "{url}");
    }
}

#[test]
fn every_problem_is_reported_at_once_by_its_variable() {
    let bad = [
        ("FEED_CONTENT_TYPES", "Audit.All"),
        ("FEED_BUCKET", "Bucket"),
        ("FEED_PREFIX", "../x"),
        ("FEED_FORMAT", "lz4"),
        ("FEED_PUBLISHER_ID", "contoso"),
        ("FEED_SETTLE_SECONDS", "3601"),
        ("FEED_EVERY_SECONDS", "255"),
        ("FEED_LAG_MAX_SECONDS", "14401"),
        ("FEED_API_URL", "http://manage.office.com"),
        ("FEED_CONCURRENCY", "0"),
        ("VENDING_URL", "http://broker.example"),
    ];
    let problems = read(&bad).unwrap_err();
    for (name, value) in bad {
        let alone = read(&[(name, value)]).unwrap_err();
        assert!(alone.iter().any(|one| one.starts_with(name)), "{alone:?}");
        assert!(
            problems.iter().any(|one| one.starts_with(name)),
            "{name}: {problems:?}"
        );
    }
    let SettingsError(problems) = read_from::<CollectorSettings>(&[]).unwrap_err();
    for name in [
        "FEED_BUCKET",
        "FEED_PUBLISHER_ID",
        "VENDING_URL",
        "TABLE_NAME",
    ] {
        assert!(
            problems.iter().any(|one| one.starts_with(name)),
            "{problems:?}"
        );
    }
}

#[test]
fn the_longest_lag_is_one_that_a_tenants_turns_can_keep() {
    // Every, settle, the longest lag, what is taken.
    let rows = [
        ("300", "300", None, Some(3_900)),
        ("300", "0", None, Some(3_900)),
        ("3600", "300", None, Some(3_900)),
        ("3600", "301", None, Some(3_901)),
        ("3600", "3600", None, Some(7_200)),
        ("300", "300", Some("600"), Some(600)),
        ("300", "300", Some("599"), None),
        ("300", "0", Some("599"), Some(599)),
        ("256", "300", Some("556"), Some(556)),
        ("256", "0", Some("555"), None),
        ("3600", "3600", Some("7199"), None),
        ("3600", "3600", Some("14400"), Some(14_400)),
        ("300", "300", Some("one hour"), None),
        ("300", "300", Some("0"), None),
    ];
    for (every, settle, lag_max, expected) in rows {
        let mut pairs = vec![
            ("FEED_EVERY_SECONDS", every),
            ("FEED_SETTLE_SECONDS", settle),
        ];
        pairs.extend(lag_max.map(|lag_max| ("FEED_LAG_MAX_SECONDS", lag_max)));
        let found = read(&pairs);
        if expected.is_none() {
            let problems = found.as_ref().unwrap_err();
            let named = problems
                .iter()
                .filter(|one| one.starts_with("FEED_LAG_MAX_SECONDS"));
            assert_eq!(named.count(), 1, "{pairs:?}: {problems:?}");
        }
        let found = found.ok().map(|settings| settings.feed.lag_max.as_secs());
        assert_eq!(found, expected, "{pairs:?}");
    }
}

#[test]
fn what_is_no_list_no_place_and_no_name_is_refused() {
    let long = "a".repeat(257);
    let rows = [
        ("FEED_CONTENT_TYPES", ","),
        ("FEED_CONTENT_TYPES", "Audit.Exchange,"),
        ("FEED_CONTENT_TYPES", "Audit.Exchange,audit.exchange"),
        ("FEED_BUCKET", "ab"),
        ("FEED_BUCKET", "arn:aws:s3:::bucket"),
        ("FEED_BUCKET", "-bucket"),
        ("FEED_BUCKET", "bucket."),
        ("FEED_BUCKET", "buc..ket"),
        ("FEED_PREFIX", "/"),
        ("FEED_PREFIX", "/feed"),
        ("FEED_PREFIX", "feed//x"),
        ("FEED_PREFIX", "feed/./x"),
        ("FEED_PREFIX", "fe ed"),
        ("FEED_PREFIX", "feed?x"),
        ("FEED_PREFIX", long.as_str()),
        ("FEED_API_URL", "https://manage.office.com/api"),
        ("FEED_API_URL", "manage.office.com"),
        ("VENDING_URL", "https://u:p@broker.example"),
        ("VENDING_URL", "https://broker.example?x=1"),
        ("VENDING_URL", "broker.example"),
        ("AWS_REGION", "moon"),
        ("AWS_REGION", "us-iso-east-1"),
    ];
    for (name, value) in rows {
        let problems = read(&[(name, value)]).map(|_| ()).unwrap_err();
        assert_eq!(problems.len(), 1, "{name}={value}: {problems:?}");
        assert!(
            problems[0].starts_with(name),
            "{name}={value}: {problems:?}"
        );
    }
}
