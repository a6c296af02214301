//! What is read and when: replaced by what is newer and sound, and by nothing else.

use std::pin::pin;
use std::sync::Arc;

use auth::caller::Ruling;
use auth::policy::StoredPolicy;
use policy::Policies;

use super::logged::Logged;
use super::stage::*;

#[tokio::test]
async fn a_new_version_is_in_force_within_a_minute() {
    let stage = Stage::with(stored(1, "a"));
    assert!(stage.permits("a").await);
    stage.store(stored(2, "b"));
    stage.after(59);
    assert!(stage.permits("a").await);
    assert_eq!(stage.reads(), 1);
    stage.after(1);
    assert!(stage.permits("b").await);
    assert!(!stage.permits("a").await);
    assert_eq!(stage.reads(), 2);
}

#[tokio::test]
async fn what_was_read_before_anybody_asked_is_not_read_again() {
    let stage = Stage::with(stored(1, "a"));
    stage.policies.prepare().await;
    assert_eq!(stage.reads(), 1);
    assert!(stage.permits("a").await);
    assert_eq!(stage.reads(), 1);
    stage.after(60);
    assert!(stage.permits("a").await);
    assert_eq!(stage.reads(), 2);
}

/// A start has no more than a moment for it, and is over when it is over.
#[tokio::test]
async fn a_text_whose_check_was_given_up_is_taken_by_whoever_asks() {
    let stage = Stage::with(stored(1, "a"));
    {
        let mut prepared = pin!(stage.policies.prepare());
        // The source has answered, and the check is under way.
        tokio::select! {
            biased;
            () = &mut prepared => panic!("checked within one poll"),
            () = std::future::ready(()) => {}
        }
    }
    assert_eq!(stage.reads(), 1);
    assert!(stage.permits("a").await);
    assert_eq!(stage.reads(), 2);
}

/// The first question reads them, and its log says what is wrong.
#[tokio::test]
async fn what_could_not_be_read_before_anybody_asked_is_neither_told_nor_remembered() {
    let stage = Stage::with(outage());
    let logged = Logged::listen();
    stage.policies.prepare().await;
    assert_eq!(logged.events(), Vec::<String>::new());
    assert_eq!(stage.ruling("a").await, Ruling::Undecided);
    assert_eq!(logged.events(), ["policy_not_read"]);
    stage.policies.prepare().await;
    stage.store(stored(1, "a"));
    assert!(stage.permits("a").await);
}

/// `POLICY_MAX_AGE_SECONDS`.
#[tokio::test]
async fn the_settings_say_how_old_a_set_may_be() {
    for age in [0, 5] {
        let table = Stage::with(stored(1, "a"));
        let policies = Policies::new(table.table.clone(), table.clock.clone());
        let max_age = std::time::Duration::from_secs(age);
        let policies = Arc::new(policies.with_max_age(max_age));
        let stage = Stage { policies, ..table };
        assert!(stage.permits("a").await);
        stage.store(stored(2, "b"));
        stage.after(i64::try_from(age).unwrap());
        assert!(stage.permits("b").await, "{age}");
    }
}

#[tokio::test]
async fn an_older_version_that_is_stored_again_is_in_force_again() {
    let stage = Stage::with(stored(5, "a"));
    assert!(stage.permits("a").await);
    stage.store(stored(4, "b"));
    stage.after(60);
    assert!(stage.permits("b").await);
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_no_old_set_in_force() {
    let stage = Stage::with(stored(1, "a"));
    assert!(stage.permits("a").await);
    stage.store(stored(2, "b"));
    stage.after(-3_600);
    assert!(stage.permits("b").await);
}

#[tokio::test]
async fn without_a_policy_everybody_is_denied() {
    let logged = Logged::listen();
    let stage = Stage::with(Ok(found(None)));
    assert!(!stage.permits("a").await);
    stage.after(60);
    assert!(!stage.permits("a").await);
    assert_eq!(logged.events(), ["policy_missing"]);
    stage.store(stored(1, "a"));
    stage.after(60);
    assert!(stage.permits("a").await);
    // It is taken away again.
    stage.store(Ok(found(None)));
    stage.after(60);
    assert!(!stage.permits("a").await);
    assert_eq!(
        logged.events(),
        ["policy_missing", "policy_taken", "policy_missing"]
    );
}

#[tokio::test]
async fn what_does_not_pass_the_checks_replaces_nothing_and_is_told_at_every_read() {
    let logged = Logged::listen();
    let sound = version(1, &permits("a"));
    let other_digest = StoredPolicy {
        digest: sound.digest.clone(),
        ..version(2, &permits("b"))
    };
    let refused = [
        version(2, "permit(principal, action, resource"),
        version(3, "@id(\"all\") permit(principal, action, resource);"),
        version(
            4,
            "@id(\"typo\") permit(principal == Kee::\"b\", action, resource);",
        ),
        other_digest,
    ];
    let stage = Stage::with(Ok(found(Some(sound))));
    assert!(stage.permits("a").await);
    for policy in refused {
        stage.store(Ok(found(Some(policy))));
        for _ in 0..3 {
            stage.after(60);
            assert!(stage.permits("a").await);
            assert!(!stage.permits("b").await);
        }
    }
    assert_eq!(stage.reads(), 1 + 4 * 3);
    let expected = [&["policy_taken"][..], &["policy_refused"; 4 * 3]].concat();
    assert_eq!(logged.events(), expected);
}

#[tokio::test]
async fn a_first_policy_that_does_not_pass_the_checks_decides_nothing() {
    let wide = version(1, "permit(principal, action, resource);");
    let stage = Stage::with(Ok(found(Some(wide))));
    for _ in 0..2 {
        assert_eq!(stage.ruling("a").await, Ruling::Undecided);
        assert_eq!(stage.reads(), 1);
    }
    stage.store(stored(2, "a"));
    stage.after(5);
    assert!(stage.permits("a").await);
}

#[tokio::test]
async fn a_table_that_does_not_answer_changes_nothing() {
    let logged = Logged::listen();
    let stage = Stage::with(stored(1, "a"));
    assert!(stage.permits("a").await);
    stage.store(outage());
    stage.after(60);
    for _ in 0..3 {
        assert!(stage.permits("a").await);
    }
    assert_eq!(stage.reads(), 2, "it is not asked at every question");
    stage.after(5);
    assert!(stage.permits("a").await);
    assert_eq!(stage.reads(), 3);
    stage.store(stored(2, "b"));
    stage.after(5);
    assert!(stage.permits("b").await);
    let expected = [
        "policy_taken",
        "policy_not_read",
        "policy_not_read",
        "policy_taken",
    ];
    assert_eq!(logged.events(), expected);
}

#[tokio::test]
async fn as_long_as_nothing_was_read_nobody_is_permitted_and_the_table_is_asked() {
    let stage = Stage::with(outage());
    assert!(!stage.permits("a").await);
    assert_eq!(stage.ruling("a").await, Ruling::Undecided);
    stage.store(Ok(found(None)));
    assert_eq!(stage.ruling("a").await, Ruling::Deny);
    stage.store(stored(1, "a"));
    stage.after(60);
    assert!(stage.permits("a").await);
    assert_eq!(stage.reads(), 4);
}

#[tokio::test]
async fn one_task_reads_while_the_others_go_on_with_the_old_set() {
    let stage = Arc::new(Stage::with(stored(1, "a")));
    assert!(stage.permits("a").await);
    stage.store(stored(2, "b"));
    stage.after(60);
    stage.table.lets_through.forget_permits(1_000);
    let reader = tokio::spawn({
        let stage = Arc::clone(&stage);
        async move { stage.permits("b").await }
    });
    while stage.reads() < 2 {
        tokio::task::yield_now().await;
    }
    for _ in 0..3 {
        assert!(stage.permits("a").await);
    }
    assert_eq!(stage.reads(), 2);
    stage.table.lets_through.add_permits(1);
    assert!(reader.await.unwrap());
    assert!(!stage.permits("a").await);
}

#[tokio::test]
async fn at_the_start_all_wait_for_the_one_that_reads() {
    let stage = Arc::new(Stage::with(stored(1, "a")));
    stage.table.lets_through.forget_permits(1_000);
    let waiting: Vec<_> = (0..5)
        .map(|_| {
            let stage = Arc::clone(&stage);
            tokio::spawn(async move { stage.permits("a").await })
        })
        .collect();
    while stage.reads() < 1 {
        tokio::task::yield_now().await;
    }
    stage.table.lets_through.add_permits(1);
    for task in waiting {
        assert!(task.await.unwrap());
    }
    assert_eq!(stage.reads(), 1);
}
