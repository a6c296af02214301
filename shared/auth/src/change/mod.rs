//! What an operator makes of a tenant: suspend, move, tag, remove (`changing.rs`) and resume
//! (`resuming.rs`), which needs a proof. Who calls has asked the operator. The rules are those
//! of the tenant's life (`tenant/life.rs`); here they are written.

mod changing;
mod resuming;

pub use changing::{ChangeError, Changed, Changing};
pub use resuming::{ResumeError, Resuming};
