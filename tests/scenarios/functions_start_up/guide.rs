//! The table as the guide prints it, and the guide held to it.

use std::fmt::Write as _;

use tests::guide;

/// One row: what is wrong, and what comes of it.
pub(super) struct Row {
    pub(super) trouble: String,
    /// Lines of the log, from the first moment to the mending.
    pub(super) told: Vec<String>,
    /// What is served while it lasts.
    pub(super) meanwhile: String,
    /// What is served when it is mended, in the same process.
    pub(super) mended: String,
}

/// The part of the guide between this function's marks is these rows.
pub(super) fn holds(function: &str, sections: &[(&str, Vec<Row>)]) {
    guide::holds("guides/start-up.md", function, &rendered(sections));
}

fn rendered(sections: &[(&str, Vec<Row>)]) -> String {
    let mut text = String::new();
    for (title, rows) in sections {
        writeln!(text, "\n#### {title}\n").unwrap();
        writeln!(
            text,
            "| what is wrong | the line | served meanwhile | mended |"
        )
        .unwrap();
        writeln!(text, "|---|---|---|---|").unwrap();
        for row in rows {
            let told = match &row.told[..] {
                [] => "none".to_owned(),
                told => told.join("<br>"),
            };
            let cells = [&row.trouble, &told, &row.meanwhile, &row.mended];
            let cells = cells.map(|cell| cell.replace('|', "\\|"));
            writeln!(text, "| {} |", cells.join(" | ")).unwrap();
        }
    }
    text.push('\n');
    text
}
