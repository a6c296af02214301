//! App-only tokens as Entra ID makes them, in form and size: what looks like chance there is
//! chance here, so that they can be made no smaller than real ones.

use auth::encoding::base64url;
use auth::ports::Random as _;
use auth::{ClientId, Resource, TenantId};
use aws::SystemRandom;
use serde_json::{Value, json};

/// The resource that its tokens carry more for.
const GRAPH: &str = "https://graph.microsoft.com";

/// A token's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// What the management API and Graph take.
    V1,
    /// What a resource may ask for instead.
    V2,
}

/// Whose token it is, and for what.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// Our application.
    pub client: ClientId,
    /// The resource.
    pub resource: &'a Resource,
    /// What it allows.
    pub roles: &'a [&'a str],
}

impl Sample<'_> {
    /// Its text.
    pub fn text(self, version: Version) -> String {
        let object = uuid();
        let mut payload = json!({
            "aud": self.resource.as_str(), "iat": 1_764_471_000, "nbf": 1_764_471_000,
            "exp": 1_764_474_900, "aio": format!("k2RgY{}", noise(33)), "idtyp": "app",
            "oid": object, "rh": format!("1.AXkA{}.", noise(33)), "roles": self.roles,
            "sub": object, "tid": self.tenant, "uti": noise(16), "xms_ftd": noise(48),
        });
        let key = noise(20);
        let mut header = json!({"typ": "JWT", "alg": "RS256", "kid": key});
        match version {
            Version::V1 => {
                header["x5t"] = json!(key);
                self.say_v1(&mut payload);
            }
            Version::V2 => self.say_v2(&mut payload),
        }
        if self.resource.as_str() == GRAPH {
            header["nonce"] = json!(noise(32));
            payload["app_displayname"] = json!("Contoso Security Platform");
            payload["tenant_region_scope"] = json!("EU");
            payload["xms_tcdt"] = json!(1_431_655_194);
        }
        let part = |value: &Value| base64url(value.to_string().as_bytes());
        // An RSA-2048 signature.
        format!("{}.{}.{}", part(&header), part(&payload), noise(256))
    }

    fn say_v1(self, payload: &mut Value) {
        let sts = format!("https://sts.windows.net/{}/", self.tenant);
        payload["iss"] = json!(sts);
        payload["idp"] = json!(sts);
        payload["appid"] = json!(self.client);
        payload["appidacr"] = json!("2");
        payload["ver"] = json!("1.0");
        payload["wids"] = json!(["0997a1d0-0d1d-4acb-b408-d5ca73121e90"]);
        payload["xms_idrel"] = json!("7 14");
        payload["xms_rd"] = json!(noise(32));
    }

    fn say_v2(self, payload: &mut Value) {
        let tenant = self.tenant;
        payload["iss"] = json!(format!("https://login.microsoftonline.com/{tenant}/v2.0"));
        payload["azp"] = json!(self.client);
        payload["azpacr"] = json!("2");
        payload["ver"] = json!("2.0");
    }
}

fn noise(bytes: usize) -> String {
    let mut noise = vec![0; bytes];
    SystemRandom.fill(&mut noise);
    base64url(&noise)
}

fn uuid() -> String {
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes);
    let hex = auth::encoding::hex(&bytes);
    let groups = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    groups.join("-")
}
