//! `issuer check`: whether a list would be taken. Makes no request and needs no account.

use serde::Serialize;

use super::file::FileArgument;
use super::view::{IssuerView, table, views};
use crate::session::Session;

/// A list that would be taken, in JSON.
#[derive(Serialize)]
struct CheckedView<'a> {
    issuers: Vec<IssuerView<'a>>,
}

pub(super) fn run(arguments: &FileArgument, mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let entries = arguments.read(session.console)?;
    let issuers = views(&entries);
    session.print(&CheckedView { issuers }, || table(&entries))
}
