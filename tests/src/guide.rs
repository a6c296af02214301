//! Pages whose tables are written by tests: the part between two marks is what a test saw.

use std::path::PathBuf;
use std::sync::Mutex;

/// Set it to write the tables again.
const UPDATE: &str = "UPDATE_GUIDES";
/// The tests of one program write the same files in turns.
static WRITING: Mutex<()> = Mutex::new(());

/// The part called `part` of the page at `path` (below `infra`) is this text.
pub fn holds(path: &str, part: &str, text: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../infra");
    let file = file.join(path);
    let _one_at_a_time = WRITING.lock().unwrap();
    let page = std::fs::read_to_string(&file).unwrap();
    let (begin, end) = (
        format!("<!-- {part}: begin -->\n"),
        format!("<!-- {part}: end -->"),
    );
    let (before, rest) = page.split_once(&begin).unwrap();
    let (there, after) = rest.split_once(&end).unwrap();
    if aws::environment(UPDATE).is_some() {
        std::fs::write(&file, format!("{before}{begin}{text}{end}{after}")).unwrap();
        return;
    }
    assert_eq!(
        there, text,
        "infra/{path} does not say what {part} does; {UPDATE}=1 writes it again"
    );
}
