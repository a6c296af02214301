//! Answers one after the other, and what a run makes of them.

use super::*;
use crate::resource::Resource;
use crate::tenant::Tenant;
use crate::version::Version;

const C: Cloud = Cloud::Public;
const G: Cloud = Cloud::GccHigh;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

/// What a tenant answers with, at a second.
enum Answer {
    Token,
    Refused(CauseCode),
    /// As revoked; suspected since then.
    Revoked(Option<i64>),
}
use Answer::{Refused, Revoked, Token};
use CauseCode as K;

fn record(suspected_at: Option<i64>) -> TokenRecord {
    let tenant = Tenant::connected(
        "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap(),
        at(0),
    );
    TokenRecord {
        tenant: tenant.id,
        resource: "https://manage.office.com".parse::<Resource>().unwrap(),
        customer: tenant.customer,
        cloud: C,
        status: tenant.status,
        cause: None,
        tags: Default::default(),
        token: None,
        refresh_at: at(0),
        failures: 0,
        next_attempt_at: None,
        last_failure: None,
        suspected_at: suspected_at.map(at),
        version: Version(String::new()),
    }
}

fn answer(judge: &Judge, cloud: Cloud, answer: &Answer, now: i64) -> bool {
    match answer {
        Token => {
            judge.got_token(cloud, at(now));
            false
        }
        Refused(code) => judge.refused(cloud, *code, at(now)),
        Revoked(since) => judge.looks_revoked(&record(*since), K::NotConsented, at(now)),
    }
}

fn healthy(token_at: i64) -> FleetState {
    FleetState {
        token_at: Some(at(token_at)),
        ..FleetState::default()
    }
}

fn broken(since: i64) -> FleetState {
    FleetState {
        fault: Some(FleetFault {
            cause: K::CredentialRefused,
            since: at(since),
        }),
        failures: 3,
        ..FleetState::default()
    }
}

#[test]
fn a_fault_of_ours_is_seen_by_enough_answers_without_a_token() {
    type Row = (&'static str, FleetState, Vec<Answer>, Option<CauseCode>);
    let new = FleetState::default;
    let ours = || Refused(K::CredentialRefused);
    let rows: Vec<Row> = vec![
        ("two are one tenant's", new(), vec![ours(), ours()], None),
        (
            "three are ours",
            new(),
            vec![ours(), ours(), ours()],
            Some(K::CredentialRefused),
        ),
        (
            "a token between them",
            new(),
            vec![ours(), ours(), Token, ours(), ours()],
            None,
        ),
        (
            "a token after them",
            new(),
            vec![ours(), ours(), ours(), Token],
            None,
        ),
        (
            "with those of the runs before",
            FleetState {
                failures: 2,
                ..new()
            },
            vec![ours()],
            Some(K::CredentialRefused),
        ),
        (
            "the probe of a fault that lasts",
            broken(0),
            vec![ours()],
            Some(K::CredentialRefused),
        ),
        (
            "three that look revoked at once",
            new(),
            vec![Revoked(None), Revoked(None), Revoked(None)],
            Some(K::NotConsented),
        ),
        (
            "and two do not",
            new(),
            vec![Revoked(None), Revoked(None)],
            None,
        ),
        (
            "a token among them",
            new(),
            vec![
                Revoked(None),
                Token,
                Revoked(None),
                Revoked(None),
                Revoked(None),
            ],
            None,
        ),
        (
            "others got tokens since these were refused first",
            healthy(50),
            vec![
                Revoked(Some(50)),
                Revoked(Some(40)),
                Revoked(Some(30)),
                Revoked(Some(20)),
            ],
            None,
        ),
        (
            "no token came since",
            healthy(50),
            vec![Revoked(Some(60)), Revoked(Some(70)), Revoked(Some(80))],
            Some(K::NotConsented),
        ),
        (
            "those of before do not count among the new ones",
            healthy(50),
            vec![
                Revoked(Some(40)),
                Revoked(Some(40)),
                Revoked(None),
                Revoked(None),
            ],
            None,
        ),
        (
            "Microsoft's failures and customers' refusals are not ours",
            new(),
            vec![
                Refused(K::Unavailable),
                Refused(K::ResourceMissing),
                Refused(K::Throttled),
                Refused(K::Unavailable),
            ],
            None,
        ),
    ];
    for (row, before, answers, expected) in rows {
        let judge = Judge::after(before, at(100));
        let ends = answers.iter().map(|one| answer(&judge, C, one, 100)).last();
        let seen = judge.observed().fault.map(|fault| fault.cause);
        assert_eq!(seen, expected, "{row}");
        assert_eq!(ends == Some(true), expected.is_some(), "{row}");
    }
}

#[test]
fn while_a_fault_lasts_no_tenant_is_revoked_before_a_token_came() {
    let judge = Judge::after(broken(0), at(100));
    assert!(judge.is_our_fault());
    assert!(!answer(&judge, C, &Revoked(Some(10)), 100));
    assert!(judge.is_our_fault());
    answer(&judge, C, &Token, 100);
    assert!(!judge.is_our_fault());
}

#[tokio::test]
async fn an_outage_of_one_cloud_shuts_that_one_alone() {
    let judge = Judge::after(FleetState::default(), at(0));
    for failure in 1..=20 {
        assert!(!answer(&judge, G, &Refused(K::Unavailable), 0));
        let asked = judge.may_ask(G, || at(0)).await.is_some();
        assert_eq!(asked, failure < 20, "{failure}");
    }
    assert!(judge.may_ask(C, || at(0)).await.is_some());
    assert!(judge.may_ask(G, || at(29)).await.is_none());
    // One is tried after the wait, and what it brings decides.
    let probe = judge.may_ask(G, || at(30)).await;
    assert!(probe.is_some());
    answer(&judge, G, &Refused(K::NoAnswer), 30);
    drop(probe);
    assert!(judge.may_ask(G, || at(89)).await.is_none());
    let probe = judge.may_ask(G, || at(90)).await;
    answer(&judge, G, &Token, 90);
    drop(probe);
    assert!(judge.may_ask(G, || at(90)).await.is_some());
    let seen = judge.observed().clouds;
    assert_eq!(seen[&G], CloudSeen::Answers(at(90)));
    assert_eq!(seen.get(&C), None, "it was never asked");
}

#[tokio::test]
async fn a_cloud_that_was_down_is_asked_for_one_tenant_and_not_for_twenty() {
    let down = FleetState {
        down: [(G, at(0))].into(),
        ..FleetState::default()
    };
    for (brings, then) in [
        (Refused(K::Unavailable), false),
        (Refused(K::NotConsented), true),
        (Token, true),
    ] {
        let judge = Judge::after(down.clone(), at(300));
        let probe = judge.may_ask(G, || at(300)).await;
        assert!(probe.is_some());
        answer(&judge, G, &brings, 300);
        drop(probe);
        let asked = judge.may_ask(G, || at(300)).await.is_some();
        assert_eq!(asked, then);
    }
}
