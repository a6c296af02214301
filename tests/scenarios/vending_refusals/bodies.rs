//! Bodies that are no form where a form is read, and no JSON where JSON is: each is answered
//! with what came and what was expected, and with nothing of what was in it.

use reqwest::Method;

use super::stage::{Answer, MALFORMED, Stage, Version, answer};

const FORM: &str = "application/x-www-form-urlencoded";
const GOOD: &str = "grant_type=client_credentials&scope=https://manage.office.com/.default\
                    &resource=https://manage.office.com";
const JSON: &str = r#"{"grant_type":"client_credentials","scope":"https://manage.office.com/.default","client_secret":"hunter2"}"#;
const PARTS: &str = "--hunter2\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\n\
                     client_credentials\r\n--hunter2--\r\n";
const XML: &str = "<grant_type>client_credentials</grant_type>";

async fn post(stage: &Stage, path: &str, kind: Option<&str>, body: &str) -> Answer {
    let request = stage.request(Method::POST, path).body(body.to_owned());
    let request = match kind {
        Some(kind) => request.header("content-type", kind),
        None => request,
    };
    answer(request.bearer_auth(stage.caller_token())).await
}

fn said(answer: &Answer) -> &str {
    answer.body["error_description"].as_str().unwrap()
}

#[tokio::test]
async fn a_body_that_is_no_form_is_answered_with_its_media_type() {
    let stage = Stage::start().await;
    let rows = [
        (Some("application/json"), JSON, "application/json"),
        (
            Some("Application/JSON; charset=\"utf-8\""),
            JSON,
            "application/json",
        ),
        (Some("application/json"), GOOD, "application/json"),
        (
            Some("multipart/form-data; boundary=hunter2"),
            PARTS,
            "multipart/form-data",
        ),
        (Some("text/plain;charset=UTF-8"), GOOD, "text/plain"),
        (Some("text/xml"), XML, "text/xml"),
        (
            Some("application/octet-stream"),
            GOOD,
            "application/octet-stream",
        ),
        (Some(FORM), JSON, "JSON"),
        (Some(FORM), PARTS, "multipart/form-data"),
        (None, JSON, "JSON"),
        (None, XML, "XML"),
        (None, PARTS, "multipart/form-data"),
        (
            Some("hunter2"),
            GOOD,
            "a Content-Type that names no media type",
        ),
    ];
    for version in Version::BOTH {
        let path = stage.token_path(version);
        for (kind, body, received) in rows {
            let row = format!("{version:?} {kind:?} {body}");
            let refused = post(&stage, &path, kind, body).await;
            stage.check(&row, &refused, MALFORMED).await;
            let expected = format!("must be a form ({FORM}), and {received} was received");
            assert!(said(&refused).contains(&expected), "{row}: {refused:?}");
            assert!(!said(&refused).contains("hunter2"), "{row}: {refused:?}");
        }
    }
}

#[tokio::test]
async fn a_form_is_taken_however_its_type_is_spelled_or_without_one() {
    let stage = Stage::start().await;
    let kinds = [
        Some(FORM),
        Some("application/x-www-form-urlencoded; charset=UTF-8"),
        Some("application/x-www-form-urlencoded;charset=iso-8859-1"),
        Some("APPLICATION/X-WWW-FORM-URLENCODED"),
        Some("Application/x-www-Form-urlencoded ; x=y"),
        None,
    ];
    for version in Version::BOTH {
        let path = stage.token_path(version);
        for kind in kinds {
            let answer = post(&stage, &path, kind, GOOD).await;
            assert_eq!(answer.status, 200, "{version:?} {kind:?}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn an_invite_that_is_no_json_is_answered_with_its_media_type() {
    let stage = Stage::start().await;
    let form = "customer=Contoso&return_url=hunter2";
    let rows = [
        (Some(FORM), form, FORM),
        (
            Some("multipart/form-data; boundary=hunter2"),
            PARTS,
            "multipart/form-data",
        ),
        (Some("text/plain"), form, "text/plain"),
        (Some("application/xml"), XML, "application/xml"),
        (
            Some("hunter2"),
            form,
            "a Content-Type that names no media type",
        ),
    ];
    for (kind, body, received) in rows {
        let row = format!("{kind:?} {body}");
        let refused = post(&stage, "/invites", kind, body).await;
        stage.check(&row, &refused, MALFORMED).await;
        let expected = format!("must be JSON (application/json), and {received} was received");
        assert!(said(&refused).contains(&expected), "{row}: {refused:?}");
        assert!(!said(&refused).contains("hunter2"), "{row}: {refused:?}");
    }
    for kind in [None, Some("application/json")] {
        let refused = post(&stage, "/invites", kind, form).await;
        stage.check("called JSON", &refused, MALFORMED).await;
        assert!(said(&refused).starts_with("the body must be JSON: {"));
    }
    // curl calls everything a form: what is JSON is taken all the same.
    let kinds = [
        Some("application/json; charset=utf-8"),
        Some("application/vnd.broker+json"),
        Some(FORM),
        None,
    ];
    for kind in kinds {
        let made = post(&stage, "/invites", kind, r#"{"customer":"Contoso"}"#).await;
        assert_eq!(made.status, 201, "{kind:?}: {}", made.body);
    }
}

#[tokio::test]
async fn a_body_that_no_form_can_be_is_refused() {
    let stage = Stage::start().await;
    let good = GOOD.as_bytes().to_vec();
    let rows = [
        ("nothing", Vec::new()),
        ("JSON", JSON.as_bytes().to_vec()),
        ("a zero byte", b"\0".to_vec()),
        ("random bytes", vec![0xc3; 1000]),
        (
            "64 KB and one byte",
            [&good, &b"&x="[..], &vec![b'a'; 64 * 1024]].concat(),
        ),
        ("a megabyte", vec![b'a'; 1024 * 1024]),
        ("65 fields", [&good[..], &b"&a=1".repeat(64)].concat()),
    ];
    for version in Version::BOTH {
        let path = stage.token_path(version);
        for (row, body) in rows.clone() {
            let answer = stage.post_body(&path, body).await;
            stage.check(row, &answer, MALFORMED).await;
        }
    }
    // What no function could be handed, the gateway answers by itself: Lambda takes 6 MB,
    // the gateway 10.
    for megabytes in [6, 10, 11] {
        let body = vec![b'a'; megabytes * 1024 * 1024];
        let request = stage.request(Method::POST, &stage.token_path(Version::V2));
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 413, "{megabytes} MB");
        stage.unchanged("a large body").await;
    }
}
