//! Who asks the function that signs, and what each of them may ask for. Each asker has an alias
//! of that function to itself, and Lambda says by which alias an invocation came: its word,
//! not the asker's (decision 0057).

use super::message::OnDemandRequest as Request;

/// One of the two functions that ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// Has codes redeemed and tenants bound.
    Consent,
    /// Has tokens renewed.
    Vending,
}

impl Asker {
    /// The alias that it invokes, which is its own name.
    pub fn alias(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Vending => "vending",
        }
    }

    /// Whose alias it is; `None` for every other name.
    pub fn of_alias(alias: &str) -> Option<Self> {
        let all = [Self::Consent, Self::Vending];
        all.into_iter().find(|asker| asker.alias() == alias)
    }

    /// Fails closed because an asker that was taken over could else ask for what is the other
    /// one's: what is not listed is refused.
    pub fn may_ask(self, request: &Request) -> bool {
        matches!(
            (self, request),
            (_, Request::Ready {})
                | (Self::Consent, Request::Redeem { .. } | Request::Bind { .. })
                | (Self::Vending, Request::Renew { .. })
        )
    }
}
