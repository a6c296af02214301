//! What is ours: the tables, the secrets, the policy.

use std::sync::Arc;

use auth::consent::ConsentKeys;
use auth::ports::{
    AssertionSigner, DeployedSecret, Paging, SecretError, StoreError, StoredPolicies,
};
use auth::ring::RingBook;
use auth::secret::{ExposeSecret as _, SecretString};
use microsoft::SigningKey;
use microsoft::certificate::{CertificateFacts, Validity};

use super::check::{Check, Outcome};
use super::patient::Patient;
use crate::output;

/// So many days before its end a certificate should have been replaced.
const DAYS_LEFT: i64 = 14;

/// What was found.
pub(super) struct Inside {
    pub(super) checks: Vec<Check>,
    /// What client assertions are signed with, where it can be used.
    pub(super) signing: Option<Arc<dyn AssertionSigner>>,
}

/// `recorded`: whether the secrets may be read.
pub(super) async fn checks(patient: &Patient<'_, '_>, recorded: Result<(), String>) -> Inside {
    let policies = patient.platform.store.policies.current();
    let (tokens, policies) = tokio::join!(tokens_table(patient), policies);
    let (control, policy) = (control_table(patient, &policies), policy(&policies));
    let [tokens_answer, control_answers] = [&tokens, &control].map(Outcome::has_passed);
    let (control, policy) = match (tokens_answer, control_answers) {
        // The same credentials, the same way.
        (false, false) => (after("the tokens table"), after("the tokens table")),
        (_, false) => (control, after("the control table")),
        _ => (control, policy),
    };
    let mut checks = vec![
        tokens.of("tokens table"),
        control.of("control table"),
        policy.of("policy"),
    ];
    if let Err(why) = recorded {
        checks.push(unrecorded(control_answers, &why).of("secrets"));
        return Inside {
            checks,
            signing: None,
        };
    }
    let (certificate, signing, is_denied) = certificate(patient).await;
    checks.push(certificate.of("certificate"));
    if is_denied {
        checks.push(after("the certificate's secret").of("other secrets"));
        return Inside { checks, signing };
    }
    let keys = keys(patient).await;
    let sealing_is_well = keys
        .iter()
        .any(|(secret, outcome)| *secret == DeployedSecret::SealingRing && outcome.has_passed());
    let keys = keys.into_iter();
    checks.extend(keys.map(|(secret, outcome)| outcome.of(name(secret))));
    let index = match (tokens_answer, sealing_is_well) {
        (false, _) => after("the tokens table"),
        (_, false) => after("the sealing ring"),
        _ => index(patient).await,
    };
    checks.push(index.of("index"));
    Inside { checks, signing }
}

/// Not looked at, because of another check that failed.
fn after(what: &str) -> Outcome {
    Outcome::skipped(format_args!("{what} comes first"))
}

/// A control table that does not answer has its own line.
fn unrecorded(control_answers: bool, why: &str) -> Outcome {
    match control_answers {
        false => Outcome::skipped("they are read when that can be written down, and it cannot"),
        true => Outcome::failed(
            why,
            "allow these credentials to write the log of operators into the control table",
        ),
    }
}

async fn tokens_table(patient: &Patient<'_, '_>) -> Outcome {
    let table = &patient.settings.tokens.entra.tables.table;
    of_table(table, patient.platform.store.table().ping().await)
}

/// By what reading the policies brought.
fn control_table(
    patient: &Patient<'_, '_>,
    policies: &Result<StoredPolicies, StoreError>,
) -> Outcome {
    let table = &patient.settings.tokens.entra.tables.control;
    match policies {
        Ok(_) | Err(StoreError::Damaged(_)) => of_table(table, Ok(())),
        Err(error) => of_table(table, Err(error.clone())),
    }
}

fn of_table(name: &str, read: Result<(), StoreError>) -> Outcome {
    let named = auth::text::shown(name);
    match read {
        Ok(()) => Outcome::passed(format_args!("{named} answers")),
        Err(error) => Outcome::failed(
            format_args!("{named}: {error}"),
            "compare the table's name with the stack's output, and what these credentials may do; \
             where it throttles, wait",
        ),
    }
}

/// A page of it: what the refresher reads first.
async fn index(patient: &Patient<'_, '_>) -> Outcome {
    let failed = |error: &dyn std::fmt::Display| {
        Outcome::failed(
            error,
            "the table needs the index of the template, and the refresher's role the right to \
             query it",
        )
    };
    let tokens = wiring::sealed_tokens(&patient.settings.tokens, &patient.platform).await;
    let tokens = match tokens {
        Ok(tokens) => tokens,
        Err(error) => return failed(&error),
    };
    let page = Paging {
        rows: 1,
        after: None,
    };
    match tokens.due(0, patient.platform.clock.now(), &page).await {
        Ok(_) | Err(StoreError::Damaged(_)) => Outcome::passed("it can be queried"),
        Err(error) => failed(&error),
    }
}

fn policy(policies: &Result<StoredPolicies, StoreError>) -> Outcome {
    match policies {
        Ok(stored) => match &stored.in_force {
            Some(policy) => Outcome::passed(format_args!("version {} is in force", policy.version)),
            None => Outcome::failed(
                "none is stored, and every caller is denied",
                "write one (infra/policies has examples) and store it with `operator policy put \
                 FILE`",
            ),
        },
        Err(error) => Outcome::failed(
            error,
            "delete the item POLICY, POLICY of the control table, and store the policy again with \
             `operator policy put FILE`",
        ),
    }
}

/// How it is, the key where it can be used, and whether its secret cannot be read at all.
async fn certificate(
    patient: &Patient<'_, '_>,
) -> (Outcome, Option<Arc<dyn AssertionSigner>>, bool) {
    let (secret, now) = (DeployedSecret::Certificate, patient.platform.clock.now());
    let name = &patient.settings.certificate_secret_id;
    let value = match patient.platform.secrets.read(name).await {
        Ok(value) => value,
        Err(error) => {
            let is_denied = !error.is_without_value();
            return (of_secret(secret, error), None, is_denied);
        }
    };
    let key = match SigningKey::from_secret(&value, now) {
        Ok(key) => key,
        Err(error) => {
            let next = "publish another one with `operator certificate publish DIR`: \
                        infra/runbooks/certificate-ends.md";
            return (Outcome::failed(error, next), None, false);
        }
    };
    let facts = CertificateFacts::of_secret(&value, now);
    let days = match facts.map(|facts| facts.validity(now)) {
        Ok(Validity::Valid(days)) => days,
        _ => 0,
    };
    let left = output::counted(days.unsigned_abs(), "day");
    let outcome = match days < DAYS_LEFT {
        true => Outcome::failed(
            format_args!("it ends in {left}"),
            "replace it: infra/runbooks/certificate-ends-soon.md",
        ),
        false => Outcome::passed(format_args!("{left} left")),
    };
    (outcome, Some(Arc::new(key)), false)
}

/// The other secrets, as far as this place has their names.
async fn keys(patient: &Patient<'_, '_>) -> Vec<(DeployedSecret, Outcome)> {
    let mut outcomes = Vec::new();
    for secret in [
        DeployedSecret::ConsentKeys,
        DeployedSecret::SealingRing,
        DeployedSecret::WebhookKeys,
        DeployedSecret::EventKeys,
    ] {
        let name = patient.optional(|reader| reader.text(secret.variable()));
        if let Some(name) = name {
            let read = patient.platform.secrets.read(&name).await;
            outcomes.push((secret, of_keys(secret, read)));
        }
    }
    outcomes
}

fn of_keys(secret: DeployedSecret, read: Result<SecretString, SecretError>) -> Outcome {
    let value = match read {
        Ok(value) => value,
        Err(error) => return of_secret(secret, error),
    };
    let problem = match secret {
        DeployedSecret::ConsentKeys => {
            let keys = ConsentKeys::from_json(value.expose_secret());
            keys.err().map(|error| error.to_string())
        }
        _ => RingBook::from_json(&value)
            .err()
            .map(|error| error.to_string()),
    };
    match problem {
        None => Outcome::passed("can be used"),
        Some(problem) => Outcome::failed(
            problem,
            format_args!(
                "put the version before back, or empty the secret of {} and fill it with `{}`",
                secret.variable(),
                secret.filled_by()
            ),
        ),
    }
}

fn of_secret(secret: DeployedSecret, error: SecretError) -> Outcome {
    let next = match error.is_without_value() {
        true => format!("fill it with `{}`", secret.filled_by()),
        false => format!(
            "compare {} with the stack's secret, and what these credentials may read",
            secret.variable()
        ),
    };
    Outcome::failed(error, next)
}

fn name(secret: DeployedSecret) -> &'static str {
    match secret {
        DeployedSecret::Certificate => "certificate",
        DeployedSecret::ConsentKeys => "consent keys",
        DeployedSecret::SealingRing => "sealing ring",
        DeployedSecret::WebhookKeys => "webhook keys",
        DeployedSecret::EventKeys => "event keys",
    }
}
