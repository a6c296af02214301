//! `certificate publish`: a certificate and its key into the secret that the functions
//! read. The first one is put there without a word; one that takes the place of another is
//! asked about first. The secrets manager keeps what was current as the version before,
//! and the functions go back to it where Entra ID refuses the new one (decision 0014).

use std::path::PathBuf;

use anyhow::Context as _;
use auth::Timestamp;
use auth::ports::{Clock as _, DeployedSecret, SecretError, Write};
use auth::secret::SecretString;
use auth::text::{printable, shown_path};
use aws::SystemClock;
use clap::Args;
use microsoft::SigningKey;
use microsoft::certificate::{CertificateFacts, CertificatePair, Validity};
use serde::Serialize;

use super::source;
use super::thumbprints::Digests;
use crate::console::Console;
use crate::exit::UsageError;
use crate::place::{Place, SecretStore, read_secret_name};
use crate::session::Session;

/// Whoever publishes one that ends within so many days has to think of the next one.
const ENDS_SOON_DAYS: i64 = 30;

/// What `certificate publish` takes.
#[derive(Debug, Clone, Args)]
pub struct PublishArguments {
    /// The directory that `certificate create` filled; or a PEM or PFX file with the
    /// certificate and its key
    #[arg(value_name = "DIR|FILE")]
    pub path: PathBuf,
    /// Read a PFX file's password from the first line of this file; without it a person
    /// is asked. The empty password is tried first
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Write the certificate of the rotation that waits to DIR, to be added to the application
    #[arg(long, conflicts_with_all = ["password_file", "yes"])]
    pub pending: bool,
    /// Do not ask, also where the secret holds another certificate
    #[arg(long)]
    pub yes: bool,
}

/// What the secret held.
enum Held {
    Nothing,
    /// This very pair.
    This,
    /// Another certificate.
    Other(Box<CertificateFacts>),
    /// What no function can use, and why.
    Unusable(String),
}

/// A published certificate in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct PublishedView<'a> {
    /// `first`, `replaced`, or `present`: nothing was written.
    state: &'static str,
    subject: &'a str,
    not_after: String,
    days_left: i64,
    thumbprints: Digests,
    /// What was current before, where that was another certificate.
    replaced_sha1_hex: Option<String>,
    /// What has to be thought of; null where nothing has.
    warning: Option<String>,
}

pub(super) async fn run(
    arguments: PublishArguments,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let pair = read(&arguments, now, session.console)?;
    let (store, name) = destination(&session).await?;
    let held = held(&store, &name, &pair, now).await?;
    match &held {
        Held::This => {}
        Held::Nothing => write_first(&store, &name, &pair.secret).await?,
        Held::Other(_) | Held::Unusable(_) => {
            if !arguments.yes {
                ask(session.console, &question(&held, &pair.certificate))?;
            }
            let written = store.sink.write(&name, &pair.secret).await;
            written.map_err(secret_error)?;
        }
    }
    tell(session, &arguments, &held, &pair.certificate, now)
}

/// The pair of the person's files; refuses what a function would refuse.
fn read(
    arguments: &PublishArguments,
    now: Timestamp,
    console: &mut Console<'_>,
) -> anyhow::Result<CertificatePair> {
    let (path, password) = (&arguments.path, arguments.password_file.as_deref());
    let bundle = source::read_with_key(path, password, console)?;
    let named = || shown_path(path).to_string();
    bundle.pair(now).with_context(named)
}

pub(super) async fn destination(
    session: &Session<'_, '_>,
) -> anyhow::Result<(SecretStore, String)> {
    let place: Place<'_> = session.place().await?;
    if let Some(file) = place.certificate_file() {
        let file = shown_path(file).to_string();
        anyhow::bail!(
            "this run takes its certificate from {file}, not from a secret: change that file \
             and start the run again"
        );
    }
    let name = place.settings(|reader| read_secret_name(DeployedSecret::Certificate, reader))?;
    Ok((place.secret_store().await, name))
}

async fn held(
    store: &SecretStore,
    name: &str,
    pair: &CertificatePair,
    now: Timestamp,
) -> anyhow::Result<Held> {
    let secret = match store.source.read(name).await {
        Err(error) if error.is_without_value() => return Ok(Held::Nothing),
        secret => secret.map_err(secret_error)?,
    };
    let is_this = |key: SigningKey| key.certificate().der == pair.certificate.der;
    if SigningKey::from_secret(&secret, now).is_ok_and(is_this) {
        return Ok(Held::This);
    }
    Ok(match CertificateFacts::of_secret(&secret, now) {
        Ok(other) => Held::Other(Box::new(other)),
        Err(reason) => Held::Unusable(reason.to_string()),
    })
}

async fn write_first(store: &SecretStore, name: &str, value: &SecretString) -> anyhow::Result<()> {
    match store
        .sink
        .write_first(name, value)
        .await
        .map_err(secret_error)?
    {
        Write::Done => Ok(()),
        Write::Stale => anyhow::bail!(
            "somebody else has just put a certificate into the secret: run the command again, \
             which says which one"
        ),
    }
}

pub(super) fn secret_error(error: SecretError) -> anyhow::Error {
    error.of(DeployedSecret::Certificate).into()
}

/// Asks; anything but yes changes nothing.
fn ask(console: &mut Console<'_>, question: &str) -> anyhow::Result<()> {
    let answerable = console.check_answerable(false, "put this certificate in its place");
    answerable.map_err(|UsageError(text)| {
        UsageError(format!(
            "the certificate's secret has a value already, and {text}"
        ))
    })?;
    console.ask(question, "nothing was published")
}

fn question(held: &Held, certificate: &CertificateFacts) -> String {
    let before = match held {
        Held::Unusable(reason) => format!("what no function can use ({reason})"),
        Held::Other(other) => described(other),
        Held::This | Held::Nothing => String::new(),
    };
    format!(
        "The secret holds {before}. Make {} the current one? It has to be registered with the \
         application before: functions that start sign with it from now on, and go back to the \
         one before where Entra ID does not know it (AADSTS700027).",
        described(certificate)
    )
}

fn described(certificate: &CertificateFacts) -> String {
    format!(
        "certificate {} ({}, until {})",
        certificate.thumbprints().sha1.hex(),
        printable(&certificate.subject),
        certificate.not_after
    )
}

fn tell(
    mut session: Session<'_, '_>,
    arguments: &PublishArguments,
    held: &Held,
    certificate: &CertificateFacts,
    now: Timestamp,
) -> anyhow::Result<()> {
    let view = view(held, certificate, now);
    if let Some(warning) = &view.warning
        && !session.json
    {
        writeln!(session.console.err, "warning: {warning}")?;
    }
    session.print(&view, || for_a_person(held, certificate, arguments))
}

fn view<'a>(held: &Held, certificate: &'a CertificateFacts, now: Timestamp) -> PublishedView<'a> {
    let days_left = match certificate.validity(now) {
        Validity::Valid(days) => days,
        // Neither was published.
        Validity::Expired(_) | Validity::NotYet(_) => 0,
    };
    PublishedView {
        state: match held {
            Held::Nothing => "first",
            Held::This => "present",
            Held::Other(_) | Held::Unusable(_) => "replaced",
        },
        subject: &certificate.subject,
        not_after: certificate.not_after.to_string(),
        days_left,
        thumbprints: Digests::of(certificate),
        replaced_sha1_hex: match held {
            Held::Other(other) => Some(other.thumbprints().sha1.hex()),
            _ => None,
        },
        warning: (days_left < ENDS_SOON_DAYS).then(|| {
            format!(
                "the certificate ends at {}, in {days_left} days: make and register the next \
                 one now",
                certificate.not_after
            )
        }),
    }
}

fn for_a_person(
    held: &Held,
    certificate: &CertificateFacts,
    arguments: &PublishArguments,
) -> String {
    let what = described(certificate);
    let done = match held {
        Held::This => format!("{what} is in the secret already: nothing to do.\n"),
        Held::Nothing => format!(
            "{what} is in the secret, the first one there. Functions that could not start \
             without it start at their next request.\n"
        ),
        Held::Other(_) | Held::Unusable(_) => format!(
            "{what} is in the secret and current: functions that start sign with it. What was \
             there before is kept as the version before.\n"
        ),
    };
    let path = shown_path(&arguments.path).to_string();
    format!(
        "{done}\
         Entra ID takes it once it is registered with the application.\n\
         Delete the private key in {path}: the secret holds it, and nothing else needs the \
         file.\n"
    )
}
