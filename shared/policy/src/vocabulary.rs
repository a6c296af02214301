//! The schema, parsed once, its names, parsed once with a set of policies, and the entities of a
//! request made from them: no name is parsed when a question is asked.

use std::sync::LazyLock;

use auth::caller::Action;
use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression,
    Schema, Validator,
};

use crate::facts::{Connected, Facts, Object, Principal, Workload};

/// What policies are checked against: `schema.cedarschema` in Cedar's JSON form, which is
/// read several times faster, at every start. A test holds the two together and writes it.
const SCHEMA_JSON: &str = include_str!("schema.json");

/// Checks policies against the schema; made once in a process.
pub(crate) static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| Validator::new(Vocabulary::schema()));

/// Cloud and status of a tenant that is not connected.
const UNKNOWN: &str = "unknown";
/// The customer of a tenant that is not connected: no account's name is empty.
const NOBODY: &str = "";

/// The schema's entity types.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    aws_role: EntityTypeName,
    workload: EntityTypeName,
    lists: EntityTypeName,
    key: EntityTypeName,
    customer: EntityTypeName,
    tenant: EntityTypeName,
    cloud: EntityTypeName,
    status: EntityTypeName,
    route: EntityTypeName,
    action: EntityTypeName,
}

/// A request that Cedar can decide: who, what, whom, and the entities that it touches.
pub(crate) struct CedarQuestion {
    pub(crate) request: Request,
    pub(crate) entities: Entities,
}

/// Attributes or tags.
type Pairs = Vec<(String, RestrictedExpression)>;

impl Vocabulary {
    pub(crate) fn new() -> Self {
        Self {
            aws_role: type_name("AwsRole"),
            workload: type_name("Workload"),
            lists: type_name("Lists"),
            key: type_name("Key"),
            customer: type_name("Customer"),
            tenant: type_name("Tenant"),
            cloud: type_name("Cloud"),
            status: type_name("Status"),
            route: type_name("Route"),
            action: type_name("Action"),
        }
    }

    /// The schema, parsed.
    pub(crate) fn schema() -> Schema {
        // The text is a constant; every test of this crate parses it.
        let parsed = Schema::from_json_str(SCHEMA_JSON);
        parsed.unwrap_or_else(|error| unreachable!("the schema does not parse: {error}"))
    }

    /// The question as Cedar takes it; `None` when Cedar refuses a value, which fails
    /// closed.
    pub(crate) fn ask(&self, facts: &Facts<'_>) -> Option<CedarQuestion> {
        let principal = self.principal(&facts.principal);
        let object = self.object(&facts.object);
        let context = self.context(facts)?;
        let mut entities = Vec::with_capacity(3);
        if let Principal::Workload(workload) = &facts.principal
            && !workload.lists.is_empty()
        {
            entities.push(self.claim_lists(workload)?);
        }
        entities.push(self.caller(principal.clone(), &facts.principal)?);
        entities.push(self.subject(object.clone(), &facts.object)?);
        let action = self.action(facts.action);
        Some(CedarQuestion {
            request: Request::new(principal, action, object, context, None).ok()?,
            entities: Entities::from_entities(entities, None).ok()?,
        })
    }

    fn principal(&self, principal: &Principal<'_>) -> EntityUid {
        let of = match principal {
            Principal::AwsRole(_) => &self.aws_role,
            Principal::Workload(_) => &self.workload,
            Principal::Key(_) => &self.key,
        };
        uid(of, &principal.name())
    }

    fn object(&self, object: &Object<'_>) -> EntityUid {
        match object {
            Object::Tenant(id, _) => uid(&self.tenant, &id.to_string()),
            Object::Customer(name) => uid(&self.customer, name),
        }
    }

    fn action(&self, action: Action) -> EntityUid {
        uid(&self.action, action.as_str())
    }

    fn context(&self, facts: &Facts<'_>) -> Option<Context> {
        let route = entity(&self.route, facts.route.as_str());
        let mut pairs = vec![("route".to_owned(), route)];
        pairs.extend(
            facts
                .token_for
                .map(|resource| ("resource".to_owned(), text(resource))),
        );
        Context::from_pairs(pairs).ok()
    }

    /// The caller's entity.
    fn caller(&self, name: EntityUid, principal: &Principal<'_>) -> Option<Entity> {
        let mut tags = Pairs::new();
        let attributes: Pairs = match principal {
            Principal::AwsRole(role) => vec![
                ("account".to_owned(), text(role.account())),
                ("name".to_owned(), text(role.name())),
                ("id".to_owned(), text(role.id())),
            ],
            Principal::Workload(workload) => {
                let claims = workload.claims.iter();
                tags.extend(claims.map(|(name, value)| ((*name).to_owned(), text(value))));
                vec![
                    ("issuer".to_owned(), text(workload.issuer)),
                    ("subject".to_owned(), text(workload.subject)),
                    ("lists".to_owned(), entity(&self.lists, "")),
                ]
            }
            Principal::Key(name) => vec![("name".to_owned(), text(name))],
        };
        Entity::new_with_tags(name, attributes, [], tags).ok()
    }

    fn claim_lists(&self, workload: &Workload<'_>) -> Option<Entity> {
        let tags = workload.lists.iter().map(|(name, items)| {
            let items = items.iter().map(|item| text(item));
            ((*name).to_owned(), RestrictedExpression::new_set(items))
        });
        Entity::new_with_tags(uid(&self.lists, ""), [], [], tags).ok()
    }

    /// The entity of what is asked about.
    fn subject(&self, name: EntityUid, object: &Object<'_>) -> Option<Entity> {
        let Object::Tenant(_, connected) = object else {
            return Some(Entity::with_uid(name));
        };
        let (customer, cloud, status) = match connected {
            Some(facts) => (facts.customer, facts.cloud, facts.status),
            None => (NOBODY, UNKNOWN, UNKNOWN),
        };
        let parent = connected.as_ref().map(|_| uid(&self.customer, customer));
        let attributes = [
            ("customer".to_owned(), entity(&self.customer, customer)),
            ("cloud".to_owned(), entity(&self.cloud, cloud)),
            ("status".to_owned(), entity(&self.status, status)),
            (
                "connected".to_owned(),
                RestrictedExpression::new_bool(connected.is_some()),
            ),
        ];
        let labels = connected.iter().flat_map(Connected::label_pairs);
        Entity::new_with_tags(name, attributes, parent, labels).ok()
    }
}

impl Connected<'_> {
    fn label_pairs(&self) -> impl Iterator<Item = (String, RestrictedExpression)> {
        let labels = self.labels.iter();
        labels.map(|(name, value)| ((*name).to_owned(), text(value)))
    }
}

fn type_name(name: &str) -> EntityTypeName {
    name.parse()
        .unwrap_or_else(|_| unreachable!("a constant that is no name of a type"))
}

fn uid(of: &EntityTypeName, name: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(of.clone(), EntityId::new(name))
}

fn entity(of: &EntityTypeName, name: &str) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(uid(of, name))
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

#[cfg(test)]
#[path = "vocabulary_tests.rs"]
mod tests;
