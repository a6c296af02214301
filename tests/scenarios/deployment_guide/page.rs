//! The commands of the guide, by the sections in which they stand, with a value in place of
//! each placeholder.

use std::path::Path;

pub(crate) const CLIENT_ID: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";
pub(crate) const OUR_TENANT_ID: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const BUCKET: &str = "code-of-the-broker";

/// How it is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// SAM, with a file of parameters.
    SamFile,
    /// SAM, with parameters on its command line.
    SamLine,
    /// The AWS CLI alone.
    AwsLine,
}

/// The shell's first lines, without the installation.
pub(crate) fn begin() -> String {
    let block = block("# Deploy on AWS", "export AWS_REGION=");
    let export = block.lines().next().unwrap();
    format!("{export}\n")
}

pub(crate) fn deploy(way: Way) -> String {
    let section = "## 3. Deploy";
    match way {
        Way::SamFile => block(section, "file://parameters.yaml"),
        Way::SamLine => block(
            section,
            "--parameter-overrides 'EntraClientId=\"CLIENT_ID\"",
        ),
        // "A bucket of yours."
        Way::AwsLine => format!(
            "aws s3 mb s3://{BUCKET} >/dev/null 2>&1 || true\n{}",
            block(section, "aws cloudformation package")
        ),
    }
}

/// The same up to the change set.
pub(crate) fn planned(way: Way) -> String {
    let deploy = deploy(way);
    let option = " --no-execute-changeset --parameter-overrides ";
    assert_eq!(deploy.matches(" --parameter-overrides ").count(), 1);
    deploy.replace(" --parameter-overrides ", option)
}

/// The same with these values in place of the company's name, written as the guide says.
pub(crate) fn with_values(way: Way, values: &[(&str, &str)]) -> String {
    let (printed, quoted): (_, fn(&str, &str) -> String) = match way {
        Way::SamFile => ("ConsentCompanyName: 'Contoso & Sons'\n", |name, value| {
            format!("{name}: '{}'\n", value.replace('\'', "''"))
        }),
        Way::AwsLine => ("'ConsentCompanyName=Contoso & Sons'", |name, value| {
            format!("'{name}={}' ", value.replace('\'', r"'\''"))
        }),
        Way::SamLine => panic!("for values without quotes"),
    };
    let deploy = planned(way);
    assert_eq!(deploy.matches(printed).count(), 1, "{deploy}");
    let values: String = values
        .iter()
        .map(|(name, value)| quoted(name, value))
        .collect();
    deploy.replace(printed, &values)
}

/// What the shell learns of the stack, without the request.
pub(crate) fn outputs() -> String {
    let block = block("## 3. Deploy", "output() {");
    let lines = block.lines().filter(|line| !line.starts_with("curl "));
    lines.map(|line| format!("{line}\n")).collect()
}

pub(crate) fn delete_stack() -> String {
    block("## Delete", "delete-stack")
}

pub(crate) fn delete_for_good() -> String {
    block("## Delete", "delete-table")
}

/// The one block of a section that holds this text.
fn block(heading: &str, text: &str) -> String {
    let blocks = blocks(heading);
    let mut found = blocks.iter().filter(|block| block.contains(text));
    let block = found.next().unwrap_or_else(|| panic!("{text}: {blocks:?}"));
    assert!(found.next().is_none(), "{text} stands in two blocks");
    block
        .replace("CLIENT_ID", CLIENT_ID)
        .replace(
            "ENTRA_2d4d11a2-f814-46a7-890a-274a72a7309e",
            "ENTRA_CLIENT_ID",
        )
        .replace("OUR_TENANT_ID", OUR_TENANT_ID)
        .replace("--s3-bucket BUCKET", &format!("--s3-bucket {BUCKET}"))
}

/// The indented blocks of a section, each line without its indent.
fn blocks(heading: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let guide = std::fs::read_to_string(root.join("infra/guides/deployment.md")).unwrap();
    let (_, section) = guide.split_once(&format!("{heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let mut blocks = vec![String::new()];
    for line in section.lines() {
        match line.strip_prefix("    ") {
            Some(code) => {
                let block = blocks.last_mut().unwrap();
                block.push_str(code);
                block.push('\n');
            }
            None => blocks.push(String::new()),
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}
