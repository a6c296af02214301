//! The kinds of fault: a kind is one variant and one row of the table.

use serde::Serialize;
use serde_json::Value;

use super::endpoint::{ALL, API, At, FaultyEndpoint};
use super::takes::Takes;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// The endpoint answers this HTTP status and nothing else.
    Status,
    /// The endpoint answers a proxy's HTML page; the value is its status (200).
    NotJson,
    /// 429, `Retry-After` of that many seconds (60), plain text
    /// (assumption `throttled-code`).
    Throttle,
    /// Code redemptions are refused with invalid_grant and 50196.
    LoopDetected,
    /// Application roles appear that many seconds after the consent or after
    /// the fault was set, whichever is later.
    Propagation,
    /// The customer deleted our service principal; the value is the code that
    /// says so, 7000229 (default), 700016 or 65001. Set for one tenant, it ends when
    /// that tenant's admin consents again.
    ConsentRevoked,
    /// The customer took this application role away (null: all of them): 200,
    /// without it. Set for one tenant, it ends when its admin consents again.
    RoleRemoved,
    /// A tenant that is well is refused an app-only token with this AADSTS number, or gets
    /// one without roles (null). With `times`, as it is seen of the real service (700016:
    /// go-autorest#626). A number that has no row of its own comes as invalid_client.
    OddAnswer,
    /// The customer disabled our service principal.
    AppDisabled,
    /// The tenant does not exist any more.
    TenantDeleted,
    /// This key credential (a thumbprint in hex, base64 or base64url) is gone.
    KeyRemoved,
    /// A key credential that Graph adds from now on is known to the token endpoint only that
    /// many seconds later.
    KeyLag,
    /// The application management policy of the home tenant: a key credential that lives longer
    /// than that many days is not added (null: none at all is).
    KeyPolicy,
    /// v2.0 ID tokens carry no signature.
    UnsignedIdToken,
    /// The answer comes that many milliseconds late.
    Latency,
    /// The head promises the whole body, the connection ends after that many
    /// bytes of it (null: half; never all of it).
    Truncate,
    /// The connection is reset: no answer at all.
    Reset,
    /// The authority's clock, as it judges assertions and the certificates that
    /// signed them, runs that many seconds ahead (+) or behind (-).
    ClockSkew,
    /// Access tokens live that many seconds, from now on.
    TokenLife,
    /// Microsoft stops a plain user who may not consent on a page of its own,
    /// "Need admin approval": the application never hears of it.
    NeedAdminApproval,
    /// The application's service principal is still being made in the tenant: an Accept that
    /// grants something comes back with 650051, until that many seconds after the fault was
    /// set (null: as often as it hits).
    ConsentRace,
    /// The registration asks for a permission that is gone (its name; null: one that is):
    /// every grant of what is registered comes back with 650051.
    PermissionOutdated,
    /// The tenant has a plan of the US government: its v2.0 discovery document says so in
    /// `tenant_region_sub_scope` (`GCC`, `DODCON` or `DOD`). No fault, but a tenant's own.
    RegionSubScope,
    /// The Activity API's endpoint answers this AF code (`AF50000`).
    AfError,
    /// The tenant's auditing is off: /start says that the tenant does not exist, and nothing
    /// that would become available meanwhile is ever offered.
    AuditingOff,
    /// The subscription of this content type (null: all of them) is gone when the next
    /// request comes. With `times: 1` a start brings it back.
    SubscriptionVanished,
    /// The same, disabled by the service or an admin.
    SubscriptionDisabled,
    /// contentUri is twisted: one of `TWISTS`, or another host's base URL.
    ContentUri,
    /// The same of NextPageUri.
    NextPageUri,
    /// The endpoint answers 302 with this Location.
    Redirect,
    /// NextPageUri names the page that carries it.
    SamePage,
    /// The header of older texts, NextPageUrl.
    NextPageUrl,
    /// A window of more than 24 hours is answered with its first 24.
    PartialWindow,
    /// The body is an object where an array belongs.
    ObjectBody,
    /// The body is cut in half, under a Content-Length that says so: HTTP is whole.
    CutBody,
    /// The body comes in gzip, asked for or not.
    Gzip,
    /// The body comes in pieces, that many milliseconds apart (100).
    Slow,
    /// The blob that is fetched has that many megabytes (100), from now on.
    HugeBlob,
    /// One more record of that many megabytes (20), from now on.
    HugeRecord,
    /// One more record that is odd, from now on: `without_id` (null), `invalid_utf8`, `nul`,
    /// `deep`.
    OddRecord,
    /// Answers write the names of types in another case: `Audit.Sharepoint`.
    OddCase,
    /// Entries of the list of subscriptions have no status.
    WithoutStatus,
    /// The webhook is gone when the next request comes, the subscription is not.
    WebhookRemoved,
    /// The same, disabled by the service.
    WebhookDisabled,
    /// Webhooks do not answer: neither validations nor notifications are sent.
    WebhookUnreachable,
    /// Notifications of what becomes available from now on come that many seconds later.
    NotifyLate,
    /// The same come twice; the second time that many seconds after the first (null: at once).
    NotifyTwice,
    /// The same never come.
    NotifyNever,
    /// The same come behind all others that are due, their contents in reverse.
    NotifyReordered,
    /// After its last page, a listing names another one that was never seen before.
    EndlessPages,
    /// The answer's `Date` is that many seconds ahead (+) or behind (-); the service's own
    /// clock is not.
    DateSkew,
}

/// The ways in which an address can be twisted (`activity/addresses.rs`); any other value is the base URL of another
/// host, for instance of one that records what arrives.
#[rustfmt::skip]
const TWISTS: [&str; 7] =
    ["other_host", "user_info", "other_tenant", "plain_http", "parent_path", "unicode_host", "long_id"];

#[rustfmt::skip]
const CONTENT_TYPES: [&str; 5] =
    ["Audit.AzureActiveDirectory", "Audit.Exchange", "Audit.SharePoint", "Audit.General", "DLP.All"];
/// Any number of seconds that a test can mean (a hundred years).
const SECONDS: i64 = 3_155_760_000;
/// Longer than any client waits (ten minutes, in milliseconds).
const LONGEST_WAIT: i64 = 600_000;
/// No AADSTS number is longer.
const AADSTS_MAX: i64 = 99_999_999;
/// More than any blob that a test means, in megabytes.
const LARGEST_BLOB: i64 = 1000;
/// More than any answer's body, in bytes.
const LARGEST_BODY: i64 = 1_000_000;

#[rustfmt::skip]
const KINDS: [(FaultKind, &str, Takes, At); 51] = [
    (FaultKind::Status, "status", Takes::RequiredNumber(200, 599), At::TokenOr(&ALL)),
    (FaultKind::NotJson, "not_json", Takes::Number(200, 599), At::TokenOr(&ALL)),
    (FaultKind::Throttle, "throttle", Takes::Number(0, SECONDS), At::TokenOr(&ALL)),
    (FaultKind::LoopDetected, "loop_detected", Takes::Nothing, At::Nowhere),
    (FaultKind::Propagation, "propagation", Takes::RequiredNumber(0, SECONDS), At::Nowhere),
    (FaultKind::ConsentRevoked, "consent_revoked", Takes::OneOf(&[7_000_229, 700_016, 65_001]), At::Nowhere),
    (FaultKind::RoleRemoved, "role_removed", Takes::Text, At::Nowhere),
    (FaultKind::OddAnswer, "odd_answer", Takes::Number(1, AADSTS_MAX), At::Nowhere),
    (FaultKind::AppDisabled, "app_disabled", Takes::Nothing, At::Nowhere),
    (FaultKind::TenantDeleted, "tenant_deleted", Takes::Nothing, At::Nowhere),
    (FaultKind::KeyRemoved, "key_removed", Takes::RequiredText, At::Nowhere),
    (FaultKind::KeyLag, "key_lag", Takes::RequiredNumber(0, SECONDS), At::Nowhere),
    (FaultKind::KeyPolicy, "key_policy", Takes::Number(0, SECONDS), At::Nowhere),
    (FaultKind::UnsignedIdToken, "unsigned_id_token", Takes::Nothing, At::Nowhere),
    (FaultKind::Latency, "latency", Takes::RequiredNumber(0, LONGEST_WAIT), At::TokenOr(&ALL)),
    (FaultKind::Truncate, "truncate", Takes::Number(0, LARGEST_BODY), At::TokenOr(&ALL)),
    (FaultKind::Reset, "reset", Takes::Nothing, At::TokenOr(&ALL)),
    (FaultKind::ClockSkew, "clock_skew", Takes::RequiredNumber(-SECONDS, SECONDS), At::Nowhere),
    (FaultKind::TokenLife, "token_life", Takes::RequiredNumber(1, SECONDS), At::Nowhere),
    (FaultKind::NeedAdminApproval, "need_admin_approval", Takes::Nothing, At::Nowhere),
    (FaultKind::ConsentRace, "consent_race", Takes::Number(0, SECONDS), At::Nowhere),
    (FaultKind::PermissionOutdated, "permission_outdated", Takes::Text, At::Nowhere),
    (FaultKind::RegionSubScope, "region_sub_scope", Takes::RequiredText, At::Nowhere),
    (FaultKind::AfError, "af_error", Takes::AfCode, At::Named(&API)),
    (FaultKind::AuditingOff, "auditing_off", Takes::Nothing, At::Nowhere),
    (FaultKind::SubscriptionVanished, "subscription_vanished", Takes::OneOfTexts(&CONTENT_TYPES), At::All(&API)),
    (FaultKind::SubscriptionDisabled, "subscription_disabled", Takes::OneOfTexts(&CONTENT_TYPES), At::All(&API)),
    (FaultKind::ContentUri, "content_uri", Takes::TextOrAddress(&TWISTS), At::All(&[FaultyEndpoint::Content])),
    (FaultKind::NextPageUri, "next_page_uri", Takes::TextOrAddress(&TWISTS), At::All(&[FaultyEndpoint::Content])),
    (FaultKind::Redirect, "redirect", Takes::TextOrAddress(&[]), At::Named(&ALL)),
    (FaultKind::SamePage, "same_page", Takes::Nothing, At::All(&[FaultyEndpoint::Content])),
    (FaultKind::NextPageUrl, "next_page_url", Takes::Nothing, At::All(&[FaultyEndpoint::Content])),
    (FaultKind::PartialWindow, "partial_window", Takes::Nothing, At::All(&[FaultyEndpoint::Content])),
    (FaultKind::ObjectBody, "object_body", Takes::Nothing, At::All(&API)),
    (FaultKind::CutBody, "cut_body", Takes::Nothing, At::All(&API)),
    (FaultKind::Gzip, "gzip", Takes::Nothing, At::All(&API)),
    (FaultKind::Slow, "slow", Takes::Number(0, LONGEST_WAIT), At::All(&API)),
    (FaultKind::HugeBlob, "huge_blob", Takes::Number(1, LARGEST_BLOB), At::All(&[FaultyEndpoint::Blob])),
    (FaultKind::HugeRecord, "huge_record", Takes::Number(1, LARGEST_BLOB), At::All(&[FaultyEndpoint::Blob])),
    (FaultKind::OddRecord, "odd_record", Takes::OneOfTexts(&["without_id", "invalid_utf8", "nul", "deep"]), At::All(&[FaultyEndpoint::Blob])),
    (FaultKind::OddCase, "odd_case", Takes::Nothing, At::All(&API)),
    (FaultKind::WithoutStatus, "without_status", Takes::Nothing, At::All(&[FaultyEndpoint::Subscriptions])),
    (FaultKind::WebhookRemoved, "webhook_removed", Takes::OneOfTexts(&CONTENT_TYPES), At::All(&API)),
    (FaultKind::WebhookDisabled, "webhook_disabled", Takes::OneOfTexts(&CONTENT_TYPES), At::All(&API)),
    (FaultKind::WebhookUnreachable, "webhook_unreachable", Takes::Nothing, At::Nowhere),
    (FaultKind::NotifyLate, "notify_late", Takes::RequiredNumber(0, SECONDS), At::Nowhere),
    (FaultKind::NotifyTwice, "notify_twice", Takes::Number(0, SECONDS), At::Nowhere),
    (FaultKind::NotifyNever, "notify_never", Takes::Nothing, At::Nowhere),
    (FaultKind::NotifyReordered, "notify_reordered", Takes::Nothing, At::Nowhere),
    (FaultKind::EndlessPages, "endless_pages", Takes::Nothing, At::All(&[FaultyEndpoint::Content])),
    (FaultKind::DateSkew, "date_skew", Takes::RequiredNumber(-SECONDS, SECONDS), At::Named(&ALL)),
];

impl FaultKind {
    /// The kind of that name, if the value suits it. The error is a sentence.
    pub(crate) fn parse(name: &str, value: &Value) -> Result<Self, String> {
        let Some((kind, _, takes, _)) = KINDS.iter().find(|(_, known, ..)| *known == name) else {
            let known: Vec<_> = KINDS.iter().map(|(_, known, ..)| *known).collect();
            return Err(format!(
                "kind {name:?} is not simulated; these are: {}",
                known.join(", ")
            ));
        };
        takes
            .check(value)
            .map(|()| *kind)
            .map_err(|needs| format!("value of {name} must be {needs}"))
    }

    /// The endpoint of that name, if this kind does something there.
    pub(crate) fn endpoint(self, name: Option<&str>) -> Result<FaultyEndpoint, String> {
        let row = KINDS.iter().find(|(kind, ..)| *kind == self);
        let at = row.map_or(At::Nowhere, |(.., at)| *at);
        at.endpoint(name)
    }

    /// Whether it replaces, delays or breaks one answer.
    pub(crate) fn is_of_an_answer(self) -> bool {
        matches!(
            self,
            Self::Status
                | Self::NotJson
                | Self::Throttle
                | Self::Latency
                | Self::Truncate
                | Self::Reset
        )
    }

    /// Whether an admin's new consent undoes what the customer did.
    pub(crate) fn ends_by_consent(self) -> bool {
        matches!(self, Self::ConsentRevoked | Self::RoleRemoved)
    }
}
