//! Completions and man pages name every command.

use clap::CommandFactory as _;
use operator::{Arguments, Exit};

use crate::world::run;

/// The names of the commands, groups too.
fn commands() -> Vec<String> {
    let command = Arguments::command();
    let names = command.get_subcommands();
    names.map(|command| command.get_name().to_owned()).collect()
}

#[tokio::test]
async fn each_shell_completes_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run(&["operator", "completions", shell], None).await;
        assert_eq!((ran.exit, ran.err.as_str()), (Exit::Done, ""), "{shell}");
        for name in commands() {
            assert!(ran.out.contains(&name), "{shell}: {name}");
        }
        assert!(ran.out.contains("data-dir"), "{shell}");
    }
}

#[tokio::test]
async fn every_command_has_its_man_page() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("man");
    let ran = run(&["operator", "man", "--out", path.to_str().unwrap()], None).await;
    assert_eq!(ran.exit, Exit::Done, "{ran:?}");
    for name in commands() {
        let page = std::fs::read_to_string(path.join(format!("operator-{name}.1")));
        assert!(page.unwrap().contains(".SH SYNOPSIS"), "{name}");
    }
    let file = path.join("operator.1");
    let ran = run(&["operator", "man", "--out", file.to_str().unwrap()], None).await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.err.contains("cannot be written"), "{}", ran.err);
}
