//! What Microsoft is asked for, what the landing page says of it beforehand, and what is
//! reported of what arrives.

use serde_json::Value;
use tests::lines::Lines;
use tests::{Browser, Flow};

use super::own_authority::OwnAuthority;
use super::stage::Stage;

const SETTING: &str = "CONSENT_REGISTERED_PERMISSIONS";
const COMPLETE: &str = "Nothing else is asked for";
const BOTH: &str = "https://manage.office.com,https://graph.microsoft.com";

/// One is enough for all that is registered; several are undocumented.
#[tokio::test]
async fn microsoft_is_asked_with_the_default_of_the_first_resource_alone() {
    let graph = [
        ("ENTRA_RESOURCES", "https://graph.microsoft.com"),
        ("ENTRA_REQUIRED_ROLES", "AuditLog.Read.All"),
    ];
    type Variables<'a> = &'a [(&'a str, &'a str)];
    let rows: [(Variables<'_>, &str); 5] = [
        (&[], "https://manage.office.com/.default"),
        (
            &[("ENTRA_RESOURCES", BOTH)],
            "https://manage.office.com/.default",
        ),
        (&graph, "https://graph.microsoft.com/.default"),
        (
            &[("ENTRA_CLOUD", "gcc-high")],
            "https://manage.office365.us/.default",
        ),
        (
            &[("ENTRA_CLOUD", "dod")],
            "https://manage.protection.apps.mil/.default",
        ),
    ];
    for (variables, expected) in rows {
        let stage = Stage::start(Flow::V2, variables).await;
        let link = stage.run.broker.ready.consent_url.clone();
        let mut browser = Browser::default();
        let admin = stage.person(0).admin.clone();
        let confirm = stage.sign_in(&mut browser, &link, &admin).await;
        let authority = browser.submit(&confirm.form(), &[]).await;
        let scopes: Vec<_> = authority
            .url
            .query_pairs()
            .filter(|(name, _)| name == "scope")
            .map(|(_, scope)| scope.into_owned())
            .collect();
        assert_eq!(scopes, [expected], "{variables:?}");
    }
}

/// Both APIs' tokens carry their roles after one consent to one `.default`.
#[tokio::test]
async fn one_consent_is_enough_for_every_api() {
    for flow in [Flow::V2, Flow::V1] {
        let stage = Stage::start(flow, &[("ENTRA_RESOURCES", BOTH)]).await;
        let link = stage.run.broker.ready.consent_url.clone();
        let landing = Browser::default().open(&link).await;
        for part in ["AuditLog.Read.All", "https://graph.microsoft.com", COMPLETE] {
            assert!(landing.body.contains(part), "{part}: {}", landing.body);
        }
        let page = stage.connect(&link, &stage.person(0).admin).await;
        assert_eq!(page.heading(), "Connected", "{flow:?}: {}", page.body);
        let line = ["tenants", "recheck", &stage.run.tenant(0), "--json"];
        let checked: Value = serde_json::from_str(&stage.operator(&line).await).unwrap();
        for index in [0, 1] {
            assert_eq!(checked["resources"][index]["token"], true, "{checked}");
        }
    }
}

#[tokio::test]
async fn what_arrives_beyond_the_list_is_reported_once_and_harms_nobody() {
    let api = "https://manage.office.com";
    let full = format!("{api}/ActivityFeed.Read, {api}/ActivityFeed.ReadDlp");
    // The list, and what is reported of a consent to ActivityFeed.Read and ActivityFeed.ReadDlp.
    let rows = [
        ("ActivityFeed.Read,ActivityFeed.ReadDlp", None),
        (
            "openid, profile, ActivityFeed.Read, ActivityFeed.ReadDlp",
            None,
        ),
        (full.as_str(), None),
        ("ActivityFeed.Read", Some("ActivityFeed.ReadDlp")),
        (
            "ActivityFeed.Read,ServiceHealth.Read",
            Some("ActivityFeed.ReadDlp"),
        ),
        (
            "ActivityFeed.Read,https://graph.microsoft.com/ActivityFeed.ReadDlp",
            Some("ActivityFeed.ReadDlp"),
        ),
    ];
    for (list, expected) in rows {
        for flow in [Flow::V2, Flow::V1] {
            let stage = Stage::start(flow, &[(SETTING, list)]).await;
            let link = stage.run.broker.ready.consent_url.clone();
            let landing = Browser::default().open(&link).await;
            assert!(landing.body.contains(COMPLETE), "{list}: {}", landing.body);
            let lines = Lines::listen("warn");
            let page = stage.connect(&link, &stage.person(0).admin).await;
            assert_eq!(page.heading(), "Connected", "{list}: {}", page.body);
            let told: Vec<_> = lines
                .take()
                .into_iter()
                .filter(|line| line["event"] == "consent_unlisted")
                .map(|line| line["roles"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(
                told,
                expected.into_iter().collect::<Vec<_>>(),
                "{list} {flow:?}"
            );
            let line = ["--json", "tenants", "show", &stage.run.tenant(0)];
            let shown: Value = serde_json::from_str(&stage.operator(&line).await).unwrap();
            assert_eq!(shown["roles"].as_array().unwrap().len(), 2, "{shown}");
        }
    }
}

/// Without the list nobody knows what is registered: the page promises nothing.
#[tokio::test]
async fn a_page_without_the_list_names_what_is_needed_and_leaves_the_rest_to_microsoft() {
    let own = OwnAuthority::start(Flow::V2, |_| {}).await;
    let url = own.broker.ready.consent_url.clone();
    let landing = Browser::default().open(&url).await;
    assert!(
        landing.body.contains("ActivityFeed.Read"),
        "{}",
        landing.body
    );
    assert!(!landing.body.contains(COMPLETE), "{}", landing.body);
    assert!(landing.body.contains("the whole list"), "{}", landing.body);
}

/// What each of Microsoft's pages will say, and what to do before.
#[tokio::test]
async fn the_landing_page_says_what_microsofts_pages_will_show() {
    for (flow, two_steps) in [(Flow::V2, true), (Flow::V1, false)] {
        let stage = Stage::open(flow).await;
        let landing = stage.run.broker.ready.consent_url.clone();
        let landing = Browser::default().open(&landing).await;
        for part in ["“Sign you in”", "“View your basic profile”"] {
            assert_eq!(landing.body.contains(part), two_steps, "{part}");
        }
        for part in ["“unverified”", "Privileged Identity Management"] {
            assert!(landing.body.contains(part), "{flow:?}: {part}");
        }
    }
}
