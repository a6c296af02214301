//! The refresher and the vend under a clock that is moved: what callers see while
//! tokens age, Entra ID fails, and customers change their minds.

use auth::ports::Clock as _;
use futures::future::join_all;
use serde_json::json;
use tests::admin::sign_in;
use tests::{Browser, MovedRun, connect_tenant};

/// The state of a tenant is believed for so long (`VEND_STATE_MAX_AGE_SECONDS`).
const STATE_MAX_AGE: i64 = 31;
/// A refusal that reads as a revocation is believed when it comes again after so long
/// (`REVOCATION_CONFIRM_SECONDS`).
const CONFIRM: i64 = 300;

async fn connected(directory: &tempfile::TempDir) -> MovedRun {
    let run = MovedRun::start(directory.path(), 3).await;
    connect_tenant(&run.broker.ready, 0).await;
    run
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_not_before_it_is_due() {
    let directory = tempfile::tempdir().unwrap();
    let run = connected(&directory).await;
    assert_eq!(
        run.machine.refresh().await.refreshed,
        1,
        "the first token is due at once"
    );
    let first = run.broker.vend(&run.tenant(0)).await.token().to_owned();
    assert_eq!(
        run.machine.refresh().await,
        Default::default(),
        "nothing is due"
    );

    // The lead is half of the life here, the schedule being an hour.
    run.clock.advance(1800);
    assert_eq!(run.machine.refresh().await.refreshed, 1);
    let vended = run.broker.vend(&run.tenant(0)).await;
    assert_ne!(vended.token(), first);
    assert!(
        vended.body["expires_in"].as_u64().unwrap() > 3500,
        "{}",
        vended.body
    );
    // One proof at the consent, two renewals; every vend came from the table.
    assert_eq!(run.app_only_requests().await, 3);
}

#[tokio::test]
async fn an_outage_is_not_noticed_while_the_token_lives_and_heals_by_itself() {
    let directory = tempfile::tempdir().unwrap();
    let run = connected(&directory).await;
    let tenant = run.tenant(0);
    let first = run.broker.vend(&tenant).await.token().to_owned();
    run.broker.fault("status", None, json!(503)).await;

    run.clock.advance(1900);
    assert_eq!(run.machine.refresh().await.failed, 1);
    assert_eq!(run.broker.vend(&tenant).await.token(), first);
    assert_eq!(
        run.status(0).await.0,
        "active",
        "callers notice nothing: no event"
    );

    run.clock.advance(1800);
    let refused = run.broker.vend(&tenant).await;
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert_eq!(refused.body["cause"], "unavailable");
    assert_eq!(refused.body["fault"], "microsoft");
    assert_eq!(refused.body["retryable"], true);
    assert_eq!(
        run.status(0).await,
        ("degraded".into(), "unavailable".into())
    );
    let asked = run.app_only_requests().await;
    assert_eq!(run.broker.vend(&tenant).await.status, 503);
    assert_eq!(
        run.app_only_requests().await,
        asked,
        "a failure is remembered"
    );

    run.broker.end_faults().await;
    run.clock.advance(900);
    assert_eq!(run.machine.refresh().await.refreshed, 1);
    run.clock.advance(STATE_MAX_AGE);
    assert_eq!(run.broker.vend(&tenant).await.status, 200);
    assert_eq!(run.status(0).await, ("active".into(), String::new()));
}

#[tokio::test]
async fn roles_that_lag_make_the_tenant_propagating_until_they_arrive() {
    let directory = tempfile::tempdir().unwrap();
    let run = MovedRun::start(directory.path(), 3).await;
    run.broker.fault("propagation", None, json!(120)).await;
    let mut browser = Browser::default();
    let result = run.connect(&mut browser, 0).await;
    assert_eq!(result.heading(), "Finishing", "{}", result.body);
    assert_eq!(result.headers["refresh"], "5", "the page follows by itself");

    assert_eq!(run.machine.refresh().await.failed, 1);
    let refused = run.broker.vend(&run.tenant(0)).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(refused.body["retryable"], true);
    assert!(refused.body["access_token"].is_null());

    run.clock.advance(130);
    assert_eq!(run.machine.refresh().await.refreshed, 1);
    let result = browser.open(result.url.as_str()).await;
    assert_eq!(result.heading(), "Connected");
    run.clock.advance(STATE_MAX_AGE);
    assert_eq!(run.broker.vend(&run.tenant(0)).await.status, 200);
}

#[tokio::test]
async fn a_revoked_consent_is_noticed_told_and_healed_by_a_new_consent() {
    for (fault, cause) in [
        ("consent_revoked", "not_consented"),
        ("role_removed", "roles_missing"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let run = connected(&directory).await;
        let tenant = run.tenant(0);
        assert_eq!(run.broker.vend(&tenant).await.status, 200);
        run.broker.fault(fault, Some(&tenant), json!(null)).await;

        run.clock.advance(1900);
        assert_eq!(run.machine.refresh().await.failed, 1);
        assert_eq!(
            run.status(0).await.0,
            "active",
            "one answer is not the truth"
        );
        assert_eq!(run.broker.vend(&tenant).await.status, 200);
        run.clock.advance(CONFIRM);
        assert_eq!(run.machine.refresh().await.failed, 1);
        assert_eq!(run.status(0).await, ("revoked".into(), cause.into()));
        let refused = run.broker.vend(&tenant).await;
        assert_eq!(refused.status, 409, "{fault}: {}", refused.body);
        assert_eq!(refused.body["cause"], cause);
        assert_eq!(refused.body["fault"], "customer");

        run.broker.end_faults().await;
        connect_tenant(&run.broker.ready, 0).await;
        let vended = run.broker.vend(&tenant).await;
        assert_eq!(vended.status, 200, "{}", vended.body);
        assert_eq!(vended.claims()["tid"], tenant.as_str());
    }
}

#[tokio::test]
async fn a_fault_of_ours_stops_the_run_and_blames_no_tenant() {
    let directory = tempfile::tempdir().unwrap();
    let run = MovedRun::start(directory.path(), 12).await;
    for index in 0..12 {
        connect_tenant(&run.broker.ready, index).await;
    }
    assert_eq!(run.machine.refresh().await.refreshed, 12);
    let thumbprint = thumbprint(directory.path());
    run.broker
        .fault("key_removed", None, json!(thumbprint))
        .await;

    run.clock.advance(1900);
    let report = run.machine.refresh().await;
    assert_eq!(
        serde_json::to_value(report.ended_early).unwrap(),
        json!("our_fault"),
        "{report:?}"
    );
    assert!(report.failed >= 3 && report.refreshed == 0, "{report:?}");
    for index in 0..12 {
        assert_eq!(run.status(index).await.0, "active");
        assert_eq!(run.broker.vend(&run.tenant(index)).await.status, 200);
    }
}

#[tokio::test]
async fn a_wrong_setting_of_ours_revokes_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let run = MovedRun::start(directory.path(), 3).await;
    for index in 0..3 {
        connect_tenant(&run.broker.ready, index).await;
    }
    assert_eq!(run.machine.refresh().await.refreshed, 3);
    let now = run.clock.now().unix();
    run.machine.stop().await;

    let misspelt =
        |name: &str| (name == "ENTRA_REQUIRED_ROLES").then(|| "ActivityFeed.Reed".into());
    let run = MovedRun::start_at(directory.path(), 3, now + 1900, misspelt).await;
    let report = run.machine.refresh().await;
    assert_eq!(
        serde_json::to_value(report.ended_early).unwrap(),
        json!("our_fault")
    );
    for index in 0..3 {
        assert_eq!(run.status(index).await.0, "active");
        assert_eq!(run.broker.vend(&run.tenant(index)).await.status, 200);
    }
    let now = run.clock.now().unix();
    run.machine.stop().await;

    let run = MovedRun::start_at(directory.path(), 3, now + 60, |_| None).await;
    assert_eq!(
        run.machine.refresh().await.refreshed,
        3,
        "right again: nothing was lost"
    );
}

/// The authority's clock runs ahead for one request: what it refuses is mended with a
/// fresh assertion, and nobody notices.
#[tokio::test]
async fn an_assertion_found_late_once_is_replaced_and_costs_nobody_a_token() {
    let directory = tempfile::tempdir().unwrap();
    let run = connected(&directory).await;
    let before = run.app_only_requests().await;
    run.broker.fault_once("clock_skew", json!(3600)).await;
    assert_eq!(run.machine.refresh().await.refreshed, 1);
    let stats = run.broker.stats().await;
    assert_eq!(stats["refused"]["700024"], 1, "{stats}");
    assert_eq!(run.app_only_requests().await - before, 2);

    run.broker.fault("clock_skew", None, json!(3600)).await;
    run.clock.advance(1900);
    let report = run.machine.refresh().await;
    assert_eq!(
        report.failed, 1,
        "a clock that stays wrong is told: {report:?}"
    );
    assert_eq!(run.app_only_requests().await - before, 4);
    assert_eq!(
        run.status(0).await.0,
        "active",
        "a fault of ours blames no tenant"
    );
}

/// Whoever can sign in to a tenant that works does not get as far as taking its tokens.
#[tokio::test]
async fn a_plain_user_takes_nothing_from_a_tenant_that_works() {
    let directory = tempfile::tempdir().unwrap();
    let run = connected(&directory).await;
    let tenant = run.tenant(0);
    let token = run.broker.vend(&tenant).await.token().to_owned();
    let user = run.broker.ready.simulated_tenants[0].user.clone();

    let mut browser = Browser::default();
    let page = sign_in(&mut browser, &run.broker.ready.consent_url, &user).await;
    assert_eq!(page.cause(), "not_an_admin", "{}", page.body);

    run.broker.fault("status", None, json!(503)).await;
    run.clock.advance(STATE_MAX_AGE);
    let vended = run.broker.vend(&tenant).await;
    assert_eq!(vended.token(), token, "the token is still the callers'");
    assert_eq!(run.status(0).await.0, "active");
}

#[tokio::test]
async fn callers_of_one_cold_tenant_ask_entra_once() {
    let directory = tempfile::tempdir().unwrap();
    let run = connected(&directory).await;
    let before = run.app_only_requests().await;
    let tenant = run.tenant(0);
    let vends = join_all((0..40).map(|_| run.broker.vend(&tenant))).await;
    let first = vends[0].token();
    assert!(vends.iter().all(|vended| vended.token() == first));
    assert_eq!(run.app_only_requests().await - before, 1);
}

/// The thumbprint that the simulator's fault names: SHA-256 of the certificate.
fn thumbprint(directory: &std::path::Path) -> String {
    let text = std::fs::read_to_string(directory.join("secrets/certificate")).unwrap();
    let now = auth::Timestamp::from_unix(1_800_000_000);
    microsoft::SigningKey::from_secret(&text.into(), now)
        .unwrap()
        .sha256_thumbprint()
        .to_owned()
}
