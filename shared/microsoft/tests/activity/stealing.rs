//! A tenant's token goes to the host of its plan and to its own path, whatever an answer names:
//! a listener beside the API sees no connection.

use feed::ContentType;
use feed::address::FeedHost;
use feed::ports::{FeedApi as _, ListedFrom, Subscribe};
use feed::refusal::Refusal;

use super::server::RawApi;
use super::{Asker, DATE, OTHER};
use crate::fake::TENANT;
use crate::fake::raw::http;

/// The port of a base URL.
fn port(api: &RawApi) -> &str {
    api.base_url.rsplit(':').next().unwrap()
}

/// What a listing could name; what it is, and the address.
pub(super) fn stealing(api: &RawApi, thief: &RawApi) -> Vec<(&'static str, String)> {
    let (own, other) = (port(api), port(thief));
    let feed = |tenant: &str| format!("/api/v1.0/{tenant}/activity/feed");
    let (path, base) = (format!("{}/audit/1", feed(TENANT)), &api.base_url);
    vec![
        ("another host", format!("{}{path}", thief.base_url)),
        (
            "another name of it",
            format!("http://localhost:{other}{path}"),
        ),
        ("another port", format!("http://127.0.0.1:{other}{path}")),
        ("https there", format!("https://127.0.0.1:{other}{path}")),
        ("no scheme", format!("//127.0.0.1:{other}{path}")),
        (
            "user info",
            format!("http://127.0.0.1:{own}@127.0.0.1:{other}{path}"),
        ),
        (
            "user info with a name",
            format!("http://a:b@127.0.0.1:{own}{path}"),
        ),
        (
            "a backslash",
            format!("http://127.0.0.1:{other}\\@127.0.0.1:{own}{path}"),
        ),
        ("a longer port", format!("http://127.0.0.1:{own}0{path}")),
        (
            "a longer host",
            format!("http://127.0.0.1:{own}.127.0.0.1:{other}{path}"),
        ),
        (
            "unicode digits",
            format!("http://127.0.0.\u{ff11}:{other}{path}"),
        ),
        (
            "a full-width stop",
            format!("http://127.0.0.1\u{ff0e}example:{other}{path}"),
        ),
        (
            "a tab in the host",
            format!("http://127.0.\t0.1:{other}{path}"),
        ),
        (
            "a line break",
            format!("{base}{path}\r\nHost: 127.0.0.1:{other}"),
        ),
        (
            "a number for the host",
            format!("http://2130706433:{other}{path}"),
        ),
        ("another tenant", format!("{base}{}/audit/1", feed(OTHER))),
        (
            "a step upwards",
            format!(
                "{base}{}/../../../{OTHER}/activity/feed/audit/1",
                feed(TENANT)
            ),
        ),
        (
            "an escaped step",
            format!("{base}{}/%2e%2e/%2e%2e/x", feed(TENANT)),
        ),
        (
            "an escaped slash",
            format!("{base}{}/..%2f..%2fx", feed(TENANT)),
        ),
        (
            "a step with a parameter",
            format!("{base}{}/..;/x", feed(TENANT)),
        ),
        (
            "out of the feed",
            format!("{base}/api/v1.0/{TENANT}/other/1"),
        ),
        ("a fragment", format!("{base}{path}#@127.0.0.1:{other}")),
        ("a file", "file:///etc/passwd".to_owned()),
        ("nothing", String::new()),
        (
            "8 KB and more",
            format!("{base}{path}{}", "x".repeat(8_192)),
        ),
    ]
}

#[tokio::test]
async fn an_address_that_leads_elsewhere_is_never_asked() {
    let (api, thief) = (RawApi::start().await, RawApi::start().await);
    let asker = Asker::of(&api);
    for (what, address) in stealing(&api, &thief) {
        let entry = serde_json::json!([{"contentId": "1", "contentUri": address,
            "contentCreated": "2026-11-22T09:30:00Z"}]);
        let body = entry.to_string();
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\n{DATE}Content-Length: {}\r\n",
            body.len()
        );
        // What a header can hold.
        let is_header = !address.contains(['\r', '\n']);
        if is_header {
            answer += &format!("NextPageUri: {address}\r\n");
        }
        api.answer(format!("{answer}\r\n{body}"));
        let page = asker.list().await.unwrap();
        let next = page.unverified_next.filter(|_| is_header);
        assert_eq!(next.is_some(), is_header && !address.is_empty(), "{what}");
        for unverified in next.iter().chain([&page.contents[0].unverified_uri]) {
            // As the feed does it: there is no way to ask what has not passed.
            let checked = asker.host.check(asker.tenant, unverified);
            assert!(checked.is_err(), "{what}: {unverified}");
        }
        let (asked, stolen) = (api.take_arrived(), thief.take_arrived());
        assert_eq!((asked.len(), stolen.len()), (1, 0), "{what}");
    }
}

/// An address is checked for a tenant and a host: that is checked again, for those of the token.
#[tokio::test]
async fn an_address_that_was_checked_for_another_tenant_or_host_is_refused() {
    let (api, thief) = (RawApi::start().await, RawApi::start().await);
    let asker = Asker::of(&api);
    let path = |tenant: &str| format!("/api/v1.0/{tenant}/activity/feed/audit/1");
    let thiefs = FeedHost::new(&thief.base_url).unwrap();
    let rows = [
        (&thiefs, thief.base_url.as_str(), TENANT),
        (&thiefs, thief.base_url.as_str(), OTHER),
        (&asker.host, api.base_url.as_str(), OTHER),
    ];
    for (host, base, tenant) in rows {
        let text = format!("{base}{}", path(tenant));
        let address = host.check(tenant.parse().unwrap(), &text).unwrap();
        let content = asker.client.content(asker.who(), &address).await;
        let content = content.map(drop).unwrap_err();
        let page = asker
            .client
            .list(asker.who(), ListedFrom::Page(&address))
            .await;
        for failure in [content, page.unwrap_err()] {
            assert_eq!(failure.refusal, Refusal::AddressRefused, "{text}");
        }
        let (asked, stolen) = (api.take_arrived(), thief.take_arrived());
        assert_eq!((asked.len(), stolen.len()), (0, 0), "{text}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed_and_no_header_of_an_answer_leads_anywhere() {
    let (api, thief) = (RawApi::start().await, RawApi::start().await);
    thief.answer(http(200, DATE, b"[]"));
    let asker = Asker::of(&api);
    let (client, who) = (&asker.client, asker.who());
    let elsewhere = format!("{}/api/v1.0/{TENANT}/activity/feed/audit/1", thief.base_url);
    let own = format!("{}/api/v1.0/{TENANT}/activity/feed/audit/2", api.base_url);
    for status in [300, 301, 302, 303, 305, 307, 308] {
        for location in [
            &elsewhere,
            &own,
            &"/api".to_owned(),
            &"//127.0.0.1/".to_owned(),
        ] {
            let headers = format!("{DATE}Location: {location}\r\nRefresh: 0; url={location}\r\n");
            api.answer(http(status, &headers, b"[]"));
            let failures = [
                asker.list().await.map(drop),
                asker.fetch().await.map(drop),
                client.subscriptions(who).await.map(drop),
                client
                    .subscribe(who, ContentType::Dlp, Subscribe::Start(None))
                    .await
                    .map(drop),
                client
                    .subscribe(who, ContentType::Dlp, Subscribe::Stop)
                    .await
                    .map(drop),
            ];
            for failure in failures {
                let refusal = failure.unwrap_err().refusal;
                assert_eq!(refusal, Refusal::Unavailable, "{status} {location}");
            }
            let (asked, stolen) = (api.take_arrived(), thief.take_arrived());
            assert_eq!((asked.len(), stolen.len()), (5, 0), "{status} {location}");
        }
    }
    let authority = elsewhere.split('/').nth(2).unwrap();
    let headers = format!(
        "{DATE}Alt-Svc: http/1.1=\"{authority}\"\r\nContent-Location: {elsewhere}\r\n\
         Refresh: 0; url={elsewhere}\r\nLink: <{elsewhere}>; rel=preload\r\n"
    );
    api.answer(http(200, &headers, b"[]"));
    for _ in 0..2 {
        asker.list().await.unwrap();
    }
    assert_eq!(
        (api.take_arrived().len(), thief.take_arrived().len()),
        (2, 0)
    );
}
