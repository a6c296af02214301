//! A workload with a token of its own cloud. Its facts are made in one place, from the
//! whole payload of its token: the vending function, `policy check` and `policy explain`
//! cannot differ in what a claim is.
//!
//! A workload that is remembered keeps those claims alone that policies read, and knows
//! under which names they were kept: a claim that was dropped must never look like one
//! that the token does not have, because a `forbid` on it would not match.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::Payload;
use crate::text::{is_certainly_secret, printable};

/// What the allocator adds to a piece of memory, in bytes: its own word, and rounding up.
const ALLOCATION: usize = 16;
/// What a member of an object takes of its map, in bytes: name, value, hash. A map grows by
/// doubling, and a node of a tree is half full at least; the index besides is below a
/// quarter: two and a half times, whichever map serde_json is built with.
const MEMBER: usize = (size_of::<String>() + size_of::<Value>() + 8) * 5 / 2;
/// A map that holds anything has room for so many, counted as above.
const MEMBERS_MIN: usize = 5;

/// A workload. Clones share it.
#[derive(Clone, PartialEq, Eq)]
pub struct Workload(Arc<Proven>);

#[derive(PartialEq, Eq)]
struct Proven {
    issuer: String,
    subject: String,
    /// The `jti` claim as the audit log names it, also where no policy reads it.
    token_id: Option<Box<str>>,
    claims: Map<String, Value>,
    /// Under which names the claims were kept; `None`: all of the payload.
    kept: Option<Arc<ClaimNames>>,
}

/// The names of claims that policies read: members of the payload itself, whatever is read
/// of what they hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimNames(BTreeSet<String>);

impl ClaimNames {
    /// The names of both.
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }
}

impl FromIterator<String> for ClaimNames {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

/// The payload is no workload's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWorkload {
    /// `iss` is missing, no text, empty, or has white space: in policies a space ends it.
    #[error("the token has no issuer")]
    Issuer,
    /// `sub` is missing, no text, or empty.
    #[error("the token has no subject")]
    Subject,
}

impl Workload {
    /// The workload that a payload is about. Issuer and subject are those of the payload,
    /// and every member of it is a claim, `iss`, `sub`, `aud`, `exp` and `nbf` included.
    pub fn from_payload(payload: Payload) -> Result<Self, InvalidWorkload> {
        let text = |name: &str| {
            let value = payload.get(name).and_then(Value::as_str);
            value.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let issuer = text("iss").filter(|issuer| !issuer.contains(char::is_whitespace));
        let issuer = issuer.ok_or(InvalidWorkload::Issuer)?;
        let subject = text("sub").ok_or(InvalidWorkload::Subject)?;
        Ok(Self(Arc::new(Proven {
            issuer,
            subject,
            token_id: token_id(&payload),
            claims: payload.into_members(),
            kept: None,
        })))
    }

    /// The `iss` claim.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The `sub` claim.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The `jti` claim of the token that proved it, for the audit log: one printable line of
    /// 200 characters at most. Nothing is decided on it.
    pub fn token_id(&self) -> Option<&str> {
        self.0.token_id.as_deref()
    }

    /// A claim. Ask [`knows`](Self::knows) first: of a workload that was cut down, no other
    /// claim can be told from one that the token does not have.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.0.claims.get(name)
    }

    /// Whether every claim of these names is known, also that the token does not have it.
    pub fn knows(&self, names: &Arc<ClaimNames>) -> bool {
        match &self.0.kept {
            None => true,
            Some(kept) => Arc::ptr_eq(kept, names) || names.0.is_subset(&kept.0),
        }
    }

    /// The same workload with the claims of these names alone. One that was cut down before
    /// stays as it is: it could not say of what it has lost.
    pub fn keeping(&self, names: &Arc<ClaimNames>) -> Self {
        if self.0.kept.is_some() {
            return self.clone();
        }
        let kept = self.0.claims.iter();
        let kept = kept.filter(|(name, _)| names.0.contains(*name));
        Self(Arc::new(Proven {
            issuer: self.0.issuer.clone(),
            subject: self.0.subject.clone(),
            token_id: self.0.token_id.clone(),
            claims: kept
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            kept: Some(Arc::clone(names)),
        }))
    }

    /// What it takes of memory, in bytes, rather too much than too little. The names that it
    /// was kept under are shared and count for nothing.
    pub fn bytes(&self) -> usize {
        let Proven {
            issuer,
            subject,
            token_id,
            claims,
            kept: _,
        } = &*self.0;
        let id = token_id.as_ref().map_or(0, |id| id.len() + ALLOCATION);
        let texts = issuer.capacity() + subject.capacity() + id + 2 * ALLOCATION;
        size_of::<Proven>() + ALLOCATION + texts + object_bytes(claims)
    }
}

/// The claims' names alone.
impl fmt::Debug for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workload")
            .field("issuer", &self.0.issuer)
            .field("subject", &self.0.subject)
            .field("claims", &self.0.claims.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// RFC 7519 §4.1.7: a string. One that is long or looks like a secret names no token.
fn token_id(payload: &Payload) -> Option<Box<str>> {
    let id = payload.get("jti")?.as_str()?;
    let names_a_token = !id.is_empty() && !is_certainly_secret(id);
    names_a_token.then(|| printable(id).into())
}

fn object_bytes(members: &Map<String, Value>) -> usize {
    if members.is_empty() {
        return 0;
    }
    let each = members.iter();
    let each = each.map(|(name, value)| name.capacity() + ALLOCATION + value_bytes(value));
    members.len().max(MEMBERS_MIN) * MEMBER + 2 * ALLOCATION + each.sum::<usize>()
}

/// What a value holds besides its own place.
fn value_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.capacity() + ALLOCATION,
        Value::Array(items) => {
            let slots = items.capacity() * size_of::<Value>() + ALLOCATION;
            slots + items.iter().map(value_bytes).sum::<usize>()
        }
        Value::Object(members) => object_bytes(members),
    }
}

#[cfg(test)]
#[path = "workload_tests.rs"]
mod tests;
