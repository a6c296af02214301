//! Roles that arrive late, or never: the page follows, the refresher keeps trying, and
//! after a day it says what is wrong.

use auth::ports::Clock as _;
use serde_json::json;
use tests::{Browser, Flow};

use super::stage::Stage;

#[tokio::test]
async fn a_tenant_whose_roles_lag_turns_active_by_itself() {
    for flow in [Flow::V2, Flow::V1] {
        // The v1 flow shows no admin: only a tenant that is bound to itself may wait there.
        let (stage, link, customer) = match flow {
            Flow::V2 => {
                let stage = Stage::invited(flow).await;
                let link = stage.invite("Contoso").await;
                (stage, link, "Contoso".to_owned())
            }
            Flow::V1 => {
                let stage = Stage::open(flow).await;
                let link = stage.run.broker.ready.consent_url.clone();
                let itself = stage.run.tenant(0);
                (stage, link, itself)
            }
        };
        let run = &stage.run;
        run.broker.fault("propagation", None, json!(90)).await;
        let page = stage.connect(&link, &stage.person(0).admin).await;
        assert_eq!(page.heading(), "Finishing", "{flow:?}: {}", page.body);
        assert_eq!(page.headers["refresh"], "5", "the page follows by itself");
        let bound = stage.tenant(0).await;
        assert_eq!(bound["customer"], customer, "it is bound");
        let refused = run.broker.vend(&run.tenant(0)).await;
        assert_eq!(refused.status, 409, "{}", refused.body);
        assert_eq!(refused.body["retryable"], true);

        // Runs of the schedule, every half minute; the page is looked at by nobody.
        let mut runs = 0;
        while run.status(0).await.0 == "propagating" {
            runs += 1;
            assert!(runs < 40, "{:?}", run.status(0).await);
            run.clock.advance(30);
            run.machine.refresh().await;
        }
        assert!(runs >= 3, "not before the roles arrived");
        let page = Browser::default().open(page.url.as_str()).await;
        assert_eq!(page.heading(), "Connected");
        assert!(!page.headers.contains_key("refresh"), "nothing to wait for");
    }
}

#[tokio::test]
async fn roles_that_never_arrive_are_given_up_after_a_day_and_told() {
    let stage = Stage::open(Flow::V2).await;
    let run = &stage.run;
    let year = 365 * 86_400;
    run.broker.fault("propagation", None, json!(year)).await;
    let link = run.broker.ready.consent_url.clone();
    let page = stage.connect(&link, &stage.person(0).admin).await;
    assert_eq!(page.heading(), "Finishing", "{}", page.body);
    let mut asked = Vec::new();
    for _ in 0..(25 * 4) {
        run.machine.refresh().await;
        asked.push(run.app_only_requests().await);
        if run.status(0).await.0 != "propagating" {
            break;
        }
        run.clock.advance(15 * 60);
    }
    let expected = ("degraded".to_owned(), "roles_missing".to_owned());
    assert_eq!(run.status(0).await, expected);
    let passed = run.clock.now().unix() - stage.began;
    assert!(
        (86_400..=86_400 + 1800).contains(&passed),
        "after {passed} s"
    );
    let requests = asked.last().unwrap();
    assert!(*requests > 24, "it kept trying: {requests}");
    let page = Browser::default().open(page.url.as_str()).await;
    assert_eq!(page.cause(), "result_expired", "a day has passed");
    let refused = run.broker.vend(&run.tenant(0)).await;
    assert_eq!(refused.body["cause"], "roles_missing", "{}", refused.body);
}
