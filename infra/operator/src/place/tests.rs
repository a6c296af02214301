//! Which variables options override, and what is said of missing ones.

use wiring::settings::{CONTROL_TABLE_NAME, TABLE_NAME};

use super::*;

fn on_aws<'a>(overrides: PlaceArguments, environment: Lookup<'a>) -> Place<'a> {
    Place::Aws {
        overrides,
        environment,
        client: HttpClient::builder().tls_certs_only([]).build().unwrap(),
    }
}

#[test]
fn an_option_overrides_its_variable_and_no_other() {
    let environment = |name: &str| Some(format!("{name} of the environment"));
    let overrides = PlaceArguments {
        table: Some("table".into()),
        sealing_secret: Some("ring".into()),
        ..PlaceArguments::default()
    };
    let place = on_aws(overrides, &environment);
    let rows = [
        (TABLE_NAME, "table"),
        ("SEALING_KEYS_SECRET_ID", "ring"),
        (
            "CERTIFICATE_SECRET_ID",
            "CERTIFICATE_SECRET_ID of the environment",
        ),
        ("ENTRA_CLIENT_ID", "ENTRA_CLIENT_ID of the environment"),
    ];
    for (name, expected) in rows {
        assert_eq!(place.variable(name).as_deref(), Some(expected));
    }
}

#[test]
fn what_is_missing_is_told_with_what_to_do() {
    let nothing = |_: &str| None;
    let place = on_aws(PlaceArguments::default(), &nothing);
    let error = place.tables().unwrap_err().to_string();
    for part in [
        "TABLE_NAME is not set",
        "--table",
        "--control-table",
        "--data-dir DIR",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!error.contains('\n'));
}

/// The option, else the variable, else what follows from the other table's name.
#[test]
fn the_control_table_is_named_or_follows_from_the_other() {
    let rows = [
        (None, None, "broker-control"),
        (None, Some("of-variable"), "of-variable"),
        (Some("of-option"), Some("of-variable"), "of-option"),
        (Some("of-option"), None, "of-option"),
    ];
    for (option, variable, expected) in rows {
        let environment = |name: &str| match name {
            TABLE_NAME => Some("broker".to_owned()),
            CONTROL_TABLE_NAME => variable.map(str::to_owned),
            _ => None,
        };
        let overrides = PlaceArguments {
            control_table: option.map(str::to_owned),
            ..PlaceArguments::default()
        };
        let tables = on_aws(overrides, &environment).tables().unwrap();
        let names = (tables.table.as_str(), tables.control.as_str());
        assert_eq!(names, ("broker", expected), "{option:?} {variable:?}");
    }
}
