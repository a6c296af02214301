//! One request to the Activity API: the subscriptions of the tenant.

use std::time::Duration;

use auth::{Fault, TenantId};
use feed::address::FeedHost;
use feed::ports::{FeedApi as _, Request};
use feed::refusal::Refusal;
use microsoft::{ActivityClient, ActivityParts, ActivityPatience};

use super::check::{Check, Outcome};
use super::entra::Held;
use super::outside::api_host;
use super::patient::{PATIENCE, Patient};
use crate::commands::feed::place::Feed;
use crate::output;

pub(super) async fn check(
    patient: &Patient<'_, '_>,
    held: Option<&Held>,
    api_answers: bool,
) -> Check {
    asked(patient, held, api_answers).await.of("audit log")
}

async fn asked(patient: &Patient<'_, '_>, held: Option<&Held>, api_answers: bool) -> Outcome {
    let Some(held) = held else {
        return Outcome::skipped("there is no token to ask with");
    };
    let requirements = &patient.settings.tokens.entra.requirements;
    if requirements.first(held.cloud) != held.cloud.management_resource() {
        return Outcome::skipped("the token is for another resource of ENTRA_RESOURCES");
    }
    let (true, Some(host)) = (api_answers, api_host(patient)) else {
        return Outcome::skipped("the Activity API is not asked or does not answer");
    };
    let publisher = patient.optional(|reader| reader.optional::<TenantId>("FEED_PUBLISHER_ID"));
    let api = ActivityClient::new(ActivityParts {
        roots: patient.roots.clone(),
        publisher: publisher.unwrap_or(held.tenant),
        patience: patience(),
    });
    let host = host.unwrap_or_else(|| FeedHost::of(held.cloud));
    let request = Request {
        tenant: held.tenant,
        host: &host,
        token: &held.token,
    };
    match api.subscriptions(request).await {
        Ok(found) => match refusal_seen(patient, held.tenant).await {
            None => Outcome::passed(output::counted(found.listed.len() as u64, "subscription")),
            Some(refusal) => Outcome::failed(
                format_args!("{}: {}", refusal.as_str(), refusal.what_happened()),
                refusal.next_step(),
            ),
        },
        Err(failure) => {
            let code = failure.code.map(|code| format!(" (AF{code})"));
            Outcome::failed(
                format_args!(
                    "{}{}: {}",
                    failure.refusal.as_str(),
                    code.unwrap_or_default(),
                    failure.refusal.what_happened()
                ),
                failure.refusal.next_step(),
            )
        }
    }
}

/// What the collector was refused with, the last time: auditing that is off shows nowhere else.
async fn refusal_seen(patient: &Patient<'_, '_>, tenant: TenantId) -> Option<Refusal> {
    let feed = Feed::over(patient.place, patient.platform.clone()).ok()?;
    let status = feed.feeds.status(tenant).await.ok()??;
    let mut causes = status.types.into_iter().filter_map(|one| one.cause);
    causes.find(|cause| needs_a_person(*cause))
}

/// What is not mended by itself, and is no wish of the operator's.
fn needs_a_person(cause: Refusal) -> bool {
    let by_itself = [
        Refusal::Paused,
        Refusal::NotSubscribed,
        Refusal::SubscriptionDisabled,
    ];
    matches!(cause.fault(), Fault::Customer | Fault::Ours) && !by_itself.contains(&cause)
}

fn patience() -> ActivityPatience {
    let answer: Duration = PATIENCE.1;
    ActivityPatience {
        head: answer,
        piece: answer,
        page: answer,
        content: answer,
    }
}
