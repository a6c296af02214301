//! The issuers on the list, each with its keys. One whose entry is still what it was keeps its
//! keys; one that is new or changed has none until they are fetched, and what was proven by its old
//! entry proves nothing any more.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use auth::caller::{AllowedIssuer, AllowedIssuers};
use auth::ports::{Clock, IssuersInForce, ProofError};

use crate::http::HttpError;
use crate::oidc::issuer_keys::{ExpectedIssuer, IssuerKeys};
use crate::trust::TrustRoots;

/// An issuer as it is listed now.
pub(super) struct Issuer {
    pub(super) entry: Arc<AllowedIssuer>,
    pub(super) keys: IssuerKeys,
}

/// By the issuers' names.
pub(super) type ByName = Arc<HashMap<String, Arc<Issuer>>>;

/// The list, and what was made of it last.
pub(super) struct Listed {
    pub(super) issuers: Arc<dyn IssuersInForce>,
    pub(super) roots: TrustRoots,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) keys_max_age: Duration,
    pub(super) made: RwLock<Made>,
}

/// Made of a list.
#[derive(Default)]
pub(super) struct Made {
    of: Arc<AllowedIssuers>,
    by_name: ByName,
}

impl Listed {
    /// The issuers as they are listed now.
    pub(super) async fn now(&self) -> Result<ByName, ProofError> {
        // Fails closed because it is not known whose word is taken.
        let Some(list) = self.issuers.in_force().await else {
            return Err(ProofError::Unavailable(
                "the list of issuers cannot be read at the moment",
            ));
        };
        if let Some(made) = self.made_of(&list) {
            return Ok(made);
        }
        self.make(list).map_err(|error| {
            tracing::error!(event = "issuers_unusable", %error, "no issuer can be asked");
            ProofError::Unavailable("the issuers of tokens cannot be asked at the moment")
        })
    }

    fn made_of(&self, list: &Arc<AllowedIssuers>) -> Option<ByName> {
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        Arc::ptr_eq(&made.of, list).then(|| Arc::clone(&made.by_name))
    }

    fn make(&self, list: Arc<AllowedIssuers>) -> Result<ByName, HttpError> {
        // A panic while it was locked leaves what was made before.
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        let mut by_name = HashMap::new();
        for entry in list.iter() {
            let same = made.by_name.get(&entry.issuer);
            let same = same.filter(|same| same.entry == *entry).cloned();
            let issuer = match same {
                Some(same) => same,
                None => Arc::new(self.issuer(entry)?),
            };
            by_name.insert(entry.issuer.clone(), issuer);
        }
        *made = Made {
            of: list,
            by_name: Arc::new(by_name),
        };
        Ok(Arc::clone(&made.by_name))
    }

    fn issuer(&self, entry: &Arc<AllowedIssuer>) -> Result<Issuer, HttpError> {
        let url = entry.configuration_url.clone();
        let http = self.roots.client(Some(&url))?;
        let expected = ExpectedIssuer::Exactly(entry.issuer.clone());
        let keys = IssuerKeys::new(http, url, expected, Arc::clone(&self.clock));
        Ok(Issuer {
            entry: Arc::clone(entry),
            keys: keys.believed_for(self.keys_max_age),
        })
    }
}
