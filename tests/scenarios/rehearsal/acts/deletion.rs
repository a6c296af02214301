//! The last day: the stack goes, and what it kept stays for another one to take over.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::collect;
use super::vend;
use crate::package;
use crate::secrets;
use crate::stack::{Import, Recipe, Stack};
use crate::stage::Stage;

/// The outputs that name the secrets.
const SECRETS: [&str; 4] = [
    "CertificateSecretId",
    "ConsentKeysSecretId",
    "SealingKeysSecretId",
    "WebhookKeysSecretId",
];

/// What a deleted stack has left behind.
pub(crate) struct Kept {
    table: String,
    control_table: String,
    bucket: String,
    /// Its objects.
    objects: BTreeSet<String>,
    /// Values, in the order of [`SECRETS`].
    secrets: Vec<Value>,
}

pub(crate) async fn the_stack_is_deleted(stage: &mut Stage) -> Kept {
    stage.story.act("The stack is deleted");
    let stack = stage.take_stack();
    let table = stack.output("TableName").to_owned();
    let control_table = stack.output("ControlTableName").to_owned();
    let bucket = stack.output("AuditLogBucketName").to_owned();
    let objects = collect::keys(stage, &bucket).await;
    let function = format!(
        "/2015-03-31/functions/{}",
        stack.physical("VendingFunction")
    );
    let ids = SECRETS.map(|output| stack.output(output).to_owned());
    let groups = stack.output("LogGroups").to_owned();
    let groups: Vec<_> = groups.split(' ').collect();
    let status = stack.delete(&stage.account).await;
    assert_eq!(status, "DELETE_COMPLETE");
    assert!(!stage.account.has("lambda", &function).await, "{function}");
    stage.story.seen("DELETE_COMPLETE: the functions are gone");
    for group in &groups {
        assert!(has_log_group(stage, group).await, "{group}");
    }
    stage
        .story
        .seen("the log groups of the functions stay, with their audit lines");
    assert_eq!(stage.tenants(&table).await.len(), 5);
    let mut secrets = Vec::new();
    for id in &ids {
        secrets.push(secrets::read(&stage.account, id).await);
    }
    stage.story.seen(format!(
        "{table} stays with all five tenants in it, and so do {control_table} and the four secrets"
    ));
    assert_eq!(collect::keys(stage, &bucket).await, objects);
    stage
        .story
        .seen(format!("{bucket} stays with its {} objects", objects.len()));
    Kept {
        table,
        control_table,
        bucket,
        objects,
        secrets,
    }
}

async fn has_log_group(stage: &Stage, name: &str) -> bool {
    let target = "Logs_20140328.DescribeLogGroups";
    let by_name = json!({"logGroupNamePrefix": name});
    let found = stage.account.json("logs", target, &by_name).await;
    found["logGroups"][0]["logGroupName"] == name
}

/// In AWS the four secrets are imported in the same change set, by their ARNs.
pub(crate) async fn a_second_stack_takes_over(stage: &mut Stage, kept: &Kept) {
    stage.story.act("A second stack takes over what has stayed");
    import(stage, kept).await;
    stage.story.seen(format!(
        "IMPORT_COMPLETE: a change set of type IMPORT gives {}, {} and {} to a new stack",
        kept.table, kept.control_table, kept.bucket
    ));
    let recipe = stage.recipe("second", &[("OutageToSurviveSeconds", "600")]);
    let stack = Stack::update(&stage.account, "successor", &recipe).await;
    assert_eq!(stack.output("TableName"), kept.table);
    assert_eq!(stack.output("ControlTableName"), kept.control_table);
    assert_eq!(stack.output("AuditLogBucketName"), kept.bucket);
    assert_eq!(collect::keys(stage, &kept.bucket).await, kept.objects);
    for (output, value) in SECRETS.iter().zip(&kept.secrets) {
        secrets::put(&stage.account, stack.output(output), value).await;
    }
    stage.put_stack(stack);
    stage.story.differs(
        "ministack imports no secrets: the new stack's own are filled with the values that stayed",
    );
    let tenant = stage.authority.tenants()[0].tenant_id;
    let before = stage.authority.requests_of(tenant).await;
    vend::vend(stage, &tenant.to_string(), &[]).await.token();
    assert_eq!(stage.authority.requests_of(tenant).await, before);
    stage.story.seen("UPDATE_COMPLETE with the whole template; its API vends the token that the first stack stored: nobody consents again");
}

async fn import(stage: &Stage, kept: &Kept) {
    let recipe = Recipe {
        template: package::template_of_what_stays(),
        parameters: Vec::new(),
    };
    let table = ("AWS::DynamoDB::Table", "TableName");
    let bucket = ("AWS::S3::Bucket", "BucketName");
    let these = [
        (table, "Table", &kept.table),
        (table, "ControlTable", &kept.control_table),
        (bucket, "AuditLogBucket", &kept.bucket),
    ];
    let imports = these.map(|((resource_type, property), logical, physical)| Import {
        resource_type,
        logical,
        property,
        physical,
    });
    Stack::import(&stage.account, "successor", &recipe, &imports).await;
}
