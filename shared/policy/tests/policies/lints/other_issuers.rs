//! Permits for workloads of issuers that the operator declared private, and of all others: which
//! conditions say whose the workload is.

use policy::Severity;

use super::judged::{check, claim, said, said_with, workloads};
use crate::world::{CLUSTER, private};

const TENANT: &str = "https://login.microsoftonline.com/41463f53-8812-40f4-890f-865bf6e35190/v2.0";

/// Issuers that an attack found the earlier deny-list to miss, and more: each was taken for
/// the operator's own, so that a permit for all its workloads only needed confirmation.
const OF_OTHERS: [&str; 24] = [
    "https://oidc.codefresh.io",
    "https://scalr.io",
    "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123",
    "https://cognito-identity.amazonaws.com",
    "https://api.bitbucket.org/2.0/workspaces/contoso/pipelines-config/identity/oidc",
    "https://securetoken.google.com/some-project",
    TENANT,
    "https://sts.windows.net/41463f53-8812-40f4-890f-865bf6e35190/",
    "https://contoso.b2clogin.com/41463f53-8812-40f4-890f-865bf6e35190/v2.0/",
    "https://contoso.ciamlogin.com/41463f53-8812-40f4-890f-865bf6e35190/v2.0",
    "https://contoso.eu.auth0.com/",
    "https://contoso.okta.com/oauth2/default",
    "https://contoso.app.spacelift.io",
    "https://oidc.fly.io/contoso",
    "https://contoso.semaphoreci.com",
    "https://app.harness.io/ng/api/oidc/account/abc",
    "https://login.app.env0.com/",
    "https://proidc.upbound.io",
    "https://tokens.cloud.shisho.dev",
    "https://studio.datachain.ai/api",
    "https://appleid.apple.com",
    "https://oidc.circleci.com/org/1",
    "https://oidc.vercel.com/contoso",
    "https://container.googleapis.com/v1/projects/p/locations/l/clusters/c",
];

fn of(issuer: &str, condition: &str) -> String {
    workloads(&format!("principal.issuer == \"{issuer}\" && {condition}"))
}

#[test]
fn an_issuer_that_is_not_private_needs_a_whole_subject() {
    let refused = |body: &str| {
        let said = said(body);
        let codes = ["issuer_not_private", "shared_issuer"];
        said.len() == 1 && codes.contains(&said[0].0) && said[0].1 == Severity::Refused
    };
    for issuer in OF_OTHERS {
        for condition in [
            "true".to_owned(),
            r#"principal.subject like "a*""#.to_owned(),
            r#"principal.subject like "system:serviceaccount:jobs:*""#.to_owned(),
            claim("groups", r#"== "ops""#),
            claim("aud", r#"== "broker""#),
            claim("email", r#"like "*@contoso.example""#),
            r#"principal.subject != "a""#.to_owned(),
        ] {
            let body = of(issuer, &condition);
            assert!(refused(&body), "{body}: {:?}", said(&body));
        }
        for condition in [
            r#"principal.subject == "a""#.to_owned(),
            r#"["a", "b"].contains(principal.subject)"#.to_owned(),
            r#"principal.subject like "a""#.to_owned(),
            claim("sub", r#"== "a""#),
        ] {
            let body = of(issuer, &condition);
            assert_eq!(said(&body), [], "{body}");
        }
        let named = format!(
            r#"permit(principal == Workload::"{issuer} a", action, resource in Customer::"contoso");"#
        );
        assert_eq!(said(&named), [], "{named}");
    }
    // What an unknown issuer writes into a claim, it alone knows, also where a label says it.
    let label = |of: &str| {
        format!(
            r#"permit(principal is Workload, action, resource is Tenant) when {{
                principal.issuer == "{CLUSTER}" && principal.hasTag("x") && principal.hasTag("sub") &&
                resource.hasTag("x") && {of} == resource.getTag("x") }};"#
        )
    };
    assert!(refused(&label(r#"principal.getTag("x")"#)));
    assert_eq!(said(&label("principal.subject")), []);
}

/// One tenant of Entra ID is its operator's own or somebody else's: nobody but the operator
/// knows. Its applications are told by their ids all the same.
#[test]
fn what_is_known_of_an_issuer_of_one_customer_counts_without_a_declaration() {
    let rows: [(&str, String, &[&str]); 7] = [
        (TENANT, claim("oid", r#"== "x""#), &[]),
        (TENANT, claim("azp", r#"== "x""#), &[]),
        (
            TENANT,
            claim("tid", r#"== "41463f53-8812-40f4-890f-865bf6e35190""#),
            &["issuer_not_private"],
        ),
        (
            TENANT,
            claim("idtyp", r#"== "app""#),
            &["issuer_not_private"],
        ),
        (
            "https://oidc.circleci.com/org/1",
            claim("oidc.circleci.com/project-id", r#"== "x""#),
            &[],
        ),
        (
            "https://oidc.vercel.com/contoso",
            claim("project_id", r#"== "x""#),
            &[],
        ),
        (
            "https://oidc.vercel.com/contoso",
            claim("owner", r#"== "contoso""#),
            &["issuer_not_private"],
        ),
    ];
    for (issuer, condition, codes) in rows {
        let body = of(issuer, &condition);
        check(&[(body.as_str(), codes)], Severity::Refused);
    }
}

#[test]
fn a_private_issuer_is_restricted_by_any_claim_or_confirmed() {
    let own = private(&[CLUSTER, TENANT]);
    let confirm = ("every_workload", Severity::NeedsConfirmation);
    let rows = [
        (of(CLUSTER, "true"), vec![confirm]),
        (of(TENANT, "true"), vec![confirm]),
        (of(CLUSTER, &claim("aud", r#"== "broker""#)), vec![confirm]),
        (of(CLUSTER, r#"principal.subject like "*""#), vec![confirm]),
        (
            of(CLUSTER, r#"principal.subject like "system:serviceaccount:jobs:*""#),
            vec![],
        ),
        (of(CLUSTER, &claim("groups", r#"== "ops""#)), vec![]),
        (of(TENANT, &claim("idtyp", r#"== "app""#)), vec![]),
        (of(CLUSTER, r#"principal.subject == "a""#), vec![]),
        // To the letter: another issuer of the same host is not declared.
        (
            of(&format!("{CLUSTER}/"), "true"),
            vec![("issuer_not_private", Severity::Refused)],
        ),
        (
            of("https://gitlab.com", "true"),
            vec![("shared_issuer", Severity::Refused)],
        ),
        (
            workloads(&format!(
                "[\"{CLUSTER}\", \"https://issuer.example\"].contains(principal.issuer) && {}",
                claim("groups", r#"== "ops""#)
            )),
            vec![("issuer_not_private", Severity::Refused)],
        ),
        (
            "permit(principal is Workload, action == Action::\"vend\", resource in Customer::\"contoso\") \
             when { principal.issuer == \"CLUSTER\" && principal.subject == context.resource };"
                .replace("CLUSTER", CLUSTER),
            vec![confirm],
        ),
    ];
    for (body, expected) in rows {
        assert_eq!(said_with(&body, &own), expected, "{body}");
    }
}

#[test]
fn the_remedy_says_both_ways() {
    let text = format!("@id(\"one\") {}", of(CLUSTER, "true"));
    let problems = policy::PolicySet::parse(&text).unwrap_err().to_string();
    for part in [
        "principal.subject ==",
        "\"private\": true",
        "--issuers FILE",
    ] {
        assert!(problems.contains(part), "{problems}");
    }
}
