//! Watching: what the functions tell about themselves, and what the deployment makes of it.
//! The functions' own lines are read as CloudWatch reads them (embedded metric format,
//! metric filters, alarms, dashboard), by what `template.yaml` says. It judges names,
//! incidents, the runbooks' queries, the request's id in the log, and spans; a picture of the dashboard is left in
//! `target/screenshots/`.

mod audit_log;
mod cloudwatch;
mod codes;
mod events;
mod expression;
mod functions;
mod incidents;
mod logs;
mod names;
#[cfg(feature = "real-parts")]
mod picture;
mod policies;
mod runbooks;
mod spans;
mod stage;
mod template;
