//! `tenants recheck`: the outcome is the refresher's, a fault of ours changes nothing.

use std::time::Duration;

use auth::{CauseCode, TenantStatus};
use operator::Exit;
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::world::{TENANT, World, tenant};

use CauseCode as C;
use TenantStatus as S;

/// A tenant of the simulator's that stands at `status`, and the simulator.
async fn standing(status: S, cause: Option<C>) -> (World, Authority, String) {
    let world = World::start().await;
    let authority = Authority::start(&world, 1).await;
    let id = authority.tenants[0].clone();
    let cause = cause.map(Into::into);
    world.connect(&tenant(&id, status, cause)).await;
    (world, authority, id)
}

/// Its JSON, which is printed whether or not there is a token.
fn printed(outcome: &crate::world::Ran) -> Value {
    serde_json::from_str(&outcome.out).unwrap()
}

#[tokio::test]
async fn a_token_heals_and_is_kept_for_the_next_vend() {
    let (world, authority, id) = standing(S::Revoked, Some(C::NotConsented)).await;
    authority.grant(&authority.tenants);
    let recheck = ["tenants", "recheck", &id, "--json"];
    let shown = world.run(&recheck).await.json();
    assert_eq!(
        (&shown["status_before"], &shown["status"]),
        (&json!("revoked"), &json!("active"))
    );
    let resource = &shown["resources"][0];
    assert_eq!(resource["resource"], "https://manage.office.com");
    assert_eq!(resource["token"], true);
    assert!(resource["expires_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(resource.get("cause"), None);
    assert_eq!(world.run(&["token", &id]).await.json()["source"], "table");
    assert_eq!(authority.asked().await, 1);

    let text = world.run(&["tenants", "recheck", &id]).await;
    assert_eq!((text.exit, text.err.as_str()), (Exit::Done, ""));
    for part in [
        "status before  active",
        "status now     active",
        "a token came",
    ] {
        assert!(text.out.contains(part), "{text:?}");
    }
}

#[tokio::test]
async fn the_outcome_is_written_as_the_refresher_writes_it() {
    let rows = [
        // The consent is of 2015: no grace. It was refused an hour ago, too.
        (
            json!({"kind": "consent_revoked"}),
            S::Active,
            C::NotConsented,
            S::Revoked,
            false,
        ),
        (
            json!({"kind": "role_removed"}),
            S::Active,
            C::RolesMissing,
            S::Revoked,
            false,
        ),
        (
            json!({"kind": "app_disabled"}),
            S::Degraded,
            C::ApplicationDisabled,
            S::Revoked,
            false,
        ),
        (
            json!({"kind": "throttle", "value": 1}),
            S::Active,
            C::Throttled,
            S::Active,
            true,
        ),
        (
            json!({"kind": "clock_skew", "value": 9000}),
            S::Active,
            C::ClockSkew,
            S::Active,
            true,
        ),
        (
            json!({"kind": "clock_skew", "value": 9000}),
            S::Revoked,
            C::ClockSkew,
            S::Revoked,
            true,
        ),
    ];
    for (fault, before, code, after, keeps_token) in rows {
        let (world, authority, id) = standing(before, None).await;
        authority.grant(&authority.tenants);
        let token = world.hold_token(&id, Duration::from_secs(3600)).await;
        world.suspect(&id).await;
        authority.fault(fault).await;
        let outcome = world.run(&["tenants", "recheck", &id, "--json"]).await;
        assert_eq!(outcome.exit, Exit::Failed, "{code}");
        assert_eq!(outcome.err.lines().count(), 1, "{outcome:?}");
        assert!(outcome.err.contains(code.next_step()), "{outcome:?}");
        let shown = printed(&outcome);
        assert_eq!(shown["status"], after.as_str(), "{code}");
        let resource = &shown["resources"][0];
        assert_eq!(
            (&resource["token"], &resource["cause"]),
            (&json!(false), &json!(code))
        );
        assert_eq!(resource["what_happened"], code.what_happened());
        assert_eq!(resource["fault"], code.fault().as_str());
        assert_eq!(world.find(&id).await.status, after, "{code}");
        let show = world.run(&["tenants", "show", &id, "--json"]).await;
        let state = &show.json()["tokens"][0]["state"];
        assert_eq!(state == "living", keeps_token, "{code}");
        assert!(!(outcome.out + &outcome.err + &show.out).contains(&token));
    }
}

#[tokio::test]
async fn one_refusal_revokes_nobody_and_says_so() {
    let rows = [
        (
            json!({"kind": "odd_answer", "value": 700_016, "times": 1}),
            C::NotConsented,
        ),
        (json!({"kind": "odd_answer", "times": 1}), C::RolesMissing),
        (json!({"kind": "consent_revoked"}), C::NotConsented),
    ];
    for (fault, code) in rows {
        let (world, authority, id) = standing(S::Active, None).await;
        authority.grant(&authority.tenants);
        world.hold_token(&id, Duration::from_secs(3600)).await;
        authority.fault(fault).await;
        let outcome = world.run(&["tenants", "recheck", &id]).await;
        assert_eq!(outcome.exit, Exit::Failed, "{code}");
        for part in ["status now     active", "a second refusal then counts"] {
            assert!(outcome.out.contains(part), "{part}: {outcome:?}");
        }
        assert!(!outcome.out.contains("consent link"), "{outcome:?}");
        assert!(outcome.err.contains(code.as_str()), "{outcome:?}");
        let shown = world.run(&["tenants", "show", &id, "--json"]).await.json();
        let token = &shown["tokens"][0];
        assert_eq!(token["state"], "living", "{code}");
        assert_eq!(token["last_failure"]["cause"], code.as_str());
        assert!(token["suspected_at"].is_string(), "{token}");
    }
}

/// Known, unknown and several: an operator who looks for the reason finds each of them.
#[tokio::test]
async fn every_number_of_an_answer_is_in_what_show_prints() {
    let rows = [
        700_016, 7_000_229, 5_000_225, 700_027, 90033, 123_456, 9_999_999, 53003,
    ];
    for number in rows {
        let (world, authority, id) = standing(S::Active, None).await;
        authority.grant(&authority.tenants);
        world.hold_token(&id, Duration::from_secs(3600)).await;
        let fault = json!({"kind": "odd_answer", "value": number});
        authority.fault(fault).await;
        world.run(&["tenants", "recheck", &id]).await;
        let shown = world.run(&["tenants", "show", &id, "--json"]).await.json();
        assert_eq!(shown["tokens"][0]["last_failure"]["aadsts"], number);
        let text = world.run(&["tenants", "show", &id]).await.out;
        assert!(
            text.contains(&format!("AADSTS{number}")),
            "{number}: {text}"
        );
    }
}

#[tokio::test]
async fn a_person_reads_the_catalogues_words_and_where_to_get_a_link() {
    let (world, _authority, id) = standing(S::Active, None).await;
    world.suspect(&id).await;
    let outcome = world.run(&["tenants", "recheck", &id]).await;
    assert_eq!(outcome.exit, Exit::Failed);
    let code = C::NotConsented;
    for part in [
        "status before  active",
        "status now     revoked",
        "https://manage.office.com: no token",
        "not_consented (AADSTS7000229)",
        code.what_happened(),
        code.fault().whose_turn(),
        code.next_step(),
        "makes a consent link",
    ] {
        assert!(outcome.out.contains(part), "{part}: {outcome:?}");
    }
}

#[tokio::test]
async fn who_is_not_refreshed_is_not_asked_for() {
    let rows = [
        (S::Suspended, "tenants resume"),
        (S::Removed, "consent link"),
        (S::Pending, "consent link"),
    ];
    for (status, part) in rows {
        let (world, authority, id) = standing(status, None).await;
        authority.grant(&authority.tenants);
        let outcome = world.run(&["tenants", "recheck", &id]).await;
        let refusal = outcome.refusal();
        assert!(refusal.contains(status.as_str()), "{refusal}");
        assert!(refusal.contains(part), "{refusal}");
        assert_eq!(authority.asked().await, 0);
    }
    let world = World::start().await;
    let unknown = world.run(&["tenants", "recheck", TENANT]).await;
    assert!(
        unknown.refusal().contains("is not connected"),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn a_resource_that_the_tenant_was_not_connected_for_is_told() {
    let (world, authority, id) = standing(S::Active, None).await;
    let mut settings = world.settings();
    settings["ENTRA_RESOURCES"] = json!("https://graph.microsoft.com");
    settings["ENTRA_REQUIRED_ROLES"] = json!("User.Read.All");
    world.change_run("/settings", settings);
    let outcome = world.run(&["tenants", "recheck", &id]).await;
    assert_eq!(outcome.exit, Exit::Failed);
    assert!(outcome.err.contains("ENTRA_RESOURCES"), "{outcome:?}");
    assert_eq!(authority.asked().await, 0);
}
