//! What a batch asks for. Its shape is a matter of the whole request; what an item says is its
//! own, by the rules of a single vend, so that one bad row of a fleet costs no other its token.

use auth::TenantId;
use auth::vend::Wanted;
use lambda::answer::ApiError;
use lambda::fields::Fields;
use lambda::request;
use lambda_http::Request;
use serde_json::Value;

use crate::refusal;
use crate::token::form::{Wish, min_ttl, rejected};
use crate::token::resource;

/// Items of one request, at most: as many as one request to the table reads.
const ITEMS_MAX: usize = 100;
/// The longest body, in bytes: a hundred of the longest items.
const BODY_MAX: usize = 128 * 1024;
/// The members of an item; others are passed over, as everywhere.
const MEMBERS: [&str; 4] = ["tenant_id", "resource", "min_ttl", "rejected"];

/// One item.
pub(super) struct Item {
    /// How the caller named it, as members of a JSON object.
    pub(super) named: String,
    pub(super) asked: Result<(TenantId, Wish), ApiError>,
}

/// The items of a body that can be understood.
pub(super) fn read(request: &Request) -> Result<Vec<Item>, ApiError> {
    let text = request::text(request, BODY_MAX).map_err(refusal::field)?;
    let body: Option<Value> = serde_json::from_str(text).ok();
    let items = body
        .as_ref()
        .and_then(|body| body.get("tokens")?.as_array());
    let items = items.ok_or_else(|| {
        let expected = "{\"tokens\": [{\"tenant_id\": GUID, \"resource\": App ID URI, \"min_ttl\": \
                        seconds (optional), \"rejected\": SHA-256 (optional)}, …]}";
        refusal::no_json(request, expected)
    })?;
    if (1..=ITEMS_MAX).contains(&items.len()) {
        Ok(items.iter().map(Item::of).collect())
    } else {
        Err(refusal::malformed("tokens must hold 1 to 100 items"))
    }
}

impl Item {
    fn of(sent: &Value) -> Self {
        let text = |name| sent.get(name).unwrap_or(&Value::Null);
        let (tenant, resource) = (text("tenant_id"), text("resource"));
        Self {
            named: format!("\"tenant_id\":{tenant},\"resource\":{resource}"),
            asked: asked(sent),
        }
    }
}

fn asked(sent: &Value) -> Result<(TenantId, Wish), ApiError> {
    let fields = fields(sent);
    let tenant = fields.required("tenant_id", 256).map_err(refusal::field)?;
    let tenant = tenant
        .parse()
        .map_err(|_| refusal::malformed("tenant_id must be a GUID; domain names are not taken"))?;
    let resource = fields.optional("resource", resource::NAME_MAX);
    let resource = resource.map_err(refusal::field)?;
    let wish = Wish {
        resource: resource::at_identity_endpoint(resource)?,
        token: Wanted {
            rejected: rejected(&fields, "rejected")?,
            ..Wanted::living(min_ttl(&fields)?)
        },
    };
    Ok((tenant, wish))
}

/// Its members, as the fields of a form are read. A number is its text; `null` is no value.
fn fields(sent: &Value) -> Fields {
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let members = MEMBERS.into_iter();
    Fields::of(members.filter_map(|name| Some((name, text(sent.get(name)?)?))))
}
