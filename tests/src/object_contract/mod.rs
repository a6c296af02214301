//! The contract of the object store, to be run against everything that plays S3. Each scenario has
//! a prefix of its own, so that many can share one engine, and panics where the store does not
//! keep the contract.
//!
//! [`object_contract_tests!`](crate::object_contract_tests) makes a test of each scenario.

mod erasing;
mod storing;
mod unfinished;
mod world;

pub use erasing::*;
pub use storing::*;
pub use unfinished::*;

pub use world::{Engine, begun, bytes, put};

/// Makes one `#[tokio::test]` of each scenario. The argument is the path of an `async fn` without
/// arguments whose result is an [`Engine`](crate::object_contract::Engine).
#[macro_export]
macro_rules! object_contract_tests {
    ($engine:path) => {
        $crate::object_contract_tests! { $engine;
            an_object_of_any_size_is_stored_once
            the_first_of_two_objects_of_a_key_stays
            of_eight_writers_at_once_one_stores
            of_four_writers_of_parts_at_once_one_stores
            a_key_is_taken_as_it_is
            a_prefix_sets_objects_apart
            an_object_that_is_not_there_has_no_facts
            a_missing_bucket_is_an_operators_business
            an_object_is_not_seen_before_it_is_whole
            what_is_aborted_leaves_nothing
            parts_of_an_object_that_is_there_leave_nothing
            versions_are_listed_page_by_page_below_a_key
            what_is_erased_is_gone_and_nothing_else
            versions_of_a_missing_bucket_are_an_operators_business
        }
    };
    ($engine:path; $($scenario:ident)+) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $scenario() {
            let engine = $engine().await;
            $crate::object_contract::$scenario(&engine).await;
        }
    )+ };
}
