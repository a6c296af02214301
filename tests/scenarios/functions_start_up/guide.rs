//! The table as the guide prints it, and the guide held to it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;

/// Set it to write the guide's tables again.
const UPDATE: &str = "UPDATE_GUIDES";
/// The tests of this program write the one file in turns.
static WRITING: Mutex<()> = Mutex::new(());

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
    let table = rendered(sections);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../infra/guides/start-up.md");
    let _one_at_a_time = WRITING.lock().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (
        format!("<!-- {function}: begin -->\n"),
        format!("<!-- {function}: end -->"),
    );
    let (before, rest) = text.split_once(&begin).unwrap();
    let (there, after) = rest.split_once(&end).unwrap();
    if aws::environment(UPDATE).is_some() {
        std::fs::write(&path, format!("{before}{begin}{table}{end}{after}")).unwrap();
        return;
    }
    assert_eq!(
        there, table,
        "infra/guides/start-up.md does not say what {function} does; {UPDATE}=1 writes it again"
    );
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
