//! Nothing that came by is kept where people look: every page and the whole debug log of
//! runs that connect, cancel, refuse and repeat are searched for what they carried.

use std::collections::BTreeSet;

use serde_json::json;
use tests::admin::{accept, press, sign_in};
use tests::{Browser, Flow};

use super::own_authority::OwnAuthority;

/// Shorter texts are no secrets and stand anywhere.
const LONG_ENOUGH: usize = 20;

impl OwnAuthority {
    /// Connects, cancels, is refused as a plain user, reloads what was used.
    async fn live_through(&self, flow: Flow) -> Browser {
        let url = self.broker.ready.consent_url.clone();
        let person = self.simulator.tenants()[0].clone();
        let mut browser = Browser::default();
        let result = tests::connect(&mut browser, &url, &person.admin, flow).await;
        assert_eq!(result.heading(), "Connected", "{}", result.body);
        let landed: Vec<_> = browser
            .history
            .iter()
            .map(|page| page.url.clone())
            .collect();
        for url in landed
            .iter()
            .filter(|url| url.path().ends_with("/callback"))
        {
            let page = browser.open(url.as_str()).await;
            assert_eq!(page.cause(), "attempt_used");
        }
        let form = browser.open(&url).await.form();
        let authority = browser.submit(&form, &[]).await;
        let page = press(&mut browser, &authority, &person.admin, "cancel").await;
        assert_eq!(page.cause(), "consent_declined (AADSTS65004)");
        let page = sign_in(&mut browser, &url, &person.user).await;
        assert!(page.status >= 400 || flow == Flow::V1, "{}", page.body);
        if flow == Flow::V2 {
            let other = self.simulator.tenants()[1].clone();
            let link = self.broker.invite(json!({"customer": "Contoso"})).await;
            let confirm = sign_in(&mut browser, &link, &other.admin).await;
            let authority = browser.submit(&confirm.form(), &[]).await;
            let page = accept(&mut browser, &authority, &other.admin).await;
            assert_eq!(page.heading(), "Connected", "{}", page.body);
        }
        browser
    }

    /// What came by, each with its name.
    async fn secrets(&self, browser: &Browser) -> BTreeSet<(String, String)> {
        let mut secrets = BTreeSet::new();
        let mut add = |name: &str, value: &str| {
            secrets.insert((name.to_owned(), value.to_owned()));
        };
        for page in &browser.history {
            for (name, value) in page.url.query_pairs() {
                if ["code", "state", "nonce"].contains(&&*name) {
                    add(&name, &value);
                }
            }
            for cookie in page.headers.get_all("set-cookie") {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                add("a cookie", pair.split_once('=').unwrap().1);
            }
        }
        for request in self.recorder.requests_to("POST", "/token") {
            for (name, value) in request.form() {
                if ["code", "code_verifier", "client_assertion"].contains(&name.as_str()) {
                    add(&name, &value);
                }
            }
        }
        let tenant = self.simulator.tenants()[0].tenant_id.to_string();
        let vended = self.broker.vend(&tenant).await;
        add(
            "a token's signature",
            vended.token().rsplit('.').next().unwrap(),
        );
        secrets.retain(|(_, value)| value.len() >= LONG_ENOUGH);
        secrets
    }
}

/// Without what a person is meant to follow: the address of the page that leads on to
/// Microsoft, which holds state and nonce.
fn pages(browser: &Browser, ours: &str) -> String {
    let seen = browser.history.iter();
    seen.filter(|page| page.url.as_str().starts_with(ours))
        .map(|page| match page.refresh() {
            Some((_, onward)) => {
                let link = onward.as_str().replace('&', "&#38;");
                page.body.replace(&format!("href=\"{link}\""), "")
            }
            None => page.body.clone(),
        })
        .collect()
}

#[tokio::test]
async fn no_page_and_no_log_holds_what_came_by() {
    for flow in [Flow::V2, Flow::V1] {
        let own = OwnAuthority::start(flow, |_| ()).await;
        let browser = own.live_through(flow).await;
        let secrets = own.secrets(&browser).await;
        let kinds: BTreeSet<&str> = secrets.iter().map(|(name, _)| name.as_str()).collect();
        for kind in [
            "a cookie",
            "a token's signature",
            "client_assertion",
            "code",
            "code_verifier",
            "nonce",
            "state",
        ] {
            assert!(kinds.contains(kind), "{flow:?}: {kind} came by: {kinds:?}");
        }
        let pages = pages(&browser, &own.broker.ready.consent_url);
        assert!(pages.contains("Connected"), "the pages are the real ones");
        let log = own.process.kill().await;
        assert!(log.contains("tenant_connected"), "the log is the real one");
        for (name, secret) in &secrets {
            assert!(!pages.contains(secret), "{flow:?}: a page holds {name}");
            assert!(!log.contains(secret), "{flow:?}: the log holds {name}");
        }
        let invite = browser.history.iter().find_map(|page| {
            let mut pairs = page.url.query_pairs();
            pairs.find(|(name, _)| name == "invite")
        });
        match (flow, invite) {
            (Flow::V2, Some((_, id))) => {
                assert!(!log.contains(&*id), "the log holds an invite");
            }
            (Flow::V2, None) => panic!("an invite came by"),
            (Flow::V1, _) => {}
        }
    }
}
