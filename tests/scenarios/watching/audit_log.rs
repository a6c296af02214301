//! Incidents of the audit log: a collector that stands still, a backlog, a loss, silence, a queue
//! that is not worked off, notifications that are refused. And what wakes no one: what a customer
//! has to mend, a backlog that is made up for, one tenant that is quiet.

use auth::Timestamp;
use feed::ContentType;
use feed::collect::Report;
use feed::refusal::Refusal;
use feed::watched::{Loss, Silence, Watched};

use super::incidents::{NOBODY, running, set};

/// What the template has for `FeedLagAlarmSeconds`.
const LAG_MAX: u64 = 10_800;

fn turn(watched: Watched) -> Vec<Report> {
    vec![Report {
        watched,
        ..Report::default()
    }]
}

fn behind(seconds: u64) -> Vec<Report> {
    turn(Watched {
        behind: seconds,
        ..Watched::default()
    })
}

fn lost(contents: u64, expired_seconds: u64, cause: Option<Refusal>) -> Vec<Report> {
    let loss = Loss {
        content_type: ContentType::Exchange,
        contents,
        expired_seconds,
        cause,
        id: "0f".repeat(16),
    };
    turn(Watched {
        losses: vec![loss],
        ..Watched::default()
    })
}

/// So many types that talk, and those that have stopped.
fn talking(all: u32, silent: usize) -> Vec<Report> {
    let silence = Silence {
        content_type: ContentType::Exchange,
        since: Timestamp::from_unix(0),
        is_said: false,
    };
    turn(Watched {
        talking: all,
        silent: vec![silence; silent],
        ..Watched::default()
    })
}

#[tokio::test]
async fn a_collector_that_does_not_run_wakes_someone_after_half_an_hour() {
    let mut stage = running(1).await;
    stage.audit_logs = None;
    stage.pass(1_500).await;
    assert_eq!(stage.alarming(), set(&NOBODY));
    stage.pass(300).await;
    assert_eq!(stage.alarming(), set(&["CollectorNotRunningAlarm"]));
    stage.audit_logs = Some(Vec::new());
    stage.pass(300).await;
    assert_eq!(stage.alarming(), set(&NOBODY), "and it is over");
}

#[tokio::test]
async fn a_backlog_that_stays_wakes_someone_and_one_that_is_made_up_for_does_not() {
    for (found, minutes, expected) in [
        (behind(LAG_MAX), 30, &["FeedLagAlarm"][..]),
        (behind(7 * 86_400), 25, &NOBODY),
        (behind(LAG_MAX - 1), 120, &NOBODY),
    ] {
        let mut stage = running(1).await;
        stage.audit_logs = Some(found);
        stage.pass(minutes * 60).await;
        assert_eq!(stage.alarming(), set(expected), "{minutes}");
        stage.audit_logs = Some(Vec::new());
        stage.pass(300).await;
        assert_eq!(stage.alarming(), set(&NOBODY), "and it is over");
    }
}

#[tokio::test]
async fn a_loss_wakes_someone_and_what_a_customer_held_up_does_not() {
    for (found, expected) in [
        (lost(1, 0, None), &["FeedLossAlarm"][..]),
        (lost(0, 1, None), &["FeedLossAlarm"]),
        (lost(3, 60, Some(Refusal::Unavailable)), &["FeedLossAlarm"]),
        (lost(3, 60, Some(Refusal::NoToken)), &NOBODY),
        (lost(0, 86_400, Some(Refusal::AuditingOff)), &NOBODY),
    ] {
        let mut stage = running(1).await;
        stage.audit_logs = Some(found.clone());
        stage.pass(300).await;
        stage.audit_logs = Some(Vec::new());
        stage.pass(300).await;
        assert_eq!(stage.alarming(), set(expected), "{found:?}");
        stage.pass(3_600).await;
        assert_eq!(stage.alarming(), set(&NOBODY), "and it is over");
    }
}

#[tokio::test]
async fn a_tenth_of_what_talks_wakes_someone_and_one_of_many_does_not() {
    for (all, silent, expected) in [
        (400, 40, &["FeedSilentAlarm"][..]),
        (4, 1, &["FeedSilentAlarm"]),
        (400, 39, &NOBODY),
        (11, 1, &NOBODY),
        (0, 0, &NOBODY),
    ] {
        let mut stage = running(1).await;
        stage.audit_logs = Some(talking(all, silent));
        stage.pass(300).await;
        assert_eq!(stage.alarming(), set(expected), "{silent} of {all}");
        stage.audit_logs = Some(talking(all, 0));
        stage.pass(3_600).await;
        assert_eq!(stage.alarming(), set(&NOBODY), "and it is over");
    }
}

#[tokio::test]
async fn a_collector_that_gets_no_tokens_wakes_someone_after_a_quarter_of_an_hour() {
    for event in ["feed_token_refused", "feed_without_tokens"] {
        let mut stage = running(1).await;
        for expected in [&NOBODY[..], &NOBODY, &["CollectorRefusedAlarm"]] {
            stage.pass(300).await;
            stage.refuse_the_collector(event);
            assert_eq!(stage.alarming(), set(expected), "{event}");
        }
        let shown = stage.shown_by("collector-refused.md", "CollectorLogGroup");
        assert_eq!(shown.len(), 3, "{shown:?}");
        stage.pass(300).await;
        assert_eq!(stage.alarming(), set(&NOBODY), "and it is over");
    }
}

#[tokio::test]
async fn a_queue_that_is_not_worked_off_wakes_someone_and_one_that_was_full_does_not() {
    for (ages, expected) in [
        (&[3_600.0, 3_900.0, 4_200.0][..], &["FeedQueueAgeAlarm"][..]),
        (&[3_600.0, 3_900.0, 30.0], &NOBODY),
        (&[3_599.0; 6], &NOBODY),
    ] {
        let mut stage = running(1).await;
        for age in ages {
            stage.pass(300).await;
            stage.tell_of_the_queue("FeedQueue", "ApproximateAgeOfOldestMessage", *age);
        }
        assert_eq!(stage.alarming(), set(expected), "{ages:?}");
        stage.pass(600).await;
        assert_eq!(
            stage.alarming(),
            set(&NOBODY),
            "an empty queue says nothing"
        );
    }
}

#[tokio::test]
async fn one_dead_letter_wakes_someone_until_it_is_gone() {
    let mut stage = running(1).await;
    for (dead, expected) in [
        (0.0, &NOBODY[..]),
        (1.0, &["FeedDeadLettersAlarm"]),
        (0.0, &NOBODY),
    ] {
        stage.pass(300).await;
        let name = "ApproximateNumberOfMessagesVisible";
        stage.tell_of_the_queue("FeedDeadLetters", name, dead);
        stage.tell_of_the_queue("FeedQueue", name, 9.0);
        assert_eq!(stage.alarming(), set(expected), "{dead}");
    }
}

/// Strangers find every address: what they send wakes no one until it is much, and stays so.
#[tokio::test]
async fn many_refused_notifications_wake_someone_after_a_quarter_of_an_hour() {
    for (count, expected) in [(100, &["WebhookRefusedAlarm"][..]), (99, &NOBODY)] {
        let mut stage = running(1).await;
        for runs in 1..=3 {
            stage.pass(300).await;
            stage.refuse_notifications(count);
            let due = if runs == 3 { expected } else { &NOBODY };
            assert_eq!(stage.alarming(), set(due), "{count}");
        }
        let shown = stage.shown_by("webhook-refused.md", "WebhookLogGroup");
        assert_eq!(shown.len(), 3, "{shown:?}");
        stage.pass(300).await;
        assert_eq!(stage.alarming(), set(&NOBODY), "and it is over");
    }
}
