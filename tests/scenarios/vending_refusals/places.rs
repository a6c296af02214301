//! Paths: tenants that are none, and routes that are none.

use reqwest::Method;
use tests::wire;

use super::stage::{MALFORMED, Stage, Told, UNKNOWN_TENANT, Version, answer};

/// What stands in the tenant's place, as it is on the wire, and the status. A path that
/// has more or fewer segments once it is decoded is another route, or none.
const NO_TENANTS: [(&str, u16); 34] = [
    ("common", 400),
    ("organizations", 400),
    ("consumers", 400),
    ("tenants", 400),
    ("contoso.onmicrosoft.com", 400),
    ("contoso.com", 400),
    ("41463f53881240f4890f865bf6e35190", 400),
    ("%7b41463f53-8812-40f4-890f-865bf6e35190%7d", 400),
    ("41463f53-8812-40f4-890f-865bf6e3519g", 400),
    ("41463f53-8812-40f4-890f-865bf6e35190%20", 400),
    ("41463f53-8812-40f4-890f-865bf6e35190%00", 400),
    ("41463f53-8812-40f4-890f-865bf6e35190%0a", 400),
    ("41463f53-8812-40f4-890f-865bf6e35190%0d%0aX:%20y", 400),
    ("41463f53-8812-40f4-890f-865bf6e35190%23", 400),
    ("41463f53-8812-40f4-890f-865bf6e35190%3fx=1", 404),
    ("41463f53-8812-40f4-890f-865bf6e35190%2f", 404),
    ("41463f53-8812-40f4-890f-865bf6e35190%2f..", 404),
    ("41463f53-8812-40f4-890f-865bf6e35190%5c..", 400),
    ("..", 400),
    (".", 400),
    ("%2e%2e", 400),
    ("%2E", 400),
    ("%2e%2e%2f%2e%2e", 404),
    ("..%2fcommon", 404),
    ("%252e%252e", 400),
    ("", 400),
    ("%20", 400),
    ("%00", 400),
    ("%ff", 400),
    ("%zz", 400),
    ("%c3%a4", 400),
    ("%5b", 400),
    ("%3cscript%3e", 400),
    ("@evil.example", 400),
];

#[tokio::test]
async fn what_is_no_tenant_never_reaches_entra() {
    let stage = Stage::start().await;
    let base = &stage.broker.ready.vending_url;
    let token = stage.caller_token();
    for version in Version::BOTH {
        let (name, value) = version.resource();
        let body = format!("grant_type=client_credentials&{name}={value}");
        let length = body.len();
        let rest = format!(
            "Authorization: Bearer {token}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        for (tenant, status) in NO_TENANTS {
            let path = version.path(tenant);
            let (answered, answer) =
                wire::send(base, "POST", path.as_bytes(), rest.as_bytes()).await;
            assert_eq!(answered, status, "{path}: {answer}");
            assert!(!answer.contains("access_token"), "{path}");
            assert!(!answer.contains("<script"), "{path}");
            stage.unchanged(&path).await;
        }
        let proper = version.path(&stage.person(0).tenant_id);
        let (answered, answer) = wire::send(base, "POST", proper.as_bytes(), rest.as_bytes()).await;
        assert_eq!(answered, 200, "the same request with a tenant: {answer}");
    }
}

#[tokio::test]
async fn a_tenant_is_found_in_either_case_or_not_at_all() {
    let stage = Stage::start().await;
    let connected = stage.person(0).tenant_id.clone();
    let not_connected = stage.person(1).tenant_id.clone();
    let unknown = "41463f53-8812-40f4-890f-865bf6e35190".to_owned();
    let consumers = "9188040d-6c67-4c5b-b112-36a304b66dad".to_owned();
    let zero = "00000000-0000-0000-0000-000000000000".to_owned();
    for version in Version::BOTH {
        let form = version.form();
        let token = Some(stage.caller_token());
        let upper = version.path(&connected.to_uppercase());
        let vended = stage.broker.post(&upper, &form, token).await;
        assert_eq!(vended.claims()["tid"], connected.as_str());
        for tenant in [&not_connected, &unknown, &consumers, &zero] {
            let request = stage
                .request(Method::POST, &version.path(tenant))
                .form(&form);
            let refused = answer(request.bearer_auth(stage.caller_token())).await;
            stage.check(tenant, &refused, UNKNOWN_TENANT).await;
        }
    }
}

#[tokio::test]
async fn there_is_no_other_route() {
    let stage = Stage::start().await;
    let told = Told {
        status: 404,
        ..MALFORMED
    };
    let tenant = &stage.person(0).tenant_id;
    let rows = [
        "/".to_owned(),
        "/no-such-route".to_owned(),
        "/tenants/".to_owned() + tenant + "/tokens",
        format!("/{tenant}"),
        format!("/{tenant}/oauth2/v3.0/token"),
        format!("/{tenant}/oauth2/v2.0/token/x"),
        format!("/x/{tenant}/oauth2/v2.0/token"),
        "/_sim/stats".to_owned(),
        "/oauth2/v2.0".to_owned(),
        format!("/{tenant}%2Foauth2/v2.0"),
    ];
    for path in rows {
        let request = stage.request(Method::GET, &path);
        let refused = answer(request.bearer_auth(stage.caller_token())).await;
        stage.check(&path, &refused, told).await;
    }
}
