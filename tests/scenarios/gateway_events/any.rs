//! Any event at all.

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use tests::fuzz::gateway_event::gateway_event;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_event_is_answered_with_a_request_id(data in vec(any::<u8>(), 0..2_000)) {
        gateway_event(&data);
    }
}
