//! Statements of a role, and what they decide of a request: an explicit denial wins, and what
//! nothing allows is denied. What stands in the template and is not understood here ends the
//! test.

use serde_json::Value;

use super::asked::Asked;
use super::condition::Condition;
use super::one_or_many::{list, texts};
use super::pattern::is_like;

/// A statement of a role's policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its name in the template.
    pub sid: String,
    /// Allow, or Deny.
    pub allows: bool,
    /// Each may be a pattern.
    pub actions: Vec<String>,
    /// As `Table` or `Table/index/due`; each may be a pattern.
    pub resources: Vec<String>,
    /// When it counts.
    pub condition: Option<Condition>,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A statement allows it and none denies it.
    Allowed,
    /// The statement of this name denies it.
    Denied(String),
    /// Nothing allows it.
    NotAllowed,
}

/// What these statements decide together.
pub fn decide(statements: &[Statement], asked: &Asked) -> Verdict {
    let covering = |allows| {
        let mut these = statements.iter().filter(move |one| one.allows == allows);
        these.find(|statement| statement.covers(asked))
    };
    match (covering(false), covering(true)) {
        (Some(denial), _) => Verdict::Denied(denial.sid.clone()),
        (None, Some(_)) => Verdict::Allowed,
        // Fails closed because IAM denies what nothing allows.
        (None, None) => Verdict::NotAllowed,
    }
}

impl Statement {
    /// Reads one as CloudFormation has it.
    pub fn read(statement: &Value) -> Self {
        let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
        let fields = statement.as_object().unwrap();
        let strange = fields.keys().find(|key| !known.contains(&key.as_str()));
        assert_eq!(strange, None, "{statement} is not read here");
        let allows = match statement["Effect"].as_str() {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => panic!("{statement}"),
        };
        // Either branch of an `If` may be deployed: for an allowance both count.
        assert!(
            allows || !statement.to_string().contains("Fn::If"),
            "{statement}"
        );
        Self {
            sid: statement["Sid"].as_str().unwrap_or_default().to_owned(),
            allows,
            actions: texts(&statement["Action"]),
            resources: list(&statement["Resource"]).iter().map(resource).collect(),
            condition: statement.get("Condition").map(Condition::read),
        }
    }

    /// Whether the statement is about this request.
    pub fn covers(&self, asked: &Asked) -> bool {
        self.names(&asked.action, &asked.resource)
            && self
                .condition
                .as_ref()
                .is_none_or(|condition| condition.holds(asked))
    }

    /// Whether it is about this action on this resource, on some condition.
    pub fn names(&self, action: &str, resource: &str) -> bool {
        // IAM does not tell cases apart in actions, and does in resources.
        let action = action.to_ascii_lowercase();
        let actions = self
            .actions
            .iter()
            .map(|pattern| pattern.to_ascii_lowercase());
        actions
            .into_iter()
            .any(|pattern| is_like(&pattern, &action))
            && self
                .resources
                .iter()
                .any(|pattern| is_like(pattern, resource))
    }
}

/// The template's name for a resource.
fn resource(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    if let Some(reference) = value["Ref"].as_str() {
        // The alias that SAM makes of a function.
        return reference.replace(".Alias", ":*");
    }
    if let Some(parts) = value["Fn::GetAtt"].as_array() {
        assert!(parts[1] == "Arn" || parts[1] == "Id", "{value}");
        return parts[0].as_str().unwrap().to_owned();
    }
    let text = value["Fn::Sub"].as_str();
    let parts = text.and_then(|text| text.strip_prefix("${")?.split_once('}'));
    let (name, rest) = parts.unwrap_or_else(|| panic!("the resource {value} is not read here"));
    // A parameter in the rest is its own name.
    let rest = rest.replace("${", "").replace('}', "");
    format!("{}{rest}", name.trim_end_matches(".Arn"))
}
