//! From a token's payload to a decision: what `policy explain` is asked about is what
//! vending decides on, and both are what the payload says.

use auth::Caller;
use auth::caller::{Payload, Workload};
use policy::PolicySet;
use serde_json::{Map, Value};

use super::parts::parts;
use super::who::Who;
use super::{plain_cedar, questions};

/// A policy text, and the payload of a caller's token.
pub(super) fn callers(data: &[u8]) {
    let [text, payload] = parts(data);
    let text = String::from_utf8_lossy(text);
    let Ok(claims) = serde_json::from_slice::<Map<String, Value>>(payload) else {
        return;
    };
    let (Some(live), Ok(policies)) = (live(payload), PolicySet::parse(&text)) else {
        return;
    };
    let who = Who::Workload(claims);
    let explained = who.caller().unwrap();
    let asked: Vec<_> = questions::of(&live)
        .map(|question| (&who, question))
        .collect();
    let expected = plain_cedar::decide(&text, &asked);
    for (((_, question), as_explained), expected) in
        asked.iter().zip(questions::of(&explained)).zip(expected)
    {
        let decision = policies.decide(question);
        let explanation = policies.explain(&as_explained);
        assert_eq!(explanation.decision, decision, "{who:?} {question:?}");
        let mut decided_by = decision.policies;
        decided_by.sort();
        assert_eq!(
            (decision.ruling, decided_by),
            expected,
            "{who:?} {question:?}"
        );
    }
}

/// The caller as vending makes it of a payload whose signature holds.
fn live(payload: &[u8]) -> Option<Caller> {
    let payload: Payload = serde_json::from_slice(payload).ok()?;
    let workload = Workload::from_payload(payload).ok()?;
    Some(Caller::Workload(workload))
}
