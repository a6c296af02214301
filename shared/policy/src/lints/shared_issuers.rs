//! Issuers that anybody can have a token of: whose the workload is stands in its subject
//! or in a claim, and a permit has to look at it.
//!
//! The list holds what is in wide use and is shared; AWS keeps a similar one for the trust
//! policies of roles (IAM User Guide, "Identity-provider controls for shared OIDC
//! providers"). An issuer that is not on it is taken for the operator's own. Claims that
//! do not say whose the workload is are left out on purpose: GitHub's `actor` works in
//! anybody's repository, `job_workflow_ref` names a workflow that others may call, and
//! Google's `azp` is a client that all its users share.

use auth::TenantId;

use super::callers::is_pinned;
use crate::cases::{Case, Fact};
use crate::terms::Term;

/// One of them.
pub(crate) struct SharedIssuer {
    /// Whose it is.
    pub(crate) name: &'static str,
    hosts: &'static [&'static str],
    /// Which of its issuers belong to a single customer of it after all.
    private: PrivatePath,
    /// Claims that say whose the workload is.
    owners: &'static [Owner],
    /// How a subject begins that says it.
    subject: Option<Start>,
}

/// A path behind the host that makes an issuer private.
enum PrivatePath {
    /// There is none.
    None,
    /// `/NAME`.
    Name,
    /// `/org/ID`.
    Org,
    /// `/TENANT…`, not the one of personal accounts.
    Tenant,
}

/// A claim that says whose the workload is.
struct Owner {
    claim: &'static str,
    /// For claims that begin with the owner's name: what ends it there, so that a pattern
    /// can be seen to hold all of it.
    ends_with: Option<char>,
}

/// `prefix`, the owner's name, `ends_with`.
struct Start {
    prefix: &'static str,
    ends_with: char,
}

const fn owner(claim: &'static str) -> Owner {
    Owner {
        claim,
        ends_with: None,
    }
}

const fn path(claim: &'static str) -> Owner {
    Owner {
        claim,
        ends_with: Some('/'),
    }
}

const fn start(prefix: &'static str, ends_with: char) -> Option<Start> {
    Some(Start { prefix, ends_with })
}

/// The list.
const SHARED_ISSUERS: [SharedIssuer; 9] = [
    SharedIssuer {
        name: "GitHub Actions",
        hosts: &["token.actions.githubusercontent.com"],
        private: PrivatePath::None,
        owners: &[
            owner("repository_owner"),
            owner("repository_owner_id"),
            path("repository"),
            owner("repository_id"),
            owner("enterprise"),
            owner("enterprise_id"),
        ],
        subject: start("repo:", '/'),
    },
    SharedIssuer {
        name: "GitLab.com",
        hosts: &["gitlab.com"],
        private: PrivatePath::None,
        owners: &[
            path("namespace_path"),
            owner("namespace_id"),
            path("project_path"),
            owner("project_id"),
        ],
        subject: start("project_path:", '/'),
    },
    SharedIssuer {
        name: "Google",
        hosts: &["accounts.google.com"],
        private: PrivatePath::None,
        owners: &[owner("email"), owner("hd")],
        subject: None,
    },
    SharedIssuer {
        name: "Entra ID",
        hosts: &[
            "login.microsoftonline.com",
            "login.microsoftonline.us",
            "login.partner.microsoftonline.cn",
            "sts.windows.net",
            "sts.chinacloudapi.cn",
        ],
        private: PrivatePath::Tenant,
        owners: &[owner("tid"), owner("oid"), owner("appid"), owner("azp")],
        subject: None,
    },
    SharedIssuer {
        name: "Buildkite",
        hosts: &["agent.buildkite.com"],
        private: PrivatePath::None,
        owners: &[
            owner("organization_slug"),
            owner("organization_id"),
            owner("pipeline_id"),
        ],
        subject: start("organization:", ':'),
    },
    SharedIssuer {
        name: "CircleCI",
        hosts: &["oidc.circleci.com"],
        private: PrivatePath::Org,
        owners: &[owner("oidc.circleci.com/project-id")],
        subject: start("org/", '/'),
    },
    SharedIssuer {
        name: "HCP Terraform",
        hosts: &["app.terraform.io", "app.eu.terraform.io"],
        private: PrivatePath::None,
        owners: &[
            owner("terraform_organization_name"),
            owner("terraform_organization_id"),
            owner("terraform_project_id"),
            owner("terraform_workspace_id"),
        ],
        subject: start("organization:", ':'),
    },
    SharedIssuer {
        name: "Vercel",
        hosts: &["oidc.vercel.com"],
        private: PrivatePath::Name,
        owners: &[owner("owner"), owner("owner_id"), owner("project_id")],
        subject: start("owner:", ':'),
    },
    SharedIssuer {
        name: "Pulumi Cloud",
        hosts: &["api.pulumi.com"],
        private: PrivatePath::None,
        owners: &[],
        subject: start("pulumi:deploy:org:", ':'),
    },
];

/// The entry for an issuer.
pub(super) fn find(issuer: &str) -> Option<&'static SharedIssuer> {
    let issuer = issuer.to_ascii_lowercase();
    // Google writes its own without a scheme at times.
    let place = issuer
        .split_once("://")
        .map_or(&*issuer, |(_, place)| place);
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    SHARED_ISSUERS
        .iter()
        .find(|shared| shared.hosts.contains(&host))
        .filter(|shared| !shared.private.covers(path))
}

impl PrivatePath {
    fn covers(&self, path: &str) -> bool {
        let mut segments = path.split('/');
        let first = segments.next().unwrap_or_default();
        match self {
            PrivatePath::None => false,
            PrivatePath::Name => !first.is_empty(),
            PrivatePath::Org => first == "org" && segments.next().is_some_and(|id| !id.is_empty()),
            PrivatePath::Tenant => first
                .parse::<TenantId>()
                .is_ok_and(|tenant| tenant != TenantId::CONSUMERS),
        }
    }
}

impl SharedIssuer {
    /// Whether a case says whose the workloads are.
    pub(super) fn is_owned(&self, case: &Case) -> bool {
        let by_claim = self.owners.iter().any(|owner| owner.is_named(case));
        let by_pattern = self
            .subject
            .as_ref()
            .is_some_and(|start| start.is_named(case));
        is_pinned(case, &Term::Subject) || by_claim || by_pattern
    }

    /// What to add to a permit that does not.
    pub(super) fn remedy(&self) -> String {
        let claim = self.owners.first().map(|owner| {
            let name = owner.claim;
            format!("principal.hasTag(\"{name}\") && principal.getTag(\"{name}\") == \"…\"")
        });
        let pattern = self.subject.as_ref().map(|start| {
            let Start { prefix, ends_with } = start;
            format!("principal.subject like \"{prefix}…{ends_with}*\"")
        });
        let exact = "principal.subject == \"…\"".to_owned();
        let choices: Vec<String> = [claim, pattern, Some(exact)]
            .into_iter()
            .flatten()
            .map(|choice| format!("`{choice}`"))
            .collect();
        choices.join(" or ")
    }
}

impl Owner {
    fn is_named(&self, case: &Case) -> bool {
        let claim = Term::Claim(self.claim.to_owned());
        let list = Term::List(self.claim.to_owned());
        let by_pattern = self.ends_with.is_some_and(|end| {
            let ends = |text: &str| text.find(end).is_some_and(|at| at > 0);
            case.iter().any(|fact| match fact {
                Fact::Begins(term, text) => *term == claim && ends(text),
                _ => false,
            })
        });
        is_pinned(case, &claim) || is_pinned(case, &list) || by_pattern
    }
}

impl Start {
    fn is_named(&self, case: &Case) -> bool {
        case.iter().any(|fact| match fact {
            Fact::Begins(Term::Subject, text) => text
                .strip_prefix(self.prefix)
                .and_then(|name| name.find(self.ends_with))
                .is_some_and(|at| at > 0),
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_is_what_anybody_can_have_a_token_of() {
        let tenant = "41463f53-8812-40f4-890f-865bf6e35190";
        let consumers = TenantId::CONSUMERS;
        let rows = [
            (
                "https://token.actions.githubusercontent.com".to_owned(),
                true,
            ),
            (
                "HTTPS://Token.Actions.GitHubUserContent.com/".to_owned(),
                true,
            ),
            (
                "https://token.actions.githubusercontent.com/contoso".to_owned(),
                true,
            ),
            ("https://gitlab.com".to_owned(), true),
            ("https://gitlab.contoso.example".to_owned(), false),
            ("https://accounts.google.com".to_owned(), true),
            (
                format!("https://login.microsoftonline.com/{tenant}/v2.0"),
                false,
            ),
            (format!("https://sts.windows.net/{tenant}/"), false),
            (format!("https://sts.windows.net/{consumers}/"), true),
            (
                "https://login.microsoftonline.com/common/v2.0".to_owned(),
                true,
            ),
            (
                "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned(),
                true,
            ),
            ("https://agent.buildkite.com".to_owned(), true),
            ("https://oidc.circleci.com/org/1".to_owned(), false),
            ("https://oidc.circleci.com/org/".to_owned(), true),
            ("https://app.terraform.io".to_owned(), true),
            ("https://oidc.vercel.com".to_owned(), true),
            ("https://oidc.vercel.com/contoso".to_owned(), false),
            ("https://api.pulumi.com/oidc".to_owned(), true),
            (
                "https://oidc.eks.eu-central-1.amazonaws.com/id/1".to_owned(),
                false,
            ),
            ("https://gitlab.com.attacker.example".to_owned(), false),
            ("accounts.google.com".to_owned(), true),
        ];
        for (issuer, expected) in rows {
            assert_eq!(find(&issuer).is_some(), expected, "{issuer}");
        }
    }
}
