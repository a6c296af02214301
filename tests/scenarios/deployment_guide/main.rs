//! `infra/guides/deployment.md` is run as it is printed: its commands, by the real SAM CLI and
//! the real AWS CLI, in an account that ministack plays. What CloudFormation is given is read
//! off the wire. Version 1 of the AWS CLI stands for version 2, which is in no registry.
#![allow(clippy::unwrap_used, reason = "test code: a panic is how it fails")]

mod page;
mod values;
mod workplace;

use std::collections::BTreeMap;

use page::Way;
use workplace::Workplace;

/// As the guide prints them.
const PRINTED: [(&str, &str); 3] = [
    ("EntraClientId", page::CLIENT_ID),
    ("FeedPublisherId", page::OUR_TENANT_ID),
    ("ConsentCompanyName", "Contoso & Sons"),
];

/// As a map of parameters.
fn map(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    values.iter().map(owned).collect()
}

/// What the last change set was given: the printed values, and the template by S3, since it is
/// larger than a request may be.
fn assert_as_printed(workplace: &Workplace) {
    assert_eq!(workplace.parameters(), map(&PRINTED));
    let fields = workplace.change_set();
    assert!(fields.contains_key("TemplateURL"), "{fields:?}");
    assert!(!fields.contains_key("TemplateBody"));
}

#[tokio::test]
async fn the_sam_cli_deploys_what_the_guide_prints_and_the_shell_learns_of_the_stack() {
    let workplace = Workplace::furnished().await;
    let print = "printf '%s\\n' \"$TABLE_NAME\" \"$CONSENT_REDIRECT_URI\" \"$LOG_GROUPS\"";
    let lines = [
        page::begin(),
        page::deploy(Way::SamFile),
        page::outputs(),
        print.into(),
    ];
    let said = workplace.run(&lines).await;
    assert_eq!(said.status, 0, "{said:?}");
    assert_as_printed(&workplace);
    let last: Vec<_> = said.printed.lines().rev().take(3).collect();
    let [groups, redirect_uri, table] = last[..] else {
        panic!("{said:?}");
    };
    assert!(table.starts_with("token-broker-Table-"), "{said:?}");
    assert!(redirect_uri.ends_with("/consent/callback"), "{said:?}");
    assert!(groups.split(' ').count() >= 3, "{said:?}");
}

#[tokio::test]
async fn the_form_for_older_sam_clis_gives_the_same_values() {
    let workplace = Workplace::furnished().await;
    let lines = [page::begin(), page::planned(Way::SamLine)];
    let said = workplace.run(&lines).await;
    assert_eq!(said.status, 0, "{said:?}");
    assert_as_printed(&workplace);
}

#[tokio::test]
async fn values_that_a_shell_or_yaml_would_change_arrive_as_they_are() {
    let workplace = Workplace::furnished().await;
    for row in values::ROWS {
        for way in [Way::SamFile, Way::AwsLine] {
            let lines = [page::begin(), page::with_values(way, row)];
            let said = workplace.run(&lines).await;
            assert_eq!(said.status, 0, "{way:?}: {said:?}");
            let mut expected = map(row);
            expected.extend(map(&PRINTED[..2]));
            assert_eq!(workplace.parameters(), expected, "{way:?}");
        }
    }
}

/// Before anything is made.
#[tokio::test]
async fn what_cannot_work_is_refused_with_its_reason() {
    let workplace = Workplace::furnished().await;
    for (row, reason) in values::REFUSED {
        let lines = [page::begin(), page::with_values(Way::SamFile, row)];
        let said = workplace.run(&lines).await;
        assert_ne!(said.status, 0, "{row:?}");
        assert!(said.errors.contains(reason), "{row:?}: {said:?}");
    }
}

#[tokio::test]
async fn what_the_aws_cli_deploys_as_printed_goes_and_what_the_guide_says_stays() {
    let workplace = Workplace::furnished().await;
    let settle = "until aws cloudformation describe-stacks --stack-name \"$ID\" --output text \
         --query 'Stacks[0].StackStatus' | grep -q DELETE_COMPLETE; do :; done";
    let skipped = "aws cloudformation describe-stack-events --stack-name \"$ID\" --output text \
         --query 'StackEvents[?ResourceStatus==`DELETE_SKIPPED`].LogicalResourceId'";
    let id = "ID=$(aws cloudformation describe-stacks --stack-name \"$STACK\" --output text \
         --query 'Stacks[0].StackId')";
    let lines = [
        page::begin(),
        page::deploy(Way::AwsLine),
        page::outputs(),
        id.into(),
        page::delete_stack(),
        settle.into(),
        skipped.into(),
        page::delete_for_good(),
    ];
    let said = workplace.run(&lines).await;
    assert_eq!(said.status, 0, "{said:?}");
    assert_as_printed(&workplace);
    for kept in [
        "Table",
        "CertificateSecret",
        "ConsentKeysSecret",
        "SealingKeysSecret",
        "WebhookKeysSecret",
        "VendingLogGroup",
        "CollectorLogGroup",
        "CollectorWorkerLogGroup",
        "WebhookLogGroup",
        "AuditLogBucket",
    ] {
        assert!(said.printed.contains(kept), "{kept}: {said:?}");
    }
    let list = "aws dynamodb list-tables --output text --query TableNames";
    let tables = workplace.run(&[page::begin(), list.into()]).await;
    assert_eq!(tables.printed.trim(), "", "a table is left");
}

/// The account refuses an alarm here: ministack plays no metric math, which the other tests
/// put in other words.
#[tokio::test]
async fn a_creation_that_fails_leaves_no_secret_and_no_bucket() {
    let workplace = Workplace::with_the_template_as_it_is().await;
    let said = workplace
        .run(&[page::begin(), page::deploy(Way::SamFile)])
        .await;
    assert_ne!(said.status, 0, "{said:?}");
    assert!(said.printed.contains("ROLLBACK_COMPLETE"), "{said:?}");
    let left = |what: &str, names: &str| format!("aws {what} --output text --query {names}");
    let lines = [
        page::begin(),
        left("secretsmanager list-secrets", "'SecretList[].Name'"),
        left("dynamodb list-tables", "'TableNames'"),
        left("s3api list-buckets", "'Buckets[].Name'"),
    ];
    let left = workplace.run(&lines).await;
    assert_eq!(left.status, 0, "{left:?}");
    let names = left.printed.split_whitespace();
    let ours: Vec<_> = names
        .filter(|name| name.starts_with("token-broker-"))
        .collect();
    let is_table = |name: &&str| name.contains("-Table-") || name.contains("-ControlTable-");
    // Which of the two was made before the alarm was refused is ministack's order.
    assert!(!ours.is_empty() && ours.iter().all(is_table), "{left:?}");
}
