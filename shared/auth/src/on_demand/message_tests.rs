use serde_json::{Value, json};

use super::*;
use crate::cause::CauseCode;

const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const RESOURCE: &str = "https://manage.office.com";

fn receipt() -> ReceiptId {
    ReceiptId::new([7; 24])
}

/// What a text in JSON says, written again.
fn again<T: Serialize + serde::de::DeserializeOwned>(text: &Value) -> Option<Value> {
    let read: T = serde_json::from_value(text.clone()).ok()?;
    serde_json::to_value(read).ok()
}

#[test]
fn every_request_comes_back_as_it_was_sent() {
    let tenant = TENANT.parse().unwrap();
    let redeem = |tenant| OnDemandRequest::Redeem {
        tenant,
        cloud: Cloud::GccHigh,
        code: "the code".into(),
        code_verifier: "the verifier".into(),
        nonce: "n".into(),
    };
    let invite = crate::invite::InviteId::new([7; 24]).key();
    let bind = |invite| OnDemandRequest::Bind {
        receipt: receipt(),
        invite,
    };
    let renew = OnDemandRequest::Renew {
        tenant,
        resource: RESOURCE.parse().unwrap(),
    };
    let rows = [
        redeem(None),
        redeem(Some(tenant)),
        bind(None),
        bind(Some(invite)),
        renew,
        OnDemandRequest::Ready {},
    ];
    for request in rows {
        let sent = serde_json::to_value(&request).unwrap();
        assert_eq!(again::<OnDemandRequest>(&sent), Some(sent));
    }
}

#[test]
fn every_answer_comes_back_and_holds_no_token() {
    let tenant = TENANT.parse().unwrap();
    let cause = || Cause::with_aadsts(CauseCode::NotConsented, 65001);
    let redeemed = |username, home| OnDemandAnswer::Redeemed {
        receipt: receipt(),
        tenant,
        username,
        role: AdminRole::Held,
        home,
    };
    let rows = [
        redeemed(None, None),
        redeemed(Some("admin@contoso.example".into()), Some(Cloud::Gcc)),
        OnDemandAnswer::Bound {
            cloud: Cloud::Public,
            roles: vec!["ActivityFeed.Read".into()],
        },
        OnDemandAnswer::BoundBefore {},
        OnDemandAnswer::Declined {
            cause: cause(),
            correlation_id: Some("an id".into()),
        },
        OnDemandAnswer::Renewed {},
        OnDemandAnswer::NotRenewed {
            cause: cause(),
            next_attempt_at: Timestamp::from_unix(1_800_000_000),
        },
        OnDemandAnswer::Ready {},
        OnDemandAnswer::Unable { cause: cause() },
        OnDemandAnswer::Busy {},
        OnDemandAnswer::Late {},
        OnDemandAnswer::NotTaken {},
    ];
    for answer in rows {
        let sent = serde_json::to_value(&answer).unwrap();
        assert!(!sent.to_string().contains("token"), "{sent}");
        assert_eq!(again::<OnDemandAnswer>(&sent), Some(sent));
    }
}

#[test]
fn nothing_unknown_is_taken_for_a_request() {
    let renew = json!({"tenant": TENANT, "resource": RESOURCE});
    let with = |name: &str, value: Value| {
        let mut changed = renew.clone();
        changed[name] = value;
        json!({"renew": changed})
    };
    let good = serde_json::to_value(receipt()).unwrap();
    let rows = [
        json!({}),
        json!(null),
        json!([]),
        json!("ready"),
        json!(true),
        json!({"source": "schedule"}),
        json!({"version": "0", "detail-type": "Scheduled Event", "detail": {}}),
        json!({"version": "2.0", "routeKey": "$default", "rawPath": "/health"}),
        json!({"ready": {"force": true}}),
        json!({"ready": null}),
        json!({"Ready": {}}),
        json!({"ready": {}, "renew": renew}),
        with("force", json!(true)),
        with("tenant", json!("contoso.example")),
        with("tenant", json!(null)),
        with("resource", json!("http://manage.office.com")),
        with("resource", json!("")),
        json!({"renew": {"tenant": TENANT}}),
        json!({"bind": {"receipt": "AAAA", "invite": null}}),
        json!({"bind": {"invite": null}}),
        json!({"bind": {"receipt": good, "invite": null, "tenant": TENANT}}),
        json!({"bind": {"receipt": good, "invite": null, "admin": true}}),
        json!({"redeem": {"tenant": null, "cloud": "moon", "code": "c", "code_verifier": "v", "nonce": "n"}}),
        json!({"redeem": {"tenant": null, "cloud": "public", "code": "c", "nonce": "n"}}),
        json!({"sign": {"text": "anything"}}),
    ];
    for row in rows {
        assert_eq!(again::<OnDemandRequest>(&row), None, "{row}");
    }
}

#[test]
fn nothing_unknown_is_taken_for_an_answer() {
    let rows = [
        json!({}),
        json!(null),
        json!("ready"),
        json!({"errorMessage": "died", "errorType": "Runtime.ExitError"}),
        json!({"refreshed": 0, "failed": 0, "skipped": 0}),
        json!({"ready": {"key": "k"}}),
        json!({"renewed": {"access_token": "t"}}),
        json!({"not_renewed": {"cause": {"code": "made_up"}, "next_attempt_at": 1}}),
        json!({"bound": {"cloud": "public"}}),
        json!({"bound": {"cloud": "public", "roles": "ActivityFeed.Read"}}),
        json!({"redeemed": {"tenant": TENANT, "username": null, "role": "held", "home": null}}),
        json!({"declined": {"cause": null, "correlation_id": null}}),
    ];
    for row in rows {
        assert_eq!(again::<OnDemandAnswer>(&row), None, "{row}");
    }
}

#[test]
fn a_request_shows_neither_its_code_nor_its_verifier_nor_its_receipt() {
    let redeem = OnDemandRequest::Redeem {
        tenant: None,
        cloud: Cloud::Public,
        code: "secret-code".into(),
        code_verifier: "secret-verifier".into(),
        nonce: "n".into(),
    };
    let bind = OnDemandRequest::Bind {
        receipt: receipt(),
        invite: None,
    };
    let shown = format!("{redeem:?} {bind:?}");
    let id = serde_json::to_value(receipt()).unwrap();
    assert!(!shown.contains("secret-"), "{shown}");
    assert!(!shown.contains(id.as_str().unwrap()), "{shown}");
}
