//! What somebody can do who can write a table and nothing else: each row of the page is a test
//! with the real code over a real engine, whose outcome is the honest one.

mod control_table;
mod tenants_table;
mod world;

/// One row of the page.
pub(super) struct Row {
    /// The test that shows it.
    pub(super) test: &'static str,
    pub(super) written: &'static str,
    pub(super) outcome: &'static str,
}

/// The parts of the page, each with its rows.
pub(super) const TABLES: [(&str, &[Row]); 2] = [
    ("tenants table", tenants_table::ROWS),
    ("control table", control_table::ROWS),
];

/// Rows and tests are the same: none is in the page that nothing shows.
macro_rules! rows {
    ($($(#[$note:meta])* $test:ident($written:literal) => $outcome:literal;)+) => {
        pub(super) const ROWS: &[super::Row] = &[$(super::Row {
            test: stringify!($test),
            written: $written,
            outcome: $outcome,
        }),+];

        mod shown {
            $($(#[$note])* #[tokio::test]
            async fn $test() {
                super::$test().await;
            })+
        }
    };
}
use rows;
