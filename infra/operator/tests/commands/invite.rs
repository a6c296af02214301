//! `invite`: a link that the consent pages know, and every way of not getting one.

use auth::invite::{Invite, InviteId};
use auth::ports::{Clock as _, Invites as _};
use auth::{Cloud, TenantStatus};
use aws::SystemClock;
use operator::Exit;
use serde_json::json;

use crate::world::{OTHER, Ran, TENANT, World, tenant};

const DAY: u64 = 24 * 60 * 60;

/// The invite behind a link, as the consent function finds it.
async fn behind(world: &World, link: &str) -> Invite {
    let id = link
        .strip_prefix("http://localhost:8080/consent?invite=")
        .unwrap();
    let id: InviteId = id.parse().unwrap();
    let found = world.table.find_invite(&id.key()).await;
    found.unwrap().unwrap()
}

fn link(outcome: &Ran) -> String {
    let json = outcome.json();
    json["consent_url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_invite_is_a_link_and_its_end() {
    let world = World::start().await;
    let outcome = world.run(&["invite", "Contoso, Inc.", "--json"]).await;
    let printed = outcome.json();
    assert_eq!(printed.as_object().unwrap().len(), 2, "{printed}");
    let invite = behind(&world, &link(&outcome)).await;
    assert_eq!(invite.customer.as_str(), "Contoso, Inc.");
    assert_eq!((invite.tenant, invite.cloud), (None, None));
    assert_eq!(printed["expires_on"], invite.expires_at.unix());
    let life = invite.created_at.seconds_until(invite.expires_at);
    assert_eq!(life, 7 * DAY);
    assert!(invite.created_at <= SystemClock.now());
}

#[tokio::test]
async fn an_invite_is_what_its_options_say() {
    let world = World::start().await;
    let line = [
        "invite",
        "Contoso",
        "--tenant",
        TENANT,
        "--cloud",
        "gcc",
        "--expires",
        "90s",
        "--return-url",
        "https://portal.example/m365/done?id=1",
        "--json",
    ];
    let invite = behind(&world, &link(&world.run(&line).await)).await;
    assert_eq!(invite.tenant, Some(TENANT.parse().unwrap()));
    assert_eq!(invite.cloud, Some(Cloud::Gcc));
    assert_eq!(invite.created_at.seconds_until(invite.expires_at), 90);
    let url = invite.return_url.unwrap();
    assert_eq!(url.as_str(), "https://portal.example/m365/done?id=1");
}

#[tokio::test]
async fn a_person_reads_the_link_alone_whom_it_binds_its_end_and_that_it_is_a_secret() {
    let world = World::start().await;
    let rows: [(&[&str], &str); 2] = [
        (&["invite", "Contoso"], "the tenant whose admin opens it"),
        (
            &["invite", "Contoso", "--tenant", TENANT],
            "tenant 41463f53-8812-40f4-890f-865bf6e35190, and no other,",
        ),
    ];
    for (line, whom) in rows {
        let outcome = world.run(line).await;
        assert_eq!((outcome.exit, outcome.err.as_str()), (Exit::Done, ""));
        let first = outcome.out.lines().next().unwrap();
        let invite = behind(&world, first).await;
        let end = invite.expires_at.to_string();
        for part in [
            whom,
            "account Contoso, once,",
            &end,
            "a secret of the person",
        ] {
            assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
        }
        let times = outcome.out.matches("invite=").count();
        assert_eq!(times, 1, "the link stands on its own line alone");
    }
}

#[tokio::test]
async fn nothing_of_a_link_is_shown_anywhere_else() {
    let world = World::start().await;
    let link = link(&world.run(&["invite", "Contoso", "--json"]).await);
    let (_, id) = link.split_once("invite=").unwrap();
    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    for line in [
        &["tenants", "list"][..],
        &["tenants", "show", TENANT],
        &["tenants", "show", TENANT, "--json"],
        &["tenants", "suspend", TENANT, "--yes"],
        &["invite", "Contoso", "--expires", "30s"],
    ] {
        let outcome = world.run(line).await;
        let shown = outcome.out + &outcome.err;
        assert!(!shown.contains(id), "{line:?}: {shown}");
        assert!(!shown.contains("invite="), "{line:?}: {shown}");
    }
}

#[tokio::test]
async fn a_refusal_says_what_to_write_instead() {
    let world = World::start().await;
    world
        .connect(&tenant(OTHER, TenantStatus::Removed, None))
        .await;
    let rows: [(&[&str], Exit, &[&str]); 8] = [
        (&["--expires", "59s"], Exit::Usage, &["60 seconds", "7d"]),
        (&["--expires", "91d"], Exit::Usage, &["90 days", "7d"]),
        (
            &["--return-url", "https://portal.example/other"],
            Exit::Failed,
            &["CONSENT_RETURN_URLS", "--return-url"],
        ),
        (
            &["--return-url", "https://evil.example/m365"],
            Exit::Failed,
            &["CONSENT_RETURN_URLS"],
        ),
        (
            &["--cloud", "gcc-high"],
            Exit::Failed,
            &["another authority", "--cloud"],
        ),
        (
            &["--tenant", "9188040d-6c67-4c5b-b112-36a304b66dad"],
            Exit::Failed,
            &["personal accounts", "organisation's own tenant"],
        ),
        (
            &["--tenant", OTHER],
            Exit::Failed,
            &["another customer account", "tenants move", "tenants show"],
        ),
        (
            &["--tenant", OTHER, "--json"],
            Exit::Failed,
            &["another customer account"],
        ),
    ];
    for (options, exit, parts) in rows {
        let outcome = world.run(&[&["invite", "Contoso"], options].concat()).await;
        assert_eq!((outcome.exit, outcome.out.as_str()), (exit, ""));
        assert_eq!(outcome.err.lines().count(), 1, "{outcome:?}");
        for part in parts {
            assert!(outcome.err.contains(part), "{options:?}: {}", outcome.err);
        }
    }
}

#[tokio::test]
async fn a_place_that_makes_no_invites_says_what_to_set() {
    let world = World::start().await;
    let rows = [
        (
            "CONSENT_REDIRECT_URI",
            "",
            "CONSENT_REDIRECT_URI is not set",
        ),
        (
            "CONSENT_REDIRECT_URI",
            "http://broker.example/consent/callback",
            "CONSENT_REDIRECT_URI must be a URL",
        ),
        (
            "CONSENT_RETURN_URLS",
            "portal.example",
            "CONSENT_RETURN_URLS holds portal.example",
        ),
        ("ENTRA_CLOUD", "mars", "ENTRA_CLOUD not a cloud"),
    ];
    let good = world.settings();
    for (variable, value, expected) in rows {
        let mut settings = good.clone();
        settings[variable] = json!(value);
        world.change_run("/settings", settings);
        let outcome = world.run(&["invite", "Contoso"]).await;
        let refusal = outcome.refusal();
        assert!(refusal.contains(expected), "{refusal}");
        assert!(refusal.contains("start it again"), "{refusal}");
    }
}
