//! What fails, or takes long, holds up nothing but itself.

use feed::refusal::Refusal;

use crate::collecting::{NOW, line, refusal, running, totals};
use crate::fakes::{Answer, World};

/// Whether all of these contents are stored, once each.
fn all_stored(world: &World, ids: &[String]) -> bool {
    let lines = world.objects.lines("");
    ids.iter()
        .all(|id| lines.iter().filter(|found| **found == line(id)).count() == 1)
}

#[tokio::test]
async fn contents_that_fail_for_ever_hold_up_no_other_however_many_they_are() {
    let answers = [
        Answer::Refused(Refusal::Unavailable),
        Answer::Refused(Refusal::RequestRefused),
        Answer::Refused(Refusal::PageStale),
        Answer::Refused(Refusal::WindowRefused),
        Answer::Breaks(b"[{\"Id\":\"half".to_vec()),
    ];
    for many in [1, 3, 4, 5, 20] {
        for answer in &answers {
            let world = running().await;
            for number in 0..many {
                let id = format!("bad{number}");
                world.api.offer_as(&id, NOW - 600 - number, answer.clone());
            }
            let well: Vec<_> = (0..5).map(|number| format!("well{number}")).collect();
            for (number, id) in well.iter().enumerate() {
                world.api.offer(id, NOW - 3_700 + 800 * number as i64);
            }
            for _ in 0..8 {
                world.turn().await;
                world.pass(300);
            }
            assert!(all_stored(&world, &well), "{many}");
            assert!(refusal(&world).is_some());
            assert_eq!(totals(&world).lost, 0);
        }
    }
}

#[tokio::test]
async fn what_failed_once_and_is_well_is_stored_although_others_fail_for_ever() {
    let world = running().await;
    let ids: Vec<_> = (0..40).map(|number| format!("c{number:02}")).collect();
    for id in &ids {
        let answer = Answer::Refused(Refusal::Unavailable);
        world.api.offer_as(id, NOW - 600, answer);
    }
    for _ in 0..40 {
        world.turn().await;
        world.pass(300);
    }
    let (ill, well) = ids.split_at(12);
    well.iter().for_each(|id| world.api.mends(id));
    for _ in 0..288 {
        world.turn().await;
        world.pass(300);
    }
    assert!(all_stored(&world, well));
    assert!(
        !ill.iter()
            .any(|id| world.objects.lines("").contains(&line(id)))
    );
}

#[tokio::test]
async fn a_window_whose_contents_fail_does_not_hold_up_the_windows_after_it() {
    let world = running().await;
    let before = world.now();
    world.pass(3 * 86_400);
    for number in 0..9 {
        let answer = Answer::Refused(Refusal::Unavailable);
        world
            .api
            .offer_as(&format!("bad{number}"), world.now() - 600, answer);
    }
    world.api.offer("old", before + 3_600);
    world.turn().await;
    assert!(all_stored(&world, &["old".to_owned()]));
}
