//! What is right: the handshake, and notifications in every form that Microsoft's have.

use feed::ContentType;
use feed::wake::Wake;
use serde_json::json;

use crate::stage::{STRANGER, Stage};

const WEEK: i64 = 7 * 86_400;

fn notified(tenant: &str, types: &[ContentType]) -> Wake {
    Wake::Notified {
        tenant: tenant.parse().unwrap(),
        types: types.iter().copied().collect(),
    }
}

#[tokio::test]
async fn a_notification_is_one_message_whatever_its_form() {
    let stage = Stage::start().await;
    let tenant = stage.run.tenant(0);
    let auth_id = stage.auth_id(&tenant);
    let one = json!([stage.item(&tenant, "Audit.Exchange")]).to_string();
    let spaced = format!("\r\n {one}\t");
    let content_types = [
        "application/json; utf-8",
        "application/json; charset=utf-8",
        "application/json",
        "text/plain",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        ";;;",
    ];
    for content_type in content_types {
        for body in [&one, &spaced] {
            let headers = [
                ("webhook-authid", auth_id.as_str()),
                ("content-type", content_type),
            ];
            let answer = stage.post(&headers, body.clone()).await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (200, ""),
                "{content_type}"
            );
            let expected = [notified(&tenant, &[ContentType::Exchange])];
            assert_eq!(stage.woken(), expected, "{content_type}");
        }
    }
    let headers = [("Webhook-AuthID", auth_id.as_str())];
    let many = json!([
        stage.item(&tenant, "Audit.Exchange"),
        stage.item(&tenant, "Audit.SharePoint"),
        stage.item(&tenant, "Audit.Exchange"),
        stage.item(&tenant, "Audit.Unheard"),
        stage.item(STRANGER, "DLP.All"),
    ]);
    assert_eq!(stage.post(&headers, many.to_string()).await.status, 200);
    let types = [ContentType::Exchange, ContentType::SharePoint];
    assert_eq!(stage.woken(), [notified(&tenant, &types)]);
    // Sent again, and again a week later: the same message, of which a worker makes nothing new.
    for _ in 0..2 {
        stage.run.clock.advance(WEEK);
        assert_eq!(stage.post(&headers, one.clone()).await.status, 200);
        assert_eq!(stage.woken(), [notified(&tenant, &[ContentType::Exchange])]);
    }
}

/// A tenant that we do not know, or that is not active any more: where it is known who is, a
/// worker drops it.
#[tokio::test]
async fn whose_tenants_are_ours_is_not_for_this_function_to_say() {
    let stage = Stage::start().await;
    let headers = [("Webhook-AuthID", &*stage.auth_id(STRANGER))];
    let body = json!([stage.item(STRANGER, "Audit.General")]).to_string();
    assert_eq!(stage.post(&headers, body).await.status, 200);
    assert_eq!(stage.woken(), [notified(STRANGER, &[ContentType::General])]);
}

#[tokio::test]
async fn the_handshake_is_answered_at_once_and_wakes_no_one() {
    let stage = Stage::start().await;
    let auth_id = stage.auth_id(&stage.run.tenant(0));
    let asked = [
        ("Webhook-ValidationCode", "5f0c9c1e"),
        ("Webhook-AuthID", auth_id.as_str()),
        ("content-type", "application/json; charset=utf-8"),
    ];
    let answer = stage.post(&asked, r#"{"validationCode":"5f0c9c1e"}"#).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    assert_eq!(stage.woken(), []);
}
