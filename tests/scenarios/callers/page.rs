//! A page of the callers' documentation as a test reads it: its fenced blocks, and what is
//! to become of each. A block in a language that can be run is run (`run FILE` after the
//! language: the file that it leaves behind, or `-` where it prints), or the paragraph
//! before it says "not run by the tests"; anything else is an error of the page.

/// Languages of blocks that nobody would run.
const DATA: [&str; 4] = ["json", "cedar", "text", "yaml"];
/// What a reader is told of a block that is not run.
const NOT_RUN: &str = "not run by the tests";

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// The first word after the fence.
    pub(super) language: String,
    pub(super) fate: Fate,
    pub(super) text: String,
}

/// What becomes of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is run, and leaves its answer in this file.
    LeavesFile(String),
    /// It is run, and prints whose token it got, and for how many seconds.
    Prints,
    /// The reader is told that it is not.
    NotRun,
    /// It is data.
    Data,
}

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) blocks: Vec<Block>,
}

impl Page {
    /// Reads a page; the error names the line.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, String> {
        let mut blocks = Vec::new();
        let mut lines = text.lines().enumerate();
        let mut paragraph = String::new();
        while let Some((number, line)) = lines.next() {
            let Some(info) = line.strip_prefix("```") else {
                remember(&mut paragraph, line);
                continue;
            };
            let wrong = |what: &str| format!("{name}:{}: {what}", number + 1);
            let (language, fate) = fate(info, &paragraph).map_err(|what| wrong(&what))?;
            let mut inner = String::new();
            loop {
                let (_, line) = lines.next().ok_or_else(|| wrong("the block has no end"))?;
                if line == "```" {
                    break;
                }
                inner.push_str(line);
                inner.push('\n');
            }
            blocks.push(Block {
                language,
                fate,
                text: inner,
            });
            paragraph.clear();
        }
        Ok(Self {
            name: name.to_owned(),
            text: text.to_owned(),
            blocks,
        })
    }

    /// The blocks that are run, in their order.
    pub(super) fn run(&self) -> impl Iterator<Item = &Block> {
        let is_run = |block: &&Block| matches!(block.fate, Fate::Prints | Fate::LeavesFile(_));
        self.blocks.iter().filter(is_run)
    }

    /// Whether the page tells its reader of a variable.
    pub(super) fn names(&self, variable: &str) -> bool {
        self.text.contains(&format!("| `{variable}` |"))
    }
}

/// The last paragraph before a block.
fn remember(paragraph: &mut String, line: &str) {
    match line.trim() {
        "" if paragraph.ends_with('\n') => {}
        "" => paragraph.push('\n'),
        text => {
            if paragraph.ends_with('\n') {
                paragraph.clear();
            }
            paragraph.push_str(text);
            paragraph.push(' ');
        }
    }
}

fn fate(info: &str, paragraph: &str) -> Result<(String, Fate), String> {
    let words: Vec<&str> = info.split_whitespace().collect();
    let told_not_run = paragraph.to_lowercase().contains(NOT_RUN);
    let (language, fate) = match words[..] {
        [language] if DATA.contains(&language) => (language, Fate::Data),
        [language, "run", "-"] => (language, Fate::Prints),
        [language, "run", file] => (language, Fate::LeavesFile(file.to_owned())),
        [language] if told_not_run => (language, Fate::NotRun),
        [language] => return Err(format!("{language}: neither run nor said to be {NOT_RUN}")),
        _ => {
            return Err(format!(
                "a fence reads LANGUAGE or LANGUAGE run FILE, not {info:?}"
            ));
        }
    };
    if told_not_run && fate != Fate::NotRun && fate != Fate::Data {
        return Err(format!("{language}: is run, and said to be {NOT_RUN}"));
    }
    Ok((language.to_owned(), fate))
}

#[test]
fn a_block_that_nobody_decided_about_is_an_error_of_the_page() {
    let rows = [
        ("```sh\nls\n```\n", "p.md:1: sh: neither run"),
        (
            "Text.\n\n```python\npass\n```\n",
            "p.md:3: python: neither run",
        ),
        ("```\nls\n```\n", "a fence reads LANGUAGE"),
        ("```sh run\nls\n```\n", "a fence reads LANGUAGE"),
        ("```sh run -\nls\n", "the block has no end"),
        (
            "Not run by the tests.\n\n```sh run -\nls\n```\n",
            "is run, and said",
        ),
        // What was said before another paragraph is not said of this block.
        (
            "Not run by the tests.\n\nBut:\n\n```sh\nls\n```\n",
            "neither run",
        ),
        (
            "Not run by the tests.\n\n```sh\nls\n```\n\n```sh\nls\n```\n",
            "p.md:7: sh: neither run",
        ),
    ];
    for (text, problem) in rows {
        let told = Page::read("p.md", text).unwrap_err();
        assert!(told.contains(problem), "{text}: {told}");
    }
}

#[test]
fn blocks_are_read_with_what_becomes_of_them() {
    let text = "# P\n\n```sh run a.json\nls\nls\n```\n\nIn Go (not run by the tests):\n\n\
                ```go\nx\n```\n\n```python run -\ny\n```\n\n```json\n{}\n```\n";
    let page = Page::read("p.md", text).unwrap();
    let read = page
        .blocks
        .iter()
        .map(|block| (&*block.language, &block.fate, &*block.text));
    let file = Fate::LeavesFile("a.json".to_owned());
    let expected = [
        ("sh", &file, "ls\nls\n"),
        ("go", &Fate::NotRun, "x\n"),
        ("python", &Fate::Prints, "y\n"),
        ("json", &Fate::Data, "{}\n"),
    ];
    assert_eq!(read.collect::<Vec<_>>(), expected);
    assert_eq!(page.run().count(), 2);
}
