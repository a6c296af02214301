//! Where a tenant lives, by its own discovery document (OpenID Connect Discovery 1.0, with
//! Entra ID's members). Read once, never remembered, and never required: whoever asks goes on
//! without it.

use std::time::Duration;

use auth::{Cloud, TenantId};
use reqwest::StatusCode;
use serde::Deserialize;

use crate::entra::client::EntraClient;

/// The person at the browser waits for it: no longer than this.
const PATIENCE: Duration = Duration::from_secs(3);

/// A discovery document, as far as it is read here.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    #[serde(default)]
    tenant_region_scope: Option<String>,
    #[serde(default)]
    tenant_region_sub_scope: Option<String>,
}

impl EntraClient {
    pub(crate) async fn read_home(&self, tenant: TenantId) -> Option<Cloud> {
        let asked = self.config.cloud;
        let path = format!("{tenant}/v2.0/.well-known/openid-configuration");
        let url = self.endpoint(asked, &path);
        let read = match self.http.get_within(&url, PATIENCE).await {
            Ok(answer) if answer.status == StatusCode::OK => home(&answer.body, tenant, asked),
            Ok(_) => Err("not answered with 200"),
            Err(_) => Err("no answer"),
        };
        read.unwrap_or_else(|reason| {
            tracing::warn!(
                event = "tenant_metadata_unread", %tenant, reason,
                "where tenant {tenant} lives could not be read: what is known of it counts"
            );
            None
        })
    }
}

/// Where the document says that `tenant` lives. Only its own document speaks for a tenant.
fn home(body: &[u8], tenant: TenantId, asked: Cloud) -> Result<Option<Cloud>, &'static str> {
    let read: Metadata =
        serde_json::from_slice(body).map_err(|_| "not the JSON that it should be")?;
    let tenant = tenant.to_string();
    if !read.issuer.split('/').any(|part| part == tenant) {
        return Err("the document of another tenant");
    }
    let (scope, sub_scope) = (read.tenant_region_scope, read.tenant_region_sub_scope);
    let home = Cloud::of_region(asked, scope.as_deref(), sub_scope.as_deref());
    Ok(home)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
    const OWN: &str =
        r#""issuer":"https://login.microsoftonline.com/41463f53-8812-40f4-890f-865bf6e35190/v2.0""#;

    #[test]
    fn a_tenants_own_document_says_where_it_lives_and_no_other() {
        let (na, gcc) = (
            r#""tenant_region_scope":"NA""#,
            r#""tenant_region_sub_scope":"GCC""#,
        );
        let rows = [
            (format!("{{{OWN},{na},{gcc}}}"), Ok(Some(Cloud::Gcc))),
            (format!("{{{OWN},{na}}}"), Ok(Some(Cloud::Public))),
            (
                format!(r#"{{{OWN},{na},"tenant_region_sub_scope":null}}"#),
                Ok(Some(Cloud::Public)),
            ),
            (
                format!(r#"{{{OWN},{na},"tenant_region_sub_scope":"DODCON"}}"#),
                Ok(Some(Cloud::GccHigh)),
            ),
            (
                format!(r#"{{{OWN},{na},"tenant_region_sub_scope":"new"}}"#),
                Ok(None),
            ),
            (format!("{{{OWN}}}"), Ok(None)),
            (format!(r#"{{{OWN},"tenant_region_scope":null}}"#), Ok(None)),
            // Another tenant's, an alias's, and what is none.
            (
                format!(r#"{{"issuer":"https://login.example/{{tenantid}}/v2.0",{na},{gcc}}}"#),
                Err(()),
            ),
            (
                format!(
                    r#"{{"issuer":"https://login.example/1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357/v2.0",{gcc}}}"#
                ),
                Err(()),
            ),
            (format!("{{{na},{gcc}}}"), Err(())),
            (
                format!(r#"{{{OWN},{na},"tenant_region_sub_scope":7}}"#),
                Err(()),
            ),
            ("<html>".to_owned(), Err(())),
            (String::new(), Err(())),
        ];
        for (body, expected) in rows {
            let found = home(body.as_bytes(), TENANT.parse().unwrap(), Cloud::Public);
            assert_eq!(found.map_err(drop), expected, "{body}");
        }
    }
}
