//! The simulator's book of issued tokens, as an observer keeps it: what a token is worth is
//! what stands there. Read bit by bit, and across restarts of the simulator.

use std::collections::HashMap;

use auth::vend::Vended;
use auth::{AccessToken, Cloud, TenantId};
use serde::Deserialize;

use crate::Broker;
use crate::jwt::claims;

/// An entry.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    number: u64,
    uti: String,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it is for.
    pub resource: String,
    /// What it allows.
    pub roles: Vec<String>,
    /// The second in which it is dead (Unix).
    pub expires_at: i64,
}

#[derive(Deserialize)]
struct Page {
    issued: Vec<Entry>,
}

/// Everything that was issued so far.
#[derive(Default)]
pub struct Book {
    /// Of this process of the simulator.
    last: u64,
    by_id: HashMap<String, Entry>,
    /// The same by the tokens that were seen, so that each is decoded once.
    by_fingerprint: HashMap<[u8; 32], Entry>,
}

impl Book {
    /// Reads what is new.
    pub async fn read(&mut self, broker: &Broker) {
        let page: Page = serde_json::from_value(broker.issued_after(self.last).await).unwrap();
        for entry in page.issued {
            assert_eq!(entry.number, self.last + 1, "the book has a gap");
            self.last = entry.number;
            self.by_id.insert(entry.uti.clone(), entry);
        }
    }

    /// The simulator is another process now, and counts from 1 again.
    pub fn begin_again(&mut self) {
        self.last = 0;
    }

    /// The entry of a token; `None` for one that was never issued.
    pub fn entry(&mut self, token: &AccessToken) -> Option<&Entry> {
        let fingerprint = token.fingerprint();
        if !self.by_fingerprint.contains_key(&fingerprint) {
            let id = claims(token.expose())["uti"].as_str()?.to_owned();
            let entry = self.by_id.get(&id)?.clone();
            self.by_fingerprint.insert(fingerprint, entry);
        }
        self.by_fingerprint.get(&fingerprint)
    }

    /// The entry of a token that was vended for a tenant of this cloud, at `now` (Unix): it is
    /// alive, this tenant's, for its cloud's API, and carries the role. Panics at one that breaks
    /// that promise.
    pub fn kept_promise(
        &mut self,
        (tenant, cloud): (TenantId, Cloud),
        vended: &Vended,
        (now, role): (i64, &str),
    ) -> &Entry {
        let Some(entry) = self.entry(&vended.access_token) else {
            panic!("{tenant} at {now}: the authority has never issued this token");
        };
        assert!(entry.expires_at > now, "{tenant} at {now}: {entry:?}");
        assert!(vended.expires_at.unix() <= entry.expires_at, "{entry:?}");
        assert_eq!(entry.tenant, tenant, "at {now}: another tenant's token");
        let resource = cloud.management_resource();
        assert_eq!(entry.resource, resource.as_str(), "{tenant} at {now}");
        assert!(entry.roles.iter().any(|held| held == role), "{entry:?}");
        entry
    }

    /// How many tokens were issued.
    pub fn issued(&self) -> u64 {
        self.by_id.len() as u64
    }

    /// How many different tokens were vended.
    pub fn seen(&self) -> usize {
        self.by_fingerprint.len()
    }
}
