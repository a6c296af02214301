//! A code is redeemed, and the process dies: before Entra ID has it the code is good, after
//! that Entra ID refuses it, and the admin starts again in the same browser with the same link.

use auth::cause::CauseCode;
use auth::on_demand::{OnDemandAnswer, OnDemandFunction as _, OnDemandRequest};
use tests::admin::sign_in;
use tests::doomed::Death;
use tests::gate::Moment::{After, Before};
use tests::{Browser, Flow, connect};

use super::stage::{Stage, WRITES, at, at_secrets, check_signatures, of_event};

/// The steps, in their order, and whether the code is used up by who dies there.
const STEPS: [(&str, Death, bool); 9] = [
    ("a secret is asked for", at_secrets(Before), false),
    ("a secret is read", at_secrets(After), false),
    (
        "Entra ID has the code",
        Death::AtEntra("token", Before),
        false,
    ),
    ("the code is redeemed", Death::AtEntra("token", After), true),
    (
        "the keys are asked for",
        Death::AtEntra("jwks", Before),
        true,
    ),
    ("the keys are sent", Death::AtEntra("jwks", After), true),
    (
        "the sign-in is to be kept",
        at(WRITES, "SIGNIN#", Before),
        true,
    ),
    ("the sign-in is kept", at(WRITES, "SIGNIN#", After), true),
    ("the answer is lost", Death::Answered, true),
];

fn is_redeem(request: &OnDemandRequest) -> bool {
    matches!(request, OnDemandRequest::Redeem { .. })
}

#[tokio::test]
async fn a_code_whose_redemption_is_killed_is_lost_at_entra_alone_and_the_link_is_good() {
    let stage = Stage::with(STEPS.len()).await;
    for (index, (step, death, is_used_up)) in STEPS.into_iter().enumerate() {
        let customer = format!("customer-{index}");
        let link = stage.invite(&customer).await;
        let mut browser = stage.browser();
        stage.lines.take();
        stage.killing.kill_next(is_redeem, death);
        let page = sign_in(&mut browser, &link, stage.admin(index)).await;
        let killed = stage.killing.killed();
        check_signatures(step, &killed);
        assert!(killed.asked <= 1, "{step}");
        assert_eq!(
            (page.status, page.cause().as_str()),
            (503, "broker_unavailable"),
            "{step}"
        );
        check_reload(step, &mut browser).await;
        assert!(
            stage.tenant(index).await.is_none(),
            "{step}: nothing is bound"
        );

        // The same message once more: Entra ID decides what the code is worth.
        let before = stage.killing.asked().await;
        let again = stage.killing.ask(&killed.request).await;
        match &again {
            Ok(OnDemandAnswer::Redeemed { .. }) => assert!(!is_used_up, "{step}"),
            Ok(OnDemandAnswer::Declined { cause, .. }) => {
                assert_eq!(
                    (is_used_up, cause.code),
                    (true, CauseCode::CodeUnusable),
                    "{step}"
                );
            }
            other => panic!("{step}: {other:?}"),
        }
        assert_eq!(stage.killing.asked().await - before, 1, "{step}");

        // The admin starts again.
        let page = connect(&mut browser, &link, stage.admin(index), Flow::V2).await;
        assert_eq!(page.heading(), "Connected", "{step}: {}", page.body);
        let bound = stage.tenant(index).await.unwrap();
        assert_eq!(bound.customer.to_string(), customer, "{step}");
        let lines = stage.lines_with(&killed);
        assert_eq!(of_event(&lines, "tenant_bound").len(), 1, "{step}");
    }
}

/// The address that the code came to, loaded again: the page says that it was used.
async fn check_reload(step: &str, browser: &mut Browser) {
    let pages = browser.history.iter().rev();
    let mut callbacks = pages.filter(|page| page.url.path() == "/consent/callback");
    let address = callbacks.next().unwrap().url.clone();
    let page = browser.open(address.as_str()).await;
    assert_eq!(page.cause(), "attempt_used", "{step}: {}", page.body);
}
