//! Where a fault can do something.

use serde::Serialize;

/// Which endpoint a fault that replaces an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultyEndpoint {
    #[default]
    Token,
    Discovery,
    Jwks,
    Authorize,
    /// The Activity API's start, stop, list, notifications and friendly names.
    Subscriptions,
    /// Its listing.
    Content,
    /// Its contentUri.
    Blob,
    /// Microsoft Graph's applications.
    Graph,
}

/// Every endpoint.
pub(super) const ALL: [FaultyEndpoint; 8] = {
    use FaultyEndpoint::{Authorize, Blob, Content, Discovery, Graph, Jwks, Subscriptions, Token};
    [
        Token,
        Discovery,
        Jwks,
        Authorize,
        Subscriptions,
        Content,
        Blob,
        Graph,
    ]
};

/// Those of the Activity API.
pub(super) const API: [FaultyEndpoint; 3] = [
    FaultyEndpoint::Subscriptions,
    FaultyEndpoint::Content,
    FaultyEndpoint::Blob,
];

/// Which endpoints the faults of a kind are for.
#[derive(Clone, Copy)]
pub(super) enum At {
    /// It names none.
    Nowhere,
    /// One of these; the token endpoint where none is named.
    TokenOr(&'static [FaultyEndpoint]),
    /// One of these, which must be named.
    Named(&'static [FaultyEndpoint]),
    /// One of these; all of them where none is named.
    All(&'static [FaultyEndpoint]),
}

impl FaultyEndpoint {
    fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Discovery => "discovery",
            Self::Jwks => "jwks",
            Self::Authorize => "authorize",
            Self::Subscriptions => "subscriptions",
            Self::Content => "content",
            Self::Blob => "blob",
            Self::Graph => "graph",
        }
    }
}

impl At {
    /// The endpoint of that name: one where the fault does nothing is refused with a sentence.
    /// The default stands for "none named".
    pub(super) fn endpoint(self, name: Option<&str>) -> Result<FaultyEndpoint, String> {
        let (taken, may_be_left_out): (&[FaultyEndpoint], bool) = match self {
            Self::Nowhere => (&[FaultyEndpoint::Token], true),
            Self::TokenOr(taken) | Self::All(taken) => (taken, true),
            Self::Named(taken) => (taken, false),
        };
        let Some(name) = name else {
            let none = may_be_left_out.then(FaultyEndpoint::default);
            return none.ok_or_else(|| Self::refusal(taken));
        };
        let mut all = taken.iter();
        all.find(|endpoint| endpoint.name() == name)
            .copied()
            .ok_or_else(|| Self::refusal(taken))
    }

    fn refusal(taken: &[FaultyEndpoint]) -> String {
        let names: Vec<_> = taken.iter().map(|endpoint| endpoint.name()).collect();
        format!("endpoint of this kind must be one of {}", names.join(", "))
    }
}
