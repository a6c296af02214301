//! What is known of issuers that many use: which claims, and which beginnings of a subject,
//! say whose a workload is; and which issuers give anybody a token, so that they cannot be
//! declared private. It is an allow-list: of an issuer that does not stand here no claim
//! says whose a workload is, and nothing opens because an entry is missing.
//!
//! AWS keeps a similar list for the trust policies of roles (IAM User Guide,
//! "Identity-provider controls for shared OIDC providers"). Claims that do not say whose the
//! workload is are left out on purpose: GitHub's `actor` works in anybody's repository,
//! `job_workflow_ref` names a workflow that others may call, and Google's `azp` is a client
//! that all its users share.

use crate::identifiers::TenantId;

/// An issuer, or all those of one host.
#[derive(Debug)]
pub struct KnownIssuer {
    /// Whose it is.
    pub name: &'static str,
    hosts: &'static [&'static str],
    paths: Paths,
    /// Anybody can have a token of it.
    pub shared: bool,
    /// Claims that say whose the workload is.
    pub owners: &'static [OwnerClaim],
    /// How a subject begins that says it.
    pub subject: Option<SubjectStart>,
}

/// Which issuers of a host an entry is about, by what stands behind the host.
#[derive(Debug)]
enum Paths {
    Any,
    /// `/NAME`.
    Name,
    /// `/org/ID`.
    Org,
    /// `/TENANT…`, not the one of personal accounts.
    Tenant,
}

/// A claim that says whose the workload is.
#[derive(Debug)]
pub struct OwnerClaim {
    /// Its name.
    pub claim: &'static str,
    /// For claims that begin with the owner's name: what ends it there, so that a pattern
    /// can be seen to hold all of it.
    pub ends_with: Option<char>,
}

/// The beginning of a subject: `prefix`, the owner's name, `ends_with`.
#[derive(Debug)]
pub struct SubjectStart {
    /// What stands before the owner's name.
    pub prefix: &'static str,
    /// What ends it.
    pub ends_with: char,
}

const fn owner(claim: &'static str) -> OwnerClaim {
    OwnerClaim {
        claim,
        ends_with: None,
    }
}

const fn path(claim: &'static str) -> OwnerClaim {
    OwnerClaim {
        claim,
        ends_with: Some('/'),
    }
}

const fn start(prefix: &'static str, ends_with: char) -> Option<SubjectStart> {
    Some(SubjectStart { prefix, ends_with })
}

/// An issuer that anybody can have a token of.
const fn shared(
    name: &'static str,
    hosts: &'static [&'static str],
    owners: &'static [OwnerClaim],
    subject: Option<SubjectStart>,
) -> KnownIssuer {
    KnownIssuer {
        name,
        hosts,
        paths: Paths::Any,
        shared: true,
        owners,
        subject,
    }
}

/// Issuers of a host of which each belongs to one customer.
const fn of_one(
    name: &'static str,
    hosts: &'static [&'static str],
    paths: Paths,
    owners: &'static [OwnerClaim],
) -> KnownIssuer {
    KnownIssuer {
        paths,
        shared: false,
        ..shared(name, hosts, owners, None)
    }
}

const ENTRA_HOSTS: &[&str] = &[
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "sts.windows.net",
    "sts.chinacloudapi.cn",
];

/// The list. The first entry that covers an issuer is the one for it.
const KNOWN: &[KnownIssuer] = &[
    shared(
        "GitHub Actions",
        &["token.actions.githubusercontent.com"],
        &[
            owner("repository_owner"),
            owner("repository_owner_id"),
            path("repository"),
            owner("repository_id"),
            owner("enterprise"),
            owner("enterprise_id"),
        ],
        start("repo:", '/'),
    ),
    shared(
        "GitLab.com",
        &["gitlab.com"],
        &[
            path("namespace_path"),
            owner("namespace_id"),
            path("project_path"),
            owner("project_id"),
        ],
        start("project_path:", '/'),
    ),
    shared(
        "Google",
        &["accounts.google.com"],
        &[owner("email"), owner("hd")],
        None,
    ),
    of_one(
        "a tenant of Entra ID",
        ENTRA_HOSTS,
        Paths::Tenant,
        &[owner("oid"), owner("appid"), owner("azp")],
    ),
    shared(
        "Entra ID",
        ENTRA_HOSTS,
        &[owner("tid"), owner("oid"), owner("appid"), owner("azp")],
        None,
    ),
    shared(
        "Buildkite",
        &["agent.buildkite.com"],
        &[
            owner("organization_slug"),
            owner("organization_id"),
            owner("pipeline_id"),
        ],
        start("organization:", ':'),
    ),
    of_one(
        "an organisation of CircleCI",
        &["oidc.circleci.com"],
        Paths::Org,
        &[owner("oidc.circleci.com/project-id")],
    ),
    shared(
        "CircleCI",
        &["oidc.circleci.com"],
        &[owner("oidc.circleci.com/project-id")],
        start("org/", '/'),
    ),
    shared(
        "HCP Terraform",
        &["app.terraform.io", "app.eu.terraform.io"],
        &[
            owner("terraform_organization_name"),
            owner("terraform_organization_id"),
            owner("terraform_project_id"),
            owner("terraform_workspace_id"),
        ],
        start("organization:", ':'),
    ),
    of_one(
        "a team of Vercel",
        &["oidc.vercel.com"],
        Paths::Name,
        &[owner("project_id")],
    ),
    shared(
        "Vercel",
        &["oidc.vercel.com"],
        &[owner("owner"), owner("owner_id"), owner("project_id")],
        start("owner:", ':'),
    ),
    shared(
        "Pulumi Cloud",
        &["api.pulumi.com"],
        &[],
        start("pulumi:deploy:org:", ':'),
    ),
    shared(
        "Codefresh",
        &["oidc.codefresh.io"],
        &[owner("account_id"), owner("pipeline_id")],
        start("account:", ':'),
    ),
    shared("Scalr", &["scalr.io"], &[], start("account:", ':')),
    shared(
        "Amazon Cognito",
        &["cognito-identity.amazonaws.com"],
        &[],
        None,
    ),
    shared("Upbound", &["proidc.upbound.io"], &[], None),
    shared("Shisho Cloud", &["tokens.cloud.shisho.dev"], &[], None),
    shared(
        "DVC Studio",
        &["studio.datachain.ai", "studio.iterative.ai"],
        &[],
        None,
    ),
    shared("Harness", &["app.harness.io"], &[owner("account_id")], None),
    shared("Apple", &["appleid.apple.com"], &[], None),
    shared(
        "Facebook",
        &["www.facebook.com", "limited.facebook.com"],
        &[],
        None,
    ),
];

/// What is known of an issuer; `None`: nothing.
pub fn known_issuer(issuer: &str) -> Option<&'static KnownIssuer> {
    let issuer = issuer.to_ascii_lowercase();
    // Google writes its own without a scheme at times.
    let place = issuer
        .split_once("://")
        .map_or(&*issuer, |(_, place)| place);
    let (authority, path) = place.split_once('/').unwrap_or((place, ""));
    let host = host_of(authority);
    KNOWN
        .iter()
        .find(|known| known.hosts.contains(&host) && known.paths.cover(path))
}

/// Without a user, a port, a dot at the end: other spellings of the same host.
fn host_of(authority: &str) -> &str {
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    host.trim_end_matches('.')
}

impl Paths {
    fn cover(&self, path: &str) -> bool {
        let mut segments = path.split('/');
        let first = segments.next().unwrap_or_default();
        match self {
            Paths::Any => true,
            Paths::Name => !first.is_empty(),
            Paths::Org => first == "org" && segments.next().is_some_and(|id| !id.is_empty()),
            Paths::Tenant => first
                .parse::<TenantId>()
                .is_ok_and(|tenant| tenant != TenantId::CONSUMERS),
        }
    }
}

#[cfg(test)]
#[path = "known_issuers_tests.rs"]
mod tests;
