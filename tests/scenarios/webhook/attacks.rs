//! What is wrong: one quick answer for every reason, and not a word to the queue.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Answer, STRANGER, Stage};

/// What is sent, and under which name it is reported.
struct Attack {
    name: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

fn attack(name: &'static str, auth_id: &str, body: impl Into<Vec<u8>>) -> Attack {
    Attack {
        name,
        headers: vec![("Webhook-AuthID", auth_id.to_owned())],
        body: body.into(),
    }
}

/// Wrong AuthIDs, with a notification that is right.
fn of_auth_ids(stage: &Stage) -> Vec<Attack> {
    let (tenant, other) = (stage.run.tenant(0), stage.run.tenant(1));
    let right = stage.auth_id(&tenant);
    let (key_id, _) = right.split_once('.').unwrap();
    let (head, mac) = right.rsplit_once('.').unwrap();
    let others = stage.auth_id(&other);
    let (_, others_mac) = others.rsplit_once('.').unwrap();
    let body = json!([stage.item(&tenant, "Audit.Exchange")]).to_string();
    let mut attacks: Vec<Attack> = [
        ("empty", String::new()),
        ("a space", " ".to_owned()),
        ("another tenant's", others.clone()),
        (
            "right key, wrong tenant",
            format!("{key_id}.{tenant}.{others_mac}"),
        ),
        ("unknown key id", format!("k0.{tenant}.{mac}")),
        ("no key id", format!(".{tenant}.{mac}")),
        ("no MAC", format!("{head}.")),
        ("truncated", right[..right.len() - 1].to_owned()),
        ("longer", format!("{right}A")),
        (
            "upper-case GUID",
            format!("{key_id}.{}.{mac}", tenant.to_uppercase()),
        ),
        ("upper case", right.to_uppercase()),
        ("quoted", format!("\"{right}\"")),
        ("with a scheme", format!("Bearer {right}")),
        ("twice in one", format!("{right},{right}")),
        ("very long", right.repeat(50)),
        ("beyond ASCII", format!("{right}\u{e9}")),
    ]
    .into_iter()
    .map(|(name, auth_id)| attack(name, &auth_id, body.clone()))
    .collect();
    attacks.push(Attack {
        name: "none",
        headers: Vec::new(),
        body: body.clone().into(),
    });
    for (name, second) in [
        ("doubled", &right),
        ("doubled, one of them another's", &others),
    ] {
        let mut doubled = attack(name, &right, body.clone());
        doubled.headers.push(("Webhook-AuthID", second.clone()));
        attacks.push(doubled);
    }
    let mut elsewhere = attack("in another header", "", body.clone());
    elsewhere.headers = vec![("Authorization", format!("Bearer {right}"))];
    attacks.push(elsewhere);
    let mut validation = attack("a validation by no one", &others[..40], body);
    let code = ("Webhook-ValidationCode", "1".to_owned());
    validation.headers.push(code);
    attacks.push(validation);
    attacks
}

/// Bodies that are not a notification of the AuthID's tenant, with a right AuthID.
fn of_bodies(stage: &Stage) -> Vec<Attack> {
    let tenant = stage.run.tenant(0);
    let auth_id = stage.auth_id(&tenant);
    let item = stage.item(&tenant, "Audit.Exchange");
    let entra_url = &stage.run.broker.ready.entra_url;
    let with = |field: &str, value: Value| {
        let mut item = item.clone();
        item[field] = value;
        json!([item]).to_string().into_bytes()
    };
    let path = format!("/api/v1.0/{tenant}/activity/feed/audit/1");
    let uri = |uri: String| with("contentUri", json!(uri));
    let whole = json!([item]).to_string();
    let rows: Vec<(&'static str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("an object in place of an array", item.to_string().into()),
        ("{}", b"{}".to_vec()),
        ("an empty array", b"[]".to_vec()),
        ("a validation's body", br#"{"validationCode":"1"}"#.to_vec()),
        ("cut off", whole.as_bytes()[..whole.len() - 1].to_vec()),
        ("no JSON", b"tenantId=1".to_vec()),
        ("not UTF-8", [whole.as_bytes(), b"\xc3\x28"].concat()),
        (
            "nested",
            [b"[".repeat(50_000), b"]".repeat(50_000)].concat(),
        ),
        ("nested in an item", with("more", nested(40))),
        ("an array in an array", format!("[{whole}]").into()),
        ("another application's", with("clientId", json!(STRANGER))),
        ("another tenant's", with("tenantId", json!(STRANGER))),
        ("no tenant's", with("tenantId", Value::Null)),
        (
            "an address at another host",
            uri(format!("https://evil.example{path}")),
        ),
        ("at Microsoft's, while this run's is another", {
            uri(format!("https://manage.office.com{path}"))
        }),
        (
            "with a user",
            uri(format!("http://a:b@{}{path}", &entra_url[7..])),
        ),
        (
            "over another scheme",
            uri(format!("ftp://{}{path}", &entra_url[7..])),
        ),
        ("beyond ASCII", uri(format!("{entra_url}\u{ff0f}{path}"))),
        (
            "of another tenant",
            uri(format!("{entra_url}{}", path.replace(&tenant, STRANGER))),
        ),
        ("by a step upwards", {
            uri(format!(
                "{entra_url}/api/v1.0/{tenant}/../{STRANGER}/activity/feed/audit/1"
            ))
        }),
        ("by an escaped step", {
            uri(format!(
                "{entra_url}/api/v1.0/{tenant}/activity/feed/%2e%2e/1"
            ))
        }),
    ];
    let rows = rows.into_iter();
    rows.map(|(name, body)| attack(name, &auth_id, body))
        .collect()
}

fn nested(levels: u32) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

#[tokio::test]
async fn every_forgery_gets_one_and_the_same_answer_and_wakes_no_one() {
    let stage = Stage::start().await;
    let attacks = of_auth_ids(&stage).into_iter().chain(of_bodies(&stage));
    let mut answers: Vec<(&str, Answer)> = Vec::new();
    for attack in attacks {
        let headers: Vec<_> = attack
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = stage.post(&headers, attack.body).await;
        assert_eq!(answer.status, 403, "{}", attack.name);
        assert_eq!(stage.woken(), [], "{}", attack.name);
        answers.push((attack.name, answer));
    }
    let (_, first) = answers[0].clone();
    for (name, answer) in answers {
        assert_eq!(answer, first, "{name}");
    }
}

/// 10,000 of another tenant's among one that is right: it counts, and they do not.
#[tokio::test]
async fn a_flood_of_foreign_items_wakes_their_tenants_not_at_all() {
    let stage = Stage::start().await;
    let (tenant, other) = (stage.run.tenant(0), stage.run.tenant(1));
    let auth_id = stage.auth_id(&tenant);
    let headers = [("Webhook-AuthID", auth_id.as_str())];
    let mut items = vec![stage.item(&other, "Audit.Exchange"); 10_000];
    let all_foreign = json!(items).to_string();
    assert_eq!(stage.post(&headers, all_foreign).await.status, 403);
    items.push(stage.item(&tenant, "Audit.General"));
    assert_eq!(
        stage.post(&headers, json!(items).to_string()).await.status,
        200
    );
    let [wake] = &stage.woken()[..] else {
        panic!("one message");
    };
    assert_eq!(wake.tenant().to_string(), tenant);
}

/// What the gateway takes is ended there: an HTTP API takes 10 MB, Lambda 6 MB.
#[tokio::test]
async fn what_is_too_large_and_what_is_no_post_comes_to_no_queue() {
    let stage = Stage::start().await;
    let tenant = stage.run.tenant(0);
    let auth_id = stage.auth_id(&tenant);
    let headers = [("Webhook-AuthID", auth_id.as_str())];
    let item = stage.item(&tenant, "Audit.Exchange");
    for megabytes in [7, 11] {
        let body = format!("[{}{item}]", " ".repeat(megabytes << 20));
        let status = stage.post(&headers, body).await.status;
        assert!(status >= 400, "{megabytes} MB: {status}");
    }
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        let body = json!([item]).to_string();
        let answer = stage.send(method.clone(), &headers, body).await;
        assert!(answer.status >= 400, "{method}: {answer:?}");
    }
    assert_eq!(stage.woken(), []);
}
