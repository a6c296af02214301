use super::*;

const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const OTHER: &str = "0b7c0ac5-7b2a-4b0f-9d5e-3a4d1c2b6e7f";

fn tenant() -> TenantId {
    TENANT.parse().unwrap()
}

#[test]
fn the_addresses_that_the_api_writes_are_taken() {
    let host = FeedHost::of(Cloud::Public);
    let root = format!("https://manage.office.com/api/v1.0/{TENANT}/activity/feed");
    let id = "492638008028$492638008028$f28ab78ad40140608012736e373933ebspo2015043022\
        $4a81a7c326fc4aed89c62e6039ab833b$04";
    let taken = [
        format!("{root}/audit/{id}"),
        format!("{root}/audit/{}", id.replace('$', "%24")),
        format!("{root}/audit/2018$audit_sharepoint$Audit_SharePoint$na0030"),
        format!("{root}/audit/{}", "x".repeat(4_096)),
        format!("{root}/subscriptions/content?contenttype=Audit.General&nextpage=20261130%2F1%3A0"),
        format!("{root}/subscriptions/content?starttime=2026-11-30T06:00:00Z&nextPage=a@b"),
        format!("https://manage.office.com/api/v1/{TENANT}/activity/feed/audit/{id}"),
        format!("https://Manage.Office.com/api/v1.0/{TENANT}/activity/feed/audit/1")
            .replace(TENANT, &TENANT.to_uppercase()),
    ];
    for text in taken {
        let address = host.check(tenant(), &text);
        assert_eq!(address.map(|address| address.to_string()), Ok(text));
    }
}

#[test]
fn a_token_goes_to_the_host_of_the_plan_and_the_path_of_its_tenant_and_nowhere_else() {
    use Refused as R;
    let host = FeedHost::of(Cloud::Public);
    let root = format!("https://manage.office.com/api/v1.0/{TENANT}/activity/feed");
    let path = format!("/api/v1.0/{TENANT}/activity/feed/audit/1");
    let rows = [
        // Another host, or another way to it.
        (format!("https://evil.example{path}"), R::OtherHost),
        (
            format!("https://manage.office.com.evil.example{path}"),
            R::Path,
        ),
        (
            format!("https://manage.office.comevil.example{path}"),
            R::Path,
        ),
        (
            format!("https://evil.manage.office.com{path}"),
            R::OtherHost,
        ),
        (format!("https://manage-gcc.office.com{path}"), R::OtherHost),
        (
            format!("https://manage.office.com@evil.example{path}"),
            R::Path,
        ),
        (
            format!("https://manage.office.com:x@evil.example{path}"),
            R::Path,
        ),
        (
            format!("https://user@manage.office.com{path}"),
            R::OtherHost,
        ),
        (
            format!("https://user:word@manage.office.com{path}"),
            R::OtherHost,
        ),
        (
            format!("https://evil.example/https://manage.office.com{path}"),
            R::OtherHost,
        ),
        (format!("https://manage.office.com:443{path}"), R::Path),
        (format!("https://manage.office.com:8443{path}"), R::Path),
        (format!("https://manage.office.com.{path}"), R::Path),
        (format!("http://manage.office.com{path}"), R::OtherHost),
        (format!("ftp://manage.office.com{path}"), R::OtherHost),
        (format!("//manage.office.com{path}"), R::OtherHost),
        (path.clone(), R::OtherHost),
        (format!("https:/manage.office.com{path}"), R::OtherHost),
        (format!("https:\\\\manage.office.com{path}"), R::Characters),
        (
            format!("https://evil.example\\@manage.office.com{path}"),
            R::Characters,
        ),
        (
            format!("https://evil.example#@manage.office.com{path}"),
            R::Characters,
        ),
        // Characters that look like others, or that parsers drop.
        (
            format!("https://manage\u{3002}office\u{3002}com{path}"),
            R::Characters,
        ),
        (
            format!("https://manage.\u{43e}ffice.com{path}"),
            R::Characters,
        ),
        (
            format!("https://manage.office.com\u{200b}{path}"),
            R::Characters,
        ),
        (format!("https://man\tage.office.com{path}"), R::Characters),
        (format!(" https://manage.office.com{path}"), R::Characters),
        (
            format!("https://manage.office.com{path}\r\nHost: evil.example"),
            R::Characters,
        ),
        (format!("https://manage.office.com{path}\0"), R::Characters),
        (format!("https://manage%2eoffice.com{path}"), R::OtherHost),
        // Another tenant, or a way out of this one's path.
        (root.replace(TENANT, OTHER) + "/audit/1", R::OtherTenant),
        (root.replace(TENANT, "common") + "/audit/1", R::OtherTenant),
        (
            root.replace(TENANT, &format!("{TENANT}/../{OTHER}")) + "/audit/1",
            R::Path,
        ),
        (
            format!("{root}/../../../{OTHER}/activity/feed/audit/1"),
            R::Path,
        ),
        (format!("{root}/audit/.."), R::Path),
        (format!("{root}/./audit/1"), R::Path),
        (format!("{root}/audit/..."), R::Path),
        (format!("{root}//audit/1"), R::Path),
        (format!("{root}/audit/%2e%2e/1"), R::Path),
        (format!("{root}/audit/%2E./1"), R::Path),
        (format!("{root}/audit/..%2f..%2f1"), R::Path),
        (format!("{root}/audit/..%5c1"), R::Path),
        (format!("{root}/audit/..;/1"), R::Path),
        (format!("{root}/audit/%252e%252e/1"), R::Path),
        (format!("{root}/audit/1%00"), R::Path),
        (format!("{root}/audit/1%0d%0aHost:%20evil.example"), R::Path),
        (format!("{root}/audit/%c0%ae%c0%ae/1"), R::Path),
        (format!("{root}/audit/%zz"), R::Path),
        (format!("{root}/audit/%"), R::Path),
        (format!("{root}/"), R::Path),
        (root.clone(), R::Path),
        (format!("{root}evil/audit/1"), R::Path),
        (
            format!("https://manage.office.com/api/v2/{TENANT}/activity/feed/audit/1"),
            R::Path,
        ),
        (
            format!("https://manage.office.com/{TENANT}/activity/feed/audit/1"),
            R::Path,
        ),
        (format!("{root}/audit/1#fragment"), R::Characters),
        (format!("{root}/audit/1?a=%"), R::Escapes),
        (format!("{root}/audit/{}", "x".repeat(LONGEST)), R::TooLong),
        (String::new(), R::OtherHost),
    ];
    for (text, expected) in rows {
        assert_eq!(host.check(tenant(), &text), Err(expected), "{text}");
    }
}

#[test]
fn a_host_is_https_or_on_this_machine_and_nothing_but_an_origin() {
    for text in [
        "https://manage.office365.us",
        "http://localhost:8081",
        "http://127.0.0.1:9/",
    ] {
        let host = FeedHost::new(text).unwrap();
        assert_eq!(host.as_str(), text.trim_end_matches('/'));
        let address = format!("{}/api/v1.0/{TENANT}/activity/feed/audit/1", host.as_str());
        assert!(host.check(tenant(), &address).is_ok());
        // Another port of the same machine is another host.
        assert!(
            host.check(tenant(), &address.replace("/api", "0/api"))
                .is_err()
        );
    }
    let refused = [
        "",
        "manage.office.com",
        "http://manage.office.com",
        "https://user@manage.office.com",
        "https://manage.office.com/api",
        "https://manage.office.com?x",
        "https://manage.office.com#x",
        "ftp://localhost",
        "https://m\u{e4}nage.office.com",
        "http://127.0.0.1.evil.example",
        "https://manage.office.com:443",
    ];
    for text in refused {
        assert_eq!(FeedHost::new(text), Err(NotAHost), "{text}");
    }
}

#[test]
fn the_publisher_is_named_once_on_every_address() {
    let root = format!("https://manage.office.com/api/v1.0/{TENANT}/activity/feed/a");
    let own = format!("PublisherIdentifier={OTHER}");
    let rows = [
        (String::new(), format!("?{own}")),
        ("?".to_owned(), format!("?{own}")),
        ("?nextpage=1".to_owned(), format!("?nextpage=1&{own}")),
        (
            format!("?publisheridentifier={TENANT}&x=1"),
            format!("?x=1&{own}"),
        ),
    ];
    for (query, expected) in rows {
        let address = FeedHost::of(Cloud::Public).check(tenant(), &format!("{root}{query}"));
        let asked = address.unwrap().for_publisher(OTHER.parse().unwrap());
        assert_eq!(asked, format!("{root}{expected}"));
    }
}
