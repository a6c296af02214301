//! The command line: what is taken, what is refused.

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use operator::commands::Command;
use operator::commands::tenants::TenantsCommand;
use operator::{Arguments, Exit};

use crate::world::{TENANT, run};

fn parse(line: &[&str]) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(std::iter::once(&"operator").chain(line))
}

#[test]
fn the_definition_is_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn options_of_the_place_stand_before_or_behind_the_command() {
    for line in [
        ["--data-dir", "d", "--json", "tenants", "list"],
        ["tenants", "--json", "list", "--data-dir", "d"],
        ["tenants", "list", "--json", "--data-dir", "d"],
    ] {
        let arguments = parse(&line).unwrap();
        assert!(arguments.json);
        assert_eq!(arguments.place.data_dir.unwrap().to_str(), Some("d"));
        assert!(matches!(
            arguments.command,
            Command::Tenants(TenantsCommand::List(_))
        ));
    }
}

#[test]
fn aws_is_named_by_options() {
    let line = [
        "--table",
        "t",
        "tenants",
        "show",
        TENANT,
        "--certificate-secret",
        "c",
        "--consent-secret",
        "k",
        "--sealing-secret",
        "s",
        "--webhook-secret",
        "w",
    ];
    let place = parse(&line).unwrap().place;
    assert_eq!(place.table.as_deref(), Some("t"));
    assert_eq!(place.certificate_secret.as_deref(), Some("c"));
    assert_eq!(place.consent_secret.as_deref(), Some("k"));
    assert_eq!(place.sealing_secret.as_deref(), Some("s"));
    assert_eq!(place.webhook_secret.as_deref(), Some("w"));
}

#[test]
fn a_filter_and_a_resource_are_parsed_at_the_edge() {
    let line = [
        "tenants",
        "list",
        "--status",
        "revoked",
        "--customer",
        "Contoso",
    ];
    let Command::Tenants(TenantsCommand::List(list)) = parse(&line).unwrap().command else {
        panic!("another command");
    };
    assert_eq!(list.which.status, Some(auth::TenantStatus::Revoked));
    assert_eq!(list.which.customer, Some("Contoso".parse().unwrap()));
    let line = [
        "token",
        TENANT,
        "--resource",
        "https://graph.microsoft.com/",
        "--raw",
    ];
    let Command::Token(token) = parse(&line).unwrap().command else {
        panic!("another command");
    };
    assert_eq!(token.tenant.to_string(), TENANT);
    assert_eq!(
        token.resource.unwrap().as_str(),
        "https://graph.microsoft.com"
    );
    assert!(token.raw);
}

#[test]
fn a_length_of_time_without_its_unit_is_told_what_to_write() {
    let error = parse(&["invite", "Contoso", "--expires", "7"]).unwrap_err();
    let told = error.to_string();
    assert!(told.contains("write 7s, 7m, 7h or 7d"), "{told}");
}

#[test]
fn the_help_keeps_the_options_of_the_place_apart_and_tells_the_exit_codes() {
    let mut operator = Arguments::command();
    let help = operator.render_long_help().to_string();
    for part in [
        "Where to work:",
        "Examples:",
        "Exit codes: 0 done; 1 failed",
    ] {
        assert!(help.contains(part), "{part}: {help}");
    }
}

#[test]
fn everything_else_is_a_usage_error() {
    use ErrorKind as K;
    let rows: &[(&[&str], ErrorKind)] = &[
        (&[], K::DisplayHelpOnMissingArgumentOrSubcommand),
        (&["tenants"], K::DisplayHelpOnMissingArgumentOrSubcommand),
        (&["tenants", "lst"], K::InvalidSubcommand),
        (&["tenants", "show"], K::MissingRequiredArgument),
        (&["tenants", "show", "contoso"], K::ValueValidation),
        (
            &["tenants", "remove", "common", "--yes"],
            K::ValueValidation,
        ),
        (
            &["tenants", "list", "--status", "broken"],
            K::ValueValidation,
        ),
        (&["tenants", "list", "--customer", ""], K::ValueValidation),
        (&["invite"], K::MissingRequiredArgument),
        (&["invite", "Contoso", "--expires", "7"], K::ValueValidation),
        (&["invite", "Contoso", "--tenant", "x"], K::ValueValidation),
        (
            &["invite", "Contoso", "--cloud", "mars"],
            K::ValueValidation,
        ),
        (
            &["invite", "Contoso", "--return-url", "/done"],
            K::ValueValidation,
        ),
        (&["tenants", "move", TENANT], K::MissingRequiredArgument),
        (
            &["tenants", "move", TENANT, "--to", "a\nb"],
            K::ValueValidation,
        ),
        (&["tenants", "resume", TENANT, "--yes"], K::UnknownArgument),
        (&["tenants", "import"], K::MissingRequiredArgument),
        (
            &["tenants", "import", "a.csv", "--concurrency", "0"],
            K::ValueValidation,
        ),
        (
            &["tenants", "import", "a.csv", "--format", "xlsx"],
            K::InvalidValue,
        ),
        (
            &["token", "41463f53881240f4890f865bf6e35190"],
            K::ValueValidation,
        ),
        (&["feed"], K::DisplayHelpOnMissingArgumentOrSubcommand),
        (&["feed", "backfill", TENANT], K::MissingRequiredArgument),
        (
            &["feed", "backfill", "--from", "2h"],
            K::MissingRequiredArgument,
        ),
        (
            &["feed", "backfill", TENANT, "--from", "yesterday"],
            K::ValueValidation,
        ),
        (
            &["feed", "backfill", TENANT, "--from", "2026-11-29T06:00"],
            K::ValueValidation,
        ),
        (
            &[
                "feed",
                "backfill",
                TENANT,
                "--from",
                "2h",
                "--to",
                "2026-02-30",
            ],
            K::ValueValidation,
        ),
        (&["feed", "pause"], K::MissingRequiredArgument),
        (&["feed", "resume"], K::MissingRequiredArgument),
        (&["feed", "pause", TENANT, "--all"], K::ArgumentConflict),
        (&["feed", "pause", "all"], K::ValueValidation),
        (&["feed", "status", TENANT], K::UnknownArgument),
        (&["feed", "status", "--tenant", "x"], K::ValueValidation),
        (
            &["feed", "status", "--tenant", TENANT, "--worst", "3"],
            K::ArgumentConflict,
        ),
        (&["feed", "gaps", "--least", "15"], K::ValueValidation),
        (
            &["token", TENANT, "--resource", "graph"],
            K::ValueValidation,
        ),
    ];
    for (line, kind) in rows {
        let error = parse(line).expect_err(&line.join(" "));
        assert_eq!(error.kind(), *kind, "{line:?}");
        assert_eq!(error.exit_code(), 2, "{line:?}");
    }
}

#[tokio::test]
async fn options_that_exclude_each_other_are_a_usage_error_wherever_they_stand() {
    let rows: &[(&[&str], &str)] = &[
        (&["token", TENANT, "--raw", "--json"], "--raw"),
        (&["--json", "token", TENANT, "--raw"], "--raw"),
        (
            &["--data-dir", "d", "--table", "t", "tenants", "list"],
            "--table",
        ),
        (
            &["--data-dir", "d", "tenants", "list", "--table", "t"],
            "--table",
        ),
        (
            &[
                "--certificate-secret",
                "s",
                "tenants",
                "list",
                "--data-dir",
                "d",
            ],
            "--certificate-secret",
        ),
        (
            &[
                "tenants",
                "list",
                "--data-dir",
                "d",
                "--sealing-secret",
                "s",
            ],
            "--sealing-secret",
        ),
        (
            &["--data-dir", "d", "keys", "create", "--consent-secret", "k"],
            "--consent-secret",
        ),
        (
            &["--data-dir", "d", "keys", "create", "--webhook-secret", "w"],
            "--webhook-secret",
        ),
    ];
    for (line, named) in rows {
        let outcome = run(&[&["operator"], *line].concat(), None).await;
        assert_eq!(
            (outcome.exit, outcome.out.as_str()),
            (Exit::Usage, ""),
            "{line:?}"
        );
        assert!(outcome.err.contains(named), "{line:?}: {}", outcome.err);
    }
}
