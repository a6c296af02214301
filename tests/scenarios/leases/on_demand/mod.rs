//! The refresher's program on demand is killed (SIGKILL) at each step of a request. Who asked
//! hears that it ended; the same request is asked again, and the person or the caller comes
//! again: no tenant is bound twice or to another account, no receipt and no invite is lost or
//! used up, and Entra ID is asked at most once more.

mod bind;
mod redeem;
mod renew;
mod stage;
