//! The routes of the gateway, as template.yaml has them, and the development issuer's
//! two documents beside them.

use std::sync::Arc;

use axum::http::Method;
use gateway_sim::{HttpFunction, Routes};
use lambda::function::AnswersRequests;
use lambda_http::Request;

use super::environment::{ISSUER_CONFIGURATION, ISSUER_KEYS, WEBHOOK};
use super::functions::Functions;
use crate::development_issuer::DevelopmentIssuer;
use crate::lambda_function::lambda_function;

/// The paths of the consent function, each with any method, as template.yaml has them. The
/// last one takes those with a slash too many and those that name no page.
const CONSENT: [&str; 8] = [
    "/consent",
    "/consent/start",
    "/consent/go/{handle}",
    "/consent/callback",
    "/consent/confirm/{handle}",
    "/consent/confirm",
    "/consent/result/{handle}",
    "/consent/{proxy+}",
];

/// The vending function as gateways call it: the HTTP API and the function URL.
pub(super) fn vending(functions: &Functions) -> Arc<dyn HttpFunction> {
    called(&functions.vending)
}

fn called<F: AnswersRequests>(function: &Arc<F>) -> Arc<dyn HttpFunction> {
    let function = Arc::clone(function);
    lambda_function(move |request: Request| {
        let function = Arc::clone(&function);
        async move { function.handle(request).await }
    })
}

pub(super) fn routes(
    functions: &Functions,
    vending: Arc<dyn HttpFunction>,
    issuer: &DevelopmentIssuer,
    base_url: &str,
) -> Routes {
    let consent = called(&functions.consent);
    let configuration = issuer
        .configuration(&format!("{base_url}{ISSUER_KEYS}"))
        .to_string();
    let keys = issuer.keys().to_string();
    let json = move |text: String| move || ("application/json", text.clone());
    let with_webhook = functions
        .webhook
        .iter()
        .fold(Routes::new(), |routes, webhook| {
            routes.route(Method::POST, WEBHOOK, called(webhook))
        });
    CONSENT
        .into_iter()
        .fold(with_webhook, |routes, path| {
            routes.any(path, Arc::clone(&consent))
        })
        .default(vending)
        .local(Method::GET, ISSUER_CONFIGURATION, json(configuration))
        .local(Method::GET, ISSUER_KEYS, json(keys))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of the template's routes to one function, in its order.
    fn keys_to(integration: &str) -> Vec<String> {
        let template = include_str!("../../../../template.yaml");
        let target = format!("integrations/${{{integration}}}");
        let mut key = None;
        let mut keys = Vec::new();
        for line in template.lines().map(str::trim) {
            key = line.strip_prefix("RouteKey: ").or(key);
            if line.contains(&target) {
                keys.extend(key.map(|key| key.trim_matches('"').to_owned()));
            }
        }
        keys
    }

    #[test]
    fn the_routes_are_those_of_the_template() {
        let any = CONSENT.map(|path| format!("ANY {path}"));
        assert_eq!(keys_to("ConsentIntegration"), any);
        assert_eq!(keys_to("VendingIntegration"), ["$default"]);
        let webhook = format!("POST {WEBHOOK}");
        assert_eq!(keys_to("WebhookIntegration"), [webhook]);
    }

    /// A flood of pages must not take the account's concurrency: no route of theirs has
    /// the limit of all others.
    #[test]
    fn every_route_of_the_pages_has_a_limit_of_its_own_in_the_template() {
        let template = include_str!("../../../../template.yaml");
        for path in CONSENT {
            let limit =
                format!("\"ANY {path}\": {{ThrottlingRateLimit: 5, ThrottlingBurstLimit: 20}}");
            assert!(template.contains(&limit), "{path}");
        }
    }
}
