//! What callers know by its address: it stays when a function gets a version, a stack is made
//! again, or another region or partition is chosen.

use yaml_rust2::Yaml;

use crate::{resources, stem, template, text, texts};

/// `$LATEST`, and not a version that the template publishes: a version keeps the environment
/// with which it was published, and SAM's AutoPublishAlias publishes one for new code alone.
#[test]
fn every_function_has_an_alias_on_latest() {
    let template = template();
    for (name, _) in resources(&template, "AWS::Serverless::Function") {
        // Each asker of the refresher on demand has its own.
        let aliases: &[&str] = match name.as_str() {
            "RefresherOnDemandFunction" => &["Consent", "Vending"],
            _ => &["Live"],
        };
        for alias in aliases {
            let resource = format!("{}{alias}", stem(&name, "Function"));
            let properties = &template["Resources"][resource.as_str()]["Properties"];
            let field = |key: &str| properties[key].as_str().unwrap_or_default().to_owned();
            let said = ["FunctionName", "FunctionVersion", "Name"].map(field);
            let expected = [name.clone(), "$LATEST".into(), alias.to_lowercase()];
            assert_eq!(said, expected);
        }
    }
}

/// The refresher on demand takes an asker by its alias: another one in a role or a variable
/// would make one of the two into the other.
#[test]
fn each_asker_is_given_its_own_alias_of_the_refresher_on_demand() {
    let template = template();
    for asker in ["Consent", "Vending"] {
        let own = format!("RefresherOnDemand{asker}");
        let function = &template["Resources"][format!("{asker}Function").as_str()]["Properties"];
        let asked = function["Environment"]["Variables"]["ON_DEMAND_FUNCTION"].as_str();
        assert_eq!(asked, Some(own.as_str()));
        let role = texts(&template["Resources"][format!("{asker}Role").as_str()]);
        let named: Vec<_> = role
            .iter()
            .filter(|text| text.starts_with("RefresherOnDemand"))
            .collect();
        assert_eq!(named, [&own], "{asker}");
    }
}

fn is_alias(template: &Yaml, target: &Yaml) -> bool {
    let resource = &template["Resources"][target.as_str().unwrap_or_default()];
    resource["Type"].as_str() == Some("AWS::Lambda::Alias")
}

#[test]
fn who_calls_a_function_calls_its_alias() {
    let template = template();
    let check = |kind: &str, target: fn(&Yaml) -> &Yaml| {
        for (name, resource) in resources(&template, kind) {
            let target = target(&resource["Properties"]);
            assert!(is_alias(&template, target), "{name}: {target:?}");
        }
    };
    check("AWS::ApiGatewayV2::Integration", |it| &it["IntegrationUri"]);
    check("AWS::Lambda::Permission", |it| &it["FunctionName"]);
    check("AWS::Scheduler::Schedule", |it| &it["Target"]["Arn"]);
    check("AWS::Lambda::EventSourceMapping", |it| &it["FunctionName"]);
    check(
        "AWS::SecretsManager::RotationSchedule",
        |it| &it["RotationLambdaARN"],
    );
    for kind in ["AWS::Lambda::Url", "AWS::Lambda::EventInvokeConfig"] {
        for (name, resource) in resources(&template, kind) {
            let qualifier = resource["Properties"]["Qualifier"].as_str();
            assert_eq!(qualifier, Some("live"), "{name}");
        }
    }
}

/// Lambda reads the settings of asynchronous calls by the name that was called: those of
/// `$LATEST` do not hold for an alias, and a failed run would be tried for hours.
#[test]
fn a_scheduled_run_is_tried_once() {
    let template = template();
    let schedule = &resources(&template, "AWS::Scheduler::Schedule")[0].1;
    let alias = schedule["Properties"]["Target"]["Arn"].as_str().unwrap();
    let called = &template["Resources"][alias]["Properties"]["FunctionName"];
    let settings = resources(&template, "AWS::Lambda::EventInvokeConfig");
    let of_called = settings
        .iter()
        .find(|(_, it)| &it["Properties"]["FunctionName"] == called);
    let properties = &of_called.unwrap().1["Properties"];
    assert_eq!(properties["MaximumRetryAttempts"].as_i64(), Some(0));
}

/// A dozen regions, GovCloud and China have none.
#[test]
fn the_function_url_and_all_that_is_its_stand_under_a_condition() {
    let template = template();
    let url = &resources(&template, "AWS::Lambda::Url")[0].1;
    assert_eq!(url["Condition"].as_str(), Some("HasFunctionUrl"));
    let output = &template["Outputs"]["VendingFunctionUrl"];
    assert_eq!(output["Condition"].as_str(), Some("HasFunctionUrl"));
    let callers: Vec<_> = resources(&template, "AWS::Lambda::Permission")
        .into_iter()
        .filter(|(_, it)| {
            // A service of AWS's calls a function by another way.
            let principal = it["Properties"]["Principal"].as_str();
            principal.is_none_or(|principal| !principal.ends_with(".amazonaws.com"))
        })
        .collect();
    let has_url = texts(&template["Conditions"]["HasFunctionUrl"]);
    for (name, permission) in callers {
        let condition = permission["Condition"].as_str().unwrap();
        assert!(has_url.iter().any(|one| one == condition), "{name}");
    }
}

#[test]
fn no_arn_and_no_host_belongs_to_one_partition() {
    for (number, line) in text().lines().enumerate() {
        let principal = line.contains("Service: ") || line.contains("Principal: ");
        // Patterns and descriptions of parameters are about every partition.
        let described = line.contains("AllowedPattern") || line.contains("Description");
        let fixed = ["arn:aws", "amazonaws.com", ".aws.dev", "us-east-1"];
        let found = fixed.iter().find(|text| line.contains(**text));
        assert!(
            found.is_none() || principal || described,
            "line {}: {line}",
            number + 1
        );
    }
}

/// The reply URL, which customers' tenants have seen and links carry, follows from the domain.
#[test]
fn the_domain_decides_every_address_that_the_stack_hands_out() {
    let template = template();
    let globals = &template["Globals"]["Function"]["Environment"]["Variables"];
    let reply = texts(&globals["CONSENT_REDIRECT_URI"]);
    let order = [
        "HasOwnRedirectUri",
        "ConsentRedirectUri",
        "HasDomain",
        "https://${DomainName}/consent/callback",
    ];
    assert_eq!(reply[..4], order);
    let output = |name: &str| texts(&template["Outputs"][name]["Value"]);
    assert_eq!(output("RedirectUri"), reply);
    assert!(output("ConsentUrl").contains(&"https://${DomainName}/consent".to_owned()));
    assert_eq!(
        output("VendingUrl")[..2],
        ["HasDomain", "https://${DomainName}"]
    );
    for name in ["DomainTarget", "DomainTargetZoneId"] {
        assert_eq!(
            template["Outputs"][name]["Condition"].as_str(),
            Some("HasDomain")
        );
    }
    let mapping = &resources(&template, "AWS::ApiGatewayV2::ApiMapping")[0].1["Properties"];
    let stage = mapping["Stage"].as_str().unwrap();
    let kind = template["Resources"][stage]["Type"].as_str();
    assert_eq!(kind, Some("AWS::ApiGatewayV2::Stage"));
}
