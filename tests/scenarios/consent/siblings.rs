//! Cookies of other sites on the same domain: they come along, and may hold any bytes.

use tests::{Browser, Flow};
use url::Url;

use super::stage::Stage;

const OF_SIBLINGS: [(&str, &str); 5] = [
    ("caf\u{e9}", "1"),
    ("city", "Malm\u{f6}"),
    ("quoted", "\"1"),
    ("separated", "\u{2028}"),
    ("\u{2000}__Host-consent", "1"),
];

#[tokio::test]
async fn a_siblings_cookies_are_in_nobodys_way() {
    let stage = Stage::open(Flow::V2).await;
    let (link, admin) = (&stage.run.broker.ready.consent_url, &stage.person(0).admin);
    let url: Url = link.parse().unwrap();
    let mut browser = Browser::default();
    for (name, value) in OF_SIBLINGS {
        browser.put_cookie(&url, name, value);
    }
    let page = tests::connect(&mut browser, link, admin, Flow::V2).await;
    assert_eq!(page.heading(), "Connected", "{}", page.body);
}
