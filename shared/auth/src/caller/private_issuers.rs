//! The issuers that the operator declared private: whoever has a token of one belongs to
//! the operator. A policy that permits workloads of any other issuer has to say whose they
//! are.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::issuers::AllowedIssuer;

/// Private issuers, each as the `iss` claim has it. None by default, which fails closed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrivateIssuers(Arc<BTreeSet<String>>);

impl PrivateIssuers {
    /// Those of a list.
    pub fn of<'a>(list: impl IntoIterator<Item = &'a AllowedIssuer>) -> Self {
        let private = list.into_iter().filter(|issuer| issuer.private);
        Self(Arc::new(
            private.map(|issuer| issuer.issuer.clone()).collect(),
        ))
    }

    /// Whether an issuer is one, to the letter.
    pub fn contains(&self, issuer: &str) -> bool {
        self.0.contains(issuer)
    }
}
