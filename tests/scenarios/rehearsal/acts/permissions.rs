//! What the functions asked AWS for, beside what their roles permit.

use crate::iam;
use crate::stage::{EVENT_BUS, Stage};
use crate::story::kept;

pub(crate) fn the_roles_are_what_the_functions_use(stage: &mut Stage) {
    stage.story.act("The roles are what the functions use");
    let mut names = stage.stack().logical_by_physical();
    // What is given to the stack has the parameter's name.
    names.insert(EVENT_BUS.to_owned(), "EventBusArn".to_owned());
    let roles = iam::roles();
    let calls: Vec<_> = stage
        .recorders
        .iter()
        .flat_map(|(function, recorder)| iam::calls(function, &recorder.requests(), &names))
        .collect();
    let report = iam::Report::of(&roles, &calls);
    std::fs::write(kept("iam-table.md"), report.to_markdown()).unwrap();
    for line in report.to_markdown().lines() {
        stage.story.seen(line);
    }
    report.check();
    stage.story.seen(format!("{} calls: each is permitted, and each permission is used or excepted with its reason (target/iam-table.md)", calls.len()));
}
