//! The item of a tenant: all that we know of it is written at each change, under a new version;
//! what another version of this program put beside it stays.

use auth::ports::StoreError;
use auth::version::Version;
use auth::{Tenant, TenantId, Timestamp};

use crate::table::attributes::{Reader, text, text_map, texts, time};
use crate::table::change::Change;
use crate::table::keys::{self, Item};

const CAUSE_RESOURCE: &str = "cause_resource";
const CONSENTED_AT: &str = "consented_at";
const ROLES: &str = "roles";

const SORT: &str = "TENANT";
/// In a row: the consent was not seen.
const UNSEEN: Timestamp = Timestamp::from_unix(0);

pub(crate) fn key(tenant: TenantId) -> Item {
    keys::key(keys::partition(tenant), SORT)
}

/// All attributes but the key, under a new version.
pub(crate) fn write(tenant: &Tenant, version: &Version) -> Change {
    let blamed = tenant.cause_resource.as_ref();
    Change::default()
        .set(keys::TENANTS_SHARD, text(keys::ALL_TENANTS))
        .set(keys::TENANT_ID, text(tenant.id))
        .set(keys::CUSTOMER, text(&tenant.customer))
        .set(keys::CLOUD, text(tenant.cloud))
        .set(keys::STATUS, text(tenant.status))
        .cause(keys::OF_STATUS, tenant.cause.as_ref())
        .put(CAUSE_RESOURCE, blamed.map(text))
        .set(keys::SINCE, time(tenant.since))
        .set(CONSENTED_AT, time(tenant.consented_at.unwrap_or(UNSEEN)))
        .set(ROLES, texts(&tenant.roles))
        .put(keys::TAGS, text_map(&tenant.tags))
        .set(keys::VERSION, text(&version.0))
        .layout()
}

pub(crate) fn read(item: &Item) -> Result<Tenant, StoreError> {
    let reader = Reader::of(item)?;
    Ok(Tenant {
        id: reader.parsed(keys::TENANT_ID)?,
        customer: reader.customer()?,
        cloud: reader.parsed(keys::CLOUD)?,
        status: reader.parsed(keys::STATUS)?,
        cause: reader.cause(keys::OF_STATUS)?,
        cause_resource: reader.optional_parsed(CAUSE_RESOURCE)?,
        since: reader.time(keys::SINCE)?,
        consented_at: Some(reader.time(CONSENTED_AT)?).filter(|at| *at != UNSEEN),
        roles: reader.texts(ROLES)?,
        tags: reader.text_map(keys::TAGS)?,
        version: Some(reader.version()?),
    })
}
