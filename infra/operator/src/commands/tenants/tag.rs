//! `tenants tag`: the labels of a tenant, for policies and for scripts. Asks no person: no
//! token is deleted, and the same command takes a tag away again.

use auth::change::{ChangeError, Changed};
use auth::tenant::{Tag, TagChange, TagKey, Tags};
use auth::text::printable;
use auth::{Customer, Tenant, TenantId};
use clap::Args;
use serde::Serialize;

use super::change::{REMEMBERED, changing};
use super::tenant::{TenantArgument, find};
use crate::exit::UsageError;
use crate::session::Session;

/// What `tenants tag` takes.
#[derive(Debug, Clone, Args)]
pub struct TagArguments {
    /// Which tenant.
    #[command(flatten)]
    pub tenant: TenantArgument,
    /// A tag to set: a key of a-z, 0-9, _ and - (40 at most) and a name of up to 100
    /// characters as its value
    #[arg(value_name = "KEY=VALUE", required_unless_present = "remove")]
    pub tags: Vec<Tag>,
    /// A tag to take away
    #[arg(long, value_name = "KEY")]
    pub remove: Vec<TagKey>,
}

/// A tenant's tags in JSON.
#[derive(Serialize)]
struct TaggedView<'a> {
    tenant_id: TenantId,
    customer: &'a Customer,
    tags: &'a Tags,
    /// We changed them just now.
    changed: bool,
}

pub(super) async fn run(
    arguments: TagArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let TagArguments {
        tenant,
        tags,
        remove,
    } = arguments;
    let change = TagChange::new(tags, remove).map_err(|error| UsageError(error.to_string()))?;
    let platform = session.platform().await?;
    let tenant = find(&platform, tenant.tenant.id()).await?;
    let changed = changing(&platform).tag(&tenant, &change).await;
    let changed = changed.map_err(|error| refused(tenant.id, error))?;
    session.print(&view(&changed), || for_a_person(&changed))
}

fn refused(id: TenantId, error: ChangeError) -> anyhow::Error {
    let advice = match &error {
        ChangeError::Tags(_) => ": take some away with --remove",
        _ => "",
    };
    anyhow::anyhow!("tenant {id} was not tagged: {error}{advice}")
}

fn view(changed: &Changed) -> TaggedView<'_> {
    TaggedView {
        tenant_id: changed.tenant.id,
        customer: &changed.tenant.customer,
        tags: &changed.tenant.tags,
        changed: changed.before.is_some(),
    }
}

/// The tags on one line; a dash stands for none where it is shown.
pub(super) fn one_line(tags: &Tags) -> String {
    let tags = tags.iter().map(|(key, value)| format!("{key}={value}"));
    tags.collect::<Vec<_>>().join(", ")
}

fn for_a_person(changed: &Changed) -> String {
    let Tenant {
        id, customer, tags, ..
    } = &changed.tenant;
    let tags = if tags.is_empty() {
        "no tags".to_owned()
    } else {
        printable(&one_line(tags))
    };
    let whose = printable(customer.as_str());
    match changed.before {
        Some(_) => format!(
            "tenant {id} of customer account {whose} has {tags}.\n\
             Policies that look at tags see them at once in a list, and at a vend within \
             {REMEMBERED}.\n"
        ),
        None => format!("tenant {id} of customer account {whose} has {tags}: nothing to do.\n"),
    }
}
