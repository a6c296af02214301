//! Permits for workloads of issuers that anybody can use: which conditions say whose the
//! workload is.

use policy::Severity;

use super::judged::{check, claim, workloads};

fn github(condition: &str) -> String {
    workloads(&format!(
        "principal.issuer == \"https://token.actions.githubusercontent.com\" && {condition}"
    ))
}

#[test]
fn a_shared_issuer_needs_a_subject_or_an_owner() {
    let refused: &[&str] = &["shared_issuer"];
    let vercel = |condition: &str| {
        workloads(&format!(
            "principal.issuer == \"https://oidc.vercel.com\" && {condition}"
        ))
    };
    let google = |condition: &str| {
        workloads(&format!(
            "principal.issuer == \"https://accounts.google.com\" && {condition}"
        ))
    };
    let rows = [
        (github("true"), refused),
        (
            github(r#"principal.subject == "repo:contoso/x:ref:refs/heads/main""#),
            &[],
        ),
        (
            github(
                r#"["repo:contoso/x:environment:a", "repo:contoso/y:environment:a"].contains(principal.subject)"#,
            ),
            &[],
        ),
        (github(r#"principal.subject like "repo:contoso/*""#), &[]),
        (github(r#"principal.subject like "repo:contoso/x""#), &[]),
        (github(r#"principal.subject like "repo:contoso*""#), refused),
        (github(r#"principal.subject like "repo:*/x:*""#), refused),
        (github(r#"principal.subject like "repo:/*""#), refused),
        (github(r#"principal.subject like "*""#), refused),
        (github(r#"principal.subject != "x""#), refused),
        (github(&claim("repository_owner", r#"== "contoso""#)), &[]),
        (github(&claim("repository_owner_id", r#"== "42""#)), &[]),
        (
            github(&claim("repository_owner", r#"like "contoso*""#)),
            refused,
        ),
        (
            github(&claim("repository_owner", r#"!= "attacker""#)),
            refused,
        ),
        (github(r#"principal.hasTag("repository_owner")"#), refused),
        (github(&claim("repository", r#"like "contoso/*""#)), &[]),
        (github(&claim("repository", r#"like "contoso*""#)), refused),
        (github(&claim("ref", r#"== "refs/heads/main""#)), refused),
        (github(&claim("actor", r#"== "octocat""#)), refused),
        (
            github(&claim(
                "job_workflow_ref",
                r#"== "contoso/x/.github/workflows/a.yml@refs/heads/main""#,
            )),
            refused,
        ),
        (
            github(&claim("sub", r#"== "repo:contoso/x:ref:refs/heads/main""#)),
            &[],
        ),
        (
            github(
                r#"principal.lists.hasTag("repository_owner") && principal.lists.getTag("repository_owner").contains("contoso")"#,
            ),
            &[],
        ),
        (
            github(r#"(principal.subject == "a" || resource in Customer::"fabrikam")"#),
            refused,
        ),
        (
            workloads(
                r#"["https://issuer.contoso.example", "https://gitlab.com"].contains(principal.issuer) && principal.hasTag("ref") && principal.getTag("ref") == "main""#,
            ),
            &["issuer_not_private", "shared_issuer"],
        ),
        (
            workloads(
                r#"principal.issuer == "https://gitlab.com" && principal.subject like "project_path:contoso/*""#,
            ),
            &[],
        ),
        (
            workloads(
                r#"principal.issuer == "https://gitlab.com" && principal.subject like "project_path:contoso-*""#,
            ),
            refused,
        ),
        (
            workloads(
                r#"principal.issuer == "https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/" && principal.hasTag("idp") && principal.getTag("idp") == "x""#,
            ),
            refused,
        ),
        (
            workloads(
                r#"principal.issuer == "https://sts.windows.net/41463f53-8812-40f4-890f-865bf6e35190/" && principal.hasTag("appid") && principal.getTag("appid") == "x""#,
            ),
            &[],
        ),
        (
            google(&claim(
                "email",
                r#"== "job@contoso.iam.gserviceaccount.com""#,
            )),
            &[],
        ),
        (
            google(&claim("azp", r#"== "x.apps.googleusercontent.com""#)),
            refused,
        ),
        (vercel(&claim("owner_id", r#"== "team_1""#)), &[]),
        (vercel(r#"principal.subject like "owner:contoso:*""#), &[]),
        (
            r#"permit(principal is Workload, action, resource is Tenant) when {
                principal.issuer == "https://token.actions.githubusercontent.com" &&
                principal.hasTag("repository_owner") && resource.hasTag("github") &&
                principal.getTag("repository_owner") == resource.getTag("github") };"#
                .to_owned(),
            &[],
        ),
    ];
    let rows: Vec<(&str, &[&str])> = rows
        .iter()
        .map(|(body, codes)| (body.as_str(), *codes))
        .collect();
    check(&rows, Severity::Refused);
}
