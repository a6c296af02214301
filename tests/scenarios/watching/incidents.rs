//! Each incident wakes somebody, by the alarm that is meant for it and by no other; what is
//! a customer's own or passes by itself wakes nobody.

use std::collections::BTreeSet;

use serde_json::json;

use super::codes::redeem_a_code;
use super::stage::{EVERY, Stage, of_refresher};
use super::template::Key;

pub(super) const NOBODY: [&str; 0] = [];

/// With tokens, and a quarter of an hour in which everything was well.
pub(super) async fn running(tenants: usize) -> Stage {
    let mut stage = Stage::start(tenants).await;
    stage.refresh().await;
    stage.pass(900).await;
    assert_eq!(stage.alarming(), set(&NOBODY));
    stage
}

pub(super) fn set<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
    names.iter().copied().collect()
}

#[tokio::test]
async fn a_fault_of_ours_is_the_fleets_first_and_then_the_tokens() {
    let mut stage = running(5).await;
    let thumbprint = stage.ground.neighbour.thumbprint().await;
    let removed = json!(thumbprint);
    stage.run.broker.fault("key_removed", None, removed).await;
    // Until the first turn of the five.
    while stage.told("FleetFault") != Some(1.0) {
        assert_eq!(stage.alarming(), set(&NOBODY));
        stage.pass(EVERY).await;
    }
    assert_eq!(stage.alarming(), set(&NOBODY), "one run wakes nobody");
    stage.pass(EVERY).await;
    assert_eq!(stage.alarming(), set(&["FleetRefreshFaultAlarm"]));
    let life = stage.told("MinimumRemainingLife").unwrap();
    assert!((900.0..=1_620.0).contains(&life), "{life}");
    stage.pass_until_alarming("RemainingLifeAlarm", 1_500).await;
    assert_eq!(
        stage.alarming(),
        set(&["FleetRefreshFaultAlarm", "RemainingLifeAlarm"])
    );

    stage.run.broker.end_faults().await;
    stage.pass(2_700).await;
    assert_eq!(stage.alarming(), set(&NOBODY), "and it is over");
}

#[tokio::test]
async fn an_outage_at_microsofts_wakes_somebody_when_the_promise_is_at_stake() {
    let mut stage = running(3).await;
    stage.run.broker.fault("status", None, json!(503)).await;
    // A token has 1,620 s at its turn, so that 900 are left 720 later.
    stage.pass(600).await;
    assert_eq!(stage.alarming(), set(&NOBODY), "tokens live long enough");
    stage.pass_until_alarming("RemainingLifeAlarm", 3_600).await;
    let life = stage.told("MinimumRemainingLife").unwrap();
    assert!((300.0..900.0).contains(&life), "{life}");
    assert_eq!(stage.alarming(), set(&["RemainingLifeAlarm"]));
    assert_eq!(
        stage.told("RefreshesFailedOurs"),
        None,
        "no zero of trouble"
    );
}

/// Of the tokens that cannot be renewed their turns say nothing any more: the run does.
#[tokio::test]
async fn one_token_of_many_that_cannot_be_renewed_is_enough() {
    let mut stage = running(4).await;
    let tenant = stage.run.tenant(1);
    let broken = stage.run.broker.fault("status", Some(&tenant), json!(503));
    broken.await;
    stage.pass_until_alarming("RemainingLifeAlarm", 4_500).await;
    assert_eq!(stage.alarming(), set(&["RemainingLifeAlarm"]));
}

#[tokio::test]
async fn a_customer_who_takes_the_consent_back_wakes_nobody() {
    let mut stage = running(4).await;
    let tenant = stage.run.tenant(1);
    let revoked = stage
        .run
        .broker
        .fault("consent_revoked", Some(&tenant), json!(null));
    revoked.await;
    for _ in 0..24 {
        stage.pass(EVERY).await;
        assert_eq!(stage.alarming(), set(&NOBODY));
    }
    assert_eq!(stage.run.status(1).await.0, "revoked");
    assert_eq!(
        stage.told("TenantsRevoked").map(|_| ()),
        None,
        "once an hour"
    );
    let revoked = of_refresher("TenantsRevoked");
    let last_hour =
        stage
            .cloudwatch
            .statistic(&revoked, "Maximum", stage.now() - 3600, stage.now());
    assert_eq!(last_hour, Some(1.0));
}

#[tokio::test]
async fn a_refresher_that_tells_nothing_is_missed_after_a_quarter_of_an_hour() {
    let mut stage = running(1).await;
    stage.run.clock.advance(2 * EVERY);
    assert_eq!(stage.alarming(), set(&NOBODY));
    stage.run.clock.advance(EVERY);
    assert_eq!(stage.alarming(), set(&["RefresherNotRunningAlarm"]));
    stage.refresh().await;
    assert_eq!(stage.alarming(), set(&NOBODY));
}

/// For Lambda a run that waits is one that went well.
#[tokio::test]
async fn a_refresher_that_waits_for_a_secret_is_missed_and_its_page_shows_why() {
    let mut stage = running(1).await;
    stage.ground.secrets.permit(false);
    stage.restart_refresher().await;
    stage.pass(2 * EVERY).await;
    assert_eq!(stage.alarming(), set(&NOBODY));
    let report = stage.next_run().await;
    assert_eq!(report["ended_early"], "not_started");
    assert_eq!(stage.alarming(), set(&["RefresherNotRunningAlarm"]));

    let shown = stage.shown_by("refresher-not-running.md", "RefresherLogGroup");
    let last = shown.last().unwrap();
    assert_eq!(last["event"], "start_waits", "{shown:#?}");
    assert_eq!(last["request_id"], "run-1", "each run says it");
    let reason = last["reason"].as_str().unwrap();
    assert!(reason.contains("we may not read it"), "{reason}");

    stage.ground.secrets.permit(true);
    stage.pass(EVERY).await;
    assert_eq!(stage.alarming(), set(&NOBODY), "the next run has it");
}

#[tokio::test]
async fn the_certificates_end_is_told_twice() {
    let mut stage = running(1).await;
    let left = stage.told("CertificateDaysLeft").unwrap() as i64;
    for (days, expected) in [
        (30, &NOBODY[..]),
        (29, &["CertificateEndsSoonAlarm"]),
        (6, &["CertificateEndsAlarm", "CertificateEndsSoonAlarm"]),
    ] {
        let so_far = stage.told("CertificateDaysLeft").unwrap() as i64;
        stage.run.clock.advance((so_far - days) * 86_400 - 1_800);
        // The tokens died on the way.
        stage.pass(1_800).await;
        assert_eq!(
            stage.told("CertificateDaysLeft"),
            Some(days as f64),
            "of {left}"
        );
        assert_eq!(stage.alarming(), set(expected), "{days} days");
    }
}

#[tokio::test]
async fn callers_that_get_5xx_wake_somebody_and_those_that_are_refused_do_not() {
    let mut stage = running(1).await;
    let unknown = "11111111-2222-4333-8444-555555555555";
    for _ in 0..2 {
        for _ in 0..10 {
            assert_eq!(stage.vend(unknown).await, 404);
        }
        stage.pass(EVERY).await;
    }
    assert_eq!(stage.alarming(), set(&NOBODY));

    for (metric, periods) in [("Errors", 2), ("Throttles", 2)] {
        for _ in 0..periods {
            let now = stage.now();
            stage.cloudwatch.note(of_vending(metric), now, 5.0);
            stage.pass(EVERY).await;
        }
        assert_eq!(stage.alarming(), set(&["VendingFailureAlarm"]), "{metric}");
        stage.pass(900).await;
        assert_eq!(stage.alarming(), set(&NOBODY));
    }
    let tenant = stage.run.tenant(0);
    stage.run.broker.fault("status", None, json!(503)).await;
    stage.pass(3_900).await;
    for _ in 0..2 {
        for _ in 0..5 {
            assert_eq!(stage.vend(&tenant).await, 503);
        }
        stage.pass(EVERY).await;
    }
    let expected = ["RemainingLifeAlarm", "VendingFailureAlarm"];
    assert_eq!(stage.alarming(), set(&expected));
}

/// Callers and admins meet it together: neither log group alone has five in five minutes.
#[tokio::test]
async fn a_function_that_signs_and_does_not_answer_wakes_somebody_by_what_its_askers_say() {
    let mut stage = running(1).await;
    let tenant = stage.run.tenant(0);
    stage.run.clock.advance(4_000);
    stage.ground.signer.reach(false);
    for _ in 0..2 {
        for _ in 0..3 {
            assert_eq!(stage.vend(&tenant).await, 503);
        }
        for _ in 0..2 {
            redeem_a_code(&mut stage).await;
        }
        stage.run.clock.advance(EVERY);
    }
    // The schedules stood still, so that the token died.
    let expected = [
        "CollectorNotRunningAlarm",
        "OnDemandFailureAlarm",
        "RefresherNotRunningAlarm",
    ];
    assert_eq!(stage.alarming(), set(&expected));
    for (group, lines) in [("VendingLogGroup", 6), ("ConsentLogGroup", 4)] {
        let shown = stage.shown_by("on-demand-failure.md", group);
        let kinds: Vec<_> = shown.iter().map(|line| &line["kind"]).collect();
        assert_eq!(kinds, vec!["unreached"; lines], "{group}");
    }

    stage.ground.signer.reach(true);
    stage.pass(900).await;
    assert_eq!(stage.alarming(), set(&NOBODY), "and it is over");
}

/// Whose callers ask once in half an hour, five in five minutes never come.
#[tokio::test]
async fn a_few_callers_that_get_nothing_but_5xx_are_told_by_their_share() {
    let mut stage = running(1).await;
    let tenant = stage.run.tenant(0);
    stage.run.broker.fault("status", None, json!(503)).await;
    stage.pass(3_900).await;
    assert_eq!(stage.vend(&tenant).await, 503);
    stage.pass(1_500).await;
    assert_eq!(stage.alarming(), set(&["RemainingLifeAlarm"]));
    assert_eq!(stage.vend(&tenant).await, 503);
    stage.pass(600).await;
    let expected = ["FailureShareAlarm", "RemainingLifeAlarm"];
    assert_eq!(stage.alarming(), set(&expected));
}

#[tokio::test]
async fn a_tenth_of_all_answers_wakes_somebody_and_less_does_not() {
    let mut stage = running(1).await;
    for (asked, expected) in [(11.0, &NOBODY[..]), (10.0, &["FailureShareAlarm"])] {
        for until_the_next in [1_500, 600] {
            let now = stage.now();
            for (metric, value) in [("UrlRequestCount", asked), ("Url5xxCount", 1.0)] {
                stage.cloudwatch.note(of_vending(metric), now, value);
            }
            stage.pass(until_the_next).await;
        }
        assert_eq!(stage.alarming(), set(expected), "1 of {asked}");
        stage.pass(3_600).await;
        assert_eq!(stage.alarming(), set(&NOBODY));
    }
}

/// A metric of AWS's own.
fn of_vending(name: &str) -> Key {
    Key {
        namespace: "AWS/Lambda".to_owned(),
        name: name.to_owned(),
        dimensions: vec![("FunctionName".to_owned(), "VendingFunction".to_owned())],
    }
}
