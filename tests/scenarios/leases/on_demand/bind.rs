//! A tenant is bound, and the process dies: the binding and the use of the invite are one
//! write, so that both are done or neither. The same receipt binds once, whoever asks how often.

use auth::on_demand::{OnDemandAnswer, OnDemandFunction as _, OnDemandRequest};
use tests::admin::{accept, sign_in};
use tests::doomed::Death;
use tests::gate::Moment::{After, Before};

use super::stage::{READS, Stage, WRITES, at, at_secrets, check_signatures};

/// What the dead left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Nothing, and Entra ID was not asked.
    Nothing,
    /// Nothing, and Entra ID was asked.
    Asked,
    /// The tenant is bound, and no line of the audit log says by whom.
    BoundUnsaid,
    /// The tenant is bound.
    Bound,
}

/// The steps, in their order, each with what is left by who dies there.
const STEPS: [(&str, Death, Left); 11] = [
    ("a secret is read", at_secrets(After), Left::Nothing),
    (
        "the receipt is asked for",
        at(READS, "SIGNIN#", Before),
        Left::Nothing,
    ),
    (
        "the receipt is read",
        at(READS, "SIGNIN#", After),
        Left::Nothing,
    ),
    (
        "the invite is asked for",
        at(READS, "INVITE#", Before),
        Left::Nothing,
    ),
    (
        "the invite is read",
        at(READS, "INVITE#", After),
        Left::Nothing,
    ),
    (
        "the tenant is read",
        at(READS, "\"TENANT\"", After),
        Left::Nothing,
    ),
    (
        "Entra ID is asked",
        Death::AtEntra("token", Before),
        Left::Asked,
    ),
    (
        "Entra ID has a token",
        Death::AtEntra("token", After),
        Left::Asked,
    ),
    (
        "the tenant is to be written",
        at(WRITES, "\"TENANT\"", Before),
        Left::Asked,
    ),
    (
        "the tenant is written, the invite used",
        at(WRITES, "\"TENANT\"", After),
        Left::BoundUnsaid,
    ),
    ("the answer is lost", Death::Answered, Left::Bound),
];

fn is_bind(request: &OnDemandRequest) -> bool {
    matches!(request, OnDemandRequest::Bind { .. })
}

#[tokio::test]
async fn a_tenant_whose_binding_is_killed_is_bound_once_and_to_the_invites_account() {
    let stage = Stage::with(STEPS.len()).await;
    for (index, (step, death, left)) in STEPS.into_iter().enumerate() {
        let customer = format!("customer-{index}");
        let (link, admin) = (stage.invite(&customer).await, stage.admin(index));
        let mut browser = stage.browser();
        let confirm = sign_in(&mut browser, &link, admin).await;
        let authority = browser.submit(&confirm.form(), &[]).await;
        stage.lines.take();
        stage.killing.kill_next(is_bind, death);
        let page = accept(&mut browser, &authority, admin).await;
        let killed = stage.killing.killed();
        check_signatures(step, &killed);
        assert_eq!(killed.asked, u64::from(left != Left::Nothing), "{step}");
        assert_eq!(
            (page.status, page.cause().as_str()),
            (503, "broker_unavailable"),
            "{step}"
        );
        let is_bound = matches!(left, Left::BoundUnsaid | Left::Bound);
        let bound = stage.tenant(index).await;
        assert_eq!(bound.is_some(), is_bound, "{step}");

        // The same message once more, and once more: bound, and then nothing is left to do.
        let before = stage.killing.asked().await;
        let again = stage.killing.ask(&killed.request).await;
        let is_new = matches!(again, Ok(OnDemandAnswer::Bound { .. }));
        assert_eq!(is_new, !is_bound, "{step}: {again:?}");
        let third = stage.killing.ask(&killed.request).await;
        assert!(
            matches!(third, Ok(OnDemandAnswer::BoundBefore {})),
            "{step}: {third:?}"
        );
        let asked = stage.killing.asked().await - before;
        assert_eq!(asked, u64::from(!is_bound), "{step}");

        // By then the link is used up, for this admin and for every other one.
        let page = stage.browser().open(&link).await;
        assert_eq!(page.cause(), "invite_used", "{step}: {}", page.body);
        let now = stage.tenant(index).await.unwrap();
        assert_eq!(now.customer.to_string(), customer, "{step}");
        if let Some(bound) = bound {
            let (now, bound) = (format!("{now:?}"), format!("{bound:?}"));
            assert_eq!(now, bound, "{step}: written twice");
        }
        let said = stage.counted(&killed, "tenant_bound");
        assert_eq!(said, usize::from(left != Left::BoundUnsaid), "{step}");
    }
}
