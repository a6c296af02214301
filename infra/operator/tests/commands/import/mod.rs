//! `tenants import`: what is wrong with a file, what becomes of its rows, and when an
//! import stops.

mod files;
mod homes;
mod report;
mod rows;
mod stops;

use std::fs;

use operator::Exit;
use serde_json::Value;

use crate::world::{Ran, World};

/// Writes a file beside the run and imports it.
async fn import(world: &World, name: &str, content: &[u8], options: &[&str]) -> Ran {
    let path = world.directory().join(name);
    fs::write(&path, content).unwrap();
    let line = ["tenants", "import", path.to_str().unwrap()];
    world.run(&[&line[..], options].concat()).await
}

/// A CSV file of these tenants, all of one customer.
fn csv(tenants: &[String]) -> String {
    let rows = tenants.iter().map(|id| format!("{id},\"Contoso, Inc.\"\n"));
    format!("tenant_id,customer\n{}", rows.collect::<String>())
}

/// The document, which is printed whatever became of the rows; standard error has one
/// line where the command failed.
fn document(outcome: &Ran) -> Value {
    let failed = usize::from(outcome.exit == Exit::Failed);
    assert_eq!(outcome.err.lines().count(), failed, "{outcome:?}");
    serde_json::from_str(&outcome.out).unwrap()
}

/// How many were connected, connected already, refused and not tried.
fn counts(document: &Value) -> [usize; 4] {
    let number = |name: &str| usize::try_from(document[name].as_u64().unwrap()).unwrap();
    let length = |name: &str| document[name].as_array().unwrap().len();
    [
        number("connected"),
        number("already"),
        length("refused"),
        length("not_tried"),
    ]
}
