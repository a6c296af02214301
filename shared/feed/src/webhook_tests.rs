//! What is found of a webhook, and when it is put back.

use std::collections::BTreeSet;

use WebhookState as S;

use super::*;

const NOW: i64 = 1_000_000;
const ADDRESS: &str = "https://broker.example/feed/webhook";
const AUTH_ID: &str = "k1.tenant.mac";

fn at(unix: i64) -> Timestamp {
    Timestamp::from_unix(unix)
}

fn wanted() -> Webhook {
    Webhook {
        address: ADDRESS.parse().unwrap(),
        auth_id: AUTH_ID.into(),
    }
}

fn listed(address: &str, auth_id: Option<&str>) -> ListedWebhook {
    ListedWebhook {
        address: address.to_owned(),
        auth_id: auth_id.map(Into::into),
        expires_at: None,
        status: WebhookStatus::Enabled,
    }
}

fn ours() -> ListedWebhook {
    listed(ADDRESS, Some(AUTH_ID))
}

#[test]
fn a_webhook_is_ours_by_its_address_and_its_auth_id_and_only_while_it_is_called() {
    let until = |end, status| ListedWebhook {
        expires_at: Some(at(end)),
        status,
        ..ours()
    };
    let with = |status| ListedWebhook { status, ..ours() };
    use WebhookStatus::{Disabled, Enabled, Expired};
    let rows = [
        (ours(), S::Enabled),
        (
            listed("HTTPS://Broker.Example:443/feed/webhook", Some(AUTH_ID)),
            S::Enabled,
        ),
        (until(NOW + 1, Enabled), S::Enabled),
        (with(Disabled), S::Disabled),
        (with(Expired), S::Expired),
        (until(NOW, Enabled), S::Expired),
        (until(NOW - 86_400, Enabled), S::Expired),
        (until(NOW - 86_400, Disabled), S::Disabled),
        (
            listed("https://broker.example/feed/webhook/", Some(AUTH_ID)),
            S::OtherAddress,
        ),
        (
            listed("https://broker.example/Feed/webhook", Some(AUTH_ID)),
            S::OtherAddress,
        ),
        (
            listed("https://broker.example/feed/webhook?a=1", Some(AUTH_ID)),
            S::OtherAddress,
        ),
        (
            listed("http://broker.example/feed/webhook", Some(AUTH_ID)),
            S::OtherAddress,
        ),
        (
            listed("https://old.example/feed/webhook", Some(AUTH_ID)),
            S::OtherAddress,
        ),
        (
            listed("https://old.example/feed/webhook", None),
            S::OtherAddress,
        ),
        (listed("", Some(AUTH_ID)), S::OtherAddress),
        (listed("not an address", Some(AUTH_ID)), S::OtherAddress),
        (listed(ADDRESS, None), S::OtherAuthId),
        (listed(ADDRESS, Some("")), S::OtherAuthId),
        (listed(ADDRESS, Some("k0.tenant.mac")), S::OtherAuthId),
        (listed(ADDRESS, Some("K1.tenant.mac")), S::OtherAuthId),
        (listed(ADDRESS, Some("k1.tenant.mac ")), S::OtherAuthId),
    ];
    let wanted = wanted();
    for (listed, expected) in rows {
        let found = judge([&listed], Some(&wanted), at(NOW));
        assert_eq!(found, expected, "{listed:?}");
        assert_eq!(judge([&listed], None, at(NOW)), S::Unwanted);
        // One that works is enough, whatever the order.
        for both in [[&listed, &ours()], [&ours(), &listed]] {
            assert_eq!(judge(both, Some(&wanted), at(NOW)), S::Enabled);
        }
    }
    assert_eq!(judge([], Some(&wanted), at(NOW)), S::Missing);
    assert_eq!(judge([], None, at(NOW)), S::None);
}

#[test]
fn a_status_is_read_in_any_case_and_an_unknown_one_is_not_called() {
    let rows = [
        (None, WebhookStatus::Enabled),
        (Some("enabled"), WebhookStatus::Enabled),
        (Some("Enabled"), WebhookStatus::Enabled),
        (Some("disabled"), WebhookStatus::Disabled),
        (Some("expired"), WebhookStatus::Expired),
        (Some("EXPIRED"), WebhookStatus::Expired),
        (Some(""), WebhookStatus::Disabled),
        (Some("paused"), WebhookStatus::Disabled),
    ];
    for (text, expected) in rows {
        assert_eq!(WebhookStatus::of(text), expected, "{text:?}");
    }
}

#[test]
fn every_state_has_a_word_of_its_own_and_says_what_to_do() {
    let words: BTreeSet<_> = S::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(words.len(), S::ALL.len());
    for state in S::ALL {
        for text in [state.what_happened(), state.next_step()] {
            assert!(text.ends_with('.') && text.len() > 10, "{text}");
        }
        let is_well = [true, false].map(|is_wanted| KnownWebhook::of(*state).is_well(is_wanted));
        assert_eq!(
            is_well.contains(&true),
            state.fault().is_none(),
            "{state:?}"
        );
    }
}

#[test]
fn no_auth_id_is_shown() {
    let shown = format!("{:?} {:?}", wanted(), ours());
    assert!(!shown.contains(AUTH_ID), "{shown}");
}
