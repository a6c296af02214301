//! A token is renewed for a caller that waits, and the process dies: the caller gets the token
//! that was written, or comes again after two seconds and gets one then.

use auth::on_demand::{OnDemandAnswer, OnDemandFunction as _, OnDemandRequest};
use auth::vend::{DEFAULT_MIN_TTL, Source};
use auth::{Cloud, TenantId};
use tests::Browser;
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
    /// The token is in the table.
    Token,
}

/// The steps, in their order, each with what is left by who dies there.
const STEPS: [(&str, Death, Left); 9] = [
    ("a secret is asked for", at_secrets(Before), Left::Nothing),
    ("a secret is read", at_secrets(After), Left::Nothing),
    (
        "the record is asked for",
        at(READS, "TOKEN#", Before),
        Left::Nothing,
    ),
    (
        "the record is read",
        at(READS, "TOKEN#", After),
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
        "the token is to be written",
        at(WRITES, "TOKEN#", Before),
        Left::Asked,
    ),
    (
        "the token is written",
        at(WRITES, "TOKEN#", After),
        Left::Token,
    ),
    ("the answer is lost", Death::Answered, Left::Token),
];

fn is_renew(request: &OnDemandRequest) -> bool {
    matches!(request, OnDemandRequest::Renew { .. })
}

#[tokio::test]
async fn a_caller_whose_renewal_is_killed_has_the_token_that_was_written_or_the_next_one() {
    let stage = Stage::with(STEPS.len()).await;
    for (index, (step, death, left)) in STEPS.into_iter().enumerate() {
        let page = stage.run.connect(&mut Browser::default(), index).await;
        assert_eq!(page.heading(), "Connected", "{step}: {}", page.body);
        let tenant = stage.run.tenant(index);
        let before = stage.killing.asked().await;
        stage.killing.kill_next(is_renew, death);
        let first = stage.run.broker.vend(&tenant).await;
        let killed = stage.killing.killed();
        check_signatures(step, &killed);
        assert_eq!(killed.asked, u64::from(left != Left::Nothing), "{step}");
        match left {
            Left::Token => assert_eq!(first.status, 200, "{step}: {}", first.body),
            _ => {
                assert_eq!(first.status, 503, "{step}: {}", first.body);
                assert_eq!(first.body["cause"], "broker_unavailable", "{step}");
            }
        }

        // The lease was given back: who comes again asks at once, and nothing is lost to it.
        let vended = stage.run.broker.vend(&tenant).await;
        assert_eq!(vended.status, 200, "{step}: {}", vended.body);
        let asked = stage.killing.asked().await - before;
        assert_eq!(asked, 1 + u64::from(left == Left::Asked), "{step}");

        // What is in the table is whole: a process without a memory opens it.
        let fresh = stage.neighbour.vending().await;
        let (id, resource): (TenantId, _) =
            (tenant.parse().unwrap(), Cloud::Public.management_resource());
        let opened = fresh.vend.vend(id, &resource, DEFAULT_MIN_TTL).await;
        let opened = opened.unwrap();
        assert_eq!(opened.source, Source::Table, "{step}");
        assert_eq!(opened.access_token.expose(), vended.token(), "{step}");

        // The same message once more changes nothing.
        let again = stage.killing.ask(&killed.request).await;
        assert!(
            matches!(again, Ok(OnDemandAnswer::Renewed {})),
            "{step}: {again:?}"
        );
        assert_eq!(stage.killing.asked().await - before, asked, "{step}");
    }
}
