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

/// The functions. The refresher's program is two of them, and so is the collector's.
pub(crate) const FUNCTIONS: [&str; 8] = [
    "collector",
    "collector-worker",
    "consent",
    "refresher",
    "on-demand",
    "rotator",
    "vending",
    "webhook",
];
/// Where the code lies, and the templates.
pub(crate) const BUCKET: &str = "code";
/// Amazon Linux's bundle of CAs, as the template names it, and Debian's.
const CA_BUNDLES: [&str; 2] = [
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-certificates.crt",
];

/// What surrounds the functions here and not in AWS.
pub(crate) struct Surroundings {
    /// The simulated Entra ID, the Activity API and Graph.
    pub(crate) authority: String,
    /// Where ministack is.
    pub(crate) cloud: String,
    /// Where STS is.
    pub(crate) sts: String,
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
        let resource = format!("\n  {}:\n", logical(function));
        let endpoint = &surroundings.endpoints[function];
        let variable = format!("          AWS_ENDPOINT_URL: {endpoint}\n");
        let variables = (resource.as_str(), "        Variables:\n");
        insert_behind(&mut template, variables, &variable);
        let local = format!("CodeUri: target/lambda/{}/", program(function));
        let uploaded = format!("CodeUri: s3://{BUCKET}/{}", object(function, release));
        replace_behind(&mut template, (&resource, &local), &uploaded);
    }
    replace(&mut template, CA_BUNDLES[0], CA_BUNDLES[1]);
    let sts = format!("          AWS_ENDPOINT_URL_STS: {}\n", surroundings.sts);
    let of_vending = ("\n  VendingFunction:\n", "        Variables:\n");
    insert_behind(&mut template, of_vending, &sts);
    let graph = format!("          ENTRA_GRAPH_URL: {}\n", surroundings.authority);
    let of_rotator = ("\n  RotatorFunction:\n", "        Variables:\n");
    insert_behind(&mut template, of_rotator, &graph);
    with_collector_here(&mut template, surroundings);
    let batches = "sqs:SendMessage, sqs:SendMessageBatch";
    for (from, to) in [
        ("[sqs:SendMessage, ", format!("[{batches}, ")),
        (
            "Action: sqs:SendMessage\n",
            format!("Action: [{batches}]\n"),
        ),
    ] {
        replace(&mut template, from, &to);
    }
    // ministack makes a text of a parameter that is a number, and compares it with one.
    replace(
        &mut template,
        "MaximumConcurrency: !Ref FeedWorkers",
        "MaximumConcurrency: 5",
    );
    let everywhere = format!("        ENTRA_AUTHORITY: {}\n", surroundings.authority);
    insert_behind(
        &mut template,
        ("Globals:\n", "      Variables:\n"),
        &everywhere,
    );
    tests::emulated::playable(&template)
}

/// The collector resolves no name of AWS's: it comes to the same HTTP API by a path of
/// ministack's, and to the simulated Activity API, whose addresses the webhook knows then.
fn with_collector_here(template: &mut String, surroundings: &Surroundings) {
    let begin = "          VENDING_URL: !If\n";
    let Surroundings {
        authority, cloud, ..
    } = surroundings;
    let api = format!("          FEED_API_URL: {authority}\n");
    let url =
        format!("          VENDING_URL: !Sub \"{cloud}/_aws/execute-api/${{HttpApi}}/$default\"\n");
    for function in ["collector", "collector-worker"] {
        let resource = template
            .find(&format!("\n  {}:\n", logical(function)))
            .unwrap();
        let from = resource + template[resource..].find(begin).expect("it asks vending");
        let length = template[from..]
            .find("          VENDING_SERVER_ID:")
            .unwrap();
        template.replace_range(from..from + length, &format!("{url}{api}"));
    }
    let of_webhook = ("\n  WebhookFunction:\n", "        Variables:\n");
    insert_behind(template, of_webhook, &api);
}

/// The program of a function.
fn program(function: &str) -> &str {
    match function {
        "on-demand" => "refresher",
        "collector-worker" => "collector",
        program => program,
    }
}

/// A function's name in the template.
pub(crate) fn logical(function: &str) -> String {
    if function == "on-demand" {
        return "RefresherOnDemandFunction".to_owned();
    }
    let words = function.split('-').map(|word| {
        let (first, rest) = word.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    });
    format!("{}Function", words.collect::<String>())
}

/// The tables and the bucket alone, as a second stack takes them over.
pub(crate) fn template_of_what_stays() -> String {
    let source = source();
    let (_, kept) = source.split_once("\n  Table:\n").unwrap();
    let (kept, _) = kept.split_once("\n  # For whoever writes").unwrap();
    let is_name = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("TableName:") || line.starts_with("BucketName:")
    };
    let (names, kept): (Vec<_>, Vec<_>) = kept.lines().partition(is_name);
    assert_eq!(
        names.len(),
        3,
        "the names are a condition of the whole template"
    );
    let kept = kept.join("\n");
    format!("AWSTemplateFormatVersion: \"2010-09-09\"\nResources:\n  Table:\n{kept}\n")
}

fn source() -> String {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    std::fs::read_to_string(metadata.workspace_root.join("template.yaml")).unwrap()
}

fn object(function: &str, release: &str) -> String {
    format!("{function}-{release}.zip")
}

/// The binary as `bootstrap`, and the release beside it: another release has another
/// SHA-256, as new code has.
fn zipped(function: &str, release: &str) -> Vec<u8> {
    let binary = std::fs::read(function_binary(program(function))).unwrap();
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

/// The first `from` that follows `start`.
fn replace_behind(text: &mut String, (start, from): (&str, &str), to: &str) {
    let begin = text.find(start).unwrap_or_else(|| panic!("no {start}"));
    let at = text[begin..]
        .find(from)
        .unwrap_or_else(|| panic!("no {from}"));
    text.replace_range(begin + at..begin + at + from.len(), to);
}

/// Behind the first `mark` that follows `start`.
fn insert_behind(text: &mut String, (start, mark): (&str, &str), inserted: &str) {
    let from = text.find(start).unwrap_or_else(|| panic!("no {start}"));
    let at = text[from..]
        .find(mark)
        .unwrap_or_else(|| panic!("no {mark}"));
    text.insert_str(from + at + mark.len(), inserted);
}
