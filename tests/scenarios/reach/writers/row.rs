//! A row of the page and the test that shows it: one is not there without the other.

/// One row of the page.
pub(crate) struct Row {
    /// The test that shows it.
    pub(crate) test: &'static str,
    pub(crate) written: &'static str,
    pub(crate) outcome: &'static str,
}

/// Rows and tests are the same: none is in the page that nothing shows.
macro_rules! rows {
    ($($test:ident($written:literal) => $outcome:literal;)+) => {
        pub(super) const ROWS: &[super::row::Row] = &[$(super::row::Row {
            test: stringify!($test),
            written: $written,
            outcome: $outcome,
        }),+];

        mod shown {
            $(#[tokio::test]
            async fn $test() {
                super::$test().await;
            })+
        }
    };
}
pub(super) use rows;
