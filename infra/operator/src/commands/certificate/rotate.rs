//! `certificate rotate`: a rotation begins now. What follows is Secrets Manager's and the
//! rotator's.

use serde::Serialize;

use super::publish;
use crate::session::Session;

/// A rotation that was begun, in JSON.
#[derive(Serialize)]
struct BegunView {
    begun: bool,
}

pub(super) async fn run(mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let (store, name) = publish::destination(&session).await?;
    let Some(manager) = &store.manager else {
        anyhow::bail!(
            "a one-machine run has no Secrets Manager that would rotate: put another certificate \
             there with `operator certificate publish DIR`"
        );
    };
    manager
        .start_rotation(&name)
        .await
        .map_err(publish::secret_error)?;
    session.print(&BegunView { begun: true }, || {
        "the rotation has begun: `operator certificate status` says in some minutes how it \
         ended.\n"
            .to_owned()
    })
}
