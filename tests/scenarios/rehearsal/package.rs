//! The template as it is sent to CloudFormation: the code's places in S3, as
//! `aws cloudformation package` writes them, and the few lines in which a rehearsal
//! differs from a deployment.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use cargo_metadata::MetadataCommand;
use reqwest::Method;
use tests::deployed::function_binary;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::account::Account;

/// The functions, by the names of their binaries.
pub(crate) const FUNCTIONS: [&str; 3] = ["consent", "refresher", "vending"];
/// Their `Ref` is their ARN in AWS and their name in ministack; `Id` is the ARN in both.
const SECRETS: [&str; 3] = [
    "CertificateSecret",
    "ConsentKeysSecret",
    "SealingKeysSecret",
];
const BUCKET: &str = "code";
/// Amazon Linux's bundle of CAs, as the template names it, and Debian's.
const CA_BUNDLES: [&str; 2] = [
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-certificates.crt",
];

/// What surrounds the functions here and not in AWS.
pub(crate) struct Surroundings {
    /// The simulated Entra ID.
    pub(crate) authority: String,
    /// `AWS_ENDPOINT_URL` by function.
    pub(crate) endpoints: BTreeMap<&'static str, String>,
}

/// Puts the binaries into S3 as `{function}-{release}.zip`.
pub(crate) async fn upload(account: &Account, release: &str) {
    let bucket = format!("/{BUCKET}");
    if !account.has("s3", &bucket).await {
        account.rest("s3", (Method::PUT, &bucket), Vec::new()).await;
    }
    for function in FUNCTIONS {
        let key = format!("{bucket}/{}", object(function, release));
        let code = zipped(function, release);
        account.rest("s3", (Method::PUT, &key), code).await;
    }
}

/// The template of this release.
pub(crate) fn template(release: &str, surroundings: &Surroundings) -> String {
    let mut template = source();
    for function in FUNCTIONS {
        let local = format!("CodeUri: target/lambda/{function}/");
        let endpoint = &surroundings.endpoints[function];
        let variable = format!("          AWS_ENDPOINT_URL: {endpoint}\n");
        insert_behind(&mut template, (&local, "        Variables:\n"), &variable);
        let uploaded = format!("CodeUri: s3://{BUCKET}/{}", object(function, release));
        replace(&mut template, &local, &uploaded);
    }
    replace(&mut template, CA_BUNDLES[0], CA_BUNDLES[1]);
    let everywhere = format!("        ENTRA_AUTHORITY: {}\n", surroundings.authority);
    insert_behind(
        &mut template,
        ("Globals:\n", "      Variables:\n"),
        &everywhere,
    );
    for secret in SECRETS {
        let reference = format!("!Ref {secret}");
        assert!(
            template.contains(&reference),
            "{reference} in template.yaml"
        );
        template = template.replace(&reference, &format!("!GetAtt {secret}.Id"));
    }
    without_metric_math(&mut template);
    let template = without_null_checks(&template);
    with_conditions_of_one_account(&template)
}

/// The tables alone, as a second stack takes them over.
pub(crate) fn template_of_tables() -> String {
    let source = source();
    let (_, tables) = source.split_once("\n  Table:\n").unwrap();
    let (tables, _) = tables.split_once("\n  # Separate secrets").unwrap();
    format!("AWSTemplateFormatVersion: \"2010-09-09\"\nResources:\n  Table:\n{tables}\n")
}

fn source() -> String {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    std::fs::read_to_string(metadata.workspace_root.join("template.yaml")).unwrap()
}

/// ministack evaluates neither Join nor Split in a condition.
fn with_conditions_of_one_account(template: &str) -> String {
    let mut found = 0;
    let lines = template.lines().map(|line| {
        let number = line.strip_prefix("  HasCallerAccount");
        let Some((number, _)) = number.and_then(|rest| rest.split_once(": !Not")) else {
            return format!("{line}\n");
        };
        found += 1;
        format!("  HasCallerAccount{number}: !Equals [\"{number}\", \"1\"]\n")
    });
    let resolved = lines.collect();
    assert_eq!(found, 4, "the conditions have changed: resolve them anew");
    resolved
}

/// ministack sees no `dynamodb:LeadingKeys` in any request, and `dynamodb:Attributes` in a
/// ProjectionExpression alone: a check that the key is there would deny everything. Without it
/// ForAllValues is met by what is absent, so that it judges actions and resources; keys and
/// attributes are judged by `tests::iam`, of the very requests.
fn without_null_checks(template: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut kept = String::new();
    let mut inside: Option<usize> = None;
    for line in template.lines() {
        inside = inside.filter(|outer| line.trim().is_empty() || indent(line) > *outer);
        let name = line.trim_start().replace(['"', '\''], "");
        if inside.is_none() && name.starts_with("Null:") {
            inside = Some(indent(line));
        }
        if inside.is_none() {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// ministack makes no alarm of an expression: those that have one stand on a metric of ours.
fn without_metric_math(template: &mut String) {
    let alone = "      Namespace: !Sub \"token-broker/${AWS::StackName}\"\n      \
                 MetricName: VendsFailed\n      Period: 300\n      Statistic: Sum\n";
    let mut found = 0;
    while let Some(from) = template.find("      Metrics:\n") {
        let length = template[from..].find("      EvaluationPeriods:").unwrap();
        template.replace_range(from..from + length, alone);
        found += 1;
    }
    assert_eq!(found, 2, "the alarms have changed");
}

fn object(function: &str, release: &str) -> String {
    format!("{function}-{release}.zip")
}

/// The binary as `bootstrap`, and the release beside it: another release has another
/// SHA-256, as new code has.
fn zipped(function: &str, release: &str) -> Vec<u8> {
    let binary = std::fs::read(function_binary(function)).unwrap();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // Stored: nothing here waits for an upload.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .unix_permissions(0o755);
    for (name, content) in [("bootstrap", &binary[..]), ("release", release.as_bytes())] {
        archive.start_file(name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn replace(text: &mut String, from: &str, to: &str) {
    assert_eq!(text.matches(from).count(), 1, "{from} in template.yaml");
    *text = text.replace(from, to);
}

/// Behind the first `mark` that follows `start`.
fn insert_behind(text: &mut String, (start, mark): (&str, &str), inserted: &str) {
    let from = text.find(start).unwrap_or_else(|| panic!("no {start}"));
    let at = text[from..]
        .find(mark)
        .unwrap_or_else(|| panic!("no {mark}"));
    text.insert_str(from + at + mark.len(), inserted);
}

#[test]
fn checks_that_a_key_is_there_are_taken_out_and_nothing_else() {
    let condition = "Condition:\n  ForAllValues:StringLike:\n    dynamodb:LeadingKeys: [\"T#*\"]\n";
    let checks = [
        "  Null:\n    dynamodb:LeadingKeys: \"false\"\n",
        "  \"Null\":\n    dynamodb:LeadingKeys: \"false\"\n    dynamodb:Attributes: \"false\"\n",
        "  'Null': {dynamodb:LeadingKeys: \"false\"}\n",
        "",
    ];
    for check in checks {
        for after in [
            "- Sid: Next\n",
            "  Bool:\n    aws:SecureTransport: \"true\"\n",
            "",
        ] {
            let template = format!("{condition}{check}{after}");
            assert_eq!(
                without_null_checks(&template),
                format!("{condition}{after}"),
                "{template}"
            );
        }
    }
}
