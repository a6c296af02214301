//! What an operator takes back is refused by a function that still has it in memory: within
//! the 30 seconds of `VEND_STATE_MAX_AGE_SECONDS` (a policy: within a minute), by the clock of
//! the function, and not a second of it is waited for here.

use auth::ports::Clock as _;
use tests::{MovedRun, Vended, caller_key, connect_tenant, operate, put_policy};

/// `VEND_STATE_MAX_AGE_SECONDS` where nobody sets it.
const STATE_MAX_AGE: i64 = 30;
/// How long a policy is in force before a new one is looked for.
const POLICY_MAX_AGE: i64 = 60;

async fn connected(directory: &tempfile::TempDir) -> MovedRun {
    // From now on: the operator's own program lives by the system's clock.
    let now = aws::SystemClock.now().unix();
    let run = MovedRun::start_at(directory.path(), 2, now, |_| None).await;
    for index in 0..2 {
        connect_tenant(&run.broker.ready, index).await;
    }
    run
}

/// Asks by the managed-identity route.
async fn ask_with_key(run: &MovedRun, key: &str, tenant: &str) -> Vended {
    let broker = &run.broker;
    let url = format!(
        "{}/msi/token?api-version=2019-08-01&resource=https://manage.office.com&client_id={tenant}",
        broker.ready.vending_url
    );
    let request = broker.client.get(url).header("x-identity-header", key);
    broker.send(request, None).await
}

#[tokio::test]
async fn a_removed_caller_key_is_refused_within_thirty_seconds() {
    let directory = tempfile::tempdir().unwrap();
    let run = connected(&directory).await;
    let (removed, kept) = (
        caller_key(directory.path(), "removed").await,
        caller_key(directory.path(), "kept").await,
    );
    let tenant = run.tenant(0);
    for key in [&removed, &kept] {
        assert_eq!(ask_with_key(&run, key, &tenant).await.status, 200);
    }
    operate(directory.path(), &["caller", "remove", "removed", "--yes"]).await;

    // The promise is an upper bound: until then memory may still answer.
    run.clock.advance(STATE_MAX_AGE - 1);
    let remembered = ask_with_key(&run, &removed, &tenant).await;
    assert_eq!(
        remembered.status, 200,
        "memory answers, or the promise is stricter than it says"
    );
    run.clock.advance(1);
    let refused = ask_with_key(&run, &removed, &tenant).await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    assert_eq!(refused.body["error"], "invalid_client");
    assert_eq!(ask_with_key(&run, &kept, &tenant).await.status, 200);
}

#[tokio::test]
async fn a_suspended_tenant_is_refused_within_thirty_seconds_and_served_when_resumed() {
    let directory = tempfile::tempdir().unwrap();
    let run = connected(&directory).await;
    let (suspended, other) = (run.tenant(0), run.tenant(1));
    for tenant in [&suspended, &other] {
        assert_eq!(run.broker.vend(tenant).await.status, 200);
    }
    operate(
        directory.path(),
        &["tenants", "suspend", &suspended, "--yes"],
    )
    .await;

    run.clock.advance(STATE_MAX_AGE - 1);
    assert_eq!(run.broker.vend(&suspended).await.status, 200);
    run.clock.advance(1);
    let refused = run.broker.vend(&suspended).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(refused.body["cause"], "suspended");
    assert_eq!(run.broker.vend(&other).await.status, 200);

    operate(directory.path(), &["tenants", "resume", &suspended]).await;
    run.clock.advance(STATE_MAX_AGE);
    assert_eq!(run.broker.vend(&suspended).await.status, 200);
}

#[tokio::test]
async fn a_policy_that_was_replaced_is_out_of_force_within_a_minute() {
    let directory = tempfile::tempdir().unwrap();
    let run = connected(&directory).await;
    let tenant = run.tenant(0);
    assert_eq!(run.broker.vend(&tenant).await.status, 200);
    let narrower = format!(
        "@id(\"one-key\")\npermit (principal == Key::\"collector\", action, \
         resource == Tenant::\"{tenant}\");\n"
    );
    let key = caller_key(directory.path(), "collector").await;
    put_policy(directory.path(), &narrower, &[]).await;

    run.clock.advance(POLICY_MAX_AGE);
    let refused = run.broker.vend(&tenant).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert_eq!(ask_with_key(&run, &key, &tenant).await.status, 200);
    let other = ask_with_key(&run, &key, &run.tenant(1)).await;
    assert_eq!(other.status, 403, "{}", other.body);
}
