//! Where a request came from: in the line of every request, also of one that proved no caller
//! and of one that came too early.

use std::sync::Arc;

use lambda::function::TooEarly;
use serde_json::{Value, json};
use tests::gateway_event::{self, request};
use tests::neighbour::Neighbour;
use vending::Vending;

use lambda::function::AnswersRequests as _;

use super::stage::Stage;

const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl";

fn from_address(address: Value) -> Value {
    let mut event = request("GET", "/tenants");
    event["headers"]["x-forwarded-for"] = json!("198.51.100.99");
    event["headers"]["forwarded"] = json!("for=198.51.100.99");
    event["requestContext"]["http"]["sourceIp"] = address;
    event
}

fn by_agent(agent: Value) -> Value {
    let mut event = request("GET", "/tenants");
    event["headers"]["user-agent"] = json!("a header");
    event["requestContext"]["http"]["userAgent"] = agent;
    event
}

#[tokio::test]
async fn an_address_and_a_user_agent_are_the_gateways_word() {
    let stage = Stage::start().await;
    let word = "w".repeat(10_240);
    let words = "word ".repeat(2_000);
    let kept = format!("{}…", "word ".repeat(40).strip_suffix(' ').unwrap());
    let addresses = [
        (json!("203.0.113.7"), json!("203.0.113.7")),
        (json!("0.0.0.0"), json!("0.0.0.0")),
        (json!("2001:db8::1"), json!("2001:db8::1")),
        (
            json!("2001:0DB8:0:0:0:0:0:1"),
            json!("2001:0DB8:0:0:0:0:0:1"),
        ),
        (json!("::ffff:203.0.113.7"), json!("::ffff:203.0.113.7")),
        (json!("::1"), json!("::1")),
        (json!("203.0.113.7, 198.51.100.1"), Value::Null),
        (json!("203.0.113.7:443"), Value::Null),
        (json!("[2001:db8::1]"), Value::Null),
        (json!("unknown"), Value::Null),
        (json!("203.0.113.7\n"), Value::Null),
        (json!(TOKEN), Value::Null),
        (json!(""), Value::Null),
        (Value::Null, Value::Null),
    ];
    for (address, expected) in addresses {
        let found = stage
            .line("address", &from_address(address.clone()), 401)
            .await;
        assert_eq!(found["source_ip"], expected, "{address}");
    }
    let agents = [
        (json!("curl/8.5.0"), json!("curl/8.5.0")),
        (
            json!(
                "azsdk-python-identity/1.15.0 Python/3.11.6 (Linux-5.15.0-x86_64-with-glibc2.31)"
            ),
            json!(
                "azsdk-python-identity/1.15.0 Python/3.11.6 (Linux-5.15.0-x86_64-with-glibc2.31)"
            ),
        ),
        (json!("Zoë's 漢字"), json!("Zoë's 漢字")),
        (
            json!("a\n{\"event\":\"token_v2\"}"),
            json!("a?{\"event\":\"token_v2\"}"),
        ),
        (json!("\u{1b}[2J\u{202e}b\u{0}"), json!("?[2J?b?")),
        (json!(word), json!("[401 characters not shown]…")),
        (json!(words), json!(kept)),
        (json!(TOKEN), json!("[49 characters not shown]")),
        (
            json!(format!("x {TOKEN} y")),
            json!("x [49 characters not shown] y"),
        ),
        (
            json!("m365tb_collector_AAAA"),
            json!("[21 characters not shown]"),
        ),
        (json!("\u{1f600}"), json!("\u{1f600}")),
        (json!(""), Value::Null),
        (Value::Null, Value::Null),
    ];
    for (agent, expected) in agents {
        let found = stage.line("agent", &by_agent(agent.clone()), 401).await;
        assert_eq!(found["user_agent"], expected, "{agent}");
    }
}

#[tokio::test]
async fn a_request_that_comes_too_early_leaves_the_same() {
    let stage = Stage::start().await;
    let clock: Arc<dyn auth::ports::Clock> = stage.clock.clone();
    let neighbour = Neighbour::of(stage.directory.path(), Arc::clone(&clock)).await;
    let basis = neighbour.basis();
    let mut event = Stage::by_role(Stage::by_any_key(&json!("m365tb_collector_AAAA")));
    event["requestContext"]["authorizer"]["iam"]["accessKey"] = json!("ASIAIOSFODNN7EXAMPLE");
    let early = gateway_event::read(&event);
    let response = Vending::come_again(&TooEarly {
        request: &early,
        id: "request-1",
        settings: &basis.settings,
        clock: clock.as_ref(),
        began: clock.since_start(),
    });
    assert_eq!(response.status(), 503);
    let line = stage.lines.one("early");
    for (field, expected) in [
        ("source_ip", "203.0.113.7"),
        ("user_agent", "test"),
        ("session", "session"),
        ("access_key_id", "ASIAIOSFODNN7EXAMPLE"),
        ("claimed_key", "collector"),
    ] {
        assert_eq!(line[field], expected, "{field}");
    }
}
