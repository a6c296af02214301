//! `POST /tokens`: up to a hundred tokens for one proof, for services that ask for a fleet. Each
//! item is decided on, answered and written down as the vend of a single token is; one that is
//! refused leaves the others as they are.
//!
//! What memory has no fresh record of is read with one request to the table. Items that need a
//! new token wait for it four at a time, and no longer than [`PATIENCE`]: the function that signs
//! is there for single vends and consents too, and the batch has to be answered in time.

mod items;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auth::Caller;
use auth::protocol::TokenEndpoint;
use auth::vend::{ReadAhead, Wanted};
use lambda::answer::{self, ApiError};
use lambda_http::http::{StatusCode, header};
use lambda_http::{Body, Request, Response};

use crate::Vending;
use crate::audit::Entry;
use crate::token::{TokenAnswer, TokenOf};
use items::Item;

/// From the arrival of the request. The function has 25 s, and a new token takes up to 22 of them:
/// what is not there by then is renewed all the same, and found in the table later. What waits
/// for no new token is answered however late it is.
const PATIENCE: Duration = Duration::from_secs(20);

/// An item that is under way.
struct Work<'r> {
    /// How the caller named it, as members of a JSON object.
    named: String,
    of: Result<TokenOf, ApiError>,
    ahead: Option<ReadAhead>,
    entry: Entry<'r>,
}

impl Vending {
    pub(crate) async fn batch(
        &self,
        request: &Request,
        entry: &mut Entry<'_>,
    ) -> Result<Response<Body>, ApiError> {
        let items = items::read(request)?;
        entry.asking_for_many(items.len());
        let caller = self.caller(request, None, entry).await?;
        let work = self.begun(items, entry).await;
        let members = self.done(&caller, work).await;
        let list = format!("{{\"tokens\":[{}]}}", members.join(","));
        let id = entry.request_id();
        Ok(answer::json_text(StatusCode::OK, list, id))
    }

    /// The items with what the table says of them: half a read unit each, and one request.
    async fn begun<'r>(&self, items: Vec<Item>, entry: &Entry<'r>) -> Vec<Work<'r>> {
        let until = Some(entry.began() + PATIENCE);
        let mut begun = Vec::with_capacity(items.len());
        for Item { named, asked } in items {
            let mut entry = entry.of_item();
            let of = match asked {
                Ok((tenant, wish)) => {
                    entry.of(tenant);
                    let kept = self.kept(&wish.resource, tenant).await;
                    kept.map(|resource| TokenOf {
                        tenant,
                        resource,
                        wanted: Wanted {
                            until,
                            ..wish.token
                        },
                    })
                }
                Err(error) => Err(error),
            };
            begun.push(Work {
                named,
                of,
                ahead: None,
                entry,
            });
        }
        self.read_ahead(&mut begun).await;
        begun
    }

    async fn read_ahead(&self, work: &mut [Work<'_>]) {
        let asked = work.iter().filter_map(|item| item.of.as_ref().ok());
        let keys: Vec<_> = asked.map(|of| (of.tenant, of.resource.clone())).collect();
        let read = self.vend.read_ahead(&keys).await;
        let asked = work.iter_mut().filter(|item| item.of.is_ok());
        for (item, ahead) in asked.zip(read) {
            item.ahead = ahead;
        }
    }

    /// The members of the answer, in the order of the items. Those that wait for nothing are done
    /// one after another; four wait side by side.
    async fn done(&self, caller: &Caller, work: Vec<Work<'_>>) -> Vec<String> {
        let members = Mutex::new(vec![String::new(); work.len()]);
        let work = Mutex::new(work.into_iter().enumerate());
        let next = || locked(&work).next();
        let lane = || async {
            while let Some((place, item)) = next() {
                let member = self.one(caller, item).await;
                if let Some(empty) = locked(&members).get_mut(place) {
                    *empty = member;
                }
            }
        };
        tokio::join!(lane(), lane(), lane(), lane());
        members.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// One member of the answer, and its line in the audit log.
    async fn one(&self, caller: &Caller, item: Work<'_>) -> String {
        let Work {
            named,
            of,
            ahead,
            mut entry,
        } = item;
        let answered = match of {
            Ok(of) => self.vended(caller, &of, ahead, &mut entry).await,
            Err(error) => Err(error),
        };
        let status = answered.as_ref().map(Response::status);
        let (id, now) = (entry.request_id(), self.clock.since_start());
        entry.write(now, status);
        let answer = answered.unwrap_or_else(|error| answer::error(&error, id));
        member(&named, &answer)
    }

    /// The answer to a single vend.
    async fn vended(
        &self,
        caller: &Caller,
        of: &TokenOf,
        ahead: Option<ReadAhead>,
        entry: &mut Entry<'_>,
    ) -> Result<Response<Body>, ApiError> {
        let vended = self.vend_of(caller, of, ahead, entry).await?;
        let now = self.clock.now();
        let answer = TokenAnswer::new(&vended, &of.resource, TokenEndpoint::V2, now);
        Ok(answer::json(StatusCode::OK, &answer, entry.request_id()))
    }
}

fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was asked for, what the head of a single vend's answer says, and all that its body holds.
fn member(named: &str, answer: &Response<Body>) -> String {
    let status = answer.status().as_u16();
    let after = answer.headers().get(header::RETRY_AFTER);
    let after = after.and_then(|seconds| seconds.to_str().ok());
    let after = after.map_or_else(String::new, |after| format!("\"retry_after\":{after},"));
    let body = match answer.body() {
        Body::Text(text) => text.strip_prefix('{').unwrap_or("}"),
        _ => "}",
    };
    format!("{{{named},\"status\":{status},{after}{body}")
}
