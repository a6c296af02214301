//! What browsers, callers and the table carry for us: a changed value never opens, one of
//! another kind never opens as this one, and an unchanged one gives back what went in.

use std::sync::LazyLock;

use auth::Timestamp;
use auth::caller::CallerKey;
use auth::consent::fuzzing::Carried;
use auth::consent::{ConsentKeys, ConsentState, FormToken};
use auth::encoding::{base64_standard, base64url, from_base64url};
use auth::invite::InviteId;
use auth::sealing::KeyRing;
use auth::secret::Key256;
use serde_json::Value;

use super::chance::Sequence;

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const END: Timestamp = Timestamp::from_unix(1_800_000_600);
const STATE_ID: &str = "c3RhdGU";

static KEYS: LazyLock<ConsentKeys> = LazyLock::new(|| keys([1, 2]));
static RING: LazyLock<KeyRing> = LazyLock::new(|| ring(3));
/// Keys under which nothing is ever made here: a fuzzer that watches comparisons finds what
/// was made under the others, and passes that for a forgery.
static UNUSED_KEYS: LazyLock<ConsentKeys> = LazyLock::new(|| keys([4, 5]));
static UNUSED_RING: LazyLock<KeyRing> = LazyLock::new(|| ring(6));

fn keys([state, cookie]: [u8; 2]) -> ConsentKeys {
    let key = |byte: u8| base64_standard(&[byte; 32]);
    let text = serde_json::json!({"state_key": key(state), "cookie_key": key(cookie)});
    ConsentKeys::from_json(&text.to_string()).unwrap()
}

fn ring(byte: u8) -> KeyRing {
    KeyRing::single("a", &Key256::new(Box::new([byte; 32]))).unwrap()
}

/// Where a value is changed: byte and bit, from the first bytes of the input.
#[derive(Clone, Copy)]
struct Change {
    byte: usize,
    bit: u32,
}

/// The first three bytes say what is changed; the rest is what is carried, and by itself
/// an attempt to pass for one of ours.
pub(super) fn carried_values(data: &[u8]) {
    let (change, rest) = match data {
        [high, low, bit, rest @ ..] => {
            let byte = usize::from(u16::from_be_bytes([*high, *low]));
            let bit = u32::from(*bit) % 8;
            (Change { byte, bit }, rest)
        }
        _ => (Change { byte: 0, bit: 0 }, data),
    };
    let chance = Sequence::from_seed(change.byte as u64);
    sealed(change, rest, &chance);
    state(change, rest, &chance);
    form(change, rest, &chance);
    handles(change, rest, &chance);
    keys_and_invites(rest);
}

fn sealed(change: Change, plaintext: &[u8], chance: &Sequence) {
    let fields: [&[u8]; 2] = [b"tenant", b"resource"];
    let value = RING.seal("token", &fields, plaintext, chance);
    assert_eq!(RING.open("token", &fields, &value).unwrap(), plaintext);
    assert!(RING.open("token", &fields, &change.of(&value)).is_err());
    assert!(RING.open("cookie", &fields, &value).is_err());
    assert!(
        RING.open("token", &[b"tenantr", b"esource"], &value)
            .is_err()
    );
    assert!(UNUSED_RING.open("token", &fields, plaintext).is_err());
}

fn state(change: Change, rest: &[u8], chance: &Sequence) {
    let state = ConsentState::new(END, chance);
    let text = state.encode(&KEYS);
    let decode = |text: &str, now| ConsentState::decode(text, &KEYS, now);
    assert_eq!(decode(&text, NOW), Ok(state));
    assert!(decode(&text, END).is_err());
    for text in change.of_text(&text) {
        assert!(decode(&text, NOW).is_err(), "{text}");
    }
    let made_up = String::from_utf8_lossy(rest);
    assert!(ConsentState::decode(&made_up, &UNUSED_KEYS, NOW).is_err());
}

fn form(change: Change, rest: &[u8], chance: &Sequence) {
    let cookie = String::from_utf8_lossy(rest).into_owned();
    let token = FormToken::issue(&KEYS, Some(cookie.clone()), NOW, chance);
    assert_eq!(token.cookie, cookie);
    assert!(token.is_valid(&KEYS, NOW));
    for field in change.of_text(&token.field) {
        let cookie = cookie.clone();
        assert!(!FormToken { field, cookie }.is_valid(&KEYS, NOW));
    }
    let others = FormToken {
        cookie: format!("{cookie}x"),
        ..token.clone()
    };
    assert!(!others.is_valid(&KEYS, NOW));
    let made_up = FormToken {
        field: cookie,
        cookie: token.field,
    };
    assert!(!made_up.is_valid(&UNUSED_KEYS, NOW));
}

fn handles(change: Change, rest: &[u8], chance: &Sequence) {
    let text = String::from_utf8_lossy(rest);
    let value = serde_json::from_slice(rest).unwrap_or_else(|_| Value::from(&*text));
    let value = without_fractions(value);
    for kind in Carried::ALL {
        let handle = kind.seal(&value, STATE_ID, &KEYS, chance);
        let opened = kind.open(&handle, STATE_ID, &KEYS);
        // What is too long for a URL is not opened, though it is ours.
        if handle.len() <= 2048 {
            assert_eq!(opened.as_ref(), Some(&value), "{kind:?}");
        }
        if kind.is_taken(&handle, STATE_ID, &KEYS) {
            assert!(opened.is_some(), "{kind:?}");
        }
        for changed in change.of_text(&handle) {
            assert_eq!(kind.open(&changed, STATE_ID, &KEYS), None, "{kind:?}");
        }
        for other in Carried::ALL.into_iter().filter(|other| *other != kind) {
            assert_eq!(
                other.open(&handle, STATE_ID, &KEYS),
                None,
                "{kind:?} {other:?}"
            );
        }
        assert_eq!(kind.open(&text, STATE_ID, &UNUSED_KEYS), None, "{kind:?}");
    }
    let attempt = Carried::Attempt.seal(&value, STATE_ID, &KEYS, chance);
    assert_eq!(Carried::Attempt.open(&attempt, "b3RoZXI", &KEYS), None);
}

/// A fraction can lose its last digit each time that it is written as JSON and read again;
/// no value of ours has one.
fn without_fractions(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => Value::Null,
        Value::Array(items) => items.into_iter().map(without_fractions).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            let members = members.map(|(name, value)| (name, without_fractions(value)));
            Value::Object(members.collect())
        }
        other => other,
    }
}

/// One spelling only: what is taken is what was written.
fn keys_and_invites(rest: &[u8]) {
    let text = String::from_utf8_lossy(rest);
    if let Ok(key) = text.parse::<CallerKey>() {
        assert_eq!(key.expose(), text);
        assert!(
            text.starts_with(&format!("m365tb_{}_", key.name())),
            "{text}"
        );
    }
    if let Ok(invite) = text.parse::<InviteId>() {
        assert_eq!(invite.expose(), text);
        assert_eq!(
            from_base64url(&text)
                .map(|bytes| base64url(&bytes))
                .as_deref(),
            Some(&*text)
        );
    }
}

impl Change {
    /// `bytes` with one bit changed.
    fn of(self, bytes: &[u8]) -> Vec<u8> {
        let mut changed = bytes.to_vec();
        let at = self.byte % changed.len();
        changed[at] ^= 1 << self.bit;
        changed
    }

    /// The base64url text of bytes with one bit changed, and the text with one character
    /// changed, cut or doubled.
    fn of_text(self, text: &str) -> Vec<String> {
        let bytes = from_base64url(text).unwrap();
        let mut texts = vec![base64url(&self.of(&bytes))];
        let at = self.byte % text.len();
        for instead in ["", "A", "_", "=", "AA"] {
            let changed = format!("{}{instead}{}", &text[..at], &text[at + 1..]);
            if changed != text {
                texts.push(changed);
            }
        }
        texts
    }
}
