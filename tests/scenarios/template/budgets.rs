//! What limits a flood and a bill.

use yaml_rust2::Yaml;

use crate::{resources, stem, template, texts};

/// A new account has ten environments in all and refuses any reservation.
#[test]
fn every_function_may_have_reserved_concurrency_and_has_none_by_default() {
    let template = template();
    for (name, function) in resources(&template, "AWS::Serverless::Function") {
        let stem = stem(&name, "Function");
        let parameter = format!("{stem}ReservedConcurrency");
        let reserved = texts(&function["Properties"]["ReservedConcurrentExecutions"]);
        let expected = [
            format!("Reserves{stem}"),
            parameter.clone(),
            "AWS::NoValue".into(),
        ];
        assert_eq!(reserved, expected, "{name}");
        let default = template["Parameters"][parameter.as_str()]["Default"].as_i64();
        assert_eq!(default, Some(-1), "{name}");
    }
}

/// Decision 0052 says from which fleet the figures come. The settings of single routes are a map
/// without types, in which a parameter would be text: those are numbers.
#[test]
fn the_http_api_has_a_rate_for_callers_and_a_lower_one_for_each_route_that_anybody_may_open() {
    let template = template();
    let stage = &resources(&template, "AWS::ApiGatewayV2::Stage")[0].1["Properties"];
    let limits =
        |of: &Yaml| ["ThrottlingRateLimit", "ThrottlingBurstLimit"].map(|key| of[key].clone());
    let parameters = ["ApiRate", "ApiBurst"];
    let by_name = parameters.map(|name| Yaml::String(name.to_owned()));
    assert_eq!(limits(&stage["DefaultRouteSettings"]), by_name);
    let routes = resources(&template, "AWS::ApiGatewayV2::Route");
    let keys = routes
        .iter()
        .map(|(_, route)| &route["Properties"]["RouteKey"]);
    let mut limited = 0;
    for key in keys.filter(|key| key.as_str() != Some("$default")) {
        let of_route = limits(&stage["RouteSettings"][key.as_str().unwrap()]);
        // Microsoft's notifications come in flocks, and in the name of every tenant.
        let expected = match key.as_str() {
            Some("POST /feed/webhook") => [100, 200],
            _ => [5, 20],
        };
        assert_eq!(of_route, expected.map(Yaml::Integer), "{key:?}");
        limited += 1;
    }
    assert_eq!(stage["RouteSettings"].as_hash().unwrap().len(), limited);
    let defaults = parameters.map(|name| template["Parameters"][name]["Default"].as_i64());
    assert_eq!(defaults, [Some(100), Some(200)]);
}
