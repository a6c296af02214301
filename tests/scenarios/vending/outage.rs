//! Entra ID goes away under a fleet whose tokens are of every age, and comes back: whoever has
//! a living token is served all the while, the others are told to come again soon, and
//! everything heals with no operator's hand.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::{MovedRun, Vended, connect_tenant};

const TENANTS: usize = 6;
/// Tenants whose token has ended before Entra ID comes back.
const ENDED: usize = 3;
/// Seconds of a token's life (`--token-life`).
const TOKEN_LIFE: i64 = 3599;
/// Minutes after which nothing is left of the outage: a run of the refresher each.
const HEALED_BY: usize = 15;
/// `VEND_STATE_MAX_AGE_SECONDS` where nobody sets it.
const STATE_MAX_AGE: i64 = 30;

/// The first half has tokens half an hour old, the second fresh ones.
async fn fleet(directory: &tempfile::TempDir) -> MovedRun {
    let run = MovedRun::start(directory.path(), TENANTS).await;
    for index in 0..TENANTS {
        if index == ENDED {
            run.clock.advance(1800);
        }
        connect_tenant(&run.broker.ready, index).await;
        assert_eq!(run.broker.vend(&run.tenant(index)).await.status, 200);
    }
    run
}

/// A vend with its `Retry-After`, as an SDK obeys it.
async fn vend(run: &MovedRun, index: usize) -> (StatusCode, Option<u64>, Value) {
    let broker = &run.broker;
    let url = format!(
        "{}/{}/oauth2/v2.0/token",
        broker.ready.vending_url,
        run.tenant(index)
    );
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", tests::broker::SCOPE),
    ];
    let request = broker.client.post(url).form(&form);
    let answer = request.bearer_auth(&broker.ready.caller_token).send().await;
    let answer = answer.unwrap();
    let wait = answer.headers().get("retry-after");
    let wait = wait.map(|seconds| seconds.to_str().unwrap().parse().unwrap());
    (answer.status(), wait, answer.json().await.unwrap())
}

/// Every tenant from `from` on has a token that its callers can use.
async fn served(run: &MovedRun, from: usize) -> Vec<Vended> {
    let mut all = Vec::new();
    for index in from..TENANTS {
        let vended = run.broker.vend(&run.tenant(index)).await;
        assert_eq!(vended.status, 200, "tenant {index}: {}", vended.body);
        assert_eq!(vended.claims()["tid"], run.tenant(index).as_str());
        all.push(vended);
    }
    all
}

#[tokio::test]
async fn living_tokens_are_served_while_entra_is_off_and_everything_heals_when_it_is_on() {
    let directory = tempfile::tempdir().unwrap();
    let run = fleet(&directory).await;
    let before = served(&run, 0).await;

    // Off: nothing that is sent there comes back.
    let off = run.broker.fault("reset", None, json!(null)).await;
    let failed = run.machine.refresh().await;
    assert_eq!(
        (failed.refreshed, failed.failed > 0),
        (0, true),
        "{failed:?}"
    );
    for (vended, first) in served(&run, 0).await.iter().zip(&before) {
        assert_eq!(vended.token(), first.token(), "the living one");
    }

    // The older half ends; the others live on.
    run.clock.advance(TOKEN_LIFE - 1800 + 1);
    for index in 0..ENDED {
        let (status, wait, body) = vend(&run, index).await;
        assert_eq!(status, 503, "tenant {index}: {body}");
        assert!(wait.is_some_and(|wait| (1..=5).contains(&wait)), "{wait:?}");
        assert_eq!(
            (&body["fault"], &body["retryable"]),
            (&json!("microsoft"), &json!(true))
        );
        assert_eq!(body["access_token"], Value::Null);
    }
    served(&run, ENDED).await;

    // On again: the callers come again, the schedule comes again, and nobody else does.
    assert!(run.broker.end_fault(&off).await);
    run.clock.advance(STATE_MAX_AGE);
    for _ in 0..HEALED_BY {
        run.machine.refresh().await;
        run.clock.advance(60);
    }
    served(&run, 0).await;
    for index in 0..TENANTS {
        assert_eq!(run.status(index).await, ("active".into(), String::new()));
    }
}
