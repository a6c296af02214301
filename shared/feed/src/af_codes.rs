//! What the AF numbers of the Activity API mean to us: the one table. Reading a number out of an
//! answer is the client's; a number's step and whose fault it is follow from its refusal.
//!
//! Source: Office 365 Management Activity API reference and observed answers, as collected in
//! the project's protocol notes (§7). The HTTP status alone says little: throttling comes as
//! 403, and 401 is a missing permission as well as an old token.

use crate::refusal::Refusal;

use Refusal as R;

/// Every number that we know, by refusal.
const TABLE: &[(Refusal, &[u32])] = &[
    (R::RoleMissing, &[10_001]),
    (R::TenantGone, &[20_011]),
    (R::TenantMisconfigured, &[20_012]),
    (R::NotSubscribed, &[20_022]),
    (R::SubscriptionDisabled, &[20_023]),
    (R::AlreadyEnabled, &[20_024]),
    (R::WindowRefused, &[20_030, 20_055]),
    (R::PageStale, &[20_031]),
    (R::ContentGone, &[20_050]),
    (R::ContentExpired, &[20_051]),
    (
        R::RequestRefused,
        &[
            20_001, 20_002, 20_003, 20_010, 20_013, 20_020, 20_052, 20_053, 20_054,
        ],
    ),
    (R::WebhookRefused, &[20_021]),
    (R::Throttled, &[429]),
    (R::Unavailable, &[50_000, 50_005, 50_006]),
];

/// The refusal behind an answer that is not 200: by its number, else by its HTTP status. What
/// is not known passes by itself, so that it loses nothing and holds up no other request.
pub fn refusal_of(number: Option<u32>, status: u16) -> Refusal {
    let by_number = |number| TABLE.iter().find(|(_, numbers)| numbers.contains(&number));
    if let Some((refusal, _)) = number.and_then(by_number) {
        return *refusal;
    }
    match (number, status) {
        (_, 401) => R::TokenRefused,
        (_, 429) => R::Throttled,
        // Without a number it may be a gateway's: a content is asked for again until it is six
        // days old, and a listing is listed again.
        (None, 404 | 410) => R::ContentGone,
        _ => R::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_number_has_two_meanings() {
        let all = || TABLE.iter().flat_map(|(_, numbers)| *numbers);
        assert_eq!(all().collect::<BTreeSet<_>>().len(), all().count());
    }

    #[test]
    fn a_number_decides_and_the_status_only_where_there_is_none() {
        let rows = [
            (Some(10_001), 401, R::RoleMissing),
            (Some(429), 403, R::Throttled),
            (Some(20_024), 400, R::AlreadyEnabled),
            (Some(20_023), 400, R::SubscriptionDisabled),
            (Some(20_055), 400, R::WindowRefused),
            (Some(20_051), 404, R::ContentExpired),
            (Some(50_000), 500, R::Unavailable),
            // Not known: never a loss, and nothing that waits for somebody.
            (Some(99_999), 400, R::Unavailable),
            (Some(99_999), 404, R::Unavailable),
            (None, 401, R::TokenRefused),
            (None, 403, R::Unavailable),
            (None, 404, R::ContentGone),
            (None, 429, R::Throttled),
            (None, 302, R::Unavailable),
            (None, 503, R::Unavailable),
        ];
        for (number, status, expected) in rows {
            assert_eq!(refusal_of(number, status), expected, "{number:?} {status}");
        }
    }
}
