//! What a test orders from the forger: which token, and what to put in its place.

use serde_json::Value;

use super::genuine::Genuine;

/// A token of the answer to an authorization code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// Signed, in the v2 flow; unsigned, in the v1 flow.
    IdToken,
    /// What the v1 flow takes the tenant from.
    AccessToken,
}

/// What the next answer to an authorization code gets in place of a token.
pub struct Forgery {
    pub(super) member: Member,
    /// `None`: the member is left out.
    pub(super) make: Option<Recipe>,
}

type Recipe = Box<dyn FnOnce(&Genuine) -> String + Send>;

impl Member {
    pub(super) fn name(self) -> &'static str {
        match self {
            Member::IdToken => "id_token",
            Member::AccessToken => "access_token",
        }
    }

    pub(super) fn of(self, answer: &Value) -> Option<&str> {
        answer[self.name()].as_str()
    }
}

impl Forgery {
    /// What `make` makes of the token that the authority gave.
    pub fn of(member: Member, make: impl FnOnce(&Genuine) -> String + Send + 'static) -> Self {
        Self {
            member,
            make: Some(Box::new(make)),
        }
    }

    /// No token at all.
    pub fn leaving_out(member: Member) -> Self {
        Self { member, make: None }
    }
}
