//! What the consent pages refuse. Each table runs against one machine; each row states
//! the page that it ends on, and that nothing was connected and nothing broke.

mod callback;
mod errors;
mod forged_tokens;
mod forms;
mod html;
mod pages;
mod sign_in;
mod stage;
mod state;
mod time;
