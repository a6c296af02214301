//! The rehearsal of a deployment: template.yaml through CloudFormation, the release
//! binaries as provided.al2023 functions, and everything that happens to a deployment
//! from its first day to its last, in the steps of infra/guides/deployment.md. Its log is
//! read by people: `infra/rehearse` prints it.
//!
//! The account is ministack with IAM enforced. One test, because each act goes on from
//! where the one before has ended.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code: a panic is how it fails"
)]

mod account;
mod acts;
mod authority;
mod certificate;
mod iam;
mod in_lambda;
mod package;
mod secrets;
mod stack;
mod stage;
mod story;
mod sts;

use stage::Stage;

#[tokio::test]
async fn a_deployment_lives_from_its_first_day_to_its_last() {
    let mut stage = Stage::set().await;
    acts::creation::the_application_is_registered(&mut stage).await;
    acts::creation::the_stack_is_created(&mut stage).await;
    acts::creation::the_secrets_are_filled(&mut stage).await;
    acts::creation::the_policy_is_put(&mut stage).await;
    acts::events::a_rule_listens(&mut stage).await;
    acts::consent::a_tenant_is_connected(&mut stage).await;
    acts::events::the_rule_has_heard(&mut stage).await;
    acts::refresh::the_schedule_refreshes(&mut stage).await;
    acts::vend::callers_get_tokens(&mut stage).await;
    acts::collect::the_audit_log_is_collected(&mut stage).await;
    acts::notify::a_notification_wakes_a_worker(&mut stage).await;
    acts::rotation::the_certificate_is_rotated(&mut stage).await;
    acts::change::tenants_change(&mut stage).await;
    acts::rotator::the_certificate_rotates_itself(&mut stage).await;
    acts::update::the_stack_is_updated(&mut stage).await;
    acts::rotator::the_new_key_signs(&stage).await;
    acts::permissions::the_roles_are_what_the_functions_use(&mut stage);
    let kept = acts::deletion::the_stack_is_deleted(&mut stage).await;
    acts::deletion::a_second_stack_takes_over(&mut stage, &kept).await;
    acts::purge::a_tenants_audit_log_is_purged(&mut stage).await;
}
