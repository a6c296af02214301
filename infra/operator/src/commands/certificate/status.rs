//! `certificate status`: what the secret holds, and what Entra ID holds beside it.

use auth::Timestamp;
use auth::ports::{Clock as _, SecretVersions as _, Stage};
use auth::rotation::Drift;
use auth::secret::SecretString;
use aws::SystemClock;
use microsoft::certificate::{CertificateFacts, Validity};
use serde::Serialize;
use wiring::settings::RotatorSettings;

use super::publish;
use crate::output;
use crate::place::{Place, SecretStore};
use crate::session::Session;

const HOME_TENANT: &str = "ENTRA_HOME_TENANT";

/// The secret and the application, in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct StatusView {
    /// Whether Secrets Manager rotates it; null of a one-machine run.
    rotated: Option<bool>,
    versions: Vec<VersionView>,
    /// What the application has; null where Entra ID was not asked.
    entra: Option<Drift>,
}

/// One version of the secret.
#[derive(Debug, Serialize)]
pub(crate) struct VersionView {
    /// `current`, `pending` or `previous`.
    pub(crate) stage: &'static str,
    pub(crate) sha1_hex: Option<String>,
    pub(crate) not_after: Option<String>,
    /// 0 of one that has ended.
    pub(crate) days_left: Option<i64>,
    /// Why it cannot be used; null where it can.
    pub(crate) problem: Option<String>,
}

pub(super) async fn run(mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let (store, name) = publish::destination(&session).await?;
    let place = session.place().await?;
    let (rotated, versions) = versions(&store, &name).await?;
    let view = StatusView {
        rotated,
        versions,
        entra: entra(&place).await?,
    };
    session.print(&view, || for_a_person(&view))
}

pub(crate) async fn versions(
    store: &SecretStore,
    name: &str,
) -> anyhow::Result<(Option<bool>, Vec<VersionView>)> {
    let now = SystemClock.now();
    let Some(manager) = &store.manager else {
        let current = store
            .source
            .read(name)
            .await
            .map_err(publish::secret_error)?;
        let previous = store.source.read_previous(name).await;
        let previous = previous.map_err(publish::secret_error)?;
        let mut views = vec![view(Stage::Current, Some(&current), now)];
        views.extend(previous.map(|value| view(Stage::Previous, Some(&value), now)));
        return Ok((None, views));
    };
    let listed = manager.list(name).await.map_err(publish::secret_error)?;
    let pending = listed.unfinished().map(|id| (Stage::Pending, id));
    let kept = [Stage::Current, Stage::Previous]
        .into_iter()
        .filter_map(|stage| Some((stage, listed.with(stage)?)));
    let mut views = Vec::new();
    for (stage, id) in kept.chain(pending) {
        let value = manager
            .read_version(name, id)
            .await
            .map_err(publish::secret_error)?;
        views.push(view(stage, value.as_ref(), now));
    }
    Ok((Some(listed.rotation_enabled), views))
}

fn view(stage: Stage, value: Option<&SecretString>, now: Timestamp) -> VersionView {
    let facts = match value {
        Some(value) => CertificateFacts::of_secret(value, now).map_err(|error| error.to_string()),
        None => Err("it has no value yet".to_owned()),
    };
    let certificate = facts.as_ref().ok();
    VersionView {
        stage: match stage {
            Stage::Current => "current",
            Stage::Pending => "pending",
            Stage::Previous => "previous",
        },
        sha1_hex: certificate.map(|facts| facts.thumbprints().sha1.hex()),
        not_after: certificate.map(|facts| facts.not_after.to_string()),
        days_left: certificate.map(|facts| match facts.validity(now) {
            Validity::Valid(days) => days,
            Validity::Expired(_) | Validity::NotYet(_) => 0,
        }),
        problem: facts.err(),
    }
}

/// Asked as the rotator asks, with the secret's key; nothing is changed.
async fn entra(place: &Place<'_>) -> anyhow::Result<Option<Drift>> {
    let home = place.settings(|reader| Some(reader.text(HOME_TENANT)))?;
    if home.is_none() {
        return Ok(None);
    }
    let settings: RotatorSettings = place.settings(wiring::settings::FunctionSettings::read)?;
    let entra = &settings.signing.entra;
    let platform = place.platform(&entra.tables).await;
    let rotation = wiring::rotation(&settings, &platform, entra.trust_roots()?)?;
    Ok(Some(rotation.look().await?))
}

fn for_a_person(view: &StatusView) -> String {
    let rows: Vec<[String; 4]> = view
        .versions
        .iter()
        .map(|version| {
            let days = version.days_left.map(|days| days.to_string());
            let problem = version.problem.clone();
            [
                version.stage.to_owned(),
                version.sha1_hex.clone().unwrap_or_default(),
                version.not_after.clone().unwrap_or_default(),
                problem.or(days).unwrap_or_default(),
            ]
        })
        .collect();
    let table = output::table(["VERSION", "SHA-1", "UNTIL", "DAYS LEFT"], &rows);
    let rotated = match view.rotated {
        Some(true) => "Secrets Manager rotates it.\n",
        Some(false) => "It is not rotated: deploy with EntraHomeTenant.\n",
        None => "",
    };
    let entra = match &view.entra {
        Some(drift) => of_application(drift),
        None => format!("Entra ID was not asked: set {HOME_TENANT} for that.\n"),
    };
    format!("{table}{rotated}{entra}")
}

fn of_application(drift: &Drift) -> String {
    let mut text = format!(
        "The application has {} key credentials.\n",
        drift.registered
    );
    if drift.current_missing {
        text +=
            "The current certificate is NOT among them: see infra/runbooks/credential-drift.md.\n";
    }
    if !drift.unknown.is_empty() {
        text += &format!(
            "Of these no version of the secret: {}.\n",
            drift.unknown.join(", ")
        );
    }
    if drift.waiting {
        text += "A rotation has begun and not finished: see infra/runbooks/rotation-waits.md.\n";
    }
    text
}
