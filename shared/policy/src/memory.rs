//! Decisions that were made, remembered. The key is the SHA-256 of everything that a
//! decision depends on: the digest of the policy text, and the [`Facts`], which are all
//! that policies can see: the caller's kind, its parts (account, name and id; issuer and
//! subject; key) and those of its claims that some policy reads; the action; the tenant
//! with its customer, cloud, status and the labels that some policy reads, or the
//! customer; the resource and the route. Time is no part of it: policies here cannot speak
//! of time. So nothing has to be forgotten when something changes; it is asked under
//! another key. A caller's new token costs no new decision, unless a policy reads a claim
//! that differs. A candidate's decisions are remembered beside those of the set in force.

use auth::caller::{Decision, Question};
use auth::digest::sha256;
use auth::memory::weight;
use auth::vend::MEMORY_ENTRIES;
use moka::sync::Cache;

use crate::facts::{Facts, Object, Principal, Workload};
use crate::set::PolicySet;

/// What all decisions take, at most: what does not fit is decided again. As many fit as
/// vending holds tenants in memory, because the usual caller asks for all of them, each for
/// one resource: with fewer, one that goes round its tenants would have many decided again
/// each time. An entry takes 440 to 520 bytes (measured with one and two policies named: the
/// key, the decision, and what the cache keeps of it), all of them 50 MB; a decision that
/// names a thousand policies takes 100 KB and counts as much.
const DECISIONS_MAX_BYTES: u64 = 520 * MEMORY_ENTRIES;

type Key = [u8; 32];

/// The decisions that a process remembers.
#[derive(Debug)]
pub struct DecisionMemory(Cache<Key, Decision>);

impl Default for DecisionMemory {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(DECISIONS_MAX_BYTES)
            .weigher(|_, decision| weight(bytes(decision)));
        Self(cache.build())
    }
}

impl DecisionMemory {
    /// The decision of `policies` on a question, remembered or made.
    pub fn decide(&self, policies: &PolicySet, question: &Question<'_>) -> Decision {
        let facts = match Facts::of(question, &policies.reads) {
            Ok(facts) => facts,
            Err(why) => return policies.without_facts(question, why),
        };
        let key = key(policies, &facts);
        if let Some(decision) = self.0.get(&key) {
            return decision;
        }
        let decided = policies.decide_facts(&facts);
        if decided.is_certain {
            self.0.insert(key, decided.decision.clone());
        }
        decided.decision
    }
}

/// What a decision takes, with its key. The digest is the set's.
fn bytes(decision: &Decision) -> usize {
    let ids = decision.policies.iter();
    let ids: usize = ids.map(|id| size_of::<String>() + id.capacity() + 16).sum();
    size_of::<Key>() + size_of::<Decision>() + ids
}

fn key(policies: &PolicySet, facts: &Facts<'_>) -> Key {
    let mut written = KeyBytes(Vec::with_capacity(512));
    written.text(policies.digest());
    written.principal(&facts.principal);
    written.text(facts.action.as_str());
    written.object(&facts.object);
    written.optional(facts.token_for);
    written.text(facts.route.as_str());
    sha256(&written.0)
}

/// Facts as bytes: each text with its length, each list with its own, so that no two
/// different facts are written alike.
struct KeyBytes(Vec<u8>);

impl KeyBytes {
    fn length(&mut self, length: usize) {
        self.0.extend_from_slice(&length.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.length(usize::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    fn principal(&mut self, principal: &Principal<'_>) {
        match principal {
            Principal::AwsRole(role) => {
                self.text("role");
                self.text(role.account());
                self.text(role.name());
                self.text(role.id());
            }
            Principal::Workload(workload) => {
                self.text("workload");
                self.workload(workload);
            }
            Principal::Key(name) => {
                self.text("key");
                self.text(name);
            }
        }
    }

    fn workload(&mut self, workload: &Workload<'_>) {
        self.text(workload.issuer);
        self.text(workload.subject);
        self.length(workload.claims.len());
        for (name, value) in &workload.claims {
            self.text(name);
            self.text(value);
        }
        self.length(workload.lists.len());
        for (name, items) in &workload.lists {
            self.text(name);
            self.length(items.len());
            for item in items {
                self.text(item);
            }
        }
    }

    fn object(&mut self, object: &Object<'_>) {
        match object {
            Object::Customer(name) => {
                self.text("customer");
                self.text(name);
            }
            Object::Tenant(id, connected) => {
                self.text("tenant");
                self.0.extend_from_slice(id.as_bytes());
                self.length(usize::from(connected.is_some()));
                if let Some(tenant) = connected {
                    self.text(tenant.customer);
                    self.text(tenant.cloud);
                    self.text(tenant.status);
                    self.length(tenant.labels.len());
                    for (name, value) in &tenant.labels {
                        self.text(name);
                        self.text(value);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use auth::caller::Ruling;

    use super::*;

    #[test]
    fn decisions_that_name_many_policies_stay_below_the_bound() {
        let memory = DecisionMemory::default();
        let decision = Decision {
            ruling: Ruling::Allow,
            policies: vec!["x".repeat(64); 1_000],
            ..Decision::denied()
        };
        assert!(bytes(&decision) > 64 * 1_000);
        for n in 0..800_usize {
            let mut key = Key::default();
            key[..8].copy_from_slice(&n.to_be_bytes());
            memory.0.insert(key, decision.clone());
        }
        memory.0.run_pending_tasks();
        let (weight, count) = (memory.0.weighted_size(), memory.0.entry_count());
        assert!(weight <= DECISIONS_MAX_BYTES, "{weight}");
        assert!((100..800).contains(&count), "{count}");
    }
}
