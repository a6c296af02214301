//! A simulated day of two hundred healthy tenants, each of which meets an odd answer of
//! Entra ID now and then: nobody is revoked and no vend fails. Beside them one tenant whose
//! admin takes the consent away, which is found within the confirmation and one period.

mod fleet;

use serde_json::{Value, json};
use tests::events::Events;

use fleet::{Fleet, HEALTHY, LIFE, PERIOD, REVOKED};

const DAY: i64 = 86_400;
/// When the fleet has its first tokens, and the grace after its consent is over.
const ODD_FROM: i64 = 3600;
/// Later ones might not be met before the day ends.
const ODD_UNTIL: i64 = DAY - 2 * 3600;
/// When the one admin takes the consent away.
const REVOKED_AT: i64 = DAY / 2;
/// `REVOCATION_CONFIRM_SECONDS` where nobody sets it.
const CONFIRM: i64 = 300;

/// What a healthy tenant is answered once.
fn odd_answers() -> Vec<(&'static str, Value)> {
    let refused = [
        700_016, 7_000_229, 700_011, 65001, 501_051, 7_000_112, 90002, 5_000_225, 53003, 700_027,
        700_024, 7_000_214, 50012, 90033, 50196, 90013, 123_456, 7_999_999,
    ];
    let mut answers: Vec<_> = refused
        .into_iter()
        .map(|number| ("odd_answer", json!(number)))
        .collect();
    answers.extend([
        ("odd_answer", json!(null)),
        ("status", json!(500)),
        ("status", json!(503)),
        ("status", json!(403)),
        ("not_json", json!(200)),
        ("throttle", json!(30)),
        ("role_removed", json!(null)),
        ("consent_revoked", json!(null)),
    ]);
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn single_odd_answers_revoke_no_tenant_of_two_hundred_and_fail_no_vend_for_a_day() {
    let directory = tests::clock::directory();
    let events = Events::listen();
    let mut fleet = Fleet::start(directory.path()).await;
    let gone = fleet.tenants[REVOKED].to_string();
    let answers = odd_answers();
    let (mut odd, mut vends, mut suspected_at, mut revoked_at) = (0, 0, None, None);
    for time in (0..DAY).step_by(PERIOD as usize) {
        fleet.connect_at(time).await;
        if (ODD_FROM..ODD_UNTIL).contains(&time) {
            // 7 and the fleet's size have no factor in common: each has its turn.
            let (kind, value) = &answers[odd % answers.len()];
            fleet.single(odd * 7 % HEALTHY, kind, value.clone()).await;
            // Now and then a vend is who meets it.
            if odd % 3 == 0 {
                fleet.vend_that_asks_entra(odd * 7 % HEALTHY).await;
            }
            odd += 1;
        }
        if time == REVOKED_AT {
            fleet.take_consent_away().await;
        }
        fleet.run.machine.refresh().await;
        fleet.run.clock.advance(PERIOD / 2);
        vends += fleet.vend_all().await;
        for event in events.take() {
            let is_gone = event.fields.get("tenant") == Some(&gone);
            match (event.name.as_str(), is_gone) {
                ("renewal_failed", true) => suspected_at = suspected_at.or(Some(time)),
                ("tenant_status_changed", true) => revoked_at = revoked_at.or(Some(time)),
                ("tenant_status_changed", false) => panic!("at {time}: {event:?}"),
                _ => {}
            }
        }
        fleet.run.clock.advance(PERIOD / 2);
    }
    let found = revoked_at.unwrap() - suspected_at.unwrap();
    println!("{odd} odd answers, {vends} vends, the revocation confirmed after {found} s");
    // The life of tokens and the consent that is gone have no end.
    assert_eq!(fleet.run.broker.faults_left().await, 2, "each was met");
    assert!(odd > HEALTHY, "{odd} odd answers");
    assert!(found <= CONFIRM + PERIOD, "{found} seconds");
    let noticed = suspected_at.unwrap() - REVOKED_AT;
    assert!(noticed <= LIFE, "first refused {noticed} seconds after");
}
