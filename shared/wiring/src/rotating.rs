//! The rotation of the certificate: the secret's versions, certificates, and the application at
//! Microsoft Graph.

use std::sync::Arc;

use anyhow::Context as _;
use auth::ports::SecretVersions;
use auth::rotation::Rotation;
use microsoft::certificate::SelfSigned;
use microsoft::{GraphClient, GraphParts, TrustRoots};

use crate::platform::Platform;
use crate::settings::RotatorSettings;

/// The subject of the certificates that are made.
const COMMON_NAME: &str = "Microsoft 365 token broker";

/// The rotation of the secret in AWS. Reads nothing.
pub fn rotation(
    settings: &RotatorSettings,
    platform: &Platform,
    roots: TrustRoots,
) -> anyhow::Result<Rotation> {
    let own = platform.own.as_ref();
    let own = own.context("a certificate is rotated in AWS alone")?;
    rotation_of(settings, platform, roots, Arc::new(own.secrets()))
}

/// The same of a secret that is elsewhere.
pub fn rotation_of(
    settings: &RotatorSettings,
    platform: &Platform,
    roots: TrustRoots,
    versions: Arc<dyn SecretVersions>,
) -> anyhow::Result<Rotation> {
    let graph = graph(settings, platform, roots)?;
    let certificates = SelfSigned {
        common_name: COMMON_NAME.to_owned(),
        days: settings.validity_days,
        clock: Arc::clone(&platform.clock),
    };
    Ok(Rotation {
        secret_id: settings.signing.certificate_secret_id.clone(),
        overlap: settings.overlap,
        versions,
        certificates: Arc::new(certificates),
        keys: Arc::new(graph),
        clock: Arc::clone(&platform.clock),
        pause: Arc::clone(&platform.pause),
    })
}

/// The application at Microsoft Graph.
pub fn graph(
    settings: &RotatorSettings,
    platform: &Platform,
    roots: TrustRoots,
) -> anyhow::Result<GraphClient> {
    Ok(GraphClient::new(GraphParts {
        config: settings.signing.entra.authority.clone(),
        home: settings.home,
        url: settings.graph.clone(),
        roots,
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
    })?)
}
