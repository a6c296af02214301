//! The contract of the store, to be run against every engine that plays DynamoDB.
//! Each scenario makes a table of its own, so that many can share one engine, and
//! panics where the table does not keep the contract.
//!
//! [`contract_tests!`](crate::contract_tests) makes a test of each scenario.

mod caller_keys;
mod cost;
mod damaged;
mod due;
mod fixtures;
mod held;
mod invites;
mod issuers;
mod leases;
mod ledger;
mod ledger_batches;
mod ledger_cost;
mod ledger_rows;
mod ledger_shared;
mod listing;
mod one_of_each;
mod operation;
mod operator_log;
mod outbox;
mod policies;
mod runs;
mod sealing;
mod sign_ins;
mod single_use;
mod survival;
mod tags;
mod tenants;
mod tokens;
mod world;

pub use caller_keys::*;
pub use cost::*;
pub use damaged::*;
pub use due::*;
pub use fixtures::*;
pub use invites::*;
pub use issuers::*;
pub use leases::*;
pub use ledger::*;
pub use ledger_batches::*;
pub use ledger_cost::*;
pub use ledger_shared::*;
pub use listing::*;
pub use operation::*;
pub use operator_log::*;
pub use outbox::*;
pub use policies::*;
pub use runs::*;
pub use sealing::*;
pub use sign_ins::*;
pub use single_use::*;
pub use survival::*;
pub use tags::*;
pub use tenants::*;
pub use tokens::*;

/// Makes one `#[tokio::test]` of each scenario. The argument is the path of an
/// `async fn` without arguments whose result has a method `connection()` that returns
/// a [`&Connection`](aws::Connection), and which keeps the engine alive until it is
/// dropped. It is called in each test: a connection belongs to one runtime.
#[macro_export]
macro_rules! contract_tests {
    ($engine:path) => {
        $crate::contract_tests! { $engine;
            a_tenant_is_found_as_it_was_written
            connecting_writes_a_due_record_for_each_resource
            connecting_again_drops_earlier_tokens
            connecting_under_another_cloud_leaves_no_record_of_the_old_one
            a_moved_tenant_keeps_its_token_under_its_new_account
            tags_reach_every_record_and_go_again
            a_suspended_tenant_keeps_no_token_and_leaves_the_due_index
            no_damage_in_a_record_keeps_its_tenant_from_being_suspended
            a_policy_is_read_as_it_was_put
            a_policy_replaces_the_one_before_it_alone
            a_text_that_is_replaced_is_kept
            of_eight_policies_at_once_one_is_put
            a_candidate_is_kept_beside_the_policy_in_force
            a_candidate_is_dropped_by_its_digest_or_whatever_it_is
            a_policy_of_an_older_version_is_in_force_whatever_its_mode
            a_damaged_candidate_fails_alone_and_can_be_dropped
            a_list_of_issuers_is_read_as_it_was_put
            a_list_of_issuers_replaces_the_one_before_it_alone
            of_eight_lists_of_issuers_at_once_one_is_put
            a_damaged_list_of_issuers_is_not_taken
            a_list_of_issuers_costs_one_read_unit
            each_table_has_its_own_rows
            an_invite_is_found_as_it_was_written
            an_invite_is_used_up_by_the_tenant_that_is_bound
            a_used_or_a_missing_invite_binds_nobody
            of_eight_tenants_with_one_invite_one_is_bound
            no_row_of_an_invite_holds_its_id
            connecting_from_a_stale_read_writes_nothing
            of_eight_connections_at_once_one_is_written
            rows_of_the_first_release_are_read
            rows_are_written_as_the_fixtures_have_them
            rows_of_a_later_layout_are_refused_and_decide_nothing
            a_sign_in_is_found_as_it_was_kept
            a_sign_in_that_is_not_there_is_none
            a_sign_in_is_used_with_the_first_invite_alone
            of_eight_invites_at_once_one_has_the_sign_in
            a_damaged_sign_in_proves_nothing
            a_sign_in_costs_one_unit_for_each_request
            what_a_row_holds_besides_survives_every_change
            a_listing_pages_in_the_order_of_tenants
            a_listing_filters_by_status_and_customer
            removing_deletes_the_tokens_and_leaves_the_due_index
            a_token_comes_back_as_it_was_settled
            of_eight_writers_one_settles
            a_failure_keeps_the_token_or_drops_it
            a_record_that_is_gone_is_not_settled
            many_records_are_read_as_each_is_by_itself
            of_eight_changes_of_a_tenant_one_wins
            a_change_needs_the_tenant_and_the_record_as_they_were_read
            a_change_reaches_every_record_of_its_tenant
            a_tenant_that_is_not_refreshed_leaves_the_due_index_and_comes_back
            due_records_come_oldest_first_and_no_more_than_asked_for
            what_is_new_comes_before_what_waits_for_its_time
            a_due_row_that_names_nothing_is_passed_over
            a_sealed_token_opens_in_no_other_row
            a_sealed_token_opens_with_no_other_expiry_or_application
            an_unknown_key_reloads_the_ring_at_most_once_a_minute
            an_old_ring_is_read_again_and_kept_when_that_fails
            a_ring_is_read_again_as_soon_as_the_settings_say
            no_token_stands_in_the_table_in_the_clear
            of_eight_uses_one_is_the_first
            a_mark_refuses_after_its_expiry_too
            a_caller_key_is_found_and_listed_as_it_was_added
            of_eight_keys_of_one_name_one_is_kept
            a_removed_caller_key_stays_away
            of_eight_notes_of_a_use_one_is_written
            no_row_of_a_caller_key_holds_the_key
            a_caller_key_that_cannot_be_read_is_damaged
            a_damaged_caller_key_hides_no_other
            a_damaged_tenant_hides_no_other
            damaged_due_rows_keep_no_other_from_its_turn
            a_record_waits_for_its_turn_or_for_none
            records_whose_turn_came_are_found_by_their_slots
            a_record_that_cannot_be_used_is_looked_at_again
            a_record_that_is_well_is_put_back_from_where_it_was_looked_at
            a_record_that_loses_its_token_stays_where_it_is_looked_at
            a_shards_lease_keeps_how_far_the_runs_came
            a_caller_key_costs_one_unit_for_each_request
            an_operators_action_is_read_on_its_day_as_it_was_begun
            an_operators_action_ends_once
            of_eight_actions_at_once_all_are_written
            a_damaged_action_hides_no_other
            an_operators_action_costs_two_write_units
            each_transition_puts_one_event_and_nothing_else_does
            of_eight_changes_at_once_one_puts_its_event
            a_feed_puts_its_events_with_its_row_alone
            an_event_waits_as_it_was_put_off_until_it_is_done
            a_damaged_event_hides_no_other
            an_outbox_costs_one_unit_for_each_request
            a_run_is_read_as_it_was_written
            of_eight_runs_at_once_one_is_written
            a_run_costs_one_unit_for_each_request
            of_eight_takers_one_holds_the_lease
            a_lease_ends_by_itself_or_is_given_back
            a_lease_that_ends_later_than_any_can_holds_no_one_up
            a_lease_costs_one_unit_to_take_and_one_to_give_back
            a_renewal_costs_one_write_unit_for_each_kilobyte
            what_leaves_its_slot_or_comes_back_costs_two_units_more
            ordinary_rows_have_less_than_a_kilobyte
            a_vend_from_the_table_costs_half_a_read_unit
            the_other_single_requests_cost_one_unit_or_half_of_one
            counting_tenants_reads_half_a_kilobyte_for_each
            a_feed_is_found_as_it_was_put
            a_feed_is_put_over_the_version_that_was_read_alone
            of_eight_runs_one_puts_the_feed
            a_feed_is_in_the_due_index_where_its_row_says
            batches_are_found_by_the_hours_of_a_window
            every_batch_of_a_window_is_found_however_many_there_are
            of_eight_runs_one_lists_a_batch
            of_eight_runs_one_stores_a_batch
            a_batch_is_split_whole_or_not_at_all
            a_damaged_row_of_the_ledger_is_an_error
            a_removed_tenant_keeps_its_ledger
            of_eight_sessions_one_claims_a_tenant
            what_types_say_is_put_wherever_the_tenant_is_in_the_index
            of_eight_workers_one_has_a_window_and_says_once_what_it_did
            of_eight_turns_one_takes_a_window_over
            a_damaged_window_hides_no_other
            a_feed_and_its_batches_cost_what_the_decision_says
            a_feed_with_every_gap_fits_into_its_row
            a_table_may_be_made_twice_and_answers
            a_missing_table_is_an_operators_business
            a_missing_control_table_is_an_operators_business
            an_item_that_cannot_be_read_names_its_key_and_attribute
        }
    };
    ($engine:path; $($scenario:ident)+) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $scenario() {
            let engine = $engine().await;
            $crate::store_contract::$scenario(engine.connection()).await;
        }
    )+ };
}
