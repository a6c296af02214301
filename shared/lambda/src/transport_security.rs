//! `Strict-Transport-Security` (RFC 6797): a browser that has been here asks this host over
//! TLS alone from then on, also where somebody types or links `http://`. Every answer of a
//! function gets it in [`watched`](crate::request::watched); what a gateway answers by itself
//! does not.
//!
//! Without `includeSubDomains`: the hosts below the operator's domain are not ours to decide
//! for. Not for this machine itself: a browser would ask every server of a developer's
//! `localhost` over TLS for a year. And not over plain http, where it says nothing (§7.2).

use std::net::IpAddr;

use lambda_http::http::HeaderValue;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt as _};

/// A year.
const STRICT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The header's value for the answer to this request, if there is to be one.
pub fn of(request: &Request) -> Option<HeaderValue> {
    let domain = match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => context.domain_name.as_deref()?,
        _ => return None,
    };
    let is_plain = crate::request::header(request, "x-forwarded-proto") == Some("http");
    (!is_plain && is_remote(domain)).then_some(STRICT)
}

/// The gateway's own name, without a port: no name of this machine, and no address (§8.1.1).
fn is_remote(domain: &str) -> bool {
    let name = domain.trim_end_matches('.').to_ascii_lowercase();
    let is_local = name == "localhost" || name.ends_with(".localhost");
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    !name.is_empty() && !is_local && bare.parse::<IpAddr>().is_err()
}

#[cfg(test)]
mod tests {
    use lambda_http::Body;
    use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;

    use super::*;

    fn request(domain: Option<&str>, protocols: &[&str]) -> Request {
        let mut context = ApiGatewayV2httpRequestContext::default();
        context.domain_name = domain.map(str::to_owned);
        let mut request = Request::new(Body::Empty);
        for protocol in protocols {
            let protocol = HeaderValue::from_str(protocol).unwrap();
            request.headers_mut().append("x-forwarded-proto", protocol);
        }
        request.with_request_context(RequestContext::ApiGatewayV2(context))
    }

    #[test]
    fn a_host_that_answers_over_tls_is_asked_over_tls_alone_and_this_machine_is_not() {
        let (https, http) = (&["https"][..], &["http"][..]);
        let rows = [
            (Some("broker.example"), https, true),
            (
                Some("abc.execute-api.eu-north-1.amazonaws.com"),
                https,
                true,
            ),
            (Some("abc.lambda-url.eu-north-1.on.aws"), https, true),
            (Some("BROKER.example."), https, true),
            (Some("localhost.example"), https, true),
            // The gateway takes https alone and says so; a client's own line hides nothing.
            (Some("broker.example"), &[], true),
            (Some("broker.example"), &["http", "https"], true),
            (Some("broker.example"), &["http,https"], true),
            (Some("broker.example"), http, false),
            (Some("localhost"), https, false),
            (Some("LOCALHOST."), https, false),
            (Some("broker.localhost"), https, false),
            (Some("localhost"), http, false),
            (Some("127.0.0.1"), https, false),
            (Some("203.0.113.7"), https, false),
            (Some("[::1]"), https, false),
            (Some("::1"), https, false),
            (Some(""), https, false),
            (None, https, false),
        ];
        for (domain, protocols, strict) in rows {
            let found = of(&request(domain, protocols));
            assert_eq!(found.is_some(), strict, "{domain:?} {protocols:?}");
        }
        let value = of(&request(Some("broker.example"), https)).unwrap();
        assert_eq!(value, "max-age=31536000");
        assert_eq!(of(&Request::new(Body::Empty)), None, "no gateway spoke");
    }
}
