//! Methods: each route takes one, and HEAD wherever that is GET.

use reqwest::{Method, Response};

use super::stage::{MALFORMED, Stage, Told, Version, answer};

#[tokio::test]
async fn a_route_takes_one_method_and_says_which() {
    let stage = Stage::start().await;
    let told = Told {
        status: 405,
        ..MALFORMED
    };
    let methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];
    let tenant = format!("/tenants/{}", stage.person(0).tenant_id);
    let rows = [
        (stage.token_path(Version::V2), "POST"),
        (stage.token_path(Version::V1), "POST"),
        ("/invites".to_owned(), "POST"),
        ("/tokens".to_owned(), "POST"),
        ("/tenants".to_owned(), "GET, HEAD"),
        (tenant, "GET, HEAD"),
        ("/health".to_owned(), "GET, HEAD"),
    ];
    for (path, taken) in rows {
        for method in methods.iter().filter(|method| !taken.contains(**method)) {
            let row = format!("{method} {path}");
            let request = stage.request(method.parse().unwrap(), &path);
            let refused = answer(request.bearer_auth(stage.caller_token())).await;
            assert_eq!(refused.header("allow"), taken, "{row}");
            match *method {
                // Its answer has no body (RFC 9110 §9.3.2).
                "HEAD" => assert_eq!(refused.status, 405, "{row}"),
                _ => refused.check_refusal(&row, told),
            }
            stage.unchanged(&row).await;
        }
    }
}

/// What differs from one answer to the next, and what says how long a body is.
const OF_ONE_ANSWER: [&str; 5] = [
    "apigw-requestid",
    "content-length",
    "date",
    "set-cookie",
    "x-request-id",
];

fn shape(response: &Response) -> Vec<String> {
    let headers = response.headers().iter();
    let headers = headers.filter(|(name, _)| !OF_ONE_ANSWER.contains(&name.as_str()));
    let mut shape: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    shape.sort();
    shape.push(response.status().to_string());
    shape
}

#[tokio::test]
async fn head_answers_as_get_on_every_route_of_the_machine() {
    let stage = Stage::start().await;
    let tenant = stage.person(0).tenant_id.clone();
    let rows = [
        ("/health".to_owned(), 200),
        ("/Health/".to_owned(), 200),
        ("/tenants".to_owned(), 200),
        (format!("/tenants/{tenant}"), 200),
        ("/tenants/x".to_owned(), 400),
        (
            format!("/{tenant}/v2.0/.well-known/openid-configuration"),
            200,
        ),
        ("/msi/token".to_owned(), 400),
        ("/no-such-route".to_owned(), 404),
        ("/consent".to_owned(), 200),
        ("/consent/callback/".to_owned(), 303),
        ("/consent//result/x".to_owned(), 400),
        ("/consent/callback".to_owned(), 303),
        ("/consent/confirm/x".to_owned(), 400),
        ("/consent/result/x".to_owned(), 400),
        ("/consent/start".to_owned(), 405),
        ("/consent/other".to_owned(), 404),
    ];
    let redirects = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().no_proxy().redirect(redirects);
    let client = client.build().unwrap();
    for (path, status) in rows {
        let ask = async |method: Method| {
            let url = format!("{}{path}", stage.broker.ready.vending_url);
            let request = client
                .request(method, url)
                .bearer_auth(stage.caller_token());
            request.send().await.unwrap()
        };
        let (got, head) = (ask(Method::GET).await, ask(Method::HEAD).await);
        assert_eq!(got.status().as_u16(), status, "{path}");
        // A handle in a redirect's address is sealed anew for each answer.
        if status != 303 {
            assert_eq!(shape(&head), shape(&got), "{path}");
        }
        assert_eq!(head.status(), got.status(), "{path}");
        assert!(head.bytes().await.unwrap().is_empty(), "{path}");
        stage.unchanged(&path).await;
    }
}
