//! A consent that Microsoft is still passing on.

use serde_json::json;

use super::expected::{CONNECTED, FINISHING};
use super::stage::Stage;

/// Until the roles appear, in seconds.
const LAG: i64 = 120;

#[tokio::test]
async fn a_page_that_is_finishing_becomes_connected_without_a_hand() {
    let stage = Stage::moved().await;
    let admin = &stage.person(0).admin;
    stage.broker.fault("propagation", None, json!(LAG)).await;
    let visitor = stage.visitor("lagging").await;
    visitor.lands().await;
    visitor.signs_in(admin).await;
    visitor.consents(admin).await;
    visitor.sees(FINISHING).await;
    stage.has("propagating", &[0]).await;

    stage.run.clock.advance(LAG + 10);
    assert_eq!(stage.run.machine.refresh().await.refreshed, 1);
    // Nothing is pressed: the page looks again by itself.
    visitor.sees(CONNECTED).await;
    stage.has("active", &[0]).await;
}
