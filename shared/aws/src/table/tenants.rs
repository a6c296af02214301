//! The tenants of the table (the port `Tenants`).

use std::collections::BTreeSet;

use async_trait::async_trait;
use auth::ports::{Connecting, Listing, ListingPage, StoreError, Tenants, Write};
use auth::{Resource, Tenant, TenantId, Timestamp};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder as Query;

use super::attributes::{Reader, readable, text};
use super::capacity::Operation;
use super::change::Condition;
use super::items::{invite, tenant, token};
use super::keys;
use super::requests::Table;
use super::transaction::Transaction;

#[async_trait]
impl Tenants for Table {
    async fn find(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let key = tenant::key(id);
        let item = self.get_item(key, Operation::Find, true).await?;
        item.as_ref().map(tenant::read).transpose()
    }

    async fn next_attempt_at(
        &self,
        tenant: TenantId,
        resource: &Resource,
    ) -> Result<Option<Timestamp>, StoreError> {
        let key = token::key(tenant, resource);
        let item = self.get_item(key, Operation::NextAttempt, false).await?;
        item.as_ref().map_or(Ok(None), token::next_attempt_at)
    }

    async fn connect(&self, connecting: Connecting<'_>) -> Result<Write, StoreError> {
        let Connecting {
            before,
            after,
            resources,
            due_at,
            invite,
        } = connecting;
        let mut transaction = Transaction::new(self, Operation::Connect).tenant(before, after);
        // Each once: a transaction that names an item twice is refused.
        for resource in BTreeSet::from_iter(resources) {
            let change = token::connected(after, due_at, &self.new_version());
            let key = token::key(after.id, resource);
            transaction = transaction.update(key, change, Condition::Always);
        }
        for sort in self.sorts_of_another_cloud(&connecting).await? {
            let key = token::key_by_sort(after.id, &sort);
            transaction = transaction.delete(key, Condition::Always);
        }
        if let Some(key) = invite {
            let used = invite::used_by(after.id, due_at);
            transaction = transaction.update(invite::key(key), used, invite::UNUSED);
        }
        transaction.write().await
    }

    async fn change(&self, before: &Tenant, after: &Tenant) -> Result<Write, StoreError> {
        let sorts = self.token_sorts(before.id, Operation::Change).await?;
        let transaction = Transaction::new(self, Operation::Change).tenant(Some(before), after);
        sorts
            .iter()
            .fold(transaction, |transaction, sort| {
                let change = token::changed(after, &self.new_version());
                let key = token::key_by_sort(before.id, sort);
                transaction.update(key, change, Condition::Always)
            })
            .write()
            .await
    }

    async fn remove(&self, before: &Tenant, after: &Tenant) -> Result<Write, StoreError> {
        let sorts = self.token_sorts(before.id, Operation::Remove).await?;
        let transaction = Transaction::new(self, Operation::Remove).tenant(Some(before), after);
        sorts
            .iter()
            .map(|sort| token::key_by_sort(before.id, sort))
            .fold(transaction, |transaction, key| {
                transaction.delete(key, Condition::Always)
            })
            .write()
            .await
    }

    async fn list(&self, listing: &Listing) -> Result<ListingPage, StoreError> {
        let query = self.listing_query(listing);
        let (mut listed, mut from) = (ListingPage::default(), None);
        loop {
            let (rows, last) = self.page(query.clone(), from, Operation::List).await?;
            let (tenants, damaged) = readable(&rows, tenant::read);
            listed.tenants.extend(tenants);
            listed.damaged.extend(damaged);
            from = last;
            listed.next = match &from {
                Some(last) => Reader::of_key(last).parsed(keys::TENANT_ID).ok(),
                None => return Ok(listed),
            };
            // A damaged row at the end may have no ID that could be passed on.
            if listed.next.is_some() {
                return Ok(listed);
            }
        }
    }
}

impl Table {
    /// The records of a tenant that is connected under another cloud than before, and so
    /// for other resources: no caller asks for their tokens any more.
    async fn sorts_of_another_cloud(
        &self,
        connecting: &Connecting<'_>,
    ) -> Result<Vec<String>, StoreError> {
        let after = connecting.after;
        if connecting
            .before
            .is_none_or(|before| before.cloud == after.cloud)
        {
            return Ok(Vec::new());
        }
        let mut sorts = self.token_sorts(after.id, Operation::Connect).await?;
        let kept: Vec<String> = connecting.resources.iter().map(token::sort).collect();
        sorts.retain(|sort| !kept.contains(sort));
        Ok(sorts)
    }

    /// `Limit` bounds the rows that are examined, as the port counts them: DynamoDB
    /// filters after it has read, and charges for what it has read.
    fn listing_query(&self, listing: &Listing) -> Query {
        let mut query = self
            .client
            .query()
            .index_name(keys::TENANTS_INDEX)
            .expression_attribute_names("#shard", keys::TENANTS_SHARD)
            .expression_attribute_values(":shard", text(keys::ALL_TENANTS))
            .limit(i32::try_from(listing.examine.max(1)).unwrap_or(i32::MAX));
        let mut condition = "#shard = :shard".to_owned();
        if let Some(after) = listing.after {
            // By the key and not by ExclusiveStartKey: `after` comes from a caller and
            // may name a tenant that is not there.
            condition.push_str(" AND #id > :after");
            query = query
                .expression_attribute_names("#id", keys::TENANT_ID)
                .expression_attribute_values(":after", text(after));
        }
        filtered(query.key_condition_expression(condition), listing)
    }
}

fn filtered(mut query: Query, listing: &Listing) -> Query {
    let status = listing.status.map(|status| (keys::STATUS, text(status)));
    let customer = listing.customer.as_ref();
    let customer = customer.map(|customer| (keys::CUSTOMER, text(customer)));
    let mut filters = Vec::new();
    for (name, value) in status.into_iter().chain(customer) {
        filters.push(format!("#{name} = :{name}"));
        query = query
            .expression_attribute_names(format!("#{name}"), name)
            .expression_attribute_values(format!(":{name}"), value);
    }
    if filters.is_empty() {
        query
    } else {
        query.filter_expression(filters.join(" AND "))
    }
}
