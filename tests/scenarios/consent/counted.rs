//! What one connected tenant costs at the authority.

use serde_json::Value;
use tests::Flow;

use super::stage::Stage;

const COUNTED: [&str; 4] = ["code_redemptions", "app_only_requests", "jwks", "discovery"];

fn counts(stats: &Value) -> [u64; 4] {
    COUNTED.map(|name| {
        stats[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{name} in {stats}"))
    })
}

/// One code redemption, one look at where the tenant lives and one app-only token; the keys
/// once for all tenants.
#[tokio::test]
async fn a_tenant_costs_one_code_and_one_token_and_the_keys_are_asked_for_once() {
    for flow in [Flow::V2, Flow::V1] {
        let stage = Stage::open(flow).await;
        let link = stage.run.broker.ready.consent_url.clone();
        let before = counts(&stage.run.broker.stats().await);
        for connected in 1..=3_u64 {
            let index = usize::try_from(connected).unwrap() - 1;
            let page = stage.connect(&link, &stage.person(index).admin).await;
            assert_eq!(page.heading(), "Connected", "{}", page.body);
            let now = counts(&stage.run.broker.stats().await);
            let [codes, tokens, jwks, discovery] =
                std::array::from_fn(|index| now[index] - before[index]);
            assert_eq!((codes, tokens), (connected, connected), "{flow:?}");
            assert_eq!((jwks, discovery), (1, 1 + connected), "{flow:?}");
        }
    }
}
