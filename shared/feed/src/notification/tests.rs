//! What is read of a notification, and what is not.

use serde_json::{Value, json};

use super::*;

const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const OTHER: &str = "8ad8f1ab-9d12-4a2a-9a0f-1f0a3c5cbb7c";
const CLIENT: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";
const HOST: &str = "https://manage.office.com";

fn uri() -> String {
    format!(
        "{HOST}/api/v1.0/{TENANT}/activity/feed/audit/492638008028$492638008028$f28ab78ad40140608012736e373933ebspo2015043022$4a81a7c326fc4aed89c62e6039ab833b$04"
    )
}

/// As Microsoft's reference prints one.
fn item(content_type: &str) -> Value {
    json!({
        "tenantId": TENANT,
        "clientId": CLIENT,
        "contentType": content_type,
        "contentId": "492638008028$492638008028$f28ab78ad40140608012736e373933ebspo2015043022$4a81a7c326fc4aed89c62e6039ab833b$04",
        "contentUri": uri(),
        "contentCreated": "2015-05-23T17:35:00.000Z",
        "contentExpiration": "2015-05-30T17:35:00.000Z",
    })
}

/// The same with another value of a field; `null` takes it away.
fn with(field: &str, value: Value) -> Value {
    let mut item = item("Audit.Exchange");
    match value {
        Value::Null => item.as_object_mut().unwrap().remove(field),
        value => item
            .as_object_mut()
            .unwrap()
            .insert(field.to_owned(), value),
    };
    item
}

fn read_text(text: &str) -> Result<Notified, NotANotification> {
    let hosts = auth::Cloud::ALL.map(FeedHost::of);
    let expected = Expected {
        tenant: TENANT.parse().unwrap(),
        client_id: CLIENT.parse().unwrap(),
        hosts: &hosts,
    };
    read(text, &expected)
}

fn notified(items: &[Value]) -> Notified {
    read_text(&json!(items).to_string()).unwrap()
}

#[test]
fn each_type_counts_once_whatever_the_number_and_order_of_items() {
    let items = [
        item("Audit.Exchange"),
        item("Audit.SharePoint"),
        item("audit.exchange"),
    ];
    let found = notified(&items);
    let types = [ContentType::Exchange, ContentType::SharePoint];
    assert_eq!(found.types, types.into());
    assert_eq!((found.items, found.unknown, found.unfit), (3, 0, 0));
    let backwards: Vec<Value> = items.into_iter().rev().collect();
    assert_eq!(notified(&backwards), found);
}

#[test]
fn what_else_is_in_an_item_does_not_matter() {
    let rows = [
        with("contentId", Value::Null),
        with("contentId", json!([1, {"a": null}])),
        with("contentCreated", json!("never")),
        with("contentExpiration", json!(-1.5e300)),
        with(
            "more",
            json!({"a": [[[{"b": [true, 18_446_744_073_709_551_615_u64]}]]]}),
        ),
        with("tenantId", json!(TENANT.to_uppercase())),
        with("clientId", json!(CLIENT.to_uppercase())),
        with("contentUri", json!(uri().replace("v1.0", "v1"))),
        with(
            "contentUri",
            json!(uri().replace("manage.office", "MANAGE.office")),
        ),
        with(
            "contentUri",
            json!(uri().replace("manage.office.com", "manage-gcc.office.com")),
        ),
    ];
    for item in rows {
        let found = notified(std::slice::from_ref(&item));
        assert_eq!(found.types, [ContentType::Exchange].into(), "{item}");
        assert!(found.fits());
    }
    // Escapes in a text, a name that is escaped, white space, and fields in another order.
    let text = format!(
        "\r\n[ {{\"contentUri\":\"{}\", \"content\\u0054ype\" :\"Audit\\u002eExchange\",\n\
         \"clientId\":\"{CLIENT}\",\"tenantId\":\"\\u0034{}\"}} ]\t",
        uri().replace('/', "\\/"),
        &TENANT[1..]
    );
    assert_eq!(
        read_text(&text).unwrap().types,
        [ContentType::Exchange].into()
    );
}

#[test]
fn a_type_that_is_not_known_is_counted_and_wakes_for_nothing() {
    for name in ["Audit.Everything", "", "Audit.Exchange ", "DLP"] {
        let found = notified(&[item(name)]);
        assert_eq!(found.types, [].into(), "{name}");
        assert_eq!((found.items, found.unknown, found.unfit), (1, 1, 0));
        assert!(found.fits());
    }
}

#[test]
fn an_item_that_is_not_this_tenants_or_not_ours_or_leads_elsewhere_does_not_count() {
    let at = |address: &str| with("contentUri", json!(address));
    let path = format!("/api/v1.0/{TENANT}/activity/feed/audit/1");
    let rows = [
        with("tenantId", json!(OTHER)),
        with("tenantId", Value::Null),
        with("tenantId", json!(1)),
        with("tenantId", json!([TENANT])),
        with("tenantId", json!("contoso.onmicrosoft.com")),
        with("tenantId", json!(format!("{{{TENANT}}}"))),
        with("clientId", json!(OTHER)),
        with("clientId", Value::Null),
        with("clientId", json!("")),
        with("contentType", Value::Null),
        with("contentType", json!({"name": "Audit.Exchange"})),
        with("contentUri", Value::Null),
        with("contentUri", json!(false)),
        at(""),
        at(&path),
        at(&format!("http://manage.office.com{path}")),
        at(&format!("https://manage.office.com.evil.example{path}")),
        at(&format!("https://evil.example{path}")),
        at(&format!("https://127.0.0.1{path}")),
        at(&format!("https://169.254.169.254{path}")),
        at(&format!("https://manage.office.com:8443{path}")),
        at(&format!("https://manage.office.com@evil.example{path}")),
        at(&format!("https://user:pass@manage.office.com{path}")),
        at(&format!("https://m\u{430}nage.office.com{path}")),
        at(&format!("https://manage.office.com\u{2044}{path}")),
        at(&format!("https:\\\\manage.office.com{path}")),
        at(&uri().replace(TENANT, OTHER)),
        at(&format!(
            "{HOST}/api/v1.0/{OTHER}/../{TENANT}/activity/feed/audit/1"
        )),
        at(&format!(
            "{HOST}/api/v1.0/{TENANT}/../{OTHER}/activity/feed/audit/1"
        )),
        at(&format!(
            "{HOST}/api/v1.0/{TENANT}/activity/feed/../../../{OTHER}/audit/1"
        )),
        at(&format!("{HOST}/api/v1.0/{TENANT}/activity/feed/%2e%2e/1")),
        at(&format!("{HOST}/api/v2.0/{TENANT}/activity/feed/audit/1")),
        at(&format!("{}#{TENANT}", uri())),
        at(&format!("{}{}", uri(), "x".repeat(8_192))),
        json!({}),
    ];
    for item in rows {
        let found = notified(std::slice::from_ref(&item));
        assert_eq!(found.types, [].into(), "{item}");
        assert_eq!((found.items, found.unknown, found.unfit), (1, 0, 1));
        assert!(!found.fits());
    }
    // One that fits beside it counts for itself.
    let mixed = notified(&[with("tenantId", json!(OTHER)), item("DLP.All")]);
    assert_eq!(mixed.types, [ContentType::Dlp].into());
    assert_eq!((mixed.items, mixed.unfit), (2, 1));
}

#[test]
fn a_field_that_is_there_twice_fits_nothing() {
    for field in ["tenantId", "clientId", "contentType", "contentUri"] {
        let once = item("Audit.Exchange");
        let twice = once
            .to_string()
            .replacen('{', &format!("{{\"{field}\":{},", once[field]), 1);
        let found = read_text(&format!("[{twice}]")).unwrap();
        assert_eq!((found.items, found.unfit), (1, 1), "{twice}");
    }
}

#[test]
fn what_is_no_array_of_objects_is_no_notification() {
    let whole = json!([item("Audit.Exchange")]).to_string();
    let rows = [
        String::new(),
        " ".to_owned(),
        "{}".to_owned(),
        item("Audit.Exchange").to_string(),
        r#"{"validationCode":"1"}"#.to_owned(),
        "null".to_owned(),
        "1".to_owned(),
        "\"[]\"".to_owned(),
        "[1]".to_owned(),
        "[null]".to_owned(),
        "[[]]".to_owned(),
        format!("[{whole}]"),
        format!("{whole}{whole}"),
        format!("{whole}]"),
        format!("{whole},"),
        whole[..whole.len() - 1].to_owned(),
        whole[..whole.len() / 2].to_owned(),
        whole.replace(':', "="),
        whole.replace('"', "'"),
        format!("\u{feff}{whole}"),
        format!("[{},]", item("Audit.Exchange")),
        r#"[{"tenantId":1e999}]"#.to_owned(),
        "[{\"tenantId\":\"\n\"}]".to_owned(),
        r#"[{"tenantId":"\ud800"}]"#.to_owned(),
    ];
    for text in rows {
        assert_eq!(read_text(&text), Err(NotANotification), "{text:.200}");
    }
    assert_eq!(notified(&[]), Notified::default());
    assert!(!Notified::default().fits());
}

#[test]
fn an_item_is_nested_up_to_32_levels() {
    let nested = |levels: usize| {
        let mut value = json!(1);
        for level in 0..levels {
            value = match level % 2 {
                0 => json!([value]),
                _ => json!({"a": value}),
            };
        }
        json!([with("more", value)]).to_string()
    };
    // The array and the item are two levels.
    assert!(read_text(&nested(30)).unwrap().fits());
    assert_eq!(read_text(&nested(31)), Err(NotANotification));
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let field = json!([with("more", json!("DEEP"))])
            .to_string()
            .replace("\"DEEP\"", &deep);
        assert_eq!(read_text(&field), Err(NotANotification));
        assert_eq!(read_text(&deep), Err(NotANotification));
    }
}

#[test]
fn ten_thousand_items_are_one_answer() {
    let items: Vec<Value> = (0..10_000)
        .map(|number| match number % 10 {
            0 => with("tenantId", json!(OTHER)),
            1 => item("Audit.Unheard"),
            _ => item(ContentType::ALL[number % 5].as_str()),
        })
        .collect();
    let found = notified(&items);
    assert_eq!(found.types, ContentType::ALL.into());
    assert_eq!(
        (found.items, found.unknown, found.unfit),
        (10_000, 1_000, 1_000)
    );
}
