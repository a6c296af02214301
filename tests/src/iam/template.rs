//! The roles of `template.yaml`, and what of its resources says who may do what. Names are
//! those of the template.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::asked::Asked;
use super::one_or_many::list;
use super::statement::{Statement, Verdict, decide};
use super::yaml;

/// A template, as CloudFormation reads it.
pub struct Template {
    resources: Map<String, Value>,
}

/// A role, or a policy for a person's role, with what it permits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name in the template.
    pub name: String,
    /// What it says of itself.
    pub description: String,
    /// The services that take it on; none of a policy.
    pub assumed_by: Vec<String>,
    /// What it permits and denies.
    pub statements: Vec<Statement>,
}

/// The roles by their names.
pub type Roles = BTreeMap<String, Role>;

impl Role {
    /// What it decides of a request.
    pub fn decide(&self, asked: &Asked) -> Verdict {
        decide(&self.statements, asked)
    }

    /// Whether it lets a request through.
    pub fn allows(&self, asked: &Asked) -> bool {
        self.decide(asked) == Verdict::Allowed
    }
}

impl Template {
    /// The repository's own.
    pub fn of_repository() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
        Self::of(&yaml::read(&std::fs::read_to_string(path).unwrap()))
    }

    /// One that is JSON already.
    pub fn of(template: &Value) -> Self {
        let resources = template["Resources"].as_object().unwrap().clone();
        Self { resources }
    }

    /// Every role, and every policy that is given to one elsewhere.
    pub fn roles(&self) -> Roles {
        for kind in [
            "AWS::IAM::Policy",
            "AWS::IAM::RolePolicy",
            "AWS::IAM::User",
            "AWS::IAM::Group",
        ] {
            assert_eq!(self.of_type(kind), [], "read it here as well");
        }
        for (name, function) in self.of_type("AWS::Serverless::Function") {
            assert!(
                function.get("Policies").is_none(),
                "{name}: read them here as well"
            );
        }
        let roles = self.of_type("AWS::IAM::Role").into_iter().map(role);
        let policies = self.of_type("AWS::IAM::ManagedPolicy").into_iter();
        let policies = policies.map(|(name, properties)| Role {
            assumed_by: Vec::new(),
            statements: statements(&properties["PolicyDocument"]).collect(),
            ..named(name, properties)
        });
        let all = roles.chain(policies).map(|mut role| {
            for statement in &mut role.statements {
                let resources = statement.resources.iter();
                statement.resources = resources.map(|name| self.without_alias(name)).collect();
            }
            role
        });
        all.map(|role| (role.name.clone(), role)).collect()
    }

    /// An alias is its function with the alias's name: `RefresherFunction:live`.
    fn without_alias(&self, name: &str) -> String {
        let aliases = self.of_type("AWS::Lambda::Alias").into_iter();
        let alias = aliases.into_iter().find(|(alias, _)| *alias == name);
        let Some((_, properties)) = alias else {
            return name.to_owned();
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let function = text(&properties["FunctionName"]["Ref"]);
        format!("{function}:{}", text(&properties["Name"]))
    }

    /// This function's aliases, as a statement names them: `RefresherFunction:live`.
    pub fn aliases_of(&self, function: &str) -> Vec<String> {
        let aliases = self.of_type("AWS::Lambda::Alias").into_iter();
        let named = aliases.map(|(alias, _)| self.without_alias(alias));
        let own = format!("{function}:");
        named.filter(|name| name.starts_with(&own)).collect()
    }

    /// The role of this function.
    pub fn role_of(&self, function: &str) -> Option<&str> {
        let properties = &self.resources.get(function)?["Properties"];
        properties["Role"]["Fn::GetAtt"][0].as_str()
    }

    /// The resources of this kind, each with its properties.
    pub fn of_type(&self, kind: &str) -> Vec<(&str, &Value)> {
        let these = self.resources.iter();
        let these = these.filter(|(_, resource)| resource["Type"] == kind);
        these
            .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
            .collect()
    }

    /// Whether there is such a resource.
    pub fn has(&self, name: &str) -> bool {
        self.resources.contains_key(name)
    }
}

fn named(name: &str, properties: &Value) -> Role {
    Role {
        name: name.to_owned(),
        description: properties["Description"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        assumed_by: Vec::new(),
        statements: Vec::new(),
    }
}

fn role((name, properties): (&str, &Value)) -> Role {
    assert!(
        properties.get("ManagedPolicyArns").is_none(),
        "{name}: what AWS's own policies permit is not read here"
    );
    let trusted = list(&properties["AssumeRolePolicyDocument"]["Statement"]);
    let services = trusted
        .iter()
        .flat_map(|statement| list(&statement["Principal"]["Service"]));
    let policies = list(&properties["Policies"]);
    Role {
        assumed_by: services
            .filter_map(|service| service.as_str().map(str::to_owned))
            .collect(),
        statements: policies
            .iter()
            .flat_map(|policy| statements(&policy["PolicyDocument"]))
            .collect(),
        ..named(name, properties)
    }
}

fn statements(document: &Value) -> impl Iterator<Item = Statement> + use<> {
    let statements = list(&document["Statement"]);
    statements
        .into_iter()
        .map(|statement| Statement::read(&statement))
}
