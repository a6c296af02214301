//! TLS of a run, and whom its functions trust because of it: the run's own CA, the ones
//! that the person named in `EXTRA_CA_FILE`, or both in one file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use auth::ports::Random;
use aws::SystemClock;
use microsoft::TrustRoots;

use crate::data::DataDirectory;
use crate::tls::Tls;

/// Names the file of CAs that the functions trust besides the system's.
pub(super) const EXTRA_CA_FILE: &str = "EXTRA_CA_FILE";

/// TLS under the data directory's own CA.
pub(super) fn own_tls(data: &DataDirectory, random: &dyn Random) -> anyhow::Result<Arc<Tls>> {
    // The run's clock may be one that a test moves. These certificates are checked by
    // programs that read the system's.
    let clock = Arc::new(SystemClock);
    let (authority, ca_file) = data.certificate_authority(clock.as_ref(), random)?;
    Ok(Arc::new(Tls::new(authority, ca_file, clock)?))
}

/// The person's own file, from what the environment says. The functions check it too;
/// asked before the data directory is opened, a start with a wrong one leaves nothing
/// behind.
pub(super) fn persons_ca_file(variable: Option<&str>) -> anyhow::Result<Option<PathBuf>> {
    // Absolute, because the operator's commands run in another directory.
    let file = variable.map(std::path::absolute).transpose();
    let file = file.context(EXTRA_CA_FILE)?;
    TrustRoots::load(file.as_deref())?;
    Ok(file)
}

/// The functions' `EXTRA_CA_FILE`. `persons`: the file that the person named.
pub(super) fn extra_ca_file(
    data: &DataDirectory,
    tls: Option<&Tls>,
    persons: Option<PathBuf>,
) -> anyhow::Result<Option<PathBuf>> {
    match (tls, persons) {
        (None, persons) => Ok(persons),
        (Some(tls), None) => Ok(Some(tls.ca_file.clone())),
        (Some(tls), Some(persons)) => Ok(Some(both(data, tls, &persons)?)),
    }
}

fn both(data: &DataDirectory, tls: &Tls, persons: &Path) -> anyhow::Result<PathBuf> {
    let theirs = TrustRoots::load(Some(persons))?;
    Ok(data.write_trusted(&format!("{}\n{}", tls.ca_pem, theirs.pem()))?)
}
