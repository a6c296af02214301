use super::*;

#[test]
fn shared_is_what_anybody_can_have_a_token_of() {
    let tenant = "41463f53-8812-40f4-890f-865bf6e35190";
    let consumers = TenantId::CONSUMERS;
    let of_tenant = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let v1 = format!("https://sts.windows.net/{tenant}/");
    let of_consumers = format!("https://sts.windows.net/{consumers}/");
    // Known; shared.
    let rows = [
        ("https://token.actions.githubusercontent.com", true, true),
        ("HTTPS://Token.Actions.GitHubUserContent.com/", true, true),
        (
            "https://token.actions.githubusercontent.com/contoso",
            true,
            true,
        ),
        (
            "https://token.actions.githubusercontent.com:443",
            true,
            true,
        ),
        ("https://token.actions.githubusercontent.com.", true, true),
        ("https://x@token.actions.githubusercontent.com", true, true),
        ("https://gitlab.com", true, true),
        ("https://gitlab.contoso.example", false, false),
        ("https://accounts.google.com", true, true),
        ("accounts.google.com", true, true),
        (of_tenant.as_str(), true, false),
        (v1.as_str(), true, false),
        (of_consumers.as_str(), true, true),
        ("https://login.microsoftonline.com/common/v2.0", true, true),
        (
            "https://login.microsoftonline.com/{tenantid}/v2.0",
            true,
            true,
        ),
        ("https://agent.buildkite.com", true, true),
        ("https://oidc.circleci.com/org/1", true, false),
        ("https://oidc.circleci.com/org/", true, true),
        ("https://app.terraform.io", true, true),
        ("https://oidc.vercel.com", true, true),
        ("https://oidc.vercel.com/contoso", true, false),
        ("https://api.pulumi.com/oidc", true, true),
        ("https://oidc.codefresh.io", true, true),
        ("https://scalr.io", true, true),
        ("https://cognito-identity.amazonaws.com", true, true),
        (
            "https://oidc.eks.eu-central-1.amazonaws.com/id/1",
            false,
            false,
        ),
        ("https://gitlab.com.attacker.example", false, false),
    ];
    for (issuer, known, shared) in rows {
        let found = known_issuer(issuer);
        assert_eq!(found.is_some(), known, "{issuer}");
        assert_eq!(found.is_some_and(|one| one.shared), shared, "{issuer}");
    }
}
