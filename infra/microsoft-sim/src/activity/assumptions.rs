//! What the simulated Activity API does where the real behaviour is not known for certain:
//! rows as in `assumptions.rs`, held by the same tests.

use crate::assumptions::{Assumption, row};

/// Every assumption of the Activity API.
pub const ACTIVITY_ASSUMPTIONS: &[Assumption] = &[
    row(
        "af-status",
        "a refusal of the Activity API is HTTP 400 where the reference names no status; content \
         that does not exist is 404, internal errors are 500",
        "400 is what is seen beside most of its codes; a peer drops a blob that is answered with \
         404",
    ),
    row(
        "unauthorized-body",
        "a bearer that is missing, foreign or dead is 401 with {\"Message\": …} and no AF code",
        "the words of the framework that the service is written in; no record of the service's \
         own was found",
    ),
    row(
        "bearer-without-skew",
        "nbf and exp of a bearer hold to the second, and its audience may be any name of the \
         management API",
        "a service usually allows five minutes; a client that relies on it would be wrong. All \
         names are one resource in the directory",
    ),
    row(
        "single-quoted-errors",
        "the body of AF429 is written with single quotes, all other refusals are JSON",
        "the troubleshooting page's sample of throttling, and one recorded answer of AF50000",
    ),
    row(
        "names-of-methods",
        "AF429 calls its methods GetBlob, GetAvailableContent, StartSubscription and so on",
        "GetBlob is seen, the others are chosen by their meaning",
    ),
    row(
        "quota-by-the-minute",
        "2,000 requests of a clock's minute for each publisher and tenant; all requests without \
         a PublisherIdentifier that is a GUID share one such quota, whatever their tenant",
        "the newer of two statements; how the minute is measured is not said",
    ),
    row(
        "start-too-soon",
        "a start within 15 minutes of the last start or stop of that tenant and type is answered \
         with \"enabled\", but the list is without it and content is AF20023 until a start that \
         waited; a change of the webhook is answered and not done",
        "the rule's scope and its refusal are not documented; a stop and a start at once were \
         seen to end so (office-365-management-api#479)",
    ),
    row(
        "restart-begins-then",
        "after a stop, or once a subscription has vanished, a new start offers what becomes \
         available from then on only; one that was disabled and is started again also offers \
         what was available before",
        "the reference says so of a stop; of the other two it says nothing",
    ),
    row(
        "length-required",
        "a POST without Content-Length and without Transfer-Encoding is 411, with a page of HTML",
        "the reference wants Content-Length: 0 where there is no body; the page is what the \
         web server of the service's platform says",
    ),
    row(
        "webhook-validation",
        "within a start the webhook is called once; an answer other than 200, and none within five \
         seconds, is AF20021, and no redirect is followed",
        "all but how long it waits, and that it does not ask again, is documented",
    ),
    row(
        "unvalidated-start",
        "a start that is refused with AF20021 changes nothing and counts as no start for the 15 \
         minutes",
        "the first is documented; a client that starts without the webhook at once should be safe \
         under either",
    ),
    row(
        "unchanged-webhook",
        "a start with the webhook that is there is AF20024, and the webhook is not validated; one \
         that is disabled or expired is started again",
        "the code is seen of starts without a webhook, the second half is documented",
    ),
    row(
        "notified-soon",
        "content is named to its webhook within 30 seconds after it became available, up to 20 in \
         one notification, of one subscription",
        "documented is that the number is limited and that there is no maximum delay; \
         notifications usually come within an hour",
    ),
    row(
        "headers-of-notifications",
        "Content-Type is \"application/json; utf-8\", \"application/json; charset=utf-8\" or \
         \"application/json\"; GUIDs are in lower case",
        "the first is the reference's sample; a reader should take what may come",
    ),
    row(
        "retries-of-notifications",
        "one that is not answered with 200 within five seconds is sent again after 1, 2, 4, 8, 16 \
         and 32 minutes; then the webhook is disabled, unless another notification of the \
         subscription was answered meanwhile",
        "growing gaps, and that it is disabled in the end, are documented without numbers",
    ),
    row(
        "not-notified-later",
        "what becomes available while a webhook is missing, disabled or expired is not notified \
         once it works again, and what waited is dropped",
        "nothing is said of it; a client that relied on it would lose time at most",
    ),
    row(
        "list-of-notifications",
        "/subscriptions/notifications lists the newest 10,000 attempts since the process began, on \
         one page, in an order that follows from the seed",
        "that there are several for a content, in any order, is documented; pages are too, of which \
         the listing of content has enough",
    ),
    row(
        "auditing-off",
        "with auditing off a start says that the tenant does not exist, a listing names what was \
         available before, and nothing becomes available until it is on again",
        "the first is in the troubleshooting page; the rest is inferred, and a switch takes up \
         to an hour",
    ),
    row(
        "content-before-the-start",
        "a first start also offers what became available in the hour before it",
        "the reference says that first content can take twelve hours; without a backlog a \
         one-machine run would show nothing for a long time",
    ),
    row(
        "content-expiry",
        "content expires seven days after its contentCreated, late content seven days after it \
         became available",
        "the reference counts from the first availability, its sample from contentCreated; one \
         public client measured twenty days: read contentExpiration",
    ),
    row(
        "expired-content-is-listed",
        "a listing names content that has expired as long as its window reaches it",
        "AF20051 would otherwise only be met between a listing and a fetch",
    ),
    row(
        "window-codes",
        "AF20055 for a start that is too old, AF20030 for every other broken rule of a window",
        "both have the same words; an old start was reported with AF20055",
    ),
    row(
        "forms-of-times",
        "the three documented forms, with Z, an escaped offset or a fraction that is cut off; \
         anything else, and an offset whose plus sign was not escaped, is AF20002",
        "all but the last were seen to be taken; a lenient answer would hide that windows are \
         ignored",
    ),
    row(
        "life-of-a-page",
        "a nextPage is taken for an hour, for its own tenant, type and window only",
        "documented is that a stale one is AF20031",
    ),
    row(
        "empty-pages",
        "a fifth of the pages after the first is empty and names a next one",
        "possible by the reference's words; what a page holds is not published",
    ),
    row(
        "friendly-names",
        "two sensitive information types, in English whatever language is asked for",
        "the list is long and changes",
    ),
];
