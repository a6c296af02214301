//! Policy texts: what is taken decides as Cedar itself does, at vending and in `explain`
//! alike, and nothing that is taken overflows a stack.

use policy::{DecisionMemory, PolicySet};

use super::who::Who;
use super::{plain_cedar, questions};

/// The whole input is the text.
pub(super) fn policy_text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(policies) = PolicySet::parse(&text) else {
        return;
    };
    let all = Who::all();
    let callers: Vec<_> = all.iter().map(|who| who.caller().unwrap()).collect();
    let asked: Vec<_> = all
        .iter()
        .zip(&callers)
        .flat_map(|(who, caller)| questions::of(caller).map(move |question| (who, question)))
        .collect();
    let memory = DecisionMemory::default();
    let expected = plain_cedar::decide(&text, &asked);
    for ((who, question), expected) in asked.iter().zip(expected) {
        let decision = policies.decide(question);
        let mut decided_by = decision.policies.clone();
        decided_by.sort();
        assert_eq!(
            (decision.ruling, decided_by),
            expected,
            "{who:?} {question:?}"
        );
        assert_eq!(
            policies.explain(question).decision,
            decision,
            "{who:?} {question:?}"
        );
        for _ in 0..2 {
            assert_eq!(
                memory.decide(&policies, question),
                decision,
                "{who:?} {question:?}"
            );
        }
    }
}
