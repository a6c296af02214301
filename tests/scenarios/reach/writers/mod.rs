//! What somebody can do who can write a table and nothing else: each row of the page is a test
//! with the real code over a real engine, whose outcome is the honest one.

mod control_table;
mod row;
mod tenants_table;
mod world;

use row::Row;

/// The parts of the page, each with its rows.
pub(super) const TABLES: [(&str, &[Row]); 2] = [
    ("tenants table", tenants_table::ROWS),
    ("control table", control_table::ROWS),
];
