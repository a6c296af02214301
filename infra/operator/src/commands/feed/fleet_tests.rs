use std::time::Duration;

use auth::Timestamp;
use feed::ContentType;
use feed::due::{Due, Hold};
use feed::ledger;
use feed::pace::Pace;
use feed::webhook::WebhookState;

use super::*;

const USUAL: u64 = 600;

fn one() -> TypeStatus {
    TypeStatus {
        content_type: ContentType::Exchange,
        since: Some(Timestamp::from_unix(0)),
        lag: 0,
        behind: 0,
        totals: ledger::Totals {
            listed: 10,
            stored: 10,
            records: 100,
            ..ledger::Totals::default()
        },
        open: 0,
        stored_at: None,
        silent_since: None,
        cause: None,
        webhook: WebhookState::None,
    }
}

fn refused(cause: Refusal) -> TypeStatus {
    TypeStatus {
        cause: Some(cause),
        lag: 86_400,
        ..one()
    }
}

fn lost(contents: u64, expired_seconds: u64) -> TypeStatus {
    let totals = ledger::Totals {
        listed: 10 + contents,
        lost: contents,
        expired_seconds,
        ..one().totals
    };
    TypeStatus { totals, ..one() }
}

/// The tenant's ID ends in its number.
fn status(number: u8, types: Vec<TypeStatus>) -> Status {
    Status {
        tenant: format!("41463f53-8812-40f4-890f-865bf6e351{number:02}")
            .parse()
            .unwrap(),
        due: Due::InTurn(Pace::FASTEST),
        is_paused: false,
        leaves: None,
        period: Duration::from_secs(300),
        usual: USUAL,
        types,
    }
}

fn fleet(all: Vec<Status>) -> Fleet {
    let mut all = all;
    all.sort_by_key(|status| worst(status));
    let logs = all.into_iter().map(|status| Log {
        status,
        customer: None,
    });
    Fleet {
        logs: logs.collect(),
        not_yet: 0,
        damaged: Vec::new(),
    }
}

#[test]
fn what_the_operator_can_mend_comes_first_and_what_is_well_last() {
    let paused = Status {
        is_paused: true,
        ..status(9, vec![refused(Refusal::Paused)])
    };
    let inactive = Status {
        due: Due::Held(Hold::Inactive),
        ..status(7, vec![refused(Refusal::NoToken)])
    };
    let silent = TypeStatus {
        silent_since: Some(Timestamp::from_unix(1)),
        ..one()
    };
    let late = |lag| TypeStatus { lag, ..one() };
    let slow = Status {
        usual: 3_900,
        ..status(13, vec![late(3_900)])
    };
    let expected = vec![
        (
            "our request is refused",
            status(1, vec![one(), refused(Refusal::RequestRefused)]),
        ),
        (
            "late for a day, and Microsoft says why",
            status(2, vec![refused(Refusal::Throttled)]),
        ),
        ("late for an hour", status(3, vec![late(3_600)])),
        (
            "listed and not stored",
            status(4, vec![TypeStatus { open: 1, ..one() }]),
        ),
        ("silent", status(5, vec![silent])),
        (
            "auditing is off",
            status(6, vec![refused(Refusal::AuditingOff), one()]),
        ),
        ("not active", inactive),
        ("lost once", status(8, vec![lost(1, 60)])),
        ("paused", paused),
        ("waits for its turn", status(11, vec![late(USUAL)])),
        ("is quiet, and waits for its turn", slow),
        ("well", status(10, vec![one()])),
        (
            "started by itself",
            status(
                12,
                vec![TypeStatus {
                    cause: Some(Refusal::NotSubscribed),
                    ..one()
                }],
            ),
        ),
    ];
    let names: HashMap<TenantId, &str> = expected
        .iter()
        .map(|(name, status)| (status.tenant, *name))
        .collect();
    let mut mixed: Vec<_> = expected.iter().map(|(_, status)| status.clone()).collect();
    mixed.reverse();
    let found: Vec<_> = fleet(mixed)
        .logs
        .iter()
        .map(|log| names[&log.status.tenant])
        .collect();
    let wanted: Vec<_> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, wanted);
    let troubled: Vec<_> = expected
        .iter()
        .map(|(_, status)| troubled(status).len())
        .collect();
    assert_eq!(troubled, [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
}

#[test]
fn the_sums_are_those_of_all_and_the_lag_is_of_what_no_customer_holds_up() {
    let paused = Status {
        is_paused: true,
        ..status(
            2,
            vec![TypeStatus {
                lag: 9_000,
                ..one()
            }],
        )
    };
    let all = vec![
        status(1, vec![one(), refused(Refusal::AuditingOff)]),
        paused,
        status(
            3,
            vec![TypeStatus {
                lag: 700,
                ..lost(2, 60)
            }],
        ),
        status(4, vec![one()]),
        Status {
            due: Due::Held(Hold::Left),
            ..status(5, vec![])
        },
        Status {
            leaves: Some(Timestamp::from_unix(1)),
            ..status(6, vec![one()])
        },
    ];
    let totals = Fleet {
        not_yet: 3,
        ..fleet(all)
    }
    .totals();
    let expected = Totals {
        collected: 3,
        paused: 1,
        left: 1,
        leaving: 1,
        not_yet: 3,
        complete: 1,
        lag_seconds: 700,
        listed: 62,
        stored: 60,
        lost: 2,
        expired_seconds: 60,
        records: 600,
        causes: BTreeMap::from([("auditing_off", 1)]),
        ..Totals::default()
    };
    assert_eq!(totals, expected);
}
