//! Consent as people live through it: invites, somebody else's links, roles that arrive
//! late, a consent that is taken back and given again, other clouds. What is refused at
//! the pages' doors stands in `consent_refusals`.

mod again;
mod asked_for;
mod clouds;
mod cookies;
mod counted;
mod crowded;
mod delegated;
mod first_touch;
mod forwarded;
mod homes;
mod invites;
mod late;
mod own_authority;
mod passed_on;
mod secrets;
mod siblings;
mod stage;
mod tabs;
mod takeover;
mod way_out;
