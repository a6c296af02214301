//! Lambda's `Invoke` for one function of this process: an event in, its answer out, as JSON.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use auth::ports::Clock;
use axum::body::Bytes;
use axum::extract::Path;
use axum::routing::post;
use axum::{Json, Router};
use lambda::function::AnswersEvents;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::Value;
use tokio::net::TcpListener;

/// Serves it on a free port, by whatever name it is called. `time`: what Lambda leaves it.
pub async fn serve<F>(function: Arc<F>, time: Duration, clock: Arc<dyn Clock>) -> SocketAddr
where
    F: AnswersEvents + Send + Sync + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let invoked = move |Path(name): Path<String>, event: Bytes| {
        let event: Value = serde_json::from_slice(&event).unwrap();
        let function = Arc::clone(&function);
        let mut context = Context::default();
        // Lambda says by which alias it was invoked.
        context.invoked_function_arn = format!("arn:aws:lambda:us-east-1:0:function:{name}");
        let deadline = (clock.now() + time).unix() * 1_000;
        context.deadline = u64::try_from(deadline).unwrap();
        async move { Json(function.run(&LambdaEvent::new(event, context)).await) }
    };
    let path = "/2015-03-31/functions/{name}/invocations";
    let router = Router::new().route(path, post(invoked));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}
