//! What the Activity API's refusals mean: a closed set of classes, each with whose fault it is,
//! what happened and what to do. Which AF code is of which class is known where the wire is;
//! the words are here, for the operator's commands, the events and the logs.

use auth::Fault;

/// What follows from a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Nothing: it is as it should be.
    Done,
    /// The same again, later.
    Later,
    /// The same again with another token, once; then it is a missing permission.
    AnotherToken,
    /// Start the subscription, and wait.
    Start,
    /// Plan again by the clock of the answer, and list narrower windows.
    PlanAgain,
    /// List the window again from its first page.
    ListAgain,
    /// Count the content as lost; the rest goes on.
    CountAsLost,
    /// This type waits for somebody; the others go on.
    HoldType,
    /// The tenant waits for somebody.
    HoldTenant,
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $step:ident, $fault:ident,
        $happened:literal, $next:literal;)+) => {
        /// Why the Activity API did not do what was asked.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Refusal { $($(#[$doc])* $variant),+ }

        impl Refusal {
            /// Every refusal, for documents and tests.
            pub const ALL: &[Refusal] = &[$(Refusal::$variant),+];

            /// The code in answers, logs and the table.
            pub fn as_str(self) -> &'static str {
                match self { $(Refusal::$variant => $text),+ }
            }

            /// What the collector does.
            pub fn step(self) -> Step {
                match self { $(Refusal::$variant => Step::$step),+ }
            }

            /// Whose turn it is.
            pub fn fault(self) -> Fault {
                match self { $(Refusal::$variant => Fault::$fault),+ }
            }

            /// What happened, in one or two sentences.
            pub fn what_happened(self) -> &'static str {
                match self { $(Refusal::$variant => $happened),+ }
            }

            /// What to do next, in one or two sentences.
            pub fn next_step(self) -> &'static str {
                match self { $(Refusal::$variant => $next),+ }
            }
        }
    };
}

refusals! {
    /// Started already (AF20024).
    AlreadyEnabled = "already_enabled", Done, Microsoft,
        "The subscription is running already.",
        "Nothing to do.";
    /// Too many requests (AF429, as HTTP 403).
    Throttled = "throttled", Later, Microsoft,
        "Microsoft throttles the requests for this organisation.",
        "It passes by itself. If it stays, check that FEED_PUBLISHER_ID is set; Microsoft raises the limit on request.";
    /// The token is not taken (401 without a code that says more).
    TokenRefused = "token_refused", AnotherToken, Microsoft,
        "The Activity API did not take the token.",
        "Another one is asked for by itself.";
    /// The token lacks the permission of this type (AF10001).
    RoleMissing = "role_missing", HoldType, Customer,
        "The organisation has not granted the permission that this content type needs.",
        "An admin of the tenant opens the consent link and accepts. DLP.All also needs ActivityFeed.ReadDlp.";
    /// There is no subscription for the type (AF20022).
    NotSubscribed = "not_subscribed", Start, Ours,
        "There is no subscription for this content type.",
        "It is started by itself; the first content can take twelve hours.";
    /// The subscription was disabled (AF20023), by an admin of the tenant or of the service.
    SubscriptionDisabled = "subscription_disabled", Start, Customer,
        "The subscription for this content type was disabled.",
        "It is started again by itself, at most every 15 minutes. If that does not help within a day, ask an admin of the tenant who disabled it.";
    /// "Tenant … does not exist" at a start: the audit log of the tenant is switched off.
    AuditingOff = "auditing_off", HoldType, Customer,
        "The organisation's audit log is switched off, or was never switched on.",
        "An admin of the tenant turns auditing on in the Microsoft Purview portal; that takes up to an hour.";
    /// The tenant is unknown or deleted (AF20011).
    TenantGone = "tenant_gone", HoldTenant, Customer,
        "The Activity API does not know the organisation, or no longer.",
        "Check the tenant ID; a deleted directory has to be removed here too.";
    /// The tenant is misconfigured at Microsoft (AF20012).
    TenantMisconfigured = "tenant_misconfigured", Later, Microsoft,
        "The organisation is not configured properly at Microsoft.",
        "It is tried again by itself; if it stays, an admin of the tenant asks Microsoft's support.";
    /// A rule of windows is broken (AF20030, AF20055).
    WindowRefused = "window_refused", PlanAgain, Ours,
        "The Activity API does not list this window: our clock and Microsoft's differ, or it is too old.",
        "It is planned again by Microsoft's clock. If it stays, check the clock of this machine.";
    /// The address of a page is stale (AF20031).
    PageStale = "page_stale", ListAgain, Microsoft,
        "The next page of a listing could no longer be fetched.",
        "The window is listed again by itself.";
    /// An address that an answer named is not the tenant's, or the API itself refuses it. Only what
    /// has this address waits; the token was not sent there.
    AddressRefused = "address_refused", Later, Microsoft,
        "The Activity API named an address that is not one of this organisation's, or that it refuses itself. The token was not sent to another place.",
        "What has this address is asked for again by itself, and counted as lost when it expires; all else goes on. If it stays, look for a proxy between here and Microsoft.";
    /// The content does not exist (AF20050, 404).
    ContentGone = "content_gone", CountAsLost, Microsoft,
        "Content that was listed does not exist.",
        "It is counted as lost; nothing can be done.";
    /// The content is older than seven days (AF20051).
    ContentExpired = "content_expired", CountAsLost, Microsoft,
        "Content that was listed has expired before it was fetched.",
        "It is counted as lost. Find out what held the collector up: `operator feed gaps`.";
    /// The request is wrong (AF20001, AF20010, AF20013, AF20020, AF20052 …).
    RequestRefused = "request_refused", HoldType, Ours,
        "The Activity API refuses our request as wrong.",
        "The operator compares the settings of the feed with the log, which names the code.";
    /// A start carried a webhook that could not be validated (AF20021): it changed nothing.
    WebhookRefused = "webhook_refused", Later, Ours,
        "Microsoft could not validate the webhook of a start: its address did not answer with 200.",
        "Check that FEED_WEBHOOK_URL reaches the webhook function over HTTPS. Content is collected without it.";
    /// The tenant is not active, so that there is no token for it.
    NoToken = "no_token", HoldTenant, Customer,
        "The organisation is not active here, so that there is no token for it.",
        "`operator tenants show` says why, and what to do.";
    /// The operator holds the feed back, or the type is no longer in the setting.
    Paused = "paused", HoldType, Ours,
        "The operator of this service has paused the collection, or took the content type out of FEED_CONTENT_TYPES.",
        "`operator feed resume` lifts it. What was made in the last seven days is then collected.";
    /// An error of Microsoft's, no answer, or one that cannot be read.
    Unavailable = "unavailable", Later, Microsoft,
        "The Activity API did not answer, or not with what it should.",
        "It is tried again by itself.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_refusal_has_a_code_of_its_own_and_says_what_to_do() {
        let codes: BTreeSet<_> = Refusal::ALL.iter().map(|one| one.as_str()).collect();
        assert_eq!(codes.len(), Refusal::ALL.len());
        for refusal in Refusal::ALL {
            for text in [refusal.what_happened(), refusal.next_step()] {
                assert!(text.ends_with(['.', '`']) && text.len() > 10, "{text}");
            }
        }
    }

    #[test]
    fn what_waits_for_somebody_is_nothing_that_microsoft_has_to_mend() {
        for refusal in Refusal::ALL {
            let holds = matches!(refusal.step(), Step::HoldType | Step::HoldTenant);
            assert!(!holds || refusal.fault() != Fault::Microsoft, "{refusal:?}");
        }
    }
}
