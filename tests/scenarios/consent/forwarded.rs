//! Somebody who may not consent: what to do first, and a text for an admin.

use tests::{Browser, Flow, Page};

use super::stage::Stage;

const COMPANY: &str = "Fisch & <b>Söhne</b>";
const ESCAPED: &str = "Fisch &#38; &#60;b&#62;Söhne&#60;/b&#62;";

async fn stage(mode: &str) -> Stage {
    let variables = [("CONSENT_MODE", mode), ("CONSENT_COMPANY_NAME", COMPANY)];
    Stage::start(Flow::V2, &variables).await
}

/// The page that the plain user of the first tenant ends on.
async fn refused(stage: &Stage, link: &str) -> Page {
    let user = stage.person(0).user.clone();
    let page = stage.sign_in(&mut Browser::default(), link, &user).await;
    assert_eq!(page.cause(), "not_an_admin", "{}", page.body);
    page
}

/// What is to be sent: the one text of the page that cannot be changed.
fn text(page: &Page) -> &str {
    let (_, rest) = page.body.split_once("<textarea readonly").unwrap();
    let (text, _) = rest.split_once("</textarea>").unwrap();
    text.split_once('>').unwrap().1
}

#[tokio::test]
async fn who_may_not_consent_reads_of_activation_and_gets_a_text_with_the_link() {
    let stage = stage("open").await;
    let link = stage.run.broker.ready.consent_url.clone();
    let page = refused(&stage, &link).await;
    for part in [
        "Privileged Identity Management",
        "start again",
        "administrative unit",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    let tenant = stage.run.tenant(0);
    for part in [
        link.as_str(),
        &tenant,
        ESCAPED,
        "Global Administrator",
        "activated first",
    ] {
        assert!(text(&page).contains(part), "{part}: {}", text(&page));
    }
    assert!(!page.body.contains("<b>"), "{}", page.body);
}

/// An invite's link lets its holder in. This page has an address of its own that lives for a
/// day, so it shows none: whoever was invited has the message.
#[tokio::test]
async fn an_invite_is_never_shown_again() {
    for mode in ["invite", "open"] {
        let stage = stage(mode).await;
        let named = stage.vouched("Contoso", 0).await;
        let links = [stage.invite("Contoso").await, named];
        // Whom the operator vouches for passes here, and ends at Microsoft's page.
        let page = refused(&stage, &links[0]).await;
        for link in links {
            let (_, id) = link.split_once("invite=").unwrap();
            assert!(!page.body.contains(id), "{mode}: {}", page.body);
        }
        for part in [
            "the invite link that I send you",
            &stage.run.tenant(0),
            ESCAPED,
        ] {
            assert!(
                text(&page).contains(part),
                "{mode}, {part}: {}",
                text(&page)
            );
        }
        assert!(!text(&page).contains("http"), "{mode}: {}", text(&page));
    }
}

/// Where Microsoft's answer does not show roles at all, nobody has to activate one.
#[tokio::test]
async fn an_admin_who_is_not_shown_as_one_is_sent_to_nobody() {
    let stage = Stage::start(Flow::V1, &[("CONSENT_MODE", "invite")]).await;
    let id = stage.run.tenant(0).parse().unwrap();
    stage.run.machine.consent_at_simulator(&[id]).unwrap();
    let link = stage.invite("Contoso").await;
    let admin = stage.person(0).admin.clone();
    let page = stage.sign_in(&mut Browser::default(), &link, &admin).await;
    assert_eq!(page.cause(), "admin_not_proven", "{}", page.body);
    assert!(!page.body.contains("<textarea"), "{}", page.body);
    assert!(!page.body.contains("activate"), "{}", page.body);
}
