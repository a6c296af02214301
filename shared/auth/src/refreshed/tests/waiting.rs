//! Callers that come while another one reads.

use futures::FutureExt as _;
use futures::future::join_all;

use super::*;

#[tokio::test]
async fn one_reads_while_the_others_go_on_with_what_there_is() {
    let stage = Stage::set(Some(BELIEVED_FOR));
    assert_eq!(stage.current().await, Some(1));
    stage.finds(Ok(2));
    stage.clock.advance(60);
    stage.lets_through.forget_permits(1_000);
    let mut reader = std::pin::pin!(stage.current());
    assert_eq!(reader.as_mut().now_or_never(), None);
    for _ in 0..3 {
        assert_eq!(stage.current().now_or_never(), Some(Some(1)));
    }
    // With what is not believed any more, no caller goes on.
    stage.clock.advance(240);
    assert_eq!(stage.current().now_or_never(), None);
    stage.lets_through.add_permits(1);
    assert_eq!(reader.await, Some(2));
    assert_eq!(stage.reads(), 2);
}

#[tokio::test]
async fn all_wait_for_the_one_that_reads_where_nothing_is_there_or_another_value_is_needed() {
    let stage = Stage::set(None);
    stage.lets_through.forget_permits(999);
    let first = join_all((0..5).map(|_| stage.current())).await;
    assert_eq!((first, stage.reads()), (vec![Some(1); 5], 1));
    stage.clock.advance(20);
    stage.lets_through.add_permits(1);
    let needed = join_all((0..5).map(|_| stage.insists())).await;
    assert_eq!((needed, stage.reads()), (vec![Some(Ok(())); 5], 2));
    let enough = stage
        .refreshed
        .read_unless(|| true, |_| Duration::ZERO, |_| stage.read());
    assert_eq!((enough.await, stage.reads()), (Some(Ok(())), 2));
}

/// A source whose time-out is longer than the pause.
#[tokio::test]
async fn callers_that_waited_for_a_read_that_failed_do_not_wait_for_another_one() {
    let stage = Stage::set(None);
    stage.finds(Err(Broken));
    stage.lets_through.forget_permits(1_000);
    let mut callers = std::pin::pin!(join_all((0..5).map(|_| stage.current())));
    assert_eq!(callers.as_mut().now_or_never(), None);
    stage.clock.advance(10);
    stage.lets_through.add_permits(5);
    assert_eq!(callers.await, vec![None; 5]);
    assert_eq!(stage.reads(), 1);
}

#[tokio::test]
async fn a_reader_that_gives_up_leaves_the_read_to_the_next_one() {
    let stage = Stage::set(None);
    stage.lets_through.forget_permits(1_000);
    assert_eq!(stage.current().now_or_never(), None);
    stage.lets_through.add_permits(1);
    assert_eq!((stage.current().await, stage.reads()), (Some(1), 2));
}

#[tokio::test]
async fn what_is_there_is_not_asked_for_again_and_again_by_readers_that_give_up() {
    let stage = Stage::set(None);
    assert_eq!(stage.current().await, Some(1));
    stage.clock.advance(60);
    stage.lets_through.forget_permits(1_000);
    assert_eq!(stage.current().now_or_never(), None);
    // The pause after it is that after the last read.
    assert_eq!((stage.current().await, stage.reads()), (Some(1), 2));
    stage.clock.advance(20);
    stage.lets_through.add_permits(1);
    assert_eq!((stage.current().await, stage.reads()), (Some(1), 3));
}

#[tokio::test]
async fn of_two_reads_that_overlap_the_one_that_began_later_counts() {
    let stage = Stage::set(None);
    let earlier = stage.refreshed.now();
    stage.clock.advance(1);
    let later = stage.refreshed.now();
    for (began, value, held) in [(later, 2, 2), (earlier, 1, 2), (later, 3, 3)] {
        stage.refreshed.confirm(value, began);
        assert_eq!(stage.refreshed.held(), Some(held));
    }
}

/// The running time goes on during a read.
#[tokio::test]
async fn what_a_read_confirms_by_itself_gives_way_to_what_it_finds() {
    let stage = Stage::set(None);
    let read = |began| {
        stage.clock.advance(1);
        stage.refreshed.confirm(7, began);
        stage.read()
    };
    assert_eq!(stage.refreshed.current(pause, read).await, Some(1));
}
