//! Where the operator sits: a directory with the template and the package, a shell with the two
//! command lines, and an account behind a recorder.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use aws::environment;
use tempfile::TempDir;
use tests::{Microphone, Ministack, Recorder};
use tokio::process::Command;

pub(crate) struct Workplace {
    directory: TempDir,
    recorder: Recorder,
    _account: Ministack,
}

/// What came of a script.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) printed: String,
    pub(crate) errors: String,
}

impl Workplace {
    /// With the template as ministack can play it.
    pub(crate) async fn furnished() -> Self {
        Self::with(&tests::emulated::playable(&template())).await
    }

    pub(crate) async fn with_the_template_as_it_is() -> Self {
        Self::with(&template()).await
    }

    async fn with(template: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("template.yaml"), template).unwrap();
        pack(directory.path(), template);
        install(directory.path());
        let account = Ministack::start().await;
        Self {
            directory,
            recorder: Microphone::bind().await.in_front_of(account.port),
            _account: account,
        }
    }

    /// Runs these lines as one script, which ends with the first that fails.
    pub(crate) async fn run(&self, lines: &[String]) -> Said {
        let output = Command::new("sh")
            .args(["-eu", "-c", &lines.join("\n")])
            .current_dir(self.directory.path())
            .env_clear()
            .envs(self.variables())
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        Said {
            status: output.status.code().unwrap(),
            printed: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let home = self.directory.path().to_str().unwrap();
        let system = environment("PATH").unwrap_or_default();
        vec![
            ("PATH", format!("{home}/bin:{system}")),
            ("HOME", home.to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            // By its number: a client of S3 puts a bucket's name before any other.
            (
                "AWS_ENDPOINT_URL",
                self.recorder.url.replace("localhost", "127.0.0.1"),
            ),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("SAM_CLI_TELEMETRY", "0".to_owned()),
        ]
    }

    /// The fields of the last request for a change set of the stack.
    pub(crate) fn change_set(&self) -> BTreeMap<String, String> {
        let requests = self.recorder.requests();
        let asked = requests.iter().filter(|request| request.method == "POST");
        let mut sets = asked.map(|request| request.form().into_iter().collect());
        let is_ours = |fields: &BTreeMap<String, String>| {
            let field = |name: &str| fields.get(name).map(String::as_str);
            (field("Action"), field("StackName")) == (Some("CreateChangeSet"), Some("token-broker"))
        };
        let ours: Vec<_> = sets.by_ref().filter(is_ours).collect();
        ours.into_iter()
            .next_back()
            .expect("a change set was asked for")
    }

    /// What CloudFormation was given as parameters, without those that keep their values.
    pub(crate) fn parameters(&self) -> BTreeMap<String, String> {
        let fields = self.change_set();
        let numbers = 1..;
        let member = |number: i32, field: &str| {
            fields.get(&format!("Parameters.member.{number}.Parameter{field}"))
        };
        numbers
            .map_while(|number| Some((number, member(number, "Key")?)))
            .filter_map(|(number, key)| Some((key.clone(), member(number, "Value")?.clone())))
            .collect()
    }
}

/// The functions of the template, as `infra/package` leaves them: a stand-in of each.
fn pack(directory: &Path, template: &str) {
    let places = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("CodeUri: "));
    for place in places {
        let place = directory.join(place);
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join("bootstrap"), "#!/bin/sh\n").unwrap();
    }
}

/// The two programs. Version 1 of the AWS CLI does not read `AWS_REGION`, which the guide
/// exports and version 2 reads; SAM has to be told its region by the guide.
fn install(directory: &Path) {
    let bin = directory.join("bin");
    std::fs::create_dir(&bin).unwrap();
    for (name, variable, before) in [
        ("sam", "SAM_CLI", ""),
        ("aws", "AWS_CLI", "AWS_DEFAULT_REGION=\"$AWS_REGION\" "),
    ] {
        let program = environment(variable).expect("run tests/run, which installs it");
        let script = format!("#!/bin/sh\n{before}exec '{program}' \"$@\"\n");
        let path = bin.join(name);
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }
}

fn template() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join("template.yaml")).unwrap()
}
