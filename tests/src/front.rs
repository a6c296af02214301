//! Consent and vending in the process of a test, served as the gateway serves them.

use std::sync::Arc;

use consent::ConsentFunction;
use gateway_sim::{HttpFunction, Routes, Scheme};
use lambda::function::AnswersRequests;
use lambda_http::Request;
use local::lambda_function;
use tokio::net::TcpListener;
use vending::Vending;

use crate::issuer::http_api;

/// Serves both on a free port of this machine; gives the port.
pub async fn serve(consent: Arc<ConsentFunction>, vending: Arc<Vending>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let consent = called(consent);
    let routes = Routes::new()
        .any("/consent", consent.clone())
        .any("/consent/{proxy+}", consent);
    let api = http_api(routes.default(called(vending)));
    tokio::spawn(gateway_sim::serve(
        api,
        listener,
        Scheme::Http,
        std::future::pending(),
    ));
    port
}

fn called<F: AnswersRequests>(function: Arc<F>) -> Arc<dyn HttpFunction> {
    lambda_function(move |request: Request| {
        let function = Arc::clone(&function);
        async move { function.handle(request).await }
    })
}
