//! The audit line: one per grant and per refusal of a token, whatever the log level
//! of the rest (telemetry keeps the target `audit` on). It names the token by its SHA-256 and never holds it.

use std::fmt::Write as _;

use auth::vend::Vended;
use auth::{Caller, Customer, Resource, TenantId};
use lambda::answer::ApiError;

/// What was asked.
pub(crate) struct Asked<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) tenant: TenantId,
    pub(crate) resource: &'a Resource,
    pub(crate) request_id: &'a str,
}

pub(crate) fn granted(asked: &Asked<'_>, vended: &Vended) {
    tracing::info!(
        target: "audit",
        event = "vend",
        decision = "granted",
        caller = %asked.caller,
        tenant = %asked.tenant,
        customer = %vended.customer,
        resource = %asked.resource,
        source = vended.source.as_str(),
        token_sha256 = hex(&vended.access_token.fingerprint()),
        expires_at = %vended.expires_at,
        request_id = asked.request_id,
        "{} was handed a token of {}", asked.caller, asked.tenant
    );
}

pub(crate) fn refused(asked: &Asked<'_>, error: &ApiError) {
    tracing::info!(
        target: "audit",
        event = "vend",
        decision = "refused",
        caller = %asked.caller,
        tenant = %asked.tenant,
        resource = %asked.resource,
        status = error.status.as_u16(),
        cause = error.cause.as_ref().map(tracing::field::display),
        request_id = asked.request_id,
        "{} was refused a token of {}: {}", asked.caller, asked.tenant, error.description
    );
}

/// What was asked of `POST /invites`.
pub(crate) struct AskedInvite<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) customer: &'a Customer,
    pub(crate) tenant: Option<TenantId>,
    pub(crate) request_id: &'a str,
}

pub(crate) fn invited(asked: &AskedInvite<'_>) {
    tracing::info!(
        target: "audit",
        event = "invite",
        decision = "granted",
        caller = %asked.caller,
        customer = %asked.customer,
        tenant = asked.tenant.map(tracing::field::display),
        request_id = asked.request_id,
        "{} was given an invite for {}", asked.caller, asked.customer
    );
}

pub(crate) fn invite_refused(asked: &AskedInvite<'_>, error: &ApiError) {
    tracing::info!(
        target: "audit",
        event = "invite",
        decision = "refused",
        caller = %asked.caller,
        customer = %asked.customer,
        tenant = asked.tenant.map(tracing::field::display),
        status = error.status.as_u16(),
        request_id = asked.request_id,
        "{} was refused an invite for {}: {}", asked.caller, asked.customer, error.description
    );
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
