//! The API's routes. Both spellings of the version are served: NextPageUri has the shorter.

use std::future::{Ready, ready};

use axum::Router;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post, put};

use super::call::{Call, Operation};
use super::errors::Refused;
use super::received::Received;
use super::{book, fetch, friendly_names, listing, notify, steer, subscribe};
use crate::faults::FaultyEndpoint;
use crate::site::Site;

/// What answers an operation.
type Respond = fn(&Call) -> Result<Response, Refused>;

/// The routes of each endpoint that a fault can name.
pub(crate) fn api() -> [(FaultyEndpoint, Router<Site>); 3] {
    use Operation::{Blob, Content, FriendlyNames, List, Notifications, Start, Stop};
    let subscriptions = [
        (
            "subscriptions/start",
            post(|received: Received| received.answer_later(Start, subscribe::start)),
        ),
        ("subscriptions/stop", post(handler(Stop, subscribe::stop))),
        ("subscriptions/list", get(handler(List, subscribe::list))),
        (
            "subscriptions/notifications",
            get(handler(Notifications, notify::list)),
        ),
        (
            "resources/dlpSensitiveTypes",
            get(handler(FriendlyNames, friendly_names::respond)),
        ),
    ];
    let content = [(
        "subscriptions/content",
        get(handler(Content, listing::respond)),
    )];
    let blob = [("audit/{content_id}", get(handler(Blob, fetch::respond)))];
    [
        (FaultyEndpoint::Subscriptions, under_both(subscriptions)),
        (FaultyEndpoint::Content, under_both(content)),
        (FaultyEndpoint::Blob, under_both(blob)),
    ]
}

/// What the control surface says of it.
pub(crate) fn control() -> Router<Site> {
    Router::new()
        .route("/_sim/activity/offered", get(book::offered))
        .route("/_sim/activity/blobs", get(book::blobs))
        .route("/_sim/activity/records", get(book::records))
        .route("/_sim/activity/answered", get(book::answered))
        .route("/_sim/activity/scenario", put(steer::set))
        .route("/_sim/activity/notify", post(notify::asked))
        .route("/_sim/activity/requests", get(book::requests))
}

fn under_both<const N: usize>(routes: [(&str, MethodRouter<Site>); N]) -> Router<Site> {
    let mut router = Router::new();
    for (path, method) in routes {
        for version in ["v1.0", "v1"] {
            let path = format!("/api/{version}/{{tenant}}/activity/feed/{path}");
            router = router.route(&path, method.clone());
        }
    }
    router
}

fn handler(
    operation: Operation,
    respond: Respond,
) -> impl Fn(Received) -> Ready<Response> + Clone + Send + Sync + 'static {
    move |received| ready(received.answer(operation, respond))
}
