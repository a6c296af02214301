//! The questions that policies are asked here: each action, route and kind of thing at least
//! once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use auth::caller::{
    Action, Caller, ConnectedFacts, Context, Question, Route, Subject, TenantFacts,
};
use auth::{Cloud, Customer, Resource, TenantId, TenantStatus};

const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";

/// Tenants, with the names that policies of the corpus use.
static CONNECTED: LazyLock<Connected> = LazyLock::new(|| Connected {
    id: TENANT.parse().unwrap(),
    customer: "contoso".parse().unwrap(),
    tags: BTreeMap::from([
        ("tier".to_owned(), "gold".to_owned()),
        ("team".to_owned(), "red".to_owned()),
    ]),
});
static MANAGEMENT: LazyLock<Resource> =
    LazyLock::new(|| "https://manage.office.com".parse().unwrap());
static GRAPH: LazyLock<Resource> = LazyLock::new(|| "https://graph.microsoft.com".parse().unwrap());

struct Connected {
    id: TenantId,
    customer: Customer,
    tags: BTreeMap<String, String>,
}

/// All questions of a caller.
pub(super) fn of(caller: &Caller) -> impl Iterator<Item = Question<'_>> {
    let stranger = Subject::Tenant(TenantFacts {
        id: "0f2a3b4c-5d6e-4f70-8192-a3b4c5d6e7f8".parse().unwrap(),
        connected: None,
    });
    let question = |action, subject, resource, route| Question {
        caller,
        action,
        subject,
        context: Context { resource, route },
    };
    let active = tenant(TenantStatus::Active);
    let customer = Subject::Customer(&CONNECTED.customer);
    let questions = [
        question(Action::Vend, active, Some(&*MANAGEMENT), Route::TokenV2),
        question(Action::Vend, active, Some(&*GRAPH), Route::TokenV1),
        question(
            Action::Vend,
            tenant(TenantStatus::Suspended),
            Some(&*MANAGEMENT),
            Route::ManagedIdentity,
        ),
        question(Action::Vend, stranger, Some(&*MANAGEMENT), Route::TokenV2),
        question(Action::List, active, None, Route::Tenants),
        question(Action::List, stranger, None, Route::Tenants),
        question(Action::Invite, customer, None, Route::Invites),
    ];
    questions.into_iter()
}

fn tenant(status: TenantStatus) -> Subject<'static> {
    Subject::Tenant(TenantFacts {
        id: CONNECTED.id,
        connected: Some(ConnectedFacts {
            customer: &CONNECTED.customer,
            cloud: Cloud::Public,
            status,
            tags: &CONNECTED.tags,
        }),
    })
}
