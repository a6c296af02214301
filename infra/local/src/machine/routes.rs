//! The routes of the gateway, as template.yaml has them, and the development issuer's
//! two documents beside them.

use std::sync::Arc;

use axum::http::Method;
use lambda_http::Request;

use super::Functions;
use super::environment::{ISSUER_CONFIGURATION, ISSUER_KEYS};
use crate::development_issuer::DevelopmentIssuer;
use crate::front::{HttpFunction, Routes, lambda_function};

/// The vending function as gateways call it: the HTTP API and the function URL.
pub(super) fn vending(functions: &Functions) -> Arc<dyn HttpFunction> {
    let vending = Arc::clone(&functions.vending);
    lambda_function(move |request: Request| {
        let vending = Arc::clone(&vending);
        async move { vending.handle(request).await }
    })
}

pub(super) fn routes(
    functions: &Functions,
    vending: Arc<dyn HttpFunction>,
    issuer: &DevelopmentIssuer,
    base_url: &str,
) -> Routes {
    let consent = Arc::clone(&functions.consent);
    let consent = lambda_function(move |request: Request| {
        let consent = Arc::clone(&consent);
        async move { consent.handle(request).await }
    });
    let configuration = issuer
        .configuration(&format!("{base_url}{ISSUER_KEYS}"))
        .to_string();
    let keys = issuer.keys().to_string();
    let json = move |text: String| move || ("application/json", text.clone());
    Routes::new()
        .route(Method::GET, "/consent", Arc::clone(&consent))
        .route(Method::POST, "/consent/start", Arc::clone(&consent))
        .route(Method::GET, "/consent/go/{handle}", Arc::clone(&consent))
        .route(Method::GET, "/consent/callback", Arc::clone(&consent))
        .route(
            Method::GET,
            "/consent/confirm/{handle}",
            Arc::clone(&consent),
        )
        .route(Method::POST, "/consent/confirm", Arc::clone(&consent))
        .route(Method::GET, "/consent/result/{handle}", consent)
        .default(vending)
        .local(Method::GET, ISSUER_CONFIGURATION, json(configuration))
        .local(Method::GET, ISSUER_KEYS, json(keys))
}
