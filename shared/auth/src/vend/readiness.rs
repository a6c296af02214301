//! Whether a token could be renewed, remembered for a while: health checks come often, from
//! anybody, and each look costs a request to the function that signs.

use std::sync::Arc;
use std::time::Duration;

use crate::cause::CauseCode;
use crate::ports::{Clock, TokenRenewer};
use crate::refreshed::Refreshed;

/// A yes is believed for so long.
const BELIEVED_FOR: Duration = Duration::from_secs(30);
/// After a no the next look waits for so long.
const AFTER_A_NO: Duration = Duration::from_secs(5);

pub(super) struct Readiness {
    renewer: Arc<dyn TokenRenewer>,
    yes: Refreshed<(), CauseCode>,
}

impl Readiness {
    pub(super) fn of(renewer: Arc<dyn TokenRenewer>, clock: Arc<dyn Clock>) -> Self {
        let mut yes = Refreshed::new(clock, BELIEVED_FOR);
        yes.set_believed_for(BELIEVED_FOR);
        Self { renewer, yes }
    }

    pub(super) async fn is_ready(&self) -> bool {
        let pause = |last: &Result<(), CauseCode>| match last {
            Ok(()) => Duration::ZERO,
            Err(_) => AFTER_A_NO,
        };
        let look = |_| async { self.renewer.ready().await.map_err(|cause| cause.code) };
        self.yes.current(pause, look).await.is_some()
    }
}
