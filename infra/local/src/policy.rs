//! The policy of a new data directory: the machine's own callers may do everything, its
//! collector may have the audit log's tokens, and others nothing. It is put once; what the
//! operator puts in its place stays.

use std::sync::Arc;

use anyhow::Context as _;
use auth::Cloud;
use auth::policy::StoredPolicy;
use auth::ports::{Clock, PolicyStore, Write};
use gateway_sim::AssumedRole;

use crate::development_issuer::DevelopmentIssuer;

/// Puts the policy where there is none.
pub(crate) async fn put_first(
    policies: &dyn PolicyStore,
    clock: &Arc<dyn Clock>,
    issuer: &DevelopmentIssuer,
    (role, collector): (&AssumedRole, &AssumedRole),
) -> anyhow::Result<()> {
    let found = policies
        .current()
        .await
        .context("the policy cannot be read")?;
    if found.in_force.is_some() {
        return Ok(());
    }
    let text = own_callers(&issuer.issuer(), role) + &collects(collector);
    let policy = StoredPolicy::following(None, text, clock.now());
    // Somebody who was faster has put one, which is all that is wanted.
    let (Write::Done | Write::Stale) = policies.put(&policy).await?;
    Ok(())
}

fn own_callers(issuer: &str, role: &AssumedRole) -> String {
    format!(
        r#"// Made at the first start on this machine: its own callers may do everything.
// Replace it: `operator --data-dir DIR policy put FILE`.
@id("development-issuer")
permit (principal is Workload, action, resource)
when {{ principal.issuer == "{issuer}" && principal.subject == "{subject}" }};

// Whoever signs with access-key.json of the data directory.
@id("local-role")
permit (principal == AwsRole::"{account}/{name}", action, resource)
when {{ principal.id == "{id}" }};

// Keys that the operator made here (`operator caller add`).
@id("local-keys")
permit (principal is Key, action, resource);
"#,
        subject = crate::development_issuer::SUBJECT,
        account = role.account,
        name = role.name,
        id = role.id,
    )
}

/// As infra/policies/collector.cedar, for the role of this directory's collector.
fn collects(collector: &AssumedRole) -> String {
    let AssumedRole { account, name, id } = collector;
    let apis = Cloud::ALL.map(|cloud| format!("\"{}\"", cloud.management_api()));
    let apis = apis.join(", ");
    format!(
        r#"
// The collector of this run, by collector-key.json of the data directory: tokens of the
// management API, to fetch the audit logs of connected tenants.
@id("collector")
permit (
    principal == AwsRole::"{account}/{name}",
    action == Action::"vend",
    resource is Tenant
)
when {{ principal.id == "{id}" && [{apis}].contains(context.resource) }};

@id("collector-lists")
permit (
    principal == AwsRole::"{account}/{name}",
    action == Action::"list",
    resource is Tenant
)
when {{ principal.id == "{id}" }};
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_policy_passes_the_checks_of_every_other_one() {
        let role = AssumedRole {
            account: "000000000000".to_owned(),
            name: "local-caller".to_owned(),
            id: "AROAIOSFODNN7EXAMPLE1".to_owned(),
        };
        let text = own_callers("https://x.development-issuer.invalid", &role) + &collects(&role);
        let set = policy::PolicySet::parse(&text).unwrap();
        assert_eq!(set.ids().count(), 5);
    }
}
