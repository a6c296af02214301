use super::*;
use crate::settings::SettingsError;
use crate::settings::reader::read as read_with;
use crate::settings::tests::{GOOD, read_from};

const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/feed";
const WAKES: [(&str, &str); 2] = [
    ("FEED_WEBHOOK_KEYS_SECRET_ID", "webhook"),
    ("FEED_QUEUE_URL", QUEUE),
];

fn read(more: &[(&str, &str)]) -> Result<WebhookSettings, Vec<String>> {
    let pairs = [more, &WAKES[..], &GOOD[..2]].concat();
    read_from::<WebhookSettings>(&pairs).map_err(|SettingsError(problems)| problems)
}

#[test]
fn it_needs_its_keys_and_its_queue_and_no_other_secret() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.keys_secret_id, "webhook");
    assert_eq!(settings.queue_url, QUEUE);
    assert_eq!(settings.api, None);
    let SettingsError(problems) = read_from::<WebhookSettings>(&GOOD[..2]).unwrap_err();
    assert_eq!(problems.len(), 2, "{problems:?}");
    for ((name, _), problem) in WAKES.iter().zip(&problems) {
        assert!(
            problem.starts_with(&format!("{name} is not set")),
            "{problem}"
        );
    }
    let elsewhere = read(&[("FEED_API_URL", "http://localhost:8081")]).unwrap();
    assert_eq!(elsewhere.api.unwrap().as_str(), "http://localhost:8081");
}

#[test]
fn a_queue_is_named_by_its_url() {
    let good = [
        QUEUE,
        "https://sqs.us-gov-west-1.amazonaws.com/111122223333/feed",
        "http://127.0.0.1:4566/000000000000/feed",
        "http://localhost:8080/feed/queue",
    ];
    for url in good {
        assert_eq!(read(&[("FEED_QUEUE_URL", url)]).unwrap().queue_url, url);
    }
    let bad = [
        "",
        "feed",
        "/111122223333/feed",
        "arn:aws:sqs:eu-west-1:111122223333:feed",
        "https://sqs.eu-west-1.amazonaws.com",
        "https://sqs.eu-west-1.amazonaws.com/",
        "https://u:p@sqs.eu-west-1.amazonaws.com/111122223333/feed",
        "https://sqs.eu-west-1.amazonaws.com/111122223333/feed?x=1",
        "https://sqs.eu-west-1.amazonaws.com/111122223333/feed#x",
        "sqs://eu-west-1/111122223333/feed",
    ];
    for url in bad {
        let problems = read(&[("FEED_QUEUE_URL", url)]).map(drop).unwrap_err();
        assert_eq!(problems.len(), 1, "{url}: {problems:?}");
        assert!(
            problems[0].starts_with("FEED_QUEUE_URL must be"),
            "{problems:?}"
        );
    }
}

/// Where a function may be without a queue.
#[test]
fn no_queue_is_no_problem_and_a_wrong_one_is() {
    let rows = [(None, Ok(None)), (Some(QUEUE), Ok(Some(QUEUE.to_owned())))];
    for (url, expected) in rows {
        let lookup = |_: &str| url.map(str::to_owned);
        let found = read_with(&lookup, |reader| Some(read_queue_url(reader)));
        assert_eq!(found, expected);
    }
    let wrong = |_: &str| Some("feed".to_owned());
    assert!(read_with(&wrong, |reader| Some(read_queue_url(reader))).is_err());
}
