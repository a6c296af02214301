//! The sealed values of a browser, made of any JSON and opened again: for the fuzzers of
//! `tests`, which see no private type.

use serde_json::Value;

use super::handles::{Conclusion, Confirmation, Handle, Passage, open, seal};
use super::keys::ConsentKeys;
use crate::ports::Random;

/// A kind of sealed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// The cookie of an attempt.
    Attempt,
    /// The handle of the page that leads on to Microsoft.
    Passage,
    /// The handle of the confirm page.
    Confirmation,
    /// The handle of the result page.
    Conclusion,
}

impl Carried {
    /// Every kind.
    pub const ALL: [Carried; 4] = [
        Carried::Attempt,
        Carried::Passage,
        Carried::Confirmation,
        Carried::Conclusion,
    ];

    /// Seals `value` as this kind; `state_id` is what the cookie of an attempt is bound to.
    pub fn seal(
        self,
        value: &Value,
        state_id: &str,
        keys: &ConsentKeys,
        random: &dyn Random,
    ) -> String {
        match self {
            Carried::Attempt => {
                let fields = [state_id.as_bytes()];
                seal(keys, "consent attempt", &fields, value, random)
            }
            Carried::Passage => seal(keys, "consent passage", &[], value, random),
            Carried::Confirmation => seal(keys, "consent confirmation", &[], value, random),
            Carried::Conclusion => seal(keys, "consent result", &[], value, random),
        }
    }

    /// What was sealed as this kind, whatever it is.
    pub fn open(self, text: &str, state_id: &str, keys: &ConsentKeys) -> Option<Value> {
        match self {
            Carried::Attempt => open(keys, "consent attempt", &[state_id.as_bytes()], text),
            Carried::Passage => open(keys, "consent passage", &[], text),
            Carried::Confirmation => open(keys, "consent confirmation", &[], text),
            Carried::Conclusion => open(keys, "consent result", &[], text),
        }
    }

    /// Whether the consent pages take it; of an attempt, whether it opens.
    pub fn is_taken(self, text: &str, state_id: &str, keys: &ConsentKeys) -> bool {
        let handle = Handle(text.to_owned());
        match self {
            Carried::Attempt => self.open(text, state_id, keys).is_some(),
            Carried::Passage => Passage::open(&handle, keys).is_some(),
            Carried::Confirmation => Confirmation::open(&handle, keys).is_some(),
            Carried::Conclusion => Conclusion::open(&handle, keys).is_some(),
        }
    }
}
