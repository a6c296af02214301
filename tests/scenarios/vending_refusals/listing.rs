//! The listing: filters, pages, and filters that are none.

use auth::cause::CauseCode;
use auth::ports::{Clock as _, Connecting, Tenants as _, Write};
use auth::tenant::TenantStatus;
use auth::{Tenant, TenantId};
use aws::{Endpoint, SystemClock, SystemRandom};
use serde_json::{Value, json};

use super::stage::{MALFORMED, Stage, UNKNOWN_TENANT};

/// More than are examined for a page.
const MANY: u32 = 205;

fn ids(body: &Value) -> Vec<String> {
    let tenants = body["tenants"].as_array().unwrap().iter();
    tenants
        .map(|tenant| tenant["tenant_id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_filter_that_is_none_is_refused() {
    let stage = Stage::start().await;
    let long = "a".repeat(257);
    let name = "a".repeat(201);
    let tenant = &stage.person(0).tenant_id;
    let rows = [
        "status=nonsense".to_owned(),
        "status=Active".to_owned(),
        "status=active&status=active".to_owned(),
        "status=%ff".to_owned(),
        format!("status={long}"),
        "customer=a&customer=b".to_owned(),
        format!("customer={name}"),
        format!("customer={long}"),
        "customer=a%0ab".to_owned(),
        "customer=%00".to_owned(),
        "after=nonsense".to_owned(),
        "after=..".to_owned(),
        format!("after={tenant}x"),
        format!("after={tenant}&after={tenant}"),
        "a=1&".repeat(65),
        "x=%c3".to_owned(),
    ];
    for query in rows {
        let refused = stage.get(&format!("/tenants?{query}")).await;
        stage.check(&query, &refused, MALFORMED).await;
    }
}

#[tokio::test]
async fn a_filter_shows_the_tenants_that_it_names() {
    let stage = Stage::start().await;
    let tenant = stage.person(0).tenant_id.clone();
    let before = "00000000-0000-0000-0000-000000000000";
    let none: Vec<String> = Vec::new();
    let one = vec![tenant.clone()];
    let rows = [
        (String::new(), &one),
        ("status=active".to_owned(), &one),
        ("status=revoked".to_owned(), &none),
        ("status=".to_owned(), &one),
        (format!("customer={tenant}"), &one),
        ("customer=Contoso".to_owned(), &none),
        ("customer=%3Cscript%3E".to_owned(), &none),
        (format!("status=active&customer={tenant}"), &one),
        (format!("status=pending&customer={tenant}"), &none),
        (format!("after={before}"), &one),
        (format!("after={tenant}"), &none),
        (format!("after={}", tenant.to_uppercase()), &none),
        ("unknown=ignored&$top=1".to_owned(), &one),
    ];
    for (query, expected) in rows {
        let listed = stage.get(&format!("/tenants?{query}")).await;
        assert_eq!(listed.status, 200, "{query}: {}", listed.body);
        assert_eq!(&ids(&listed.body), expected, "{query}");
        assert_eq!(listed.body["next"], Value::Null, "{query}");
    }
    let listed = stage.get("/tenants").await;
    let shown = stage
        .get(&format!("/tenants/{}", tenant.to_uppercase()))
        .await;
    assert_eq!(shown.body, listed.body["tenants"][0]);
    assert_eq!(shown.body["status"], "active");
    assert_eq!(shown.body["customer"], tenant.as_str());
    assert_eq!(shown.body["cloud"], "public");
    assert_eq!(shown.body["cause"], Value::Null);
    let roles = shown.body["roles"].as_array().unwrap();
    assert!(roles.contains(&json!("ActivityFeed.Read")), "{roles:?}");
    stage.unchanged("looks").await;
}

#[tokio::test]
async fn one_tenant_is_shown_by_its_id_only() {
    let stage = Stage::start().await;
    let not_connected = stage.person(1).tenant_id.clone();
    let rows = [
        (not_connected.as_str(), UNKNOWN_TENANT),
        ("41463f53-8812-40f4-890f-865bf6e35190", UNKNOWN_TENANT),
        ("common", MALFORMED),
        ("contoso.com", MALFORMED),
        ("41463f53881240f4890f865bf6e35190", MALFORMED),
        ("41463f53-8812-40f4-890f-865bf6e35190%00", MALFORMED),
    ];
    for (tenant, told) in rows {
        let refused = stage.get(&format!("/tenants/{tenant}")).await;
        stage.check(tenant, &refused, told).await;
    }
}

#[tokio::test]
async fn health_is_told_to_anybody() {
    let stage = Stage::start().await;
    let request = stage.request(reqwest::Method::GET, "/health?x=%ff");
    let answered = super::stage::answer(request).await;
    assert_eq!(answered.status, 200);
    assert_eq!(answered.body, json!({"status": "ok"}));
}

#[tokio::test]
async fn a_page_ends_where_enough_rows_were_examined() {
    let stage = Stage::start().await;
    let active = stage.person(0).tenant_id.clone();
    let all = add_many(&stage).await;
    let mut listed = Vec::new();
    let mut next = String::new();
    let mut pages = 0;
    loop {
        let page = stage.get(&format!("/tenants?after={next}")).await;
        listed.extend(ids(&page.body));
        pages += 1;
        match page.body["next"].as_str() {
            Some(after) => next = after.to_owned(),
            None => break,
        }
    }
    assert_eq!(pages, 2);
    let mut expected: Vec<String> = all;
    expected.push(active.clone());
    expected.sort();
    assert_eq!(listed, expected, "each once, in order");

    // A filter shortens a page and does not lengthen the way.
    let first = stage.get("/tenants?status=active").await;
    let after = first.body["next"].as_str().unwrap().to_owned();
    let second = stage
        .get(&format!("/tenants?status=active&after={after}"))
        .await;
    let found = [ids(&first.body), ids(&second.body)].concat();
    assert_eq!(found, [active]);
    assert_eq!(second.body["next"], Value::Null);
}

/// Connects many tenants that the simulator does not know, past the pages.
async fn add_many(stage: &Stage) -> Vec<String> {
    let ready = &stage.broker.ready;
    let connection = aws::connect(&Endpoint::Local(ready.table_endpoint.clone())).await;
    let random = std::sync::Arc::new(SystemRandom);
    let table = connection.table(ready.table_name.clone(), random);
    let mut all = Vec::new();
    for number in 0..MANY {
        let id: TenantId = format!("{number:08x}-8812-40f4-890f-865bf6e35190")
            .parse()
            .unwrap();
        let now = SystemClock.now();
        let tenant = Tenant {
            status: TenantStatus::Propagating,
            cause: Some(CauseCode::RolesMissing.into()),
            ..Tenant::connected(id, now)
        };
        let resources = ["https://manage.office.com".parse().unwrap()];
        let written = table
            .connect(Connecting::new(&tenant, &resources, now))
            .await
            .unwrap();
        assert_eq!(written, Write::Done);
        all.push(id.to_string());
    }
    all
}
