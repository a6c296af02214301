//! The template's table over what a run has stored, and the guide's five queries: an own reading of
//! partition projection finds every object, sqlglot reads Athena's SQL, and DuckDB runs it. What the
//! rows have to be is counted here, from the lines.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tests::MovedRun;
use tests::iam::Template;
use tests::judge::{Judge, installed};
use tests::stored;

use super::book::scenario;
use super::{connected, directory};

const GUIDE: &str = include_str!("../../../infra/guides/feed.md");
/// As the guide has it, of a stack called token-broker.
const TABLE: &str = "token_broker.audit_log";
/// The tenant and the day that a person puts in.
const PLACES: [&str; 2] = ["'TENANT'", "'2026-11-23'"];
/// The run's clock stands there, a day after its first content.
const TODAY: &str = "2027-01-15";
const FROM: &str = "'2027-01-10'";

/// Of a query: the type, what its operations begin with, what its rows are distinct in.
struct Asked {
    types: &'static [&'static str],
    operations: &'static [&'static str],
    fields: &'static [&'static str],
    /// The column that counts; without one each row counts once.
    counted: Option<usize>,
}

const ENTRA: &str = "Audit.AzureActiveDirectory";
const EXCHANGE: &str = "Audit.Exchange";

const QUERIES: [Asked; 5] = [
    Asked {
        types: &[ENTRA],
        operations: &["UserLoggedIn", "UserLoginFailed"],
        fields: &["UserId", "ClientIP", "Operation", "Id"],
        counted: Some(3),
    },
    Asked {
        types: &[EXCHANGE],
        operations: &["New-InboxRule"],
        fields: &[
            "CreationTime",
            "UserId",
            "ClientIP",
            "Operation",
            "Parameters",
        ],
        counted: None,
    },
    Asked {
        types: &["Audit.SharePoint"],
        operations: &["FileDownloaded"],
        fields: &["UserId", "ClientIP", "Id"],
        counted: Some(2),
    },
    Asked {
        types: &[ENTRA],
        operations: &["Consent to application."],
        fields: &["CreationTime", "UserId", "Operation", "ModifiedProperties"],
        counted: None,
    },
    Asked {
        types: &[ENTRA, EXCHANGE],
        operations: &["Add member to role."],
        fields: &["CreationTime", "UserId", "Operation", "ModifiedProperties"],
        counted: None,
    },
];

/// What the template says of the table: `database.table`, and its parameters for a bucket that is this
/// directory.
fn table(bucket: &Path) -> (String, Value) {
    let template = Template::of_repository();
    let one = |kind: &str| template.of_type(kind)[0].1.clone();
    let (database, table) = (one("AWS::Glue::Database"), one("AWS::Glue::Table"));
    let by_stack = json!({"Fn::Join": ["_", {"Fn::Split": ["-", {"Ref": "AWS::StackName"}]}]});
    assert_eq!(database["DatabaseInput"]["Name"], by_stack);
    let input = &table["TableInput"];
    let keys = input["PartitionKeys"].as_array().unwrap();
    let keys: Vec<_> = keys
        .iter()
        .map(|key| key["Name"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["tenant", "type", "day"]);
    let columns = &input["StorageDescriptor"]["Columns"];
    assert_eq!(columns.as_array().unwrap().len(), 1);
    let mut parameters = input["Parameters"].clone();
    let [with, without] = ["storage.location.template", "Location"]
        .map(|name| {
            [
                &input["Parameters"][name],
                &input["StorageDescriptor"][name],
            ]
        })
        .map(|of| {
            of.into_iter()
                .find(|value| !value.is_null())
                .unwrap()
                .clone()
        })
        .map(|choice| {
            let branch = |at: usize| choice["Fn::If"][at]["Fn::Sub"].as_str().unwrap().to_owned();
            assert_eq!(choice["Fn::If"][0], "HasFeedPrefix");
            let below = branch(1).replace("/${FeedPrefix}/", "/");
            assert_eq!(below, branch(2), "with a prefix it is the same below it");
            below.replace("s3://${AuditLogBucket}", bucket.to_str().unwrap())
        });
    assert!(with.starts_with(&without));
    parameters["storage.location.template"] = json!(with.replace("${!", "${"));
    let name = input["Name"].as_str().unwrap();
    (format!("token_broker.{name}"), parameters)
}

/// The blocks of SQL under the guide's heading, with a tenant's ID in them.
fn queries(tenant: &str) -> Vec<String> {
    let (_, part) = GUIDE.split_once("## Five queries\n").unwrap();
    let (part, _) = part.split_once("\n## ").unwrap();
    let blocks = part.split("```sql\n").skip(1);
    let queries = blocks.map(|block| {
        let query = block.split("```").next().unwrap();
        assert!(query.contains(&format!("FROM {TABLE}\n")), "{query}");
        for place in PLACES {
            assert_eq!(query.matches(place).count(), 1, "{query}");
        }
        let query = query.replace(PLACES[0], &format!("'{tenant}'"));
        query.replace(PLACES[1], FROM)
    });
    queries.collect()
}

async fn answered(bucket: &Path, tenants: &[String], queries: &[String]) -> Value {
    let (name, parameters) = table(bucket);
    assert_eq!(name, TABLE);
    let python = installed("JUDGES_PYTHON");
    let mut judge = Judge::start(&python, "athena.py", &[("TABLE", &name)]).await;
    let asked = json!({
        "parameters": parameters, "tenants": tenants, "today": TODAY, "queries": queries,
    });
    judge.tell(&asked).await;
    judge.hear().await
}

/// Every object of these tenants, of records and of what is none.
fn objects(bucket: &Path, tenants: &[String]) -> Vec<String> {
    let all = [stored::objects(bucket), stored::dead_objects(bucket)];
    let files = all.into_iter().flatten().flat_map(|(_, files)| files);
    let is_theirs = |file: &PathBuf| tenants.contains(&stored::part(file, "tenant"));
    let mut files: Vec<_> = files
        .filter(is_theirs)
        .map(|file| file.to_str().unwrap().to_owned())
        .collect();
    files.sort();
    files
}

/// The records of a tenant's types.
fn records(bucket: &Path, tenant: &str, types: &[&str]) -> Vec<Value> {
    let places = stored::objects(bucket).into_iter();
    let own = places.filter(|(place, _)| {
        stored::part(place, "tenant") == tenant
            && types.contains(&stored::part(place, "type").as_str())
    });
    let files: Vec<_> = own.flat_map(|(_, files)| files).collect();
    let output = Command::new("gzip").arg("-dc").args(files).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let lines = text.split('\n').filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// How many different rows there are.
fn distinct(records: &[Value], asked: &Asked) -> usize {
    let wanted = records.iter().filter(|record| {
        let operation = record["Operation"].as_str().unwrap_or_default();
        asked.operations.contains(&operation)
    });
    let rows: BTreeSet<Vec<String>> = wanted
        .map(|record| {
            let fields = asked.fields.iter();
            fields.map(|field| record[*field].to_string()).collect()
        })
        .collect();
    rows.len()
}

async fn collected(data: &Path) -> MovedRun {
    let run = MovedRun::start(data, 2).await;
    // So many that of what is asked for each time some are among them.
    let many = json!({"blob_every_seconds": 600, "records_per_blob": 40, "backlog_seconds": 7200});
    scenario(&run.broker, many).await;
    for index in [0, 1] {
        connected(&run, index).await;
    }
    run.machine.collect().await.unwrap();
    run
}

#[tokio::test]
async fn the_templates_partitions_are_where_every_object_lies_and_a_tenant_sees_its_own() {
    let data = tempfile::tempdir().unwrap();
    let run = collected(data.path()).await;
    let bucket = directory(&run);
    let all = [run.tenant(0), run.tenant(1)];
    for tenants in [&all[..], &all[..1]] {
        let found = answered(bucket, tenants, &[]).await;
        let files: Vec<_> = found["files"].as_array().unwrap().iter().collect();
        // How many there are is chance: an object for each hour and type, of an hour or two.
        assert!(files.len() >= tenants.len(), "{files:?}");
        assert_eq!(json!(files), json!(objects(bucket, tenants)));
        // From the template's first day to the run's, for each of five types.
        assert_eq!(found["partitions"], 380 * 5 * tenants.len());
    }
}

#[tokio::test]
async fn the_guides_five_queries_find_what_was_stored() {
    let data = tempfile::tempdir().unwrap();
    let run = collected(data.path()).await;
    let (bucket, tenant) = (directory(&run), run.tenant(0));
    let queries = queries(&tenant);
    assert_eq!(queries.len(), QUERIES.len());
    let found = answered(bucket, &[tenant.clone(), run.tenant(1)], &queries).await;
    for (number, asked) in QUERIES.iter().enumerate() {
        let rows = found["results"][number].as_array().unwrap();
        let counted: u64 = match asked.counted {
            Some(column) => rows.iter().map(|row| row[column].as_u64().unwrap()).sum(),
            None => rows.len() as u64,
        };
        let expected = distinct(&records(bucket, &tenant, asked.types), asked);
        assert!(expected > 3, "{number}: {expected}");
        assert_eq!(counted, expected as u64, "{}", found["spelled"][number]);
    }
}
