//! What is made of an answer that is none, and of a refusal: the failure for the feed, and its
//! line in the log, which holds no token and nothing of a body but the number of its code.

use auth::{Fault, Timestamp};
use feed::af_codes::refusal_of;
use feed::ports::{Failure, Request};
use feed::refusal::{Refusal, Step};

use super::answer::{Answer, Head};
use super::call::{About, Operation};
use super::error_body::ErrorBody;
use super::pieces::Broken;
use crate::http::HttpError;

/// An answer that refuses.
pub(super) fn refused(about: About, head: &Head, body: &[u8]) -> Failure {
    let said = ErrorBody::read(body);
    let failure = Failure {
        refusal: meaning(about, head, &said),
        code: said.number,
        retry_after: head.retry_after,
        at: head.at,
    };
    report(about, head.status.as_u16(), &failure);
    failure
}

fn meaning(about: About, head: &Head, said: &ErrorBody) -> Refusal {
    if said.number.is_none() {
        if said.says_tenant_is_not_there(about.tenant) {
            return Refusal::AuditingOff;
        }
        if head.status == reqwest::StatusCode::FORBIDDEN && said.says_too_many() {
            return Refusal::Throttled;
        }
    }
    let refusal = refusal_of(said.number, head.status.as_u16());
    let is_content = about.operation == Operation::Content;
    if refusal == Refusal::ContentGone && said.number.is_none() && !is_content {
        // A gateway's: no content was asked for.
        return Refusal::Unavailable;
    }
    refusal
}

fn report(about: About, status: u16, failure: &Failure) {
    let (operation, tenant) = (about.operation.as_str(), about.tenant);
    let refusal = failure.refusal;
    let code = failure.code.map(|number| format!("AF{number}"));
    let wait = failure.retry_after.map(|wait| wait.as_secs());
    // One macro call each: the level is part of a line's metadata.
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                event = "activity_refused",
                %tenant, operation, status, code, retry_after = wait,
                refusal = refusal.as_str(),
                "the Activity API refuses {operation}: {}", refusal.what_happened()
            )
        };
    }
    if refusal.step() == Step::Done {
        line!(debug);
    } else if refusal.fault() == Fault::Ours {
        line!(warn);
    } else {
        line!(info);
    }
}

/// An answer of 200 that is not what was asked for: often an error's object.
pub(super) fn another(about: About, answer: &Answer, what: &'static str) -> Failure {
    let Answer { head, body } = answer;
    let said = ErrorBody::read(body);
    let is_error = said.number.is_some() || said.says_tenant_is_not_there(about.tenant);
    if body.trim_ascii_start().starts_with(b"{") && is_error {
        return refused(about, head, body);
    }
    unread(about, head.at, what)
}

/// An answer of 200 that cannot be read; `what` is in our own words.
pub(super) fn unread(about: About, at: Option<Timestamp>, what: &'static str) -> Failure {
    let (operation, tenant) = (about.operation.as_str(), about.tenant);
    tracing::warn!(
        event = "activity_answer_unread",
        %tenant, operation, what,
        "the Activity API's answer to {operation} is not one: {what}"
    );
    Failure {
        at,
        ..Failure::of(Refusal::Unavailable)
    }
}

/// A body that did not come to its end. `at`: the answer's `Date`.
pub(super) fn broken(about: About, at: Option<Timestamp>, broken: &Broken) -> Failure {
    match broken {
        Broken::Unread(what) => unread(about, at, what),
        Broken::Http(error) => Failure {
            at,
            ..unavailable(about, error)
        },
    }
}

/// No answer.
pub(super) fn unavailable(about: About, error: &HttpError) -> Failure {
    let (operation, tenant) = (about.operation.as_str(), about.tenant);
    let transport = error.error_type();
    tracing::warn!(
        event = "activity_unavailable",
        %tenant, operation, transport,
        "the Activity API gave no answer to {operation}: {error}"
    );
    Failure::of(Refusal::Unavailable)
}

/// The address leads where the tenant's token is not sent.
pub(super) fn elsewhere(operation: Operation, who: Request<'_>) -> Failure {
    let (operation, tenant) = (operation.as_str(), who.tenant);
    tracing::warn!(
        event = "activity_address_refused",
        %tenant, operation,
        "the address leads out of the tenant's feed: nothing was sent there"
    );
    Failure::of(Refusal::AddressRefused)
}
