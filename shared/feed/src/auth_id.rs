//! The Webhook-AuthID of a tenant: the one proof that a notification is Microsoft's (protocol
//! notes §4.2). We give it to Microsoft with each subscription, and it comes back with each
//! notification.
//!
//! It reads `{key id}.{tenant GUID}.{base64url of an HMAC-SHA-256}`: it names its tenant itself,
//! so that who checks one needs keys and no table (decision 0064). Each key of the ring is
//! taken, and the primary one makes what is new.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use auth::TenantId;
use auth::encoding::base64url;
use auth::ports::SecretError;
use auth::ring::{LateRing, LiveRing};
use auth::sealing::{InvalidKeys, RingKeys};
use auth::secret::{ExposeSecret as _, Key256, SecretString};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;

use crate::ports::AuthIds;

/// The header that carries it, in requests of Microsoft's.
pub const AUTH_ID_HEADER: &str = "Webhook-AuthID";

/// What the keys are used for, in every message that they authenticate. It cannot run into the
/// tenant: the zero byte ends it.
const PURPOSE: &[u8] = b"feed-webhook\0";

/// A key that is in no ring, and a tenant that is no customer: what is no AuthID takes the work
/// of one.
const NO_KEY: [u8; 32] = [0; 32];
const NO_TENANT: TenantId = TenantId::CONSUMERS;

/// The keys as they change while a program runs.
pub type LiveAuthKeys = LiveRing<AuthKeys>;
/// The same for a program that can be without them.
pub type LateAuthKeys = LateRing<AuthKeys>;

/// The keys that AuthIDs are made and checked with. `Debug` shows none.
pub struct AuthKeys {
    primary: String,
    keys: BTreeMap<String, hmac::Key>,
    no_key: hmac::Key,
}

impl AuthKeys {
    /// Reads them from their secret (`FEED_WEBHOOK_KEYS_SECRET_ID`), which has the form of every
    /// ring: `{"primary": id, "keys": {id: base64 of 32 bytes}}`. An id goes into a header: it
    /// has letters, digits, `-` and `_`.
    pub fn from_json(text: &str) -> Result<Self, InvalidKeys> {
        let RingKeys { primary, keys } = RingKeys::from_json(text)?;
        if !keys.keys().all(|id| is_key_id(id)) {
            return Err(InvalidKeys::KeyIdNotOfAHeader);
        }
        let keys = keys.into_iter().map(|(id, key)| (id, hmac_key(&key)));
        Ok(Self {
            primary,
            keys: keys.collect(),
            no_key: hmac::Key::new(hmac::HMAC_SHA256, &NO_KEY),
        })
    }

    /// The AuthID that a tenant's subscriptions are given. Who knows it can wake the workers
    /// for this tenant, and nothing else.
    pub fn of(&self, tenant: TenantId) -> SecretString {
        let key = self.keys.get(&self.primary);
        auth_id(&self.primary, key.unwrap_or(&self.no_key), tenant).into()
    }

    /// Whether this is [the one](Self::of) that the tenant's subscriptions are given now: an
    /// older key's is still taken, and replaced. In constant time.
    pub fn is_current(&self, tenant: TenantId, unverified: &str) -> bool {
        let current = self.of(tenant);
        are_equal(current.expose_secret(), unverified)
    }

    /// The tenant whose AuthID this is; `None` for every other text. One spelling only. The work
    /// is the same whether a key or a tenant is known or not.
    ///
    /// Fails closed because a text that does not read, or names a key that is not there, is
    /// compared too, and is not one whatever comes of it.
    pub fn tenant_of(&self, unverified: &str) -> Option<TenantId> {
        let claimed = Claim::of(unverified);
        let (id, tenant) = claimed
            .as_ref()
            .map_or(("", NO_TENANT), |claim| (claim.key_id, claim.tenant));
        let key = self.keys.get(id);
        let expected = auth_id(id, key.unwrap_or(&self.no_key), tenant);
        let is_equal = are_equal(&expected, unverified);
        (is_equal && key.is_some() && claimed.is_some()).then_some(tenant)
    }
}

impl fmt::Debug for AuthKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthKeys")
            .field("primary", &self.primary)
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}

/// Says in the log that the keys could not be read again ([`LiveAuthKeys`]).
pub fn not_read_again(error: &SecretError) {
    tracing::warn!(
        event = "webhook_keys_not_reloaded", %error,
        "the webhook's keys could not be read again; those in memory stay in use"
    );
}

/// Says in the log that the keys could not be read ([`LateAuthKeys`]).
pub fn not_read(error: &SecretError) {
    tracing::error!(
        event = "feed_webhook_keys_unread", %error,
        "the webhook's keys could not be read: those in memory stay in use, and without any, \
         subscriptions are started without a webhook"
    );
}

#[async_trait]
impl AuthIds for LateAuthKeys {
    async fn auth_id(&self, tenant: TenantId) -> Option<SecretString> {
        Some(self.current().await?.of(tenant))
    }
}

/// What a text says of itself.
struct Claim<'a> {
    key_id: &'a str,
    tenant: TenantId,
}

impl<'a> Claim<'a> {
    fn of(unverified: &'a str) -> Option<Self> {
        let (key_id, rest) = unverified.split_once('.')?;
        let (tenant, _) = rest.split_once('.')?;
        Some(Self {
            key_id,
            tenant: tenant.parse().ok()?,
        })
    }
}

fn auth_id(key_id: &str, key: &hmac::Key, tenant: TenantId) -> String {
    let mac = hmac::sign(key, &[PURPOSE, tenant.as_bytes()].concat());
    format!("{key_id}.{tenant}.{}", base64url(mac.as_ref()))
}

fn are_equal(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

fn hmac_key(key: &Key256) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret())
}

fn is_key_id(id: &str) -> bool {
    id.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use auth::encoding::base64_standard;
    use auth::ports::HeldRandom;
    use auth::ring::RingBook;
    use serde_json::json;

    use super::*;

    const CONTOSO: &str = "41463f53-8812-40f4-890f-865bf6e35190";
    const FABRIKAM: &str = "8ad8f1ab-9d12-4a2a-9a0f-1f0a3c5cbb7c";

    fn tenant(text: &str) -> TenantId {
        text.parse().unwrap()
    }

    fn keys(primary: &str, keys: &[(&str, u8)]) -> AuthKeys {
        let key = |(id, byte): &(&str, u8)| (id.to_string(), base64_standard(&[*byte; 32]).into());
        let keys: serde_json::Map<_, _> = keys.iter().map(key).collect();
        AuthKeys::from_json(&json!({"primary": primary, "keys": keys}).to_string()).unwrap()
    }

    fn of(keys: &AuthKeys, text: &str) -> String {
        keys.of(tenant(text)).expose_secret().to_owned()
    }

    /// Held: a change of the form would make every subscription's AuthID a wrong one.
    #[test]
    fn an_auth_id_has_a_form_that_stays() {
        // Python: hmac.new(bytes([1]) * 32, b"feed-webhook\0" + uuid.UUID(CONTOSO).bytes, "sha256")
        let expected = format!("k1.{CONTOSO}.B4I94R7GqNDnwoxYLif9PoHerU5hIygBXyaq9vnGs7M");
        assert_eq!(of(&keys("k1", &[("k1", 1)]), CONTOSO), expected);
    }

    #[test]
    fn an_auth_id_names_its_tenant_and_no_other() {
        let keys = keys("k1", &[("k1", 1)]);
        for text in [CONTOSO, FABRIKAM] {
            assert_eq!(keys.tenant_of(&of(&keys, text)), Some(tenant(text)));
        }
        assert_ne!(of(&keys, CONTOSO), of(&keys, FABRIKAM));
    }

    #[test]
    fn a_rotation_takes_both_keys_until_the_old_one_leaves_the_ring() {
        let before = keys("old", &[("old", 1)]);
        let old = of(&before, CONTOSO);
        // What is in the ring, and whether the old AuthID is taken, and is the one that is given.
        let rows = [
            (keys("old", &[("old", 1), ("new", 2)]), true, true),
            (keys("new", &[("old", 1), ("new", 2)]), true, false),
            (keys("new", &[("new", 2)]), false, false),
            // Another key of the same id.
            (keys("old", &[("old", 3)]), false, false),
        ];
        for (keys, is_taken, is_current) in rows {
            let found = keys.tenant_of(&old);
            assert_eq!(found, is_taken.then(|| tenant(CONTOSO)), "{keys:?}");
            assert_eq!(keys.is_current(tenant(CONTOSO), &old), is_current);
            let given = of(&keys, CONTOSO);
            assert!(keys.is_current(tenant(CONTOSO), &given));
            assert!(!keys.is_current(tenant(FABRIKAM), &given));
        }
    }

    #[test]
    fn no_other_text_is_an_auth_id() {
        let keys = keys("k1", &[("k1", 1), ("k2", 2)]);
        let right = of(&keys, CONTOSO);
        let other = of(&keys, FABRIKAM);
        let (head, mac) = right.rsplit_once('.').unwrap();
        let (_, other_mac) = other.rsplit_once('.').unwrap();
        let no_key = auth_id("k9", &keys.no_key, tenant(CONTOSO));
        let of_no_one = auth_id("", &keys.no_key, NO_TENANT);
        let mut last_bit = right.clone();
        // 43 characters hold 258 bits: the last two are not the HMAC's.
        let last = last_bit.pop().unwrap();
        last_bit.push(char::from(last as u8 + 1));
        let rows = [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            "...".to_owned(),
            head.to_owned(),
            format!("{head}."),
            format!("{head}.{other_mac}"),
            format!("{head}.{mac}="),
            format!("{head}.{mac}.{mac}"),
            format!("{head}.{}", &mac[..42]),
            format!("{head}.{}", mac.to_uppercase()),
            format!("k2.{CONTOSO}.{mac}"),
            format!("k3.{CONTOSO}.{mac}"),
            format!("K1.{CONTOSO}.{mac}"),
            format!("k1.{FABRIKAM}.{mac}"),
            format!("k1.{}.{mac}", CONTOSO.to_uppercase()),
            format!("k1.{}.{mac}", CONTOSO.replace('-', "")),
            format!(".{CONTOSO}.{mac}"),
            format!(" {right}"),
            format!("{right} "),
            format!("{right}, {right}"),
            right.replace('.', "\u{2024}"),
            last_bit,
            no_key,
            of_no_one,
            "k1.".repeat(100_000),
            "x".repeat(1 << 20),
        ];
        for text in rows {
            assert_eq!(keys.tenant_of(&text), None, "{text:.200}");
        }
    }

    #[test]
    fn a_ring_of_the_operator_fits_and_one_whose_ids_fit_no_header_does_not() {
        let book = RingBook::first(&HeldRandom::counting(), auth::Timestamp::from_unix(0));
        let text = book.to_json();
        let keys = AuthKeys::from_json(text.expose_secret()).unwrap();
        assert!(of(&keys, CONTOSO).starts_with(&format!("{}.", book.primary())));

        for id in ["a.b", "a b", "a\r\nb", "é", "a,b", "a=", "\u{0}"] {
            let key = base64_standard(&[1; 32]);
            let text = json!({"primary": id, "keys": {id: key}}).to_string();
            let refused = AuthKeys::from_json(&text).map(drop);
            assert_eq!(refused, Err(InvalidKeys::KeyIdNotOfAHeader), "{id:?}");
        }
    }

    #[test]
    fn no_key_and_no_auth_id_is_shown() {
        let keys = keys("k1", &[("k1", 7)]);
        let shown = format!("{keys:?} {:?}", keys.of(tenant(CONTOSO)));
        assert!(!shown.contains(&base64_standard(&[7; 32])), "{shown}");
        assert!(!shown.contains(CONTOSO), "{shown}");
    }
}
