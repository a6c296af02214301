//! Attacks with exactly a role's permissions: somebody has the credentials of one function and
//! sends what he likes. Each is denied, and each would be done if nothing denied it.

mod against_allow_lists;
mod of_old;
mod of_rotator;
mod of_webhook;
mod places;

use places::Attack;

use super::account::Account;

/// Every attack.
#[cfg(feature = "real-parts")]
pub(super) fn all() -> Vec<Attack> {
    [
        against_allow_lists::attacks(),
        of_old::attacks(),
        of_rotator::attacks(),
        of_webhook::attacks(),
    ]
    .concat()
}

async fn check(attacks: Vec<Attack>) {
    let mut wrong = Vec::new();
    let mut account = Account::open().await;
    for (role, attack, request) in attacks {
        let done = account.send_unjudged(&request).await;
        assert!(
            done.is_done(),
            "{role} {attack}: it fails without a gate too: {done:?}"
        );
        if request.takes_tables_away() {
            account = Account::open().await;
        }
        match account.gate(role).await {
            None => wrong.push(format!("{role} {attack}: there is no such role")),
            Some(gate) => {
                for (number, variant) in request.variants().iter().enumerate() {
                    let answer = account.send(&gate, variant).await;
                    if !answer.is_denied() || gate.denied().len() != number + 1 {
                        wrong.push(format!("{role} {attack}: {answer:?}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_role_does_no_more_than_its_part_of_a_table() {
    check(against_allow_lists::attacks()).await;
}

#[tokio::test]
async fn a_role_does_nothing_of_another_roles_or_of_the_operators() {
    check(of_old::attacks()).await;
}

#[tokio::test]
async fn a_webhook_that_is_taken_over_wakes_and_does_nothing_else() {
    check(of_webhook::attacks()).await;
}

#[tokio::test]
async fn a_rotator_that_is_taken_over_has_the_certificate_and_nothing_else() {
    check(of_rotator::attacks()).await;
}
