//! A tenant is bound, and the process dies: the binding and the use of the invite are one
//! write, so that both are done or neither. The same receipt binds once, whoever asks how often.

use auth::on_demand::{OnDemandAnswer, OnDemandFunction as _, OnDemandRequest};
use serde_json::Value;
use tests::admin::{accept, sign_in};
use tests::doomed::Death;
use tests::gate::Moment::{After, Before};

use super::stage::{READS, Stage, WRITES, at, at_secrets, check_signatures, of_event};

/// What the dead left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Nothing, and Entra ID was not asked.
    Nothing,
    /// Nothing, and Entra ID was asked.
    Asked,
    /// Nothing, and the audit log has that the tenant was about to be bound.
    Announced,
    /// The tenant is bound, and the audit log has who was about to bind it.
    BoundAnnounced,
    /// The tenant is bound, and the audit log has both lines.
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
        Left::Announced,
    ),
    (
        "the tenant is written, the invite used",
        at(WRITES, "\"TENANT\"", After),
        Left::BoundAnnounced,
    ),
    ("the answer is lost", Death::Answered, Left::Bound),
];

/// What a line of a binding says.
const EVIDENCE: [&str; 7] = [
    "tenant",
    "customer",
    "status",
    "person",
    "person_tenant",
    "invite",
    "proof",
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
        let is_bound = matches!(left, Left::BoundAnnounced | Left::Bound);
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
        check_audit(step, left, &customer, &stage.lines_with(&killed));
    }
}

/// Each write has a line before it, and the one that was done one after it unless its process
/// was killed in between. Both say who.
fn check_audit(step: &str, left: Left, customer: &str, lines: &[Value]) {
    let announced = of_event(lines, "tenant_binding");
    let bound = of_event(lines, "tenant_bound");
    let writes = 1 + usize::from(left == Left::Announced);
    let ended = usize::from(left != Left::BoundAnnounced);
    assert_eq!((announced.len(), bound.len()), (writes, ended), "{step}");
    let first = announced[0];
    assert_eq!(first["customer"], customer, "{step}");
    for line in announced.iter().chain(&bound) {
        assert_eq!(line["target"], "audit", "{step}: {line}");
        for field in EVIDENCE {
            assert!(line[field].is_string(), "{step}: {field}: {line}");
            assert_eq!(line[field], first[field], "{step}: {field}");
        }
    }
}
