//! The consent pages in a real browser: each scenario in a profile that nobody has used
//! before. Every page of ours that is shown is judged by axe-core, has no code and no
//! state in its address, and leaves a picture in `target/screenshots/`.

mod again;
mod ends;
mod expected;
mod first_touch;
mod invites;
mod judge;
mod lagging;
mod looks;
mod microsofts;
mod refused;
mod stage;
mod tabs;
mod visitor;
mod way_out;
mod without_scripts;
