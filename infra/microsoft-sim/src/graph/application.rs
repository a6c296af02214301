//! Which application a request names, and how Graph shows it.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::directory::Snapshot;
use crate::directory::applications::Application;
use crate::registration::KeyCredential;

/// What the object ID differs from the client ID in: no client that takes one for the other gets
/// through.
const OBJECT: u128 = 0x6f62_6a65_6374_0000_0000_0000_0000_0001;

/// The application object's ID, which is another one than its client ID.
pub fn object_id(client_id: Uuid) -> Uuid {
    Uuid::from_u128(client_id.as_u128() ^ OBJECT)
}

/// The application that a path's segment names: `{object ID}` or
/// `applications(appId='{client ID}')`.
pub(super) fn named(segment: &str, directory: &Snapshot) -> Option<Arc<Application>> {
    let by_app_id = segment
        .strip_prefix("applications(appId='")
        .and_then(|rest| rest.strip_suffix("')"));
    let client_id = match by_app_id {
        Some(client_id) => Uuid::try_parse(client_id).ok()?,
        // The same way back.
        None => object_id(Uuid::try_parse(segment).ok()?),
    };
    directory.application(client_id).cloned()
}

/// The properties that `$select` names; all that are simulated without one.
/// Assumption `keys-only-on-select`.
pub(super) fn shown(application: &Application, select: Option<&str>) -> Value {
    let registration = &application.registration;
    let keys = registration.key_credentials.iter();
    let all = json!({
        "id": object_id(registration.client_id),
        "appId": registration.client_id,
        "displayName": registration.display_name,
        "signInAudience": match registration.multi_tenant {
            true => "AzureADMultipleOrgs",
            false => "AzureADMyOrg",
        },
        "groupMembershipClaims": registration
            .group_membership_claims_directory_role
            .then_some("DirectoryRole"),
        "web": {"redirectUris": registration.redirect_uris},
        "keyCredentials": keys
            .map(|key| credential(key, select.is_some()))
            .collect::<Vec<_>>(),
    });
    let Some(select) = select else {
        return all;
    };
    let wanted: Vec<_> = select.split(',').map(str::trim).collect();
    let properties = all.as_object().cloned().unwrap_or_default();
    let chosen = properties.into_iter();
    Value::Object(
        chosen
            .filter(|(name, _)| wanted.contains(&name.as_str()))
            .collect::<Map<_, _>>(),
    )
}

/// One element of `keyCredentials`; the key itself where it was asked for.
pub(super) fn credential(key: &KeyCredential, with_key: bool) -> Value {
    let mut shown = json!(key);
    if !with_key {
        shown["key"] = Value::Null;
    }
    shown
}
