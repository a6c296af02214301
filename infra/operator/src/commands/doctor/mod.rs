//! `doctor`: what is broken, and what to do. From outside in: the place and its settings, the
//! tables, the secrets, whether Microsoft and our own pages answer, and then, with a tenant,
//! a token, the registration and the audit log. What depends on something that failed is
//! skipped: one fault is one line. Nothing is changed, and no token is kept.
//!
//! | file | what |
//! |---|---|
//! | `check.rs` | a check, and how it looks |
//! | `patient.rs` | the installation, and what it is asked with |
//! | `inside.rs` | tables, secrets, policy |
//! | `outside.rs` | who answers: Entra ID, Graph, the Activity API, our own pages; the clock |
//! | `entra.rs` | a token of a tenant, the registration |
//! | `audit_log.rs` | one request to the Activity API |

mod audit_log;
mod check;
mod entra;
mod inside;
mod outside;
mod patient;

use auth::operator_action::Deed;
use clap::Args;
use serde::Serialize;

use self::check::{Check, Outcome};
use self::patient::Patient;
use crate::place::Place;
use crate::record::Recorded;
use crate::session::Session;
use crate::tenant_name::TenantName;

/// What `doctor` takes.
#[derive(Debug, Clone, Args)]
pub struct DoctorArguments {
    /// Ask for a token of this tenant, and for its audit log; without it, of an active one
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<TenantName>,
}

impl DoctorArguments {
    /// It reads the secrets, though it shows none.
    pub(super) fn recorded(&self) -> Recorded {
        Recorded::Always(Deed {
            command: "doctor",
            tenant: match &self.tenant {
                Some(TenantName::Id(id)) => Some(*id),
                // It is looked up when Entra ID was seen to answer.
                Some(TenantName::Domain(_)) | None => None,
            },
            ..Deed::default()
        })
    }
}

/// The checks so far. They are printed as they come, for a person.
struct Report<'s, 'a, 'c> {
    checks: Vec<Check>,
    session: &'s mut Session<'a, 'c>,
}

#[derive(Serialize)]
struct ReportView<'r> {
    passed: usize,
    failed: usize,
    skipped: usize,
    checks: &'r [Check],
}

pub(super) async fn run(
    arguments: DoctorArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let named = arguments.tenant.clone();
    let found = session.unrecorded_place().await;
    let mut report = Report {
        checks: Vec::new(),
        session: &mut session,
    };
    match found {
        Ok(place) => examine(&place, named, &mut report).await?,
        Err(error) => {
            let next = "start the run, or leave --data-dir out to work on AWS";
            let failed = Outcome::failed(format!("{error:#}"), next);
            report.add(failed.of("place"))?;
        }
    }
    report.end()
}

async fn examine(
    place: &Place<'_>,
    named_tenant: Option<TenantName>,
    report: &mut Report<'_, '_, '_>,
) -> anyhow::Result<()> {
    report.add(Outcome::passed(named(place)).of("place"))?;
    let patient = match Patient::of(place).await {
        Ok(patient) => patient,
        Err(error) => {
            let next = "set what is missing, as the functions have it; then run doctor again";
            return report.add(Outcome::failed(format!("{error:#}"), next).of("settings"));
        }
    };
    let client = patient.settings.tokens.entra.authority.client_id;
    let cloud = patient.settings.tokens.entra.authority.cloud;
    let detail = format!("application {client}, cloud {cloud}");
    report.add(Outcome::passed(detail).of("settings"))?;
    let recorded = report.recorded(place).await;
    let (inside, outside) = tokio::join!(
        inside::checks(&patient, recorded),
        outside::checks(&patient),
    );
    let is_well_inside = !inside.checks.iter().any(|check| check.outcome.has_failed());
    report.add_all(inside.checks)?;
    report.add_all(outside.checks.into_iter().map(|check| match check.check {
        // It says of itself that it lacks what failed above.
        "vending" if !is_well_inside && check.outcome.has_failed() => {
            Outcome::skipped("what failed above comes first").of("vending")
        }
        _ => check,
    }))?;
    let asked = entra::Asked {
        patient: &patient,
        signing: inside.signing,
        answers: outside.entra_answers,
        graph_answers: outside.graph_answers,
    };
    let tenant = entra::tenant(&patient, named_tenant, outside.entra_answers).await;
    let token = asked.token(tenant).await;
    let (registration, audit_log) = tokio::join!(
        asked.registration(&token),
        audit_log::check(&patient, token.held.as_ref(), outside.api_answers),
    );
    report.add_all([token.check, registration, audit_log])
}

fn named(place: &Place<'_>) -> String {
    match place {
        Place::Aws { .. } => "AWS, with the credentials of this shell".to_owned(),
        Place::OneMachine { directory, .. } => {
            format!("the run of {} answers", auth::text::shown_path(directory))
        }
    }
}

impl Report<'_, '_, '_> {
    fn add(&mut self, check: Check) -> anyhow::Result<()> {
        if !self.session.json {
            let width = self.session.console.width;
            let out = &mut *self.session.console.out;
            out.write_all(check.line(width).as_bytes())?;
            out.flush()?;
        }
        self.checks.push(check);
        Ok(())
    }

    fn add_all(&mut self, checks: impl IntoIterator<Item = Check>) -> anyhow::Result<()> {
        checks.into_iter().try_for_each(|check| self.add(check))
    }

    /// Secrets are read when that stands in the log, and not without it.
    async fn recorded(&self, place: &Place<'_>) -> Result<(), String> {
        let recorded = self.session.record.at(place, self.session.environment);
        recorded.await.map_err(|error| format!("{error:#}"))
    }

    fn end(self) -> anyhow::Result<()> {
        let count = |is: fn(&Outcome) -> bool| {
            let checks = self.checks.iter();
            checks.filter(|check| is(&check.outcome)).count()
        };
        let (passed, failed) = (count(Outcome::has_passed), count(Outcome::has_failed));
        let view = ReportView {
            passed,
            failed,
            skipped: self.checks.len() - passed - failed,
            checks: &self.checks,
        };
        self.session.print(&view, || {
            format!(
                "\n{} passed, {} failed, {} skipped\n",
                view.passed, view.failed, view.skipped
            )
        })?;
        anyhow::ensure!(
            failed == 0,
            "{failed} of the checks failed: do what stands below each, and run it again"
        );
        Ok(())
    }
}
