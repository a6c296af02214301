//! What the AADSTS numbers mean to us: the one table. A number's class and whose fault
//! it is follow from its cause ([`CauseCode::class`], [`CauseCode::fault`]).
//!
//! Source of the numbers: Microsoft's published list of error codes and observed
//! answers, as collected in the project's protocol notes (§5.3); the causes are our
//! reading. Microsoft asks not to depend on the numbers alone, so they only refine what
//! HTTP status and `error` say, and one that is not here is never a revocation.

use auth::cause::CauseCode;

use CauseCode as C;

/// Every number that we know, by cause.
const TABLE: &[(CauseCode, &[u32])] = &[
    (
        C::NotConsented,
        &[501051, 65001, 700011, 700016, 7000229, 90094, 90095, 90099],
    ),
    // A person who may not grant it, or not for an application that Microsoft finds risky.
    (C::NotAnAdmin, &[90093, 900941, 900981]),
    (C::ConsentDeclined, &[65004]),
    (C::ApplicationDisabled, &[70001, 7000112]),
    (C::ResourceMissing, &[50001, 500011, 500014, 650052, 650054]),
    (C::BlockedByPolicy, &[53003]),
    (C::TenantNotFound, &[90002, 900023]),
    (C::TenantInactive, &[5000224, 5000225]),
    (C::WrongCloud, &[90038, 900382, 900432, 900439]),
    (
        C::SignInFailed,
        &[
            50034, 50058, 50072, 50074, 50076, 50079, 50105, 530003, 90072,
        ],
    ),
    (C::CodeUnusable, &[501481, 54005, 70000, 70008]),
    (
        C::CredentialRefused,
        &[
            50012, 50027, 5002730, 5002738, 70002, 700025, 700027, 700030, 7000214, 7000215,
            7000218, 7000222, 7000274, 7000277, 1000502,
        ],
    ),
    (C::ClockSkew, &[ASSERTION_OUT_OF_TIME]),
    (
        C::RequestRefused,
        &[
            50011,
            500112,
            50013,
            500133,
            50048,
            50049,
            50059,
            50194,
            65005,
            650051,
            650056,
            650057,
            650059,
            70003,
            70005,
            70007,
            CODE_OF_ANOTHER_TENANT,
            700054,
            70011,
            700021,
            700022,
            700023,
            7000113,
            90009,
            90010,
            90013,
            90014,
            900144,
            9001023,
            901001,
            901002,
            9002313,
            9002326,
            501491,
        ],
    ),
    (C::Unavailable, &[50033, 90006, 90012, 90024, 90033, 90090]),
    (C::Throttled, &[50196, 90055]),
];

/// Numbers that wrap a more telling one in the same answer (observed: 70002 before
/// 50012 or 70008).
const WRAPPERS: [u32; 2] = [70000, 70002];

/// The code was made at another tenant than the one that it is redeemed at.
pub(crate) const CODE_OF_ANOTHER_TENANT: u32 = 700005;
/// The assertion is not within its valid time.
pub(crate) const ASSERTION_OUT_OF_TIME: u32 = 700024;

/// Refusals of the key that signed, which another key may pass (the set that
/// Microsoft.Identity.Web loads its certificate again for; reference §9): not, or not yet,
/// registered; out of time; revoked; outside its validity; of another algorithm.
const OTHER_KEY_MAY_HELP: [u32; 8] = [
    700027,
    ASSERTION_OUT_OF_TIME,
    7000214,
    1000502,
    7000274,
    7000277,
    5002730,
    5002738,
];

/// Whether a refusal with this number is worth a try with another key.
pub(crate) fn other_key_may_help(number: u32) -> bool {
    OTHER_KEY_MAY_HELP.contains(&number)
}

/// The cause behind a number; `None` for one that we do not know.
pub(crate) fn cause_of(number: u32) -> Option<CauseCode> {
    TABLE
        .iter()
        .find(|(_, numbers)| numbers.contains(&number))
        .map(|(cause, _)| *cause)
}

/// The number that decides among several, with its cause (`None`: unknown to us).
///
/// What passes by itself comes first, so that an answer that names an outage and a
/// revocation revokes nobody. Then what the client itself can mend: another key, a
/// fresh assertion. Then the first known one that is no wrapper; then an unknown one; a
/// wrapper only where it stands alone.
pub(crate) fn deciding(numbers: &[u32]) -> Option<(u32, Option<CauseCode>)> {
    let known = |wanted: fn(u32, CauseCode) -> bool| {
        numbers
            .iter()
            .filter_map(|number| cause_of(*number).map(|cause| (*number, cause)))
            .find(|(number, cause)| wanted(*number, *cause))
            .map(|(number, cause)| (number, Some(cause)))
    };
    known(|_, cause| cause.is_transient())
        .or_else(|| known(|number, _| other_key_may_help(number)))
        .or_else(|| known(|number, _| !WRAPPERS.contains(&number)))
        .or_else(|| {
            let unknown = numbers.iter().find(|number| cause_of(**number).is_none());
            unknown.map(|number| (*number, None))
        })
        .or_else(|| known(|_, _| true))
}

/// Every number that has a cause.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = u32> + Clone {
    TABLE.iter().flat_map(|(_, numbers)| *numbers).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_number_has_two_causes() {
        let distinct: BTreeSet<u32> = all().collect();
        assert_eq!(distinct.len(), all().count());
    }

    #[test]
    fn of_several_numbers_the_telling_one_decides() {
        type Decided = Option<(u32, Option<CauseCode>)>;
        let rows: &[(&[u32], Decided)] = &[
            (&[], None),
            (&[70002, 50012], Some((50012, Some(C::CredentialRefused)))),
            (&[70008, 70002], Some((70008, Some(C::CodeUnusable)))),
            (&[50012, 700027], Some((700027, Some(C::CredentialRefused)))),
            (&[50012, 700024], Some((700024, Some(C::ClockSkew)))),
            (
                &[50012, 7000214],
                Some((7000214, Some(C::CredentialRefused))),
            ),
            (&[700016, 5000225], Some((700016, Some(C::NotConsented)))),
            (&[70002], Some((70002, Some(C::CredentialRefused)))),
            (&[70000], Some((70000, Some(C::CodeUnusable)))),
            (&[700016, 90033], Some((90033, Some(C::Unavailable)))),
            (&[65001, 50196], Some((50196, Some(C::Throttled)))),
            (&[65001, 700016], Some((65001, Some(C::NotConsented)))),
            (&[123456, 700016], Some((700016, Some(C::NotConsented)))),
            (&[70002, 123456], Some((123456, None))),
            (&[123456], Some((123456, None))),
        ];
        for (numbers, expected) in rows {
            assert_eq!(deciding(numbers), *expected, "{numbers:?}");
        }
    }
}
