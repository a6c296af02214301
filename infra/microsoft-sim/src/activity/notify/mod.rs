//! Notifications: content that becomes available is named to the webhook of its subscription, by
//! the simulated clock.
//!
//! `gathering` finds what is new, `waiting` holds it and says when it is sent and sent again,
//! `passing` sends it, and `listing` shows the attempts. All of it is in memory: a process that
//! begins notifies what becomes available from then on.

mod attempts;
mod gathering;
mod listing;
mod notification;
mod passing;
mod waiting;

pub(crate) use listing::list;
pub(crate) use passing::{asked, by_itself};
pub(crate) use waiting::Notices;
