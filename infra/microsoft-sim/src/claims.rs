//! The claims of every token that is issued.
//!
//! `iat` and `nbf` are back-dated by 300 seconds and `exp` is 3900 seconds
//! after `nbf` for the usual life, as in every published sample: a client that
//! counts from `iat` goes wrong here too.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::authority::{Version, issuer, issuer_v1};
use crate::codes::Grant;
use crate::directory::applications::Application;
use crate::directory::consents::ServicePrincipal;
use crate::directory::tenants::Person;
use crate::platform::{RandomnessFailed, random_text};

/// Seconds by which `iat` and `nbf` lie in the past.
pub(crate) const BACK_DATED: u64 = 300;
/// Life of an ID token in seconds.
const ID_TOKEN_LIFE: u64 = 3600;
/// Role template of a Global Administrator.
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
/// Role template that every member has.
const DEFAULT_USER: &str = "b79fbf4d-3ef9-4689-8143-76b194e85509";

/// What the `wids` of an app-only token hold: no role, no template has this ID.
const NO_ROLE: &str = "0997a1d0-0d1d-4acb-b408-d5ca73121e90";

/// When a token is issued and how long it lives, in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Validity {
    pub(crate) now: u64,
    pub(crate) life: u64,
}

/// How the client proved itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    Secret,
    Certificate,
}

impl Validity {
    pub(crate) fn not_before(self) -> u64 {
        self.now.saturating_sub(BACK_DATED)
    }

    /// One second more than promised: `expires_in` is rounded down.
    pub(crate) fn expires_on(self) -> u64 {
        self.now.saturating_add(self.life).saturating_add(1)
    }
}

impl Proof {
    /// `appidacr`.
    fn class(self) -> &'static str {
        match self {
            Self::Secret => "1",
            Self::Certificate => "2",
        }
    }
}

/// An app-only access token. Every resource here takes v1 tokens, whichever
/// endpoint issued them.
pub(crate) fn app_only(
    principal: &ServicePrincipal,
    audience: &str,
    roles: &[String],
    proof: Proof,
    validity: Validity,
) -> Result<Value, RandomnessFailed> {
    let mut claims = access_token(principal.tenant_id, audience, validity)?;
    claims["appid"] = json!(principal.client_id);
    claims["appidacr"] = json!(proof.class());
    // Assumption `app-token-claims`.
    claims["idtyp"] = json!("app");
    claims["wids"] = json!([NO_ROLE]);
    claims["oid"] = json!(principal.object_id);
    claims["sub"] = json!(principal.object_id);
    if !roles.is_empty() {
        claims["roles"] = json!(roles);
    }
    Ok(claims)
}

/// The access token of a code redemption: about the person, not the app.
pub(crate) fn delegated(
    grant: &Grant,
    audience: &str,
    scopes: &str,
    proof: Proof,
    validity: Validity,
) -> Result<Value, RandomnessFailed> {
    let person = &grant.person;
    // Assumption `no-wids-in-access-tokens`.
    let mut claims = access_token(grant.tenant.tenant_id, audience, validity)?;
    describe_person_v1(&mut claims, person);
    claims["acr"] = json!("1");
    claims["appid"] = json!(grant.client_id);
    claims["appidacr"] = json!(proof.class());
    claims["oid"] = json!(person.object_id);
    claims["scp"] = json!(scopes);
    claims["sub"] = json!(pairwise(person.object_id, audience));
    Ok(claims)
}

/// The ID token of the endpoint's version.
pub(crate) fn id_token(
    grant: &Grant,
    application: &Application,
    base_url: &str,
    now: u64,
) -> Result<Value, RandomnessFailed> {
    let person = &grant.person;
    let tenant_id = grant.tenant.tenant_id;
    let issued_at = now.saturating_sub(BACK_DATED);
    let mut claims = json!({
        "aud": grant.client_id,
        "iss": issuer(base_url, &tenant_id.to_string(), grant.purpose.version()),
        "iat": issued_at,
        "nbf": issued_at,
        "exp": now.saturating_add(ID_TOKEN_LIFE),
        "oid": person.object_id,
        "rh": format!("1.{}.", random_text::<33>()?),
        "sub": pairwise(person.object_id, &grant.client_id.to_string()),
        "tid": tenant_id,
        "uti": random_text::<16>()?,
    });
    if let Some(nonce) = &grant.nonce {
        claims["nonce"] = json!(nonce);
    }
    match grant.purpose.version() {
        Version::V1 => describe_person_v1(&mut claims, person),
        Version::V2 => describe_person_v2(&mut claims, grant, application),
    }
    Ok(claims)
}

fn describe_person_v1(claims: &mut Value, person: &Person) {
    claims["amr"] = json!(["pwd"]);
    claims["family_name"] = json!(person.family_name);
    claims["given_name"] = json!(person.given_name);
    claims["ipaddr"] = json!("127.0.0.1");
    claims["name"] = json!(person.name());
    claims["unique_name"] = json!(person.upn);
    claims["upn"] = json!(person.upn);
    claims["ver"] = json!("1.0");
}

fn describe_person_v2(claims: &mut Value, grant: &Grant, application: &Application) {
    let person = &grant.person;
    if grant.purpose.has_scope("profile") {
        claims["name"] = json!(person.name());
        claims["preferred_username"] = json!(person.upn);
    }
    if grant.purpose.has_scope("email") {
        claims["email"] = json!(person.upn);
    }
    if application
        .registration
        .group_membership_claims_directory_role
    {
        // Assumption `default-user-role`.
        claims["wids"] = if person.is_admin() {
            json!([GLOBAL_ADMINISTRATOR, DEFAULT_USER])
        } else {
            json!([DEFAULT_USER])
        };
    }
    claims["ver"] = json!("2.0");
}

fn access_token(
    tenant_id: Uuid,
    audience: &str,
    validity: Validity,
) -> Result<Value, RandomnessFailed> {
    let issuer = issuer_v1(&tenant_id.to_string());
    Ok(json!({
        "aud": audience,
        "iss": issuer,
        "iat": validity.not_before(),
        "nbf": validity.not_before(),
        "exp": validity.expires_on(),
        "aio": random_text::<36>()?,
        "idp": issuer,
        "rh": format!("1.{}.", random_text::<33>()?),
        "tid": tenant_id,
        "uti": random_text::<16>()?,
        "ver": "1.0",
    }))
}

/// A subject that differs from application to application.
fn pairwise(object_id: Uuid, application: &str) -> String {
    let input = format!("{object_id} {application}");
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, input.as_bytes()))
}
