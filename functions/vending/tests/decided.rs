//! A tenant's record changes between the policy's decision and the token: what is handed
//! out, or refused, is what the policy says of the record that is there then.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails here"
)]

#[path = "../../../shared/auth/tests/fakes/mod.rs"]
mod fakes;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::caller::{
    Action, CallerLimits, CallerName, Decision, Question, Ruling, Subject, caller_rate,
};
use auth::ports::{Authorizer, CallerProof, ProofError};
use auth::{Caller, Cloud, TenantStatus, TokenRecord};
use fakes::{FakeStore, World, resource, tenant};
use lambda::function::AnswersRequests as _;
use lambda_http::http::Request as Plain;
use lambda_http::{Body, Request, RequestExt as _};
use vending::Vending;

/// Permits what a policy might: the tenants of one account in one cloud that bear no
/// `blocked` tag, and listing whatever is not there, if it may. Right after its first
/// decision another process acts.
struct Policy {
    lists: bool,
    store: Arc<FakeStore>,
    then: Mutex<Option<fn(&FakeStore)>>,
    decided: Mutex<Vec<Action>>,
}

#[async_trait]
impl Authorizer for Policy {
    async fn decide(&self, question: Question<'_>) -> Decision {
        self.decided.lock().unwrap().push(question.action);
        let Subject::Tenant(facts) = question.subject else {
            panic!("no tenant is asked for");
        };
        let permits = match facts.connected {
            None => self.lists,
            Some(known) => {
                *known.customer == auth::Customer::itself(tenant())
                    && known.cloud == Cloud::Public
                    && !known.tags.contains_key("blocked")
            }
        };
        if let Some(then) = self.then.lock().unwrap().take() {
            then(&self.store);
        }
        if permits {
            Decision {
                ruling: Ruling::Allow,
                ..Decision::denied()
            }
        } else {
            Decision::denied()
        }
    }
}

/// Takes whatever comes for the same caller.
struct AnyProof;

#[async_trait]
impl CallerProof for AnyProof {
    async fn verify(&self, _: &str) -> Result<Caller, ProofError> {
        let name: CallerName = "collector".parse().unwrap();
        Ok(Caller::Key { name })
    }
}

fn request() -> Request {
    let path = format!("/{}/oauth2/v2.0/token", tenant());
    let body = format!(
        "grant_type=client_credentials&scope={}/.default",
        resource()
    );
    let request = Plain::builder()
        .method("POST")
        .uri(format!("https://broker.example{path}"))
        .header("authorization", "Bearer token")
        .body(Body::Text(body));
    request.unwrap().with_raw_http_path(path)
}

/// What happens in between, whether the policy lets list what is not there, the status,
/// and what was decided on.
type Row = (&'static str, fn(&FakeStore), bool, u16, &'static [Action]);

const ONCE: &[Action] = &[Action::Vend];
const AGAIN: &[Action] = &[Action::Vend, Action::Vend];

fn tag(record: &mut TokenRecord, name: &str) {
    record.tags.insert(name.to_owned(), "yes".to_owned());
}

const ROWS: [Row; 12] = [
    ("nothing", |_| {}, false, 200, ONCE),
    (
        "a renewal",
        |store| store.write_token(3599),
        false,
        200,
        ONCE,
    ),
    (
        "a failure noted",
        |store| store.replace(|record| record.failures = 1),
        false,
        200,
        ONCE,
    ),
    (
        "a move to another account",
        |store| store.replace(|record| record.customer = "another".parse().unwrap()),
        false,
        403,
        AGAIN,
    ),
    (
        "a move and a renewal",
        |store| {
            store.replace(|record| record.customer = "another".parse().unwrap());
            store.write_token(3599);
        },
        false,
        403,
        AGAIN,
    ),
    (
        "another cloud",
        |store| {
            store.replace(|record| record.cloud = Cloud::China);
            store.write_token(3599);
        },
        false,
        403,
        AGAIN,
    ),
    (
        "a tag that blocks",
        |store| store.replace(|record| tag(record, "blocked")),
        false,
        403,
        AGAIN,
    ),
    (
        "a tag that does not",
        |store| store.replace(|record| tag(record, "gold")),
        false,
        200,
        AGAIN,
    ),
    (
        "a suspension",
        |store| store.replace(|record| record.status = TenantStatus::Suspended),
        false,
        409,
        AGAIN,
    ),
    (
        "a suspension and a move",
        |store| {
            store.replace(|record| {
                record.status = TenantStatus::Suspended;
                record.customer = "another".parse().unwrap();
            });
        },
        false,
        403,
        AGAIN,
    ),
    ("a removal", FakeStore::remove_record, false, 403, AGAIN),
    (
        "a removal, of a caller that may list",
        FakeStore::remove_record,
        true,
        404,
        &[Action::Vend, Action::Vend, Action::List],
    ),
];

#[tokio::test]
async fn what_is_handed_out_is_what_the_policy_says_of_the_record_that_is_there() {
    for (row, then, lists, status, decided) in ROWS {
        // Its token lives too short for an SDK, so that another one is fetched.
        let world = World::with_token(300);
        let policy = Arc::new(Policy {
            lists,
            store: Arc::clone(&world.store),
            then: Mutex::new(Some(then)),
            decided: Mutex::default(),
        });
        let vending = Vending {
            vend: world.vend,
            tenants: world.store,
            proof: Arc::new(AnyProof),
            roles: None,
            keys: Arc::new(AnyProof),
            limits: CallerLimits::new(caller_rate(100, 1)),
            authorizer: policy.clone(),
            inviting: None,
            authority: "https://login.microsoftonline.com".to_owned(),
            clock: world.clock,
            meter: None,
        };
        let answer = vending.handle(request()).await;
        assert_eq!(answer.status(), status, "{row}: {:?}", answer.body());
        assert_eq!(*policy.decided.lock().unwrap(), decided, "{row}");
        let Body::Text(body) = answer.body() else {
            panic!("{row}: no text");
        };
        assert_eq!(body.contains("access_token"), status == 200, "{row}");
    }
}
