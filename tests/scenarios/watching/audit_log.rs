//! Incidents of the audit log: a collector that stands still, a backlog, a loss, silence. And what
//! wakes no one: what a customer has to mend, a backlog that is made up for, one tenant that is quiet.

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
