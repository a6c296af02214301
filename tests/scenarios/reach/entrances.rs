//! Who may call a function, besides the roles: what the resource policies of the template say.

use std::fmt::Write as _;

use serde_json::Value;
use tests::iam::{Asked, Template};

/// The one service that calls functions on requests from outside.
const GATEWAY: &str = "apigateway.amazonaws.com";
/// Calls the rotator, with the steps of a rotation.
const SECRETS_MANAGER: &str = "secretsmanager.amazonaws.com";

struct Entrance {
    name: String,
    function: String,
    action: String,
    principal: String,
    /// A call that came by the function's URL and in no other way.
    by_url: bool,
}

/// As rows of the page.
pub(super) fn rendered(template: &Template) -> String {
    let mut text =
        "\n| permission | function | action | who | how |\n|---|---|---|---|---|\n".to_owned();
    for entrance in entrances(template) {
        let Entrance {
            name,
            function,
            action,
            principal,
            by_url,
        } = entrance;
        let how = if by_url {
            "by the function's URL, signed"
        } else if principal == format!("`{SECRETS_MANAGER}`") {
            "by a step of a rotation"
        } else {
            "by the gateway's event"
        };
        writeln!(
            text,
            "| `{name}` | `{function}` | `{action}` | {principal} | {how} |"
        )
        .unwrap();
    }
    for (name, properties) in template.of_type("AWS::Lambda::EventSourceMapping") {
        let queue = function(&properties["EventSourceArn"]);
        let senders = senders(template, &queue);
        writeln!(
            text,
            "| `{name}` | `{}` | messages of `{queue}` | {} | by a message |",
            function(&properties["FunctionName"]),
            senders.join(", ")
        )
        .unwrap();
    }
    text.push('\n');
    text
}

/// The roles that may put a message on a queue: no policy of its own lets anyone else.
fn senders(template: &Template, queue: &str) -> Vec<String> {
    let asked = Asked::new("sqs:SendMessage", queue);
    let roles = template.roles();
    let senders = roles.values().filter(|role| role.allows(&asked));
    senders.map(|role| format!("`{}`", role.name)).collect()
}

fn entrances(template: &Template) -> Vec<Entrance> {
    let permissions = template.of_type("AWS::Lambda::Permission").into_iter();
    let entrances = permissions.map(|(name, properties)| {
        let text = |field: &str| properties[field].as_str().unwrap_or_default().to_owned();
        let action = text("Action");
        Entrance {
            name: name.to_owned(),
            function: function(&properties["FunctionName"]),
            principal: principal(properties),
            by_url: action == "lambda:InvokeFunctionUrl"
                || properties["InvokedViaFunctionUrl"] == true,
            action,
        }
    });
    entrances.collect()
}

fn function(value: &Value) -> String {
    let part = value["Fn::GetAtt"][0].as_str();
    let name = value["Ref"].as_str().or(part).or(value.as_str());
    name.unwrap_or_else(|| panic!("{value} is not read here"))
        .to_owned()
}

fn principal(properties: &Value) -> String {
    match (
        properties["Principal"].as_str(),
        properties.get("PrincipalOrgID"),
    ) {
        (Some("*"), Some(_)) => "every account of `CallerOrganizationId`".to_owned(),
        (Some(service), None) if service.ends_with(".amazonaws.com") => format!("`{service}`"),
        (None, None) => match properties["Principal"]["Ref"].as_str() {
            Some(account) if account.starts_with("CallerAccount") => {
                format!("the account of `{account}`")
            }
            _ => panic!("{properties} is not read here"),
        },
        _ => panic!("{properties} is not read here"),
    }
}

mod checks {
    use super::*;

    /// Who may invoke a function directly writes the request context, which says who calls.
    #[test]
    fn no_caller_invokes_a_function_but_by_the_gateway_or_the_url() {
        let template = Template::of_repository();
        let entrances = entrances(&template);
        assert!(entrances.len() > 4, "the permissions were not found");
        for entrance in entrances {
            let by = |service: &str| entrance.principal == format!("`{service}`");
            let is_rotation = by(SECRETS_MANAGER) && entrance.function == "RotatorLive";
            let allowed = entrance.by_url || by(GATEWAY) || is_rotation;
            assert!(allowed, "{}", entrance.name);
        }
        for kind in [
            "AWS::SecretsManager::ResourcePolicy",
            "AWS::SQS::QueuePolicy",
        ] {
            assert_eq!(template.of_type(kind), [], "read it here as well");
        }
        for (name, table) in template.of_type("AWS::DynamoDB::Table") {
            assert!(
                table.get("ResourcePolicy").is_none(),
                "{name}: read it here as well"
            );
        }
    }
}
