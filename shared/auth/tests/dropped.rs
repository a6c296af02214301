//! A run that is killed, at every step that it makes: what it had taken is free when its lease
//! ends, nothing of it is done twice before, and no tenant is lost.

use std::collections::BTreeSet;

use futures::poll;

use crate::fakes::Fleet;
use crate::fleet::{RUN_TIME, asked, fleet};

/// Whether a run is over before so many turns of its task; if not, it is dropped.
async fn ends_within(fleet: &Fleet, steps: usize) -> bool {
    let mut run = Box::pin(fleet.run(RUN_TIME));
    for _ in 0..steps {
        if poll!(&mut run).is_ready() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    drop(run);
    fleet.authority.forget_those_under_way();
    false
}

#[tokio::test]
async fn a_run_that_dies_at_any_step_loses_no_tenant_and_none_is_renewed_twice_in_its_lease() {
    let mut steps = 0;
    loop {
        let fleet = fleet(24).at_a_time(2);
        let is_over = ends_within(&fleet, steps).await;
        let first: BTreeSet<_> = asked(&fleet).into_iter().collect();
        // Within the lease: another run has what the dead one had not begun, and nothing else.
        fleet.run(RUN_TIME).await;
        let second: BTreeSet<_> = asked(&fleet).into_iter().collect();
        assert!(first.is_disjoint(&second), "after {steps} steps");
        // And after it, what is left.
        fleet.clock.advance(300);
        fleet.run(RUN_TIME).await;
        let now = fleet.now();
        for (record, _) in fleet.table.records() {
            let lives = record.token_living_for(0, now).is_some();
            assert!(lives, "after {steps} steps: {}", record.tenant);
        }
        if is_over {
            break;
        }
        steps += 1;
    }
    assert!(steps > 10, "{steps}");
}
