//! An answer that is none is not the last word while the content can still be had.

use feed::refusal::Refusal;

use crate::collecting::{NOW, line, refusal, running, totals};
use crate::fakes::Answer;

const DAY: u64 = 86_400;

/// Answers in place of a content, and whether in the end it is lost (else it is dead).
fn doubtful() -> Vec<(Answer, bool)> {
    let long = "x".repeat(3 << 20);
    let bytes = [
        String::new(),
        " \n".to_owned(),
        "\u{feff}".to_owned(),
        "{\"error\":{\"code\":\"AF50000\"}}".to_owned(),
        "{'error':{'code':'AF50000'}}".to_owned(),
        "<html>502</html>".to_owned(),
        "null".to_owned(),
        "[".to_owned(),
        "[{\"Id\":\"b\"}".to_owned(),
        "[{\"Id\":\"b\"},".to_owned(),
        "[{\"Id\":\"b\"},{\"Id\":\"c".to_owned(),
        format!("[{{\"Id\":\"b\",\"x\":\"{long}"),
    ];
    let bytes = bytes
        .into_iter()
        .map(|text| (Answer::Bytes(text.into_bytes()), false));
    bytes
        .chain([
            (Answer::Bare(Refusal::ContentGone), true),
            (Answer::Bare(Refusal::ContentExpired), true),
        ])
        .collect()
}

#[tokio::test]
async fn a_content_that_was_answered_badly_is_fetched_again_and_stored() {
    for (answer, _) in doubtful() {
        let world = running().await;
        world.api.offer("a", NOW - 600);
        world.api.offer_as("b", NOW - 600, answer);
        for days in [0, 1, 4] {
            world.pass(days * DAY);
            world.turn().await;
            assert_eq!(world.objects.lines(""), [line("a")]);
            assert_eq!(refusal(&world), Some(Refusal::Unavailable));
        }
        world.api.mends("b");
        world.pass(300);
        world.turn().await;
        assert_eq!(world.objects.lines(""), [line("a"), line("b")]);
        assert_eq!((totals(&world).lost, totals(&world).dead), (0, 0));
    }
}

#[tokio::test]
async fn what_is_answered_badly_for_six_days_is_lost_or_kept_as_bytes() {
    for (answer, is_lost) in doubtful() {
        let world = running().await;
        world.api.offer("a", NOW - 600);
        world.api.offer_as("b", NOW - 600, answer.clone());
        world.turn().await;
        world.pass(6 * DAY);
        world.turn().await;
        let totals = totals(&world);
        assert_eq!(
            (totals.lost, totals.dead),
            (u64::from(is_lost), u64::from(!is_lost))
        );
        assert_eq!(totals.lost + totals.stored, totals.listed);
        assert_eq!(refusal(&world), None);
        if let Answer::Bytes(bytes) = &answer {
            let mut found = world.objects.lines(".dead.");
            found.extend(world.objects.lines(".json."));
            let text = String::from_utf8_lossy(bytes).into_owned();
            let solid = |text: &str| text.replace(['[', ',', ' ', '\n'], "").len();
            let kept: usize = found.iter().map(|line| solid(line)).sum();
            assert!(kept >= solid(&text) + solid(&line("a")), "{found:?}");
        }
    }
}

#[tokio::test]
async fn what_an_af_number_says_is_gone_is_lost_at_once() {
    for refusal_of in [Refusal::ContentGone, Refusal::ContentExpired] {
        let world = running().await;
        world.api.offer("a", NOW - 600);
        world
            .api
            .offer_as("b", NOW - 600, Answer::Refused(refusal_of));
        world.turn().await;
        assert_eq!((totals(&world).stored, totals(&world).lost), (1, 1));
        assert_eq!(refusal(&world), None);
    }
}
