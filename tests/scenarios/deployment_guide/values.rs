//! Parameters with what shells, YAML and SAM make something else of: blanks, quotes, commas,
//! JSON, zeros in front. And such as the template refuses.

type Row = &'static [(&'static str, &'static str)];

/// Each row is one deployment.
pub(crate) const ROWS: [Row; 4] = [
    &[
        ("ConsentCompanyName", r#"Contoso & Sons "Ltd""#),
        (
            "ConsentReturnUrls",
            "https://a.example/x, https://b.example/y",
        ),
        (
            "EntraResources",
            "https://manage.office.com,https://graph.microsoft.com",
        ),
        ("CallerAccount1", "012345678901"),
        ("CallerAccount2", "000000000000"),
        ("OutageToSurviveSeconds", "0"),
    ],
    &[
        ("ConsentCompanyName", "O'Brien, Müller & Søn: $HOME #1 `x`"),
        (
            "VendingIssuers",
            r#"[{"issuer":"https://token.actions.example","audience":"broker"}]"#,
        ),
        (
            "EntraRequiredRoles",
            "ActivityFeed.Read, ServiceHealth.Read",
        ),
        ("AlarmEmail", "on+call@example.com"),
        ("ConsentReservedConcurrency", "0"),
    ],
    &[
        ("ConsentCompanyName", r"back\slash and 'both' quotes ''"),
        ("DomainName", "broker.example.com"),
        (
            "CertificateArn",
            "arn:aws:acm:us-east-1:000000000000:certificate/2d4d11a2-f814-46a7-890a-274a72a7309e",
        ),
        ("CallerOrganizationId", "o-a1b2c3d4e5"),
    ],
    &[
        ("ConsentCompanyName", "yes"),
        ("StateName", "1e3"),
        (
            "ConsentAdminRoles",
            "62e90394-69f5-4237-9190-012177145e10,e8611ab8-c189-46e8-94e1-60213ab1f814",
        ),
        ("ApiRate", "50"),
        (
            "ConsentRegisteredPermissions",
            "Audit: read all, Mail (send)",
        ),
    ],
];

/// Rows, and what the refusal says; `tests/scenarios/template` has the many.
pub(crate) const REFUSED: [(Row, &str); 2] = [
    (
        &[("DomainName", "broker.example.com")],
        "DomainName needs CertificateArn",
    ),
    (&[("CallerAccount1", "12345678901")], "12 digits"),
];
