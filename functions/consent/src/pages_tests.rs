use auth::consent::RegisteredPermissions;
use auth::requirements::Requirements;
use auth::{Cloud, Timestamp};

use super::*;

const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const AUDITING: [&str; 3] = [
    "Get-AdminAuditLogConfig | Format-List UnifiedAuditLogIngestionEnabled",
    "up to 60 minutes",
    "Tenant … does not exist",
];

fn site(resources: &[&str]) -> Site {
    let named = resources.iter().map(|api| api.parse().unwrap()).collect();
    Site {
        company: Some("Contoso".to_owned()),
        registered: None,
        requirements: Requirements::new(
            (!resources.is_empty()).then_some(named),
            vec!["ActivityFeed.Read".to_owned()],
        ),
        cloud: Cloud::Public,
        origin: "https://broker.example".to_owned(),
        open: true,
        flow: ConsentFlow::V2,
    }
}

fn tenant(status: TenantStatus, cloud: Cloud) -> Tenant {
    Tenant {
        id: TENANT.parse().unwrap(),
        customer: "Contoso".parse().unwrap(),
        cloud,
        status,
        cause: None,
        cause_resource: None,
        since: Timestamp::from_unix(0),
        consented_at: None,
        roles: Vec::new(),
        tags: Default::default(),
        version: None,
    }
}

#[test]
fn right_after_connected_the_page_says_that_auditing_must_be_on_where_the_audit_log_is_read() {
    use TenantStatus as S;
    let (manage, graph) = ("https://manage.office.com", "https://graph.microsoft.com");
    // The resources that are kept, how the tenant stands and where it lives, whether it is said.
    let rows: [(&[&str], S, Cloud, bool); 12] = [
        (&[], S::Active, Cloud::Public, true),
        (&[], S::Active, Cloud::Gcc, true),
        (&[], S::Active, Cloud::GccHigh, true),
        (&[manage], S::Active, Cloud::Public, true),
        (&[manage], S::Active, Cloud::Gcc, true),
        (&[manage, graph], S::Active, Cloud::Public, true),
        (&[graph, manage], S::Active, Cloud::Public, true),
        (&[graph], S::Active, Cloud::Public, false),
        (
            &["https://vault.azure.net"],
            S::Active,
            Cloud::Public,
            false,
        ),
        (&[], S::Propagating, Cloud::Public, false),
        (&[], S::Revoked, Cloud::Public, false),
        (&[], S::Suspended, Cloud::Public, false),
    ];
    for (resources, status, cloud, said) in rows {
        let page = result(&site(resources), &tenant(status, cloud), None, None);
        for part in AUDITING {
            let row = format!("{resources:?} {status} {cloud}: {part}");
            assert_eq!(page.contains(part), said, "{row}: {page}");
        }
        let nothing_more = page.contains("Nothing more is needed");
        assert_eq!(nothing_more, status == S::Active && !said, "{page}");
    }
}

#[test]
fn nothing_else_is_promised_only_where_all_that_is_registered_is_listed() {
    let view = LandingView {
        customer: None,
        tenant: None,
    };
    for listed in [None, Some("ActivityFeed.Read")] {
        let registered = listed.map(|text| text.parse::<RegisteredPermissions>().unwrap());
        let site = Site {
            registered,
            ..site(&[])
        };
        let page = start(&site, &view, None, "token");
        let promised = page.contains("Nothing else is asked for");
        assert_eq!(promised, listed.is_some(), "{page}");
    }
}

/// Safari keeps no `Secure` cookie of `http://localhost`: the person at it has changed no
/// browser, and reads why every step is said to be another browser's.
#[test]
fn a_missing_cookie_at_http_is_explained_and_no_other_refusal() {
    for code in CauseCode::ALL {
        for (origin, without_tls) in [
            ("https://broker.example", false),
            ("http://localhost:8080", true),
        ] {
            let site = Site {
                origin: origin.to_owned(),
                ..site(&[])
            };
            let happened = Happened {
                at: "now",
                request_id: "request",
            };
            let page = refused(&site, &ConsentRefusal::from(*code), &happened);
            let expected = without_tls && *code == CauseCode::OtherBrowser;
            assert_eq!(page.contains("--tls"), expected, "{code}, {origin}");
        }
    }
}
