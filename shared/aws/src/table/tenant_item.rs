//! A tenant as an item.

use auth::ports::StoreError;
use auth::version::Version;
use auth::{Tenant, Timestamp};

use super::item::{Reader, cause_attributes, text, text_map, texts, time};
use super::{Item, keys};

/// In a row: nobody saw when the consent was.
const UNSEEN: Timestamp = Timestamp::from_unix(0);

/// The item of `tenant` under a new version.
pub(super) fn write(tenant: &Tenant, version: &Version) -> Item {
    let mut item = keys::tenant(tenant.id);
    let blamed = tenant.cause_resource.as_ref().map(text);
    let always = [
        (keys::TENANTS_SHARD, text(keys::ALL_TENANTS)),
        (keys::TENANT_ID, text(tenant.id)),
        (keys::CUSTOMER, text(&tenant.customer)),
        (keys::CLOUD, text(tenant.cloud)),
        (keys::STATUS, text(tenant.status)),
        (keys::SINCE, time(tenant.since)),
        (
            keys::CONSENTED_AT,
            time(tenant.consented_at.unwrap_or(UNSEEN)),
        ),
        (keys::ROLES, texts(&tenant.roles)),
        (keys::VERSION, text(&version.0)),
    ];
    let sometimes = cause_attributes(tenant.cause.as_ref())
        .into_iter()
        .chain([
            (keys::CAUSE_RESOURCE, blamed),
            (keys::TAGS, text_map(&tenant.tags)),
        ])
        .filter_map(|(name, value)| Some((name, value?)));
    item.extend(
        always
            .into_iter()
            .chain(sometimes)
            .map(|(name, value)| (name.to_owned(), value)),
    );
    item
}

/// The tenant of an item.
pub(super) fn read(item: &Item) -> Result<Tenant, StoreError> {
    let reader = Reader(item);
    Ok(Tenant {
        id: reader.parsed(keys::TENANT_ID)?,
        customer: reader.customer()?,
        cloud: reader.parsed(keys::CLOUD)?,
        status: reader.parsed(keys::STATUS)?,
        cause: reader.cause()?,
        cause_resource: reader.optional_parsed(keys::CAUSE_RESOURCE)?,
        since: reader.time(keys::SINCE)?,
        consented_at: Some(reader.time(keys::CONSENTED_AT)?).filter(|at| *at != UNSEEN),
        roles: reader.texts(keys::ROLES)?,
        tags: reader.text_map(keys::TAGS)?,
        version: Some(Version(reader.text(keys::VERSION)?.to_owned())),
    })
}
