//! What a token must hold before it is kept or handed out.

use crate::cause::{Cause, CauseCode};
use crate::cloud::Cloud;
use crate::identifiers::TenantId;
use crate::resource::Resource;
use crate::resource_name::ResourceName;
use crate::token::AppOnlyClaims;

/// `ENTRA_RESOURCES` and `ENTRA_REQUIRED_ROLES`.
#[derive(Debug, Clone)]
pub struct Requirements {
    resources: Option<Vec<Resource>>,
    roles: Vec<String>,
    /// Made once: every vend asks for it.
    kept: Vec<Resource>,
}

impl Requirements {
    /// `resources`: those named by the setting, or `None` for the management API of
    /// each tenant's cloud. `roles`: what the first resource's token must carry; a
    /// token for another resource must carry at least one role.
    pub fn new(resources: Option<Vec<Resource>>, roles: Vec<String>) -> Self {
        let kept = kept(resources.as_deref(), Cloud::default());
        Self {
            resources,
            roles,
            kept,
        }
    }

    /// The same for an application that is registered in this cloud (`ENTRA_CLOUD`).
    pub fn registered_in(self, cloud: Cloud) -> Self {
        let kept = kept(self.resources.as_deref(), cloud);
        Self { kept, ..self }
    }

    /// Every resource of which some tenant can have a token: where the setting names none,
    /// the management API of each cloud whose tenants the registration serves.
    pub fn kept(&self) -> &[Resource] {
        &self.kept
    }

    /// The kept resources that a caller can mean by this name: several where an
    /// application's ID is the name of several hosts.
    pub fn meant_by(&self, name: &ResourceName) -> Vec<Resource> {
        let meant = self.kept.iter().filter(|resource| name.means(resource));
        meant.cloned().collect()
    }

    /// The resources of which every tenant of `cloud` has a token.
    pub fn resources(&self, cloud: Cloud) -> Vec<Resource> {
        match &self.resources {
            Some(resources) => resources.clone(),
            None => vec![cloud.management_resource()],
        }
    }

    /// The resource that a tenant's life is judged by: the first one. What fails for another
    /// one is told of that one alone.
    pub fn first(&self, cloud: Cloud) -> Resource {
        let named = self.resources.as_ref().and_then(|all| all.first().cloned());
        named.unwrap_or_else(|| cloud.management_resource())
    }

    /// The roles that the first resource's token must carry.
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// Checks what a token says against what was asked for. Fails closed: a token
    /// that cannot be read has no roles.
    pub fn check(
        &self,
        claims: Option<&AppOnlyClaims>,
        tenant: TenantId,
        cloud: Cloud,
        resource: &Resource,
    ) -> Result<(), Cause> {
        let Some(claims) = claims else {
            return Err(CauseCode::TokenInvalid.into());
        };
        if claims.tid != tenant || !resource.is_audience(&claims.aud) {
            return Err(CauseCode::TokenInvalid.into());
        }
        let is_first = self.first(cloud) == *resource;
        // Whatever is required: a token that carries no role at all opens nothing.
        let holds_roles = !claims.roles.is_empty()
            && (!is_first || self.roles.iter().all(|role| claims.roles.contains(role)));
        match (holds_roles, &claims.scp) {
            (true, _) => Ok(()),
            // Not seen in an app-only token so far (reference §7); where it is, no wait
            // helps.
            (false, Some(_)) if claims.roles.is_empty() => Err(CauseCode::DelegatedOnly.into()),
            (false, _) => Err(CauseCode::RolesMissing.into()),
        }
    }
}

fn kept(named: Option<&[Resource]>, registered_in: Cloud) -> Vec<Resource> {
    let served = |cloud: &Cloud| cloud.shares_authority_with(registered_in);
    match named {
        Some(resources) => resources.to_vec(),
        None => Cloud::ALL
            .into_iter()
            .filter(served)
            .map(Cloud::management_resource)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
    const OTHER: &str = "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357";

    #[test]
    fn a_token_must_be_this_tenants_for_this_resource_with_these_roles() {
        let requirements = Requirements::new(None, vec!["ActivityFeed.Read".into()]);
        let manage = "https://manage.office.com";
        let graph = "https://graph.microsoft.com";
        let (read, both) = (&["ActivityFeed.Read"][..], &["ActivityFeed.Read", "X"][..]);
        let (none, missing) = (&[][..], Some(CauseCode::RolesMissing));
        let invalid = Some(CauseCode::TokenInvalid);
        let scope = Some("ActivityFeed.Read");
        let rows = [
            (TENANT, manage, both, None, None),
            (TENANT, manage, both, scope, None),
            (TENANT, manage, none, None, missing),
            (TENANT, manage, none, scope, Some(CauseCode::DelegatedOnly)),
            (TENANT, manage, &["X"][..], scope, missing),
            (OTHER, manage, read, None, invalid),
            (TENANT, graph, read, None, invalid),
        ];
        for (tid, aud, roles, scp, expected) in rows {
            let claims = AppOnlyClaims {
                tid: tid.parse().unwrap(),
                aud: aud.to_owned(),
                roles: roles.iter().map(|role| (*role).to_owned()).collect(),
                scp: scp.map(str::to_owned),
                uti: None,
            };
            let outcome = requirements.check(
                Some(&claims),
                TENANT.parse().unwrap(),
                Cloud::Public,
                &manage.parse().unwrap(),
            );
            assert_eq!(outcome.err().map(|cause| cause.code), expected);
        }
    }

    #[test]
    fn each_cloud_has_its_own_resource_unless_the_setting_names_some() {
        let by_cloud = Requirements::new(None, vec![]);
        assert_eq!(
            by_cloud.resources(Cloud::Gcc),
            [Cloud::Gcc.management_resource()]
        );
        let graph: Resource = "https://graph.microsoft.com".parse().unwrap();
        let named = Requirements::new(Some(vec![graph.clone()]), vec![]);
        assert_eq!(named.resources(Cloud::Gcc), [graph]);
    }

    #[test]
    fn what_is_kept_is_what_the_setting_names_or_the_registration_can_serve() {
        let hosts = |clouds: &[Cloud]| -> Vec<Resource> {
            clouds
                .iter()
                .map(|cloud| cloud.management_resource())
                .collect()
        };
        let rows = [
            (Cloud::Public, vec![Cloud::Public, Cloud::Gcc]),
            (Cloud::Gcc, vec![Cloud::Public, Cloud::Gcc]),
            (Cloud::GccHigh, vec![Cloud::GccHigh, Cloud::Dod]),
            (Cloud::China, vec![Cloud::China]),
        ];
        for (home, clouds) in rows {
            let requirements = Requirements::new(None, vec![]).registered_in(home);
            assert_eq!(requirements.kept(), hosts(&clouds), "{home}");
        }
        let listed = ["https://graph.microsoft.us", "https://manage.office365.us"];
        let listed: Vec<Resource> = listed.map(|uri| uri.parse().unwrap()).into();
        let named = Requirements::new(Some(listed.clone()), vec![]);
        assert_eq!(named.kept(), listed);
    }

    #[test]
    fn an_applications_id_means_every_kept_host_of_it() {
        let management = "c5393580-f805-4401-95e8-94b7a6ef2fc2";
        let graph = "00000003-0000-0000-c000-000000000000";
        let (public, gcc) = ("https://manage.office.com", "https://manage-gcc.office.com");
        let both = Some("https://manage.office.com,https://graph.microsoft.com");
        let rows: [(Option<&str>, &str, &[&str]); 12] = [
            (None, management, &[public, gcc]),
            (None, "C5393580-F805-4401-95E8-94B7A6EF2FC2", &[public, gcc]),
            (
                None,
                "c5393580-f805-4401-95e8-94b7a6ef2fc2/",
                &[public, gcc],
            ),
            (None, public, &[public]),
            (None, "https://manage-gcc.office.com//", &[gcc]),
            (None, "https://manage.office365.us", &[]),
            (None, graph, &[]),
            (both, graph, &["https://graph.microsoft.com"]),
            (both, management, &[public]),
            (both, gcc, &[]),
            (
                Some("https://graph.microsoft.us"),
                graph,
                &["https://graph.microsoft.us"],
            ),
            (both, "00000002-0000-0000-c000-000000000000", &[]),
        ];
        for (setting, name, expected) in rows {
            let listed = setting.map(|text| text.split(',').map(|uri| uri.parse().unwrap()));
            let requirements = Requirements::new(listed.map(Iterator::collect), vec![]);
            let meant = requirements.meant_by(&name.parse().unwrap());
            let meant: Vec<_> = meant.iter().map(Resource::as_str).collect();
            assert_eq!(meant, expected, "{setting:?}: {name}");
        }
    }
}
