//! What is known of the webhooks of a tenant's subscriptions.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use feed::ledger::TypeFeed;
use feed::webhook::{KnownWebhook, WebhookState};

use super::names::{map, name};
use crate::table::attributes::{Reader, text, time};

pub(super) const WEBHOOKS: &str = "webhooks";

const STATE: &str = "state";
const TRIED_AT: &str = "tried_at";

/// Beside the types, whose maps an earlier release puts whole; nothing where there are none.
pub(super) fn webhooks(types: &[TypeFeed]) -> Option<AttributeValue> {
    let known = types.iter().filter_map(|one| {
        let KnownWebhook { state, tried_at } = one.known.webhook;
        let members = [
            (STATE, Some(text(state.as_str()))),
            (TRIED_AT, tried_at.map(time)),
        ];
        let is_any = one.known.webhook != KnownWebhook::default();
        is_any.then(|| (name(one.content_type).to_owned(), map(members)))
    });
    let known: HashMap<_, _> = known.collect();
    (!known.is_empty()).then_some(AttributeValue::M(known))
}

/// What is known of a type's webhook; `None` where it cannot be read.
pub(super) fn webhook(webhooks: &Reader<'_>, name: &'static str) -> Option<KnownWebhook> {
    let Some(members) = webhooks.members(name).ok()? else {
        return Some(KnownWebhook::default());
    };
    let members = Reader::of_key(members);
    let state = members.optional_parsed::<String>(STATE).ok()??;
    let mut all = WebhookState::ALL.iter().copied();
    let known = all.find(|known| known.as_str() == state);
    Some(KnownWebhook {
        // A later release's word is looked into: it holds up nothing.
        state: known.unwrap_or(WebhookState::Missing),
        tried_at: members.optional_time(TRIED_AT).ok()?,
    })
}
