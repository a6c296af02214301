//! The states of a subscription, and what is offered under it, minute by minute.

use super::*;

const NOW: u64 = 1_768_435_200;

#[derive(Debug, Clone, Copy)]
enum Act {
    Start,
    StartWithWebhook,
    Stop,
    Vanish,
    Disable,
    RemoveWebhook,
    DisableWebhook,
}

impl Act {
    fn apply(self, subscription: &mut Subscription, now: u64) -> Option<&'static str> {
        let hook = br#"{"webhook":{"address":"https://a.example"}}"#;
        let answer = match self {
            Self::Start => subscription.start(None, now, 60),
            Self::StartWithWebhook => {
                let webhook = Webhook::read(hook, now, false).unwrap();
                subscription.start(webhook, now, 60)
            }
            Self::Stop => {
                subscription.stop(now);
                Ok(())
            }
            Self::Vanish => {
                subscription.vanish(now);
                Ok(())
            }
            Self::Disable => {
                subscription.disable(now);
                Ok(())
            }
            Self::RemoveWebhook => {
                subscription.remove_webhook();
                Ok(())
            }
            Self::DisableWebhook => {
                subscription.disable_webhook();
                Ok(())
            }
        };
        answer.err().map(|refused| refused.error.code)
    }
}

/// What a client sees: the list's status, the listing's code, whether there is a webhook.
fn seen(subscription: &Subscription) -> (Option<&'static str>, &'static str, bool) {
    let check = subscription.check().map_err(|refused| refused.error.code);
    let hooked = subscription.webhook().is_some();
    (subscription.listed(), check.err().unwrap_or("fine"), hooked)
}

/// Acts by the minute, and what is seen after each.
type Row = (
    u64,
    Act,
    Option<&'static str>,
    (Option<&'static str>, &'static str, bool),
);

const ENABLED: (Option<&str>, &str, bool) = (Some("enabled"), "fine", false);
const HOOKED: (Option<&str>, &str, bool) = (Some("enabled"), "fine", true);
const DISABLED_BY_THEM: (Option<&str>, &str, bool) = (Some("disabled"), "AF20023", false);
const CLAIMED: (Option<&str>, &str, bool) = (None, "AF20023", false);
const ABSENT: (Option<&str>, &str, bool) = (None, "AF20022", false);

fn run(rows: &[Row]) -> Subscription {
    let mut subscription = Subscription::default();
    assert_eq!(seen(&subscription), ABSENT);
    for (minute, act, answer, expected) in rows {
        let code = act.apply(&mut subscription, NOW + minute * 60);
        assert_eq!(
            (code, seen(&subscription)),
            (*answer, *expected),
            "{minute} {act:?}"
        );
    }
    subscription
}

#[test]
fn states_follow_each_other_as_documented() {
    use Act::{Disable, DisableWebhook, RemoveWebhook, Start, StartWithWebhook, Stop, Vanish};
    run(&[
        (0, Start, None, ENABLED),
        (1, Start, Some("AF20024"), ENABLED),
        // Answered, and not done: the last start is a minute old.
        (2, StartWithWebhook, None, ENABLED),
        (16, StartWithWebhook, None, ENABLED),
        (31, StartWithWebhook, None, HOOKED),
        (32, StartWithWebhook, Some("AF20024"), HOOKED),
        (33, Start, None, HOOKED),
        (48, Start, None, ENABLED),
        (63, StartWithWebhook, None, HOOKED),
        (63, StartWithWebhook, Some("AF20024"), HOOKED),
        // One that was disabled is not what is asked for: a start enables it.
        (63, DisableWebhook, None, HOOKED),
        (63, StartWithWebhook, None, HOOKED),
        (64, RemoveWebhook, None, ENABLED),
        (65, Disable, None, DISABLED_BY_THEM),
        (66, Disable, None, DISABLED_BY_THEM),
        (67, Start, None, CLAIMED),
        (82, Start, None, ENABLED),
        // Gone without a request: a start brings it back.
        (98, Vanish, None, ABSENT),
        (99, Start, None, ENABLED),
        // Stopped, an hour after the last start: 15 minutes count from the stop.
        (160, Stop, None, ABSENT),
        (161, Start, None, CLAIMED),
        (175, Start, None, CLAIMED),
        (190, Start, None, ENABLED),
        (191, Stop, None, ABSENT),
        (192, Stop, None, ABSENT),
        (193, Disable, None, ABSENT),
        (207, Start, None, ENABLED),
    ]);
}

#[test]
fn content_is_offered_from_its_start_on_and_not_after_a_stop() {
    use Act::{Disable, Start, Stop, Vanish};
    let subscription = run(&[
        (0, Start, None, ENABLED),
        (20, Disable, None, DISABLED_BY_THEM),
        (40, Start, None, ENABLED),
        (60, Vanish, None, ABSENT),
        (80, Start, None, ENABLED),
        (100, Stop, None, ABSENT),
        (140, Start, None, ENABLED),
    ]);
    let at = |seconds: i64| NOW.checked_add_signed(seconds).unwrap();
    let minute = |minutes: i64| at(minutes * 60);
    // When it became available; since when it is offered, and until when.
    for (available_at, offered) in [
        (minute(-2), None),
        (minute(-1), Some((minute(0), Some(minute(60))))),
        (minute(0), Some((minute(0), Some(minute(60))))),
        (minute(20), Some((minute(20), Some(minute(60))))),
        (at(20 * 60 + 1), None),
        (minute(39), None),
        (minute(40), Some((minute(40), Some(minute(60))))),
        (minute(60), Some((minute(60), Some(minute(60))))),
        (at(60 * 60 + 1), None),
        (minute(80), Some((minute(80), Some(minute(100))))),
        (minute(100), Some((minute(100), Some(minute(100))))),
        (minute(101), None),
        (minute(139), None),
        (minute(140), Some((minute(140), None))),
        (minute(9000), Some((minute(9000), None))),
    ] {
        let offer = subscription.offer(available_at);
        let seen = offer.map(|offer| (offer.from, offer.withdrawn_at));
        assert_eq!(seen, offered, "{}", available_at as i64 - NOW as i64);
    }
}
