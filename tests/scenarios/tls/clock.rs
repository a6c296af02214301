//! TLS and the run's clock, which a test moves.

use std::sync::Arc;

use local::{Machine, Options, Parts};
use tests::clock::OffsetClock;
use tests::{Broker, in_process};

use super::stage::{ca_file, connected};

const THREE_YEARS: i64 = 3 * 365 * 24 * 60 * 60;

/// Certificates are checked by programs that read the system's clock, our own among them.
#[tokio::test]
async fn a_run_whose_clock_was_moved_is_reached_all_the_same() {
    for away in [THREE_YEARS, -THREE_YEARS] {
        let directory = tempfile::tempdir().unwrap();
        let options = Options {
            tls: true,
            ..in_process::options(directory.path())
        };
        let parts = Parts::new(Arc::new(OffsetClock::by(away)));
        let machine = Machine::start(&options, parts).await.unwrap();
        let ready = in_process::ready(&machine);
        let ca = ca_file(directory.path());
        let tenant = connected(&ready, &ca).await;
        let vended = Broker::trusting(&ca, &ready).vend(&tenant).await;
        assert_eq!(vended.status, 200, "{away}: {}", vended.body);
        machine.stop().await;
    }
}
