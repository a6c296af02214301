//! A stack of CloudFormation in the emulated account: created, updated and deleted as
//! `aws cloudformation` does, and waited for.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use tokio::time::{interval, timeout};

use crate::account::Account;
use crate::package::BUCKET;

/// What is not done after this never will be.
const PATIENCE: Duration = Duration::from_secs(60);
const CHANGE_SET: &str = "takeover";
/// How often a stack is asked how far it is.
const TICK: Duration = Duration::from_millis(100);

/// A stack that is complete.
pub(crate) struct Stack {
    pub(crate) name: String,
    outputs: BTreeMap<String, String>,
    /// Physical ids by logical ones.
    resources: BTreeMap<String, String>,
}

/// Something of the account that a stack is given.
pub(crate) struct Import<'a> {
    pub(crate) resource_type: &'a str,
    pub(crate) logical: &'a str,
    /// What identifies it, and its value.
    pub(crate) property: &'a str,
    pub(crate) physical: &'a str,
}

/// What a stack is made of.
pub(crate) struct Recipe {
    pub(crate) template: String,
    /// Parameters that are not left at their defaults.
    pub(crate) parameters: Vec<(&'static str, String)>,
}

impl Stack {
    pub(crate) async fn create(account: &Account, name: &str, recipe: &Recipe) -> Self {
        Self::change(account, ("CreateStack", "CREATE_COMPLETE"), name, recipe).await
    }

    pub(crate) async fn update(account: &Account, name: &str, recipe: &Recipe) -> Self {
        Self::change(account, ("UpdateStack", "UPDATE_COMPLETE"), name, recipe).await
    }

    /// A new stack of resources that are there already.
    pub(crate) async fn import(
        account: &Account,
        name: &str,
        recipe: &Recipe,
        imports: &[Import<'_>],
    ) {
        let mut fields = recipe.fields(account, name).await;
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        fields.extend([
            field("ChangeSetName", CHANGE_SET),
            field("ChangeSetType", "IMPORT"),
        ]);
        for (number, import) in (1..).zip(imports) {
            let member = format!("ResourcesToImport.member.{number}");
            fields.extend([
                field(&format!("{member}.ResourceType"), import.resource_type),
                field(&format!("{member}.LogicalResourceId"), import.logical),
                field(
                    &format!("{member}.ResourceIdentifier.entry.1.key"),
                    import.property,
                ),
                field(
                    &format!("{member}.ResourceIdentifier.entry.1.value"),
                    import.physical,
                ),
            ]);
        }
        account
            .cloudformation("CreateChangeSet", &borrowed(&fields))
            .await;
        let named = [("StackName", name), ("ChangeSetName", CHANGE_SET)];
        let planned = timeout(PATIENCE, planned(account, &named)).await;
        let status = planned.expect("the change set is planned in time");
        assert_eq!(status, "CREATE_COMPLETE", "the change set");
        account.cloudformation("ExecuteChangeSet", &named).await;
        Self::complete(account, name, "IMPORT_COMPLETE").await;
    }

    async fn change(
        account: &Account,
        (action, wanted): (&str, &str),
        name: &str,
        recipe: &Recipe,
    ) -> Self {
        let fields = recipe.fields(account, name).await;
        account.cloudformation(action, &borrowed(&fields)).await;
        Self::complete(account, name, wanted).await
    }

    /// Waits until the stack is `wanted`.
    pub(crate) async fn complete(account: &Account, name: &str, wanted: &str) -> Self {
        let done = timeout(PATIENCE, settled(account, name)).await;
        let description = done.expect("the stack settles in time");
        let status = inside(&description, "StackStatus");
        if status != wanted {
            let events = account
                .cloudformation("DescribeStackEvents", &[("StackName", name)])
                .await;
            panic!("{name} is {status}: {events}");
        }
        Self {
            name: name.to_owned(),
            outputs: pairs(&description, "OutputKey", "OutputValue"),
            resources: resources(account, name).await,
        }
    }

    /// Deletes it; gives its status at the end.
    pub(crate) async fn delete(self, account: &Account) -> String {
        let description = describe(account, &self.name).await;
        let id = inside(&description, "StackId").to_owned();
        let name = [("StackName", self.name.as_str())];
        account.cloudformation("DeleteStack", &name).await;
        // By its id a deleted stack can still be asked for.
        let done = timeout(PATIENCE, settled(account, &id)).await;
        inside(&done.expect("the stack goes in time"), "StackStatus").to_owned()
    }

    /// An output's value.
    pub(crate) fn output(&self, key: &str) -> &str {
        let value = self.outputs.get(key);
        value.unwrap_or_else(|| panic!("no output {key}: {:?}", self.outputs))
    }

    /// The physical id of a resource.
    pub(crate) fn physical(&self, logical: &str) -> &str {
        let id = self.resources.get(logical);
        id.unwrap_or_else(|| panic!("no resource {logical}: {:?}", self.resources))
    }

    pub(crate) fn len(&self) -> usize {
        self.resources.len()
    }

    /// Logical ids by physical ones.
    pub(crate) fn logical_by_physical(&self) -> BTreeMap<String, String> {
        let turned = |(logical, physical): (&String, &String)| (physical.clone(), logical.clone());
        self.resources.iter().map(turned).collect()
    }
}

impl Recipe {
    /// As form fields of `CreateStack` and its like. The template goes by S3, as each way of
    /// the guide sends it: a request may carry 51,200 bytes of one.
    async fn fields(&self, account: &Account, name: &str) -> Vec<(String, String)> {
        let path = format!("/{BUCKET}/{name}.template");
        let template = self.template.clone().into_bytes();
        account.rest("s3", (Method::PUT, &path), template).await;
        let url = format!("{}{path}", account.endpoint);
        let mut fields = vec![
            ("StackName".to_owned(), name.to_owned()),
            ("TemplateURL".to_owned(), url),
        ];
        for (index, capability) in ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
            .iter()
            .enumerate()
        {
            let field = format!("Capabilities.member.{}", index + 1);
            fields.push((field, (*capability).to_owned()));
        }
        for (index, (key, value)) in self.parameters.iter().enumerate() {
            let field = format!("Parameters.member.{}", index + 1);
            fields.push((format!("{field}.ParameterKey"), (*key).to_owned()));
            fields.push((format!("{field}.ParameterValue"), value.clone()));
        }
        fields
    }
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// The status of a change set that is made no more.
async fn planned(account: &Account, named: &[(&str, &str)]) -> String {
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        let answer = account.cloudformation("DescribeChangeSet", named).await;
        let status = inside(&answer, "Status");
        if !status.ends_with("_IN_PROGRESS") && !status.ends_with("_PENDING") {
            return status.to_owned();
        }
    }
}

async fn describe(account: &Account, name: &str) -> String {
    let name = [("StackName", name)];
    account.cloudformation("DescribeStacks", &name).await
}

async fn settled(account: &Account, name: &str) -> String {
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        let description = describe(account, name).await;
        if !inside(&description, "StackStatus").ends_with("_IN_PROGRESS") {
            return description;
        }
    }
}

async fn resources(account: &Account, name: &str) -> BTreeMap<String, String> {
    let name = [("StackName", name)];
    let answer = account
        .cloudformation("DescribeStackResources", &name)
        .await;
    pairs(&answer, "LogicalResourceId", "PhysicalResourceId")
}

/// Two elements of each `member` of an answer.
fn pairs(xml: &str, key: &str, value: &str) -> BTreeMap<String, String> {
    xml.split("<member>")
        .filter(|member| member.contains(&format!("<{key}>")))
        .map(|member| {
            (
                inside(member, key).to_owned(),
                inside(member, value).to_owned(),
            )
        })
        .collect()
}

/// The first element of this name.
pub(crate) fn inside<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml
        .split_once(&format!("<{name}>"))
        .unwrap_or_else(|| panic!("no {name} in {xml}"));
    rest.split_once(&format!("</{name}>")).unwrap().0
}
