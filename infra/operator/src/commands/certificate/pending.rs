//! `certificate publish --pending`: the certificate of a rotation that Microsoft Graph refused to
//! add. An operator adds it to the application by hand, and the rotation goes on by itself.

use auth::Timestamp;
use auth::ports::{Clock as _, SecretVersions as _};
use auth::rotation::GIVEN_UP_AFTER;
use auth::text::shown_path;
use aws::{SystemClock, SystemRandom};
use microsoft::certificate::{CertificateFacts, KeyCredential};
use serde::Serialize;

use super::directory::Directory;
use super::publish::{self, PublishArguments};
use super::thumbprints::Digests;
use crate::session::Session;

/// What was written, in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct PendingView<'a> {
    certificate_file: String,
    key_credential_file: String,
    subject: &'a str,
    not_after: String,
    thumbprints: Digests,
}

pub(super) async fn run(
    arguments: &PublishArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let (store, name) = publish::destination(&session).await?;
    let certificate = match &store.manager {
        Some(manager) => {
            let versions = manager.list(&name).await.map_err(publish::secret_error)?;
            let id = versions.unfinished().map(str::to_owned);
            let id = id.ok_or_else(nothing_waits)?;
            let value = manager.read_version(&name, &id).await;
            let value = value
                .map_err(publish::secret_error)?
                .ok_or_else(nothing_waits)?;
            CertificateFacts::of_secret(&value, SystemClock.now())?
        }
        None => anyhow::bail!(
            "the certificate of a one-machine run is not rotated: put another one there with \
             `operator certificate publish DIR`"
        ),
    };
    check_goes_on(&certificate, SystemClock.now())?;
    let directory = Directory::at(&arguments.path);
    directory.prepare()?;
    let credential = KeyCredential::of(&certificate, &SystemRandom);
    directory.fill_public(&certificate.pem(), &credential)?;
    let view = PendingView {
        certificate_file: shown_path(&directory.certificate()).to_string(),
        key_credential_file: shown_path(&directory.key_credential()).to_string(),
        subject: &certificate.subject,
        not_after: certificate.not_after.to_string(),
        thumbprints: Digests::of(&certificate),
    };
    session.print(&view, || {
        format!(
            "{} is the certificate that the rotation waits for, until {}.\n\
             Upload it under Certificates & secrets of the application. The rotation goes on with \
             its next attempt; `operator certificate rotate` begins one now.\n",
            view.certificate_file, view.not_after
        )
    })
}

/// The next attempt of an old rotation rolls it back: what is added now would be removed.
fn check_goes_on(certificate: &CertificateFacts, now: Timestamp) -> anyhow::Result<()> {
    anyhow::ensure!(
        now <= certificate.not_before + GIVEN_UP_AFTER,
        "the rotation began on {} and is given up after a week: begin another one with `operator \
         certificate rotate`, and publish what waits then",
        certificate.not_before
    );
    Ok(())
}

fn nothing_waits() -> anyhow::Error {
    anyhow::anyhow!(
        "no rotation waits: `operator certificate status` says which versions the secret has"
    )
}
