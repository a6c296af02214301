//! The function that signs, behind Lambda's own API as it answers: each outcome by what a
//! caller makes of it, each request sent once, and no word of an account in a line.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use auth::on_demand::{OnDemandAnswer, OnDemandFunction as _, OnDemandRequest};
use auth::ports::OutOfReach;
use aws::{Endpoint, OnDemandLambda, connect};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What Lambda does with an invocation.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Status, headers, body.
    Answer(u16, &'static str, &'static str),
    /// The connection ends without an answer.
    HangUp,
    /// Nothing, for as long as it is waited.
    Nothing,
}

/// Lambda's API at a port of its own.
struct Lambda {
    function: OnDemandLambda,
    asked: Arc<AtomicU32>,
}

impl Lambda {
    async fn that(act: Act) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(client, act));
            }
        });
        Self {
            function: function(&url).await,
            asked,
        }
    }
}

async fn function(url: &str) -> OnDemandLambda {
    let connection = connect(&Endpoint::Local(url.to_owned())).await;
    connection.on_demand("arn:aws:lambda:eu-west-1:123456789012:function:on-demand")
}

async fn answer(mut client: TcpStream, act: Act) {
    let mut request = vec![0; 64 * 1024];
    let _ = client.read(&mut request).await;
    match act {
        Act::HangUp => {}
        Act::Nothing => std::future::pending::<()>().await,
        Act::Answer(status, headers, body) => {
            let length = body.len();
            let text = format!(
                "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\
                 connection: close\r\n\r\n{body}"
            );
            let _ = client.write_all(text.as_bytes()).await;
        }
    }
}

fn renew() -> OnDemandRequest {
    OnDemandRequest::Renew {
        tenant: "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap(),
        resource: "https://manage.office.com".parse().unwrap(),
    }
}

#[tokio::test]
async fn an_answer_of_the_function_is_read() {
    for (body, is_it) in [
        (r#"{"renewed":{}}"#, true),
        (r#"{"busy":{}}"#, true),
        (r#" {"not_taken": {} } "#, true),
    ] {
        let lambda = Lambda::that(Act::Answer(200, "", body)).await;
        let answer = lambda.function.ask(&renew()).await;
        assert_eq!(answer.is_ok(), is_it, "{body}: {answer:?}");
    }
    let lambda = Lambda::that(Act::Answer(200, "", r#"{"renewed":{}}"#)).await;
    let answer = lambda.function.ask(&renew()).await;
    assert!(
        matches!(answer, Ok(OnDemandAnswer::Renewed {})),
        "{answer:?}"
    );
}

#[tokio::test]
async fn what_is_no_answer_has_its_kind_and_is_never_asked_for_twice() {
    const THROTTLED: &str = "x-amzn-errortype: TooManyRequestsException\r\n";
    const DENIED: &str = "x-amzn-errortype: AccessDeniedException\r\n";
    const MISSING: &str = "x-amzn-errortype: ResourceNotFoundException\r\n";
    const BROKEN: &str = "x-amzn-errortype: ServiceException\r\n";
    const FAILED: &str = "x-amz-function-error: Unhandled\r\n";
    const MESSAGE: &str = r#"{"Message":"123456789012"}"#;
    use OutOfReach as O;
    let rows = [
        (
            Act::Answer(
                429,
                THROTTLED,
                r#"{"Reason":"ConcurrentInvocationLimitExceeded"}"#,
            ),
            O::Busy,
        ),
        (Act::Answer(429, "", "too many"), O::Busy),
        (
            Act::Answer(200, FAILED, r#"{"errorType":"Runtime.ExitError"}"#),
            O::Failed,
        ),
        (Act::Answer(200, FAILED, r#"{"renewed":{}}"#), O::Failed),
        (Act::Answer(200, "", ""), O::Unreadable),
        (Act::Answer(200, "", "null"), O::Unreadable),
        (Act::Answer(200, "", "<html>"), O::Unreadable),
        (
            Act::Answer(200, "", r#"{"refreshed":0,"failed":0}"#),
            O::Unreadable,
        ),
        (
            Act::Answer(200, "", r#"{"renewed":{"access_token":"t"}}"#),
            O::Unreadable,
        ),
        (Act::Answer(403, DENIED, MESSAGE), O::Unreached),
        (Act::Answer(404, MISSING, MESSAGE), O::Unreached),
        (Act::Answer(500, BROKEN, MESSAGE), O::Unreached),
        (Act::Answer(503, "", ""), O::Unreached),
        (Act::HangUp, O::Unreached),
    ];
    for (act, expected) in rows {
        let lambda = Lambda::that(act).await;
        let answer = lambda.function.ask(&renew()).await;
        assert_eq!(answer.unwrap_err(), expected, "{act:?}");
        assert_eq!(lambda.asked.load(Ordering::SeqCst), 1, "{act:?}: once");
    }
}

#[tokio::test]
async fn where_nothing_listens_it_is_not_reached() {
    let free = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let answer = function(&url).await.ask(&renew()).await;
    assert_eq!(answer.unwrap_err(), OutOfReach::Unreached);
}

/// The time of the runtime stands and jumps to the next thing that is waited for.
#[tokio::test(start_paused = true)]
async fn an_answer_is_waited_for_22_seconds_and_no_longer() {
    let lambda = Lambda::that(Act::Nothing).await;
    let sooner = Duration::from_millis(21_900);
    let request = renew();
    let asked = lambda.function.ask(&request);
    let mut asked = std::pin::pin!(asked);
    let early = tokio::time::timeout(sooner, asked.as_mut()).await;
    assert!(early.is_err(), "it is still waited for");
    let left = Duration::from_millis(200);
    let answer = tokio::time::timeout(left, asked).await.unwrap();
    assert_eq!(answer.unwrap_err(), OutOfReach::Late);
    assert_eq!(lambda.asked.load(Ordering::SeqCst), 1);
}
